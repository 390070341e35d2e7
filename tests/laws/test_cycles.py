"""Start and stop again and again in one process: nothing is left behind."""

from __future__ import annotations

import json
import os

import pytest

from laws import child
from pyjsua.testing import SipServer

SOAK = int(os.environ.get("PYJSUA_SOAK_CYCLES", "1000"))
WARM_UP = 0.25
"""Share of the cycles in which caches, arenas of malloc and PJSIP's first pools fill."""
GROWTH_KB = 4.0
"""Per cycle. The smallest pool PJSIP could leak with one of its objects is as large."""


@pytest.mark.timeout(300)
def test_200_times(sip_server: SipServer) -> None:
    run(200, sip_server)


@pytest.mark.soak
def test_soak(sip_server: SipServer) -> None:
    run(SOAK, sip_server)


def run(cycles: int, server: SipServer) -> None:
    ended = child.run("cycles", cycles, server.uri, timeout=60 + cycles).expect()
    assert ended.stderr == b"", ended
    found = json.loads(ended.stdout)
    assert found["threads"] == [1, 1]
    start = int(cycles * WARM_UP)
    descriptors = found["descriptors"][start:]
    assert len(set(descriptors)) == 1, descriptors
    memory = found["memory_kb"][start:]
    growth = (memory[-1] - memory[0]) / len(memory)
    print(f"{memory[0]} kB to {memory[-1]} kB: {growth:.2f} kB per cycle")
    assert growth < GROWTH_KB, memory
