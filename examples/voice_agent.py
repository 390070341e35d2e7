"""The skeleton of a voice agent: it speaks, is interrupted, knows what was heard of its words, and answers.

python voice_agent.py sip:1002@example.com PASSWORD

Its voice and its ears are stand-ins, to be replaced by yours: `Tones` says each word as a tone, `Stopwatch`
hears how long somebody spoke. What is around them is what a voice agent needs of a telephone: speech is
pushed faster than it is played, the caller who begins to speak silences it within a frame, and what he heard
until then is known.
"""

from __future__ import annotations

import argparse
import array
import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import pyjsua

RATE = 16000
"""Samples per second of voice and ears, whatever the call runs at."""


@dataclass(frozen=True)
class Spoken:
    """A piece of speech: what it says, and how it sounds, s16le mono."""

    word: str
    pcm: bytes


class Voice(Protocol):
    """Text to speech: pieces as they are made, each as small as it can be told of."""

    def speak(self, text: str) -> AsyncIterator[Spoken]: ...


class Ears(Protocol):
    """Speech to text: one utterance, from its first sample to its last."""

    async def understand(self, pcm: bytes) -> str: ...


class Tones:
    """Says each word as a tone of a quarter of a second, higher from word to word."""

    async def speak(self, text: str) -> AsyncIterator[Spoken]:
        for number, word in enumerate(text.split()):
            turn = 2 * math.pi * (400 + 100 * (number % 8)) / RATE
            tone = array.array("h", (int(8000 * math.sin(turn * n)) for n in range(RATE // 5)))
            yield Spoken(word, tone.tobytes() + bytes(RATE // 20 * 2))


class Stopwatch:
    """Understands how long somebody spoke."""

    async def understand(self, pcm: bytes) -> str:
        return f"{len(pcm) / 2 / RATE:.1f} seconds of speech"


class Agent:
    """One call and its conversation."""

    def __init__(self, call: pyjsua.Call, voice: Voice, ears: Ears) -> None:
        self.call = call
        self.voice = voice
        self.ears = ears
        # Half a minute of speech may wait to be played: a voice is faster than its listener.
        self.stream = call.audio.open(RATE, write_ahead=30.0, read_behind=30.0, prefill=0.1)

    async def say(self, text: str) -> str:
        """Says it, or as much of it as the caller lets it; returns what he heard."""
        began = self.stream.played_ms
        ends: list[tuple[str, float]] = []
        interrupted = asyncio.create_task(self.stream.wait_speech())
        speaking = asyncio.create_task(self._push(text, began, ends))
        try:
            await asyncio.wait({interrupted, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if not speaking.done():
                speaking.cancel()
                dropped = self.stream.clear()
                print(f"interrupted, {dropped:.0f} ms not said", flush=True)
        finally:
            interrupted.cancel()
            await asyncio.gather(interrupted, speaking, return_exceptions=True)
        if not speaking.cancelled():
            # What ended the call, perhaps, is for the caller of this.
            speaking.result()
        played = self.stream.played_ms
        return " ".join(word for word, end in ends if end <= played)

    async def _push(self, text: str, began: float, ends: list[tuple[str, float]]) -> None:
        end = began
        async for piece in self.voice.speak(text):
            end += len(piece.pcm) / 2 / RATE * 1000
            ends.append((piece.word, end))
            await self.stream.write(piece.pcm)
        await self.stream.drain()

    async def listen(self, timeout: float) -> str:
        """What the caller says next, or is saying; raises `TimeoutError`."""
        began = await self.stream.wait_speech(timeout)
        ended = await self.stream.wait_silence()
        stats = self.stream.stats()
        # Before it nobody spoke; behind it the silence is that told its end.
        read_so_far = (stats.read + stats.lost) * 1000 / RATE
        if (before := int((began - read_so_far) * RATE / 1000)) > 0:
            await self.stream.read(before * 2)
        spoken = await self.stream.read(max(0, int((ended - max(began, read_so_far)) * RATE / 1000)) * 2)
        return await self.ears.understand(spoken)

    async def run(self) -> None:
        # A cough is no interruption, and a pause for breath no end.
        self.stream.detect_speech(level=0.01, begin=0.1, end=0.4)
        heard = await self.say("hello this is a machine that you may interrupt at any time you like")
        print(f"heard of it: {heard!r}", flush=True)
        with contextlib.suppress(TimeoutError):
            while True:
                answer = await self.listen(timeout=10.0)
                print(f"understood: {answer}", flush=True)
                heard = await self.say(f"you said {answer}")
                print(f"heard of it: {heard!r}", flush=True)


async def serve(call: pyjsua.Call) -> None:
    async with call:
        # Whoever hangs up in the middle of a word has heard enough.
        with contextlib.suppress(pyjsua.StaleError, pyjsua.CallCancelled):
            await call.answer()
            await call.wait_media()
            await Agent(call, Tones(), Stopwatch()).run()


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
