"""Calls somebody without asyncio, says a WAV file to them, and records what they say.

python sync_call.py sip:1001@example.com PASSWORD sip:1002@example.com hello.wav
"""

from __future__ import annotations

import argparse
import contextlib
import wave

import pyjsua
from pyjsua.sync import Endpoint


def main(options: argparse.Namespace) -> None:
    with wave.open(options.play) as file:
        rate, samples = file.getframerate(), file.readframes(file.getnframes())
    with Endpoint(bound_addr=options.bind) as endpoint:
        account = endpoint.register(options.address, password=options.password)
        with account.call(options.callee, timeout=30) as call:
            call.wait_media(timeout=5)
            print(f"{call.remote_uri} answered")
            with endpoint.recorder(options.record) as recorder:
                call.audio.connect(recorder)
                stream = call.audio.open(rate)
                stream.write(samples)
                stream.drain()
                print(f"said {stream.played_ms:.0f} ms")
                with contextlib.suppress(TimeoutError):
                    call.wait_ended(timeout=options.seconds)
        print(f"ended: {call.end.code} {call.end.reason}; what was heard is in {options.record}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("callee", help="whom to call")
    parser.add_argument("play", help="WAV file to say: mono, 16 bit")
    parser.add_argument("--record", default="heard.wav")
    parser.add_argument("--seconds", type=float, default=1, help="when to hang up, after the file")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        main(parser.parse_args())
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
