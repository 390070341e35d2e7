"""What all events have."""

from __future__ import annotations

from dataclasses import dataclass

from ..struct import Struct

__all__ = ["Event"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Event(Struct):
    """What all events have."""

    seq: int
    """Place in the total order of events, rising."""
    time: float
    """When it happened, seconds of `time.monotonic`'s clock."""
