"""Start and stop again and again in one process: nothing is left behind."""

from __future__ import annotations

import json
import os
import statistics

import pytest

from laws import child
from pyjsua.testing import SipServer

SOAK = int(os.environ.get("PYJSUA_SOAK_CYCLES", "1000"))
WARM_UP = 0.25
"""Share of the cycles in which caches, arenas of malloc and PJSIP's first pools fill."""
GROWTH_KB = 1.0
"""Per cycle. The smallest pool PJSIP could leak with one of its objects is larger."""
PARTS = 5
"""The growth is the median of that many stretches: malloc may take some megabytes once, when a busy machine
has two threads allocate at the same time, and that is no leak."""


@pytest.mark.timeout(300)
def test_200_times(sip_server: SipServer) -> None:
    run(200, sip_server)


@pytest.mark.soak
def test_soak(sip_server: SipServer) -> None:
    run(SOAK, sip_server)


def run(cycles: int, server: SipServer) -> None:
    start = int(cycles * WARM_UP)
    ended = child.run("cycles", cycles, start, server.uri, timeout=60 + cycles).expect()
    assert ended.stderr == b"", ended
    found = json.loads(ended.stdout)
    assert found["threads"] == [1, 1]
    descriptors = found["descriptors"][start:]
    assert len(set(descriptors)) == 1, descriptors
    memory = found["memory_kb"][start:]
    length = len(memory) // PARTS
    growths = [
        (memory[(part + 1) * length - 1] - memory[part * length]) / (length - 1) for part in range(PARTS)
    ]
    growth = statistics.median(growths)
    print(f"{memory[0]} kB to {memory[-1]} kB: {growth:.2f} kB per cycle of {growths}")
    assert growth < GROWTH_KB, memory
