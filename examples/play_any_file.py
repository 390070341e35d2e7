"""Calls somebody and plays a file of any format libsndfile reads: FLAC, Ogg, MP3, WAV of 24 bits, ...

pip install soundfile
python play_any_file.py sip:1001@example.com PASSWORD sip:1002@example.com music.flac

PJSIP plays 16-bit PCM, A-law and mu-law WAV files; the rest is for `soundfile`, a piece at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import soundfile

import pyjsua

RATES = (8000, 16000, 24000, 32000, 44100, 48000)
"""Hz a stream may have. A file of another rate is for its owner to convert."""


def pieces(file: soundfile.SoundFile) -> Iterator[bytes]:
    """Tenths of a second, s16le mono."""
    for block in file.blocks(file.samplerate // 10, dtype="int16", always_2d=True):
        # Wide enough for the sum of all channels.
        yield (block.astype("int32").sum(axis=1) // block.shape[1]).astype("<i2").tobytes()


async def play(call: pyjsua.Call, path: Path) -> float:
    """Plays the file to its end and returns how many seconds of it were played."""
    with soundfile.SoundFile(path) as file:
        if file.samplerate not in RATES:
            raise SystemExit(f"{path}: {file.samplerate} Hz is none of {', '.join(map(str, RATES))}")
        stream = call.audio.open(file.samplerate, prefill=0.2)
        for piece in pieces(file):
            await stream.write(piece)
        await stream.drain()
    return stream.played_ms / 1000


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        async with await account.call(options.to, timeout=30) as call:
            await call.wait_media()
            with contextlib.suppress(pyjsua.StaleError):
                print(f"played {await play(call, options.file):.1f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("to", help="whom to call: sip:user@domain")
    parser.add_argument("file", type=Path)
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except (pyjsua.PjsuaError, soundfile.LibsndfileError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
