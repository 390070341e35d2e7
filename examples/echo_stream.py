"""Answers every call and says back what it hears, through Python: the place for a voice of your own.

python echo_stream.py sip:1002@example.com PASSWORD
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import pyjsua


async def serve(call: pyjsua.Call) -> None:
    async with call:
        await call.answer()
        await call.wait_media()
        # s16le at 16 kHz; the call's own codec and rate do not matter here.
        stream = call.audio.open(16000)
        with contextlib.suppress(pyjsua.StaleError):
            # A tenth of a second ahead: by so much Python may be late and nobody hears it.
            await stream.write(bytes(16000 * 2 // 10))
            async for frame in stream:
                await stream.write(frame)
        stats = stream.stats()
        print(f"said {stats.played / 16000:.1f} s, {stats.underruns} times late", flush=True)


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
