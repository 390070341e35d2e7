#!/usr/bin/env python3
"""`streams.py calls` and `streams.py ear` by baresip-python: it has no ports without a call.

streams_baresip.py calls SPINNING SECONDS
streams_baresip.py ear CLICKS
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import random
import socket
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator

import baresip

CALLS = 10
POLL = 0.005
"""Seconds between two looks at what was heard: it has nothing to wait for."""
CODEC = "g722/16000/1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def calls(count: int) -> AsyncIterator[list[tuple[baresip.Call, baresip.Call]]]:
    port = free_port()
    config = baresip.Config(
        net_interface="127.0.0.1",
        max_concurrent_calls=None,
        extra_config_text=f"sip_listen 127.0.0.1:{port}\n",
    )
    runtime = baresip.Runtime()
    await runtime.start(config)
    try:
        agents = []
        for user in ("alice", "bob"):
            account = baresip.Account(
                user, f"127.0.0.1:{port}", password="", reg_interval=0, audio_codecs=(CODEC,)
            )
            agents.append(await baresip.UserAgent.create(runtime, account))
        alice, bob = agents
        incoming: asyncio.Queue[baresip.Call] = asyncio.Queue()
        bob.on_incoming(incoming.put_nowait)
        made = []
        for _ in range(count):
            out = await alice.dial(f"sip:bob@127.0.0.1:{port}")
            into = await incoming.get()
            await into.answer()
            await out.wait_established()
            made.append((out, into))
        for pair in made:
            for call in pair:
                while not audio_ready(call):
                    await asyncio.sleep(0.01)
        yield made
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(runtime.close(), 10)


def audio_ready(call: baresip.Call) -> bool:
    with contextlib.suppress(baresip.BaresipError):
        info = call.audio.info()
        return bool(info.tx_ready and info.rx_ready)
    return False


async def say(call: baresip.Call) -> None:
    info = call.audio.info()
    piece = bytes(info.tx_sample_rate * info.tx_channels * 2 // 10)
    rest = piece
    while True:
        rest = rest[call.audio.write(rest) :] or piece
        # As far ahead as pyjsua's streams are in the same measurement.
        while call.audio.info().tx_buffered > len(piece) * 4:
            await asyncio.sleep(0.05)


async def hear(call: baresip.Call) -> None:
    while True:
        call.audio.read(65536)
        await asyncio.sleep(0.1)


def spin(stop: threading.Event) -> None:
    while not stop.is_set():
        for _ in range(1000):
            pass


def starved(call: baresip.Call) -> int:
    stats = call.audio.stats()
    return int(stats.tx_silence_frames + stats.tx_starved_frames)


async def speech(spinning: int, seconds: float) -> dict[str, float]:
    async with calls(CALLS) as pairs:
        legs = [call for pair in pairs for call in pair]
        tasks = [asyncio.create_task(work(leg)) for leg in legs for work in (say, hear)]
        stop = threading.Event()
        for _ in range(spinning):
            threading.Thread(target=spin, args=(stop,), daemon=True).start()
        await asyncio.sleep(1.5)
        began, used = time.monotonic(), time.process_time()
        before = sum(map(starved, legs))
        await asyncio.sleep(seconds)
        took, used = time.monotonic() - began, time.process_time() - used
        out = {"underruns": sum(map(starved, legs)) - before, "core": used / took, "legs": len(legs)}
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return out


async def ear(clicks: int) -> dict[str, float]:
    waits = []
    async with calls(1) as [(out, into)]:
        rate = out.audio.info().tx_sample_rate
        click = array.array("h", [16000, -16000] * (rate // 100)).tobytes()
        for _ in range(clicks):
            await asyncio.sleep(random.uniform(0.2, 0.22))
            into.audio.read(65536)
            began = time.perf_counter()
            out.audio.write(click)
            while True:
                heard = array.array("h", into.audio.read(4096))
                if heard and max(heard) > 4000:
                    break
                if time.perf_counter() - began > 2:
                    raise TimeoutError("a click was not heard")
                await asyncio.sleep(POLL)
            waits.append((time.perf_counter() - began) * 1000)
    waits.sort()
    return {"p50_ms": statistics.median(waits), "p99_ms": waits[int(len(waits) * 0.99)]}


if __name__ == "__main__":
    if sys.argv[1] == "calls":
        result = asyncio.run(speech(int(sys.argv[2]), float(sys.argv[3])))
    else:
        result = asyncio.run(ear(int(sys.argv[2])))
    print(json.dumps(result), flush=True)
