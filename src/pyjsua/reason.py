"""Why a request is sent, as its Reason header says it (RFC 3326)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from .struct import Header
from .uri import CONTROL, quote_string, split_outside, unquote_string

__all__ = ["Cause", "Reason"]

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
RANGES = {"q.850": (0, 127), "sip": (100, 699)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One value of a Reason header: ``Reason("Q.850", 16, "Normal call clearing")``."""

    protocol: str
    """``"SIP"``, whose cause is a status code; ``"Q.850"``, whose cause is ISUP's; or another."""
    cause: int | None = None
    text: str = ""
    """For people; empty where there is none."""

    def __post_init__(self) -> None:
        if not isinstance(self.protocol, str) or not TOKEN.fullmatch(self.protocol):
            raise ValueError(f"protocol: {self.protocol!r} is no token")
        if self.cause is not None:
            if isinstance(self.cause, bool) or not isinstance(self.cause, int):
                raise TypeError(f"cause: int expected, not {type(self.cause).__name__}")
            lowest, highest = RANGES.get(self.protocol.lower(), (0, 2**31 - 1))
            if not lowest <= self.cause <= highest:
                raise ValueError(
                    f"cause: {self.cause} is not {lowest} to {highest}, as {self.protocol} has it"
                )
        if not isinstance(self.text, str):
            raise TypeError(f"text: str expected, not {type(self.text).__name__}")
        if CONTROL.search(self.text):
            raise ValueError("text: a control character cannot stand here")

    @classmethod
    def parse(cls, value: str) -> Self:
        """One value, ``'Q.850;cause=16;text="Terminated"'``; other parameters are left out.

        Raises `ValueError` for what is none.
        """
        protocol, *items = (item.strip() for item in split_outside(value, ";"))
        given: dict[str, str] = {}
        for item in items:
            name, _, text = item.partition("=")
            given.setdefault(name.strip().lower(), text.strip())
        cause = given.get("cause", "")
        if cause and not (cause.isascii() and cause.isdecimal() and len(cause) < 10):
            raise ValueError(f"cause: {cause!r} is no number")
        return cls(protocol, int(cause) if cause else None, unquote_string(given.get("text", "")))

    def __str__(self) -> str:
        """As it stands in the header."""
        cause = "" if self.cause is None else f";cause={self.cause}"
        return f"{self.protocol}{cause}" + (f";text={quote_string(self.text)}" if self.text else "")


Cause = int | Reason | Sequence[Reason]
"""Why somebody hangs up: a cause of Q.850, or what Reason headers are to say."""


def reasons_in(values: Iterable[str]) -> tuple[Reason, ...]:
    """What the Reason headers of a message say, in order; what is none is left out."""
    found = []
    for value in values:
        try:
            parts = split_outside(value, ",")
        except ValueError:
            continue
        for part in parts:
            try:
                found.append(Reason.parse(part))
            except ValueError:
                continue
    return tuple(found)


def reasons_of(cause: Cause | None) -> tuple[Reason, ...]:
    """What `cause` of a verb means. Raises `ValueError`, `TypeError`."""
    if cause is None:
        return ()
    if isinstance(cause, Reason):
        return (cause,)
    if isinstance(cause, int) and not isinstance(cause, bool):
        return (Reason("Q.850", cause),)
    if isinstance(cause, (str, bytes)) or not isinstance(cause, Sequence):
        raise TypeError(f"cause: int, Reason or a sequence of Reason expected, not {type(cause).__name__}")
    for one in cause:
        if not isinstance(one, Reason):
            raise TypeError(f"cause: a Reason expected, not {type(one).__name__}")
    return tuple(cause)


def reason_headers(reasons: Iterable[Reason]) -> tuple[Header, ...]:
    return tuple(("Reason", str(reason)) for reason in reasons)
