"""A conference room: calls people, lets them and whoever calls in hear each other, and ends with the last.

python conference.py sip:1000@example.com PASSWORD sip:1001@example.com sip:1002@example.com
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

import pyjsua


async def attend(room: pyjsua.Conference, call: pyjsua.Call) -> None:
    """From the answer to the end of one call."""
    room.join(call.audio)
    print(f"{call.remote_uri} is in the room", flush=True)
    await call.wait_ended()
    print(f"{call.remote_uri} has left", flush=True)


async def invite(room: pyjsua.Conference, account: pyjsua.Account, uri: str) -> None:
    try:
        call = await account.call(uri, timeout=30)
    except pyjsua.SipError as error:
        print(f"{uri} does not come: {error}", flush=True)
        return
    async with call:
        await attend(room, call)


async def welcome(room: pyjsua.Conference, call: pyjsua.Call) -> None:
    async with call:
        with contextlib.suppress(pyjsua.CallCancelled):
            await call.answer()
            await attend(room, call)


async def doorman(room: pyjsua.Conference, account: pyjsua.Account, guests: asyncio.TaskGroup) -> None:
    async for call in account.incoming():
        guests.create_task(welcome(room, call))


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        async with endpoint.conference() as room, asyncio.TaskGroup() as guests:
            if options.record is not None:
                room.record(options.record)
            door = asyncio.create_task(doorman(room, account, guests))
            async with asyncio.TaskGroup() as invited:
                for uri in options.guests:
                    invited.create_task(invite(room, account, uri))
            door.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("guests", nargs="+", help="whom to call: sip:user@domain")
    parser.add_argument("--record", type=Path, help="WAV file of all that is said")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))
