"""What the runner asks of a user agent under test, by lines on its standard input.

``memory`` has it print one line of JSON about its heap, ``trim`` does so after giving free memory back
to the kernel; the end of input ends it. Standard library only: the agent on PyPI's pjsua2 runs this too.
"""

from __future__ import annotations

import ctypes
import json
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Arguments:
    """As `agents.Agent` gives them on the command line."""

    port: int
    rtp_port: int
    max_calls: int


def arguments() -> Arguments:
    port, rtp_port, max_calls = map(int, sys.argv[1:4])
    return Arguments(port, rtp_port, max_calls)


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks",
            "keepcost",
        )
    ]  # fmt: skip


def ready() -> None:
    """Says that calls may come."""
    print("ready", flush=True)


def answer(line: str) -> None:
    """Does what one line asks."""
    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = _Mallinfo2
    if line.strip() == "trim":
        libc.malloc_trim(0)
    heap = libc.mallinfo2()
    print(json.dumps({"heap_used": heap.uordblks + heap.hblkhd, "heap_free": heap.fordblks}), flush=True)


def serve() -> None:
    """Obeys until the end of input."""
    ready()
    for line in sys.stdin:
        answer(line)
