"""Free ports on loopback."""

from __future__ import annotations

import os
import random
import socket

_LOWEST, _HIGHEST = 12000, 31999
"""Below Linux's ephemeral range (32768 and up), so that no connecting socket takes a port we gave out."""


def _share() -> range:
    """The ports of this process, where pytest-xdist has several run tests at the same time."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = (_HIGHEST - _LOWEST) // processes
    return range(_LOWEST + mine * size, _LOWEST + (mine + 1) * size)


_given: set[int] = set()


def free_port(host: str = "127.0.0.1", *, count: int = 1, even: bool = False) -> int:
    """Return the first of `count` successive ports free for both UDP and TCP on `host`.

    A port is given out once per process, and again once there is no other. `even` asks for an even first
    port, as RTP likes it.
    """
    share = _share()
    for attempt in range(2000):
        if attempt == 1000:
            _given.clear()
        first = random.randrange(share.start, share.stop - count)
        if even:
            first -= first % 2
        wanted = range(first, first + count)
        if _given.isdisjoint(wanted) and all(_is_free(host, port) for port in wanted):
            _given.update(wanted)
            return first
    raise RuntimeError(f"no {count} free ports on {host} between {share.start} and {share.stop}")


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def bracketed(host: str) -> str:
    """`host` as it stands in a URI: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host
