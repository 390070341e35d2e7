"""Calls somebody, plays them a WAV file, sends digits, and records what they say.

python first_call.py sip:1001@example.com PASSWORD sip:1002@example.com hello.wav
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

import pyjsua


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        print(f"{account.uri} is registered")
        async with await account.call(options.callee, timeout=30) as call:
            await call.wait_media(timeout=5)
            print(f"{call.remote_uri} answered, codec {call.audio.stats().codec}")
            with endpoint.player(options.play) as player, endpoint.recorder(options.record) as recorder:
                player.connect(call.audio)
                call.audio.connect(recorder)
                await call.send_dtmf(options.digits)
                with contextlib.suppress(TimeoutError):
                    await call.wait_ended(timeout=options.seconds)
                await recorder.finish()
        assert call.end is not None
        print(f"ended: {call.end.code} {call.end.reason}; what was heard is in {options.record}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("callee", help="whom to call")
    parser.add_argument("play", type=Path, help="WAV file to play")
    parser.add_argument("--record", type=Path, default=Path("heard.wav"))
    parser.add_argument("--digits", default="42#")
    parser.add_argument("--seconds", type=float, default=10, help="when to hang up")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        # CallBusy, CallDeclined, AuthenticationFailed...: all say what the other side said.
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
