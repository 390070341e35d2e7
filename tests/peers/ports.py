"""Free ports on loopback."""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 20000, 31999
"""Below Linux's ephemeral range (32768 and up), so that no connecting socket takes a port we gave out."""

_given: set[int] = set()


def free_port(host: str = "127.0.0.1", *, count: int = 1, even: bool = False) -> int:
    """Return the first of `count` successive ports free for both UDP and TCP on `host`.

    A port is given out once per process. `even` asks for an even first port, as RTP likes it.
    """
    for _ in range(1000):
        first = random.randrange(_LOWEST, _HIGHEST - count)
        if even:
            first -= first % 2
        wanted = range(first, first + count)
        if _given.isdisjoint(wanted) and all(_is_free(host, port) for port in wanted):
            _given.update(wanted)
            return first
    raise RuntimeError(f"no {count} free ports on {host} between {_LOWEST} and {_HIGHEST}")


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
