"""Answers every call, plays something to the caller, and records both: he is on the left, we on the right.

python record_call.py sip:1002@example.com PASSWORD FOLDER [--play hello.wav]

Each call becomes a WAV file of two channels in FOLDER, aligned to the sample; it can be played as it grows.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
from pathlib import Path

import pyjsua


async def serve(endpoint: pyjsua.Endpoint, call: pyjsua.Call, options: argparse.Namespace) -> None:
    # A Call-ID is the caller's to choose: what is no good in a file's name goes.
    path = options.folder / f"{re.sub(r'[^A-Za-z0-9-]', '_', call.sip_call_id)[:80]}.wav"
    async with call:
        # Asked for before the answer, it begins with the first sample of either side.
        recorder = call.record(path, stereo=True)
        with contextlib.suppress(pyjsua.StaleError, pyjsua.CallCancelled):
            await call.answer()
            if options.play is not None:
                with endpoint.player(options.play) as player:
                    player.connect(call.audio)
                    await player.wait_end()
            await call.wait_ended()
    await recorder.finish()
    print(f"{path.name}: {recorder.duration:.1f} s, {call.remote_uri}", flush=True)


async def main(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        incoming = account.incoming()
        print(f"{account.uri} waits for calls", flush=True)
        async with asyncio.TaskGroup() as calls:
            async for call in incoming:
                calls.create_task(serve(endpoint, call, options))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--play", type=Path, help="WAV file")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        pass
