"""Headers of our own on a call, and those of the other side: on the INVITE, its answers and what ends it.

python headers.py sip:1001@example.com PASSWORD sip:1002@example.com X-Campaign=spring X-Agent=7
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import pyjsua


def show(message: pyjsua.Message) -> None:
    """What PJSIP and we do not write by ourselves is what the other side wanted us to know."""
    ours = [f"{name}: {value}" for name, value in message.headers if name.lower().startswith("x-")]
    print(message.start_line, *ours, sep="\n    ", flush=True)


async def watch(messages: pyjsua.SipMessages) -> None:
    async for message in messages:
        show(message)


async def main(options: argparse.Namespace) -> None:
    headers = [(name, value) for name, _, value in (pair.partition("=") for pair in options.headers)]
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        with endpoint.sip_messages() as messages:
            watching = asyncio.create_task(watch(messages))
            # On the INVITE and nothing else.
            call = await account.call(options.callee, headers=headers, timeout=30)
            # What has no verb: the BYE, whoever sends it, and our 200 if the other side does.
            call.set_headers("BYE", [("X-Call-Quality", "good")])
            call.set_headers("200 BYE", [("X-Call-Quality", "good")])
            with contextlib.suppress(TimeoutError):
                await call.wait_ended(options.seconds)
            # 16 is Q.850's normal clearing, and becomes a Reason header.
            end = await call.hangup(cause=16)
        watching.cancel()
        print(f"ended by {end.by.value}: {end.code} {end.reason}", *map(str, end.reasons), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("callee", help="whom to call")
    parser.add_argument("headers", nargs="*", help="name=value")
    parser.add_argument("--seconds", type=float, default=2, help="when to hang up")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))
