"""Fifty calls at once, each with its own tones, while Python computes: nobody hears a gap or a neighbour."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

import numpy as np
import pytest

from objects.phones import call_between, direct_uri, local_account
from peers.signals import longest_gap, strongest_tone, tone, trim
from pyjsua import AudioStream, Endpoint
from whole_sound import whole_sound

MakeEndpoint = Callable[..., Endpoint]

CALLS = 50
THREADS = 4
RATE = 8000
SECONDS = 2.0


@contextmanager
def busy_python() -> Iterator[None]:
    """Threads that compute all the time: whoever wants the GIL gets it every 5 ms, four others before him."""
    done = threading.Event()

    def spin() -> None:
        while not done.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=spin, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.hears
async def test_each_hears_its_own_tone(make_endpoint: MakeEndpoint) -> None:
    # 25 Hz apart: quarter a second tells one from the next.
    frequencies = [400 + 25 * number for number in range(2 * CALLS)]
    endpoint = make_endpoint(max_calls=2 * CALLS, media_config=whole_sound(clock_rate=RATE))
    async with endpoint, AsyncExitStack() as calls:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        streams = []
        for _ in range(CALLS):
            pair = await calls.enter_async_context(call_between(alice, bob, direct_uri(endpoint, "bob")))
            streams += [call.audio.open(RATE, write_ahead=SECONDS + 1, read_behind=15) for call in pair]
        tones = [tone(frequency, SECONDS, RATE, amplitude=0.3) for frequency in frequencies]
        with busy_python():
            for stream in streams:
                stream.skip()
            await asyncio.gather(*map(AudioStream.write, streams, tones))
            await asyncio.gather(*(stream.drain(15) for stream in streams))
            # What was played last is still on its way through the jitter buffer.
            heard = await asyncio.gather(
                *(stream.read(stream.port.readable + RATE * 2, 15) for stream in streams)
            )
        underruns = sum(stream.stats().underruns for stream in streams)
    assert underruns == 0
    wrong = []
    for number, data in enumerate(heard):
        expected = frequencies[number ^ 1]
        samples = trim(np.frombuffer(data, np.int16), threshold=-30)
        # Quarters: one that came from a neighbour in the middle of it would be found too.
        quarters = [strongest_tone(quarter, RATE) for quarter in np.array_split(samples, 4)]
        gap = longest_gap(samples, RATE).length
        pure = all(abs(part.frequency - expected) < 3 and part.purity > 0.9 for part in quarters)
        if not pure or gap > 0.02 or len(samples) < (SECONDS - 0.02) * RATE:
            wrong.append((expected, gap, quarters))
    assert not wrong
