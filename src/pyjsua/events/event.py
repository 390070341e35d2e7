"""What all events have."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Self

from ..struct import Struct

__all__ = ["Event", "OlderEvent"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Event(Struct):
    """What all events have."""

    seq: int
    """Place in the total order of events, rising."""
    time: float
    """When it happened, seconds of `time.monotonic`'s clock."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OlderEvent(Event):
    """The event of a callback that pjsua.h has a newer version of.

    It is made of the newer one for the handler that asks for it, and handed over just before
    that one; `events()` yields the newer one only.
    """

    newer: ClassVar[type[Event]]
    """The event it is made of."""

    @classmethod
    def derive(cls, event: Event) -> Self | None:
        """This event, made of one of class `newer`; None where the older callback is not called."""
        return cls(**{field.name: getattr(event, field.name) for field in fields(cls)})
