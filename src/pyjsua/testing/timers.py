"""The timers of RFC 3261 table 4, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timers:
    """Round trip estimate and what follows from it; a test makes `t1` small to see timeouts soon.

    `t1`, `t2`, `t4` are RFC 3261's. `c` is how long a ringing INVITE may ring (section 16.6 item 11).
    """

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    c: float = 185.0

    def __post_init__(self) -> None:
        if min(self.t1, self.t2, self.t4, self.c) <= 0:
            raise ValueError("a timer takes more than no time")

    @property
    def timeout(self) -> float:
        """64 * T1: timers B, D, F, H, J, L, M."""
        return 64 * self.t1
