"""Puts two people through to each other: calls the first, asks the second, and joins them.

python transfer.py sip:1000@example.com PASSWORD sip:1001@example.com sip:1002@example.com [--blind]

With --blind the first is asked to call the second at once, and nobody asks the second.
"""

from __future__ import annotations

import argparse
import asyncio

import pyjsua


async def blind(call: pyjsua.Call, target: str) -> None:
    transfer = call.transfer(target)
    async for status in transfer:
        print(f"{target}: {status.code} {status.reason}", flush=True)
    # Raises what the target said, if that was no: then the call is ours as before.
    await transfer


async def attended(account: pyjsua.Account, call: pyjsua.Call, target: str) -> None:
    await call.hold()
    print(f"{call.remote_uri} waits", flush=True)
    try:
        second = await account.call(target, timeout=30)
    except pyjsua.SipError:
        await call.unhold()
        raise
    async with second:
        print(f"{second.remote_uri} takes it", flush=True)
        status = await call.transfer_to(second)
        print(f"joined: {status.code} {status.reason}", flush=True)


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        async with await account.call(options.first, timeout=30) as call:
            try:
                if options.blind:
                    await blind(call, options.second)
                else:
                    await attended(account, call, options.second)
            except pyjsua.SipError as error:
                print(f"not put through: {error}", flush=True)
            # Both ends of it are theirs now, and ours is hung up.
            await call.hangup()
        assert call.end is not None
        print(f"our call ended: {call.end.code} {call.end.reason}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("first", help="whom to call")
    parser.add_argument("second", help="whom to put through to")
    parser.add_argument("--blind", action="store_true", help="do not ask the second")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    asyncio.run(main(parser.parse_args()))
