#!/usr/bin/env python3
"""Audio through Python, one measurement a run: argv is its name and numbers, stdout a JSON object.

streams.py ports COUNT SECONDS      full duplex 16 kHz streams in pairs, written and read in pieces of 100 ms
streams.py calls SPINNING SECONDS   ten calls to ourselves, 100 ms of prefill, beside threads that spin
streams.py ear CLICKS               from write to read through a call to ourselves
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable

import numpy as np

from pyjsua import Account, AudioStream, Call, Endpoint
from pyjsua.info import PcmStats
from pyjsua.pjsua import MediaConfig

RATE = 16000
PIECE = bytes(RATE * 2 // 10)
CALLS = 10


async def say(stream: AudioStream) -> None:
    while True:
        await stream.write(PIECE)


async def hear(stream: AudioStream) -> None:
    while True:
        await stream.read(len(PIECE))


def total(stats: Iterable[PcmStats], name: str) -> int:
    return sum(getattr(one, name) for one in stats)


async def measure(streams: list[AudioStream], seconds: float) -> dict[str, float]:
    """What they did, and what of it was lost, once everything runs."""
    tasks = [asyncio.create_task(work(one)) for one in streams for work in (say, hear)]
    await asyncio.sleep(1.5)
    began, used = time.monotonic(), time.process_time()
    before = [one.stats() for one in streams]
    await asyncio.sleep(seconds)
    took, used = time.monotonic() - began, time.process_time() - used
    after = [one.stats() for one in streams]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    count = len(streams)
    out = {name: total(after, name) - total(before, name) for name in ("frames", "underruns", "overruns")}
    return {
        **out,
        "ports": count,
        # A clock that comes too late leaves ticks out, or is still behind.
        "kept": out["frames"] / (took * 50 * count),
        "core": used / took,
        "core_per_port": used / took / count,
        "late_p99_ms": max(one.late_p99_ms for one in after),
    }


async def ports(count: int, seconds: float) -> dict[str, float]:
    config = MediaConfig(max_media_ports=count + 16)
    async with Endpoint(bound_addr="127.0.0.1", media_config=config):
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(AudioStream(RATE, read_behind=1.0)) for _ in range(count)]
            for one, other in zip(streams[::2], streams[1::2], strict=True):
                one.connect(other)
                other.connect(one)
            out = await measure(streams, seconds)
        out["kb_per_stream"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - rss) / count
        return out


@contextlib.asynccontextmanager
async def calls(count: int) -> AsyncIterator[list[tuple[Call, Call]]]:
    async with Endpoint(bound_addr="127.0.0.1", max_calls=2 * count + 2) as endpoint:
        host, port = endpoint.address()
        alice: Account = endpoint.add_account(f"sip:alice@{host}:{port}")
        bob = endpoint.add_account(f"sip:bob@{host}:{port}")
        made = []
        with contextlib.closing(bob.incoming()) as incoming:
            for _ in range(count):
                calling = asyncio.create_task(alice.call(f"sip:bob@{host}:{port}"))
                into = await anext(incoming)
                await into.answer()
                made.append((await calling, into))
        yield made
        for out, _ in made:
            await out.hangup()


def spin(stop: threading.Event) -> None:
    while not stop.is_set():
        for _ in range(1000):
            pass


async def speech(spinning: int, seconds: float) -> dict[str, float]:
    async with calls(CALLS) as pairs:
        streams = [call.audio.open(RATE, prefill=0.1) for pair in pairs for call in pair]
        stop = threading.Event()
        for _ in range(spinning):
            threading.Thread(target=spin, args=(stop,), daemon=True).start()
        try:
            return await measure(streams, seconds)
        finally:
            stop.set()


async def ear(clicks: int) -> dict[str, float]:
    click = np.full(RATE // 50, 16000, np.int16)
    waits = []
    async with calls(1) as [(out, into)]:
        mouth, ears = out.audio.open(RATE), into.audio.open(RATE)
        # Until the jitter buffer knows the way.
        await asyncio.sleep(1)
        for _ in range(clicks):
            await asyncio.sleep(random.uniform(0.2, 0.22))
            ears.skip()
            began = time.perf_counter()
            await mouth.write(click)
            while np.abs(np.frombuffer(await ears.read(RATE // 50 * 2, 2), np.int16)).max() < 4000:
                pass
            waits.append((time.perf_counter() - began) * 1000)
    waits.sort()
    return {"p50_ms": statistics.median(waits), "p99_ms": waits[int(len(waits) * 0.99)]}


WORK: dict[str, Callable[..., object]] = {"ports": ports, "calls": speech, "ear": ear}

if __name__ == "__main__":
    print(json.dumps(asyncio.run(WORK[sys.argv[1]](*map(int, sys.argv[2:])))))  # type: ignore[arg-type]
