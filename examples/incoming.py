"""Answers every call, says back what it hears, and prints the digits that are pressed, until Ctrl-C.

python incoming.py sip:1002@example.com PASSWORD
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import pyjsua


async def serve(call: pyjsua.Call) -> None:
    async with call:
        print(f"call from {call.remote_uri}", flush=True)
        await call.ring()
        await call.answer()
        # Who has hung up by now is neither connected nor read.
        with contextlib.suppress(EOFError, pyjsua.StaleError):
            # A connection is a wish: it is made when media comes up, and again after a re-INVITE.
            call.audio.connect(call.audio)
            while True:
                print(f"digit {await call.read_digit()}", flush=True)
        print(f"call ended: {call.end}", flush=True)


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        incoming = account.incoming()
        print(f"{account.uri} waits for calls", flush=True)
        async with asyncio.TaskGroup() as calls:
            async for call in incoming:
                calls.create_task(serve(call))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        pass
