"""DTMF digits that come in: each once, with its length; sequences of them collected."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from . import events
from .aio import Watchers
from .enums import DtmfMethod

__all__ = ["CollectEnd", "Collected", "Digit"]

UNREAD = 1000
"""Digits kept: a peer that floods us with digits nobody reads fills no memory."""

BOTH_WAYS = 1.0
"""Seconds between the two copies of a digit that the other side sends as an event and as INFO."""

NO_MORE = 0.5
"""Seconds without news of a digit after which it is over, its end lost on the way."""


class CollectEnd(StrEnum):
    """Why collecting digits ended."""

    MAX_DIGITS = "max_digits"
    TERMINATOR = "terminator"
    TIMEOUT = "timeout"
    CALL_ENDED = "call_ended"


@dataclass(frozen=True, slots=True)
class Digit:
    """A DTMF digit that came in."""

    digit: str
    """One of ``0-9*#A-DR``; R is a hook flash."""
    duration: int
    """How long it was held, ms."""
    method: DtmfMethod


@dataclass(frozen=True, slots=True)
class Collected:
    """What `Call.collect` got."""

    digits: str
    """Without the terminator."""
    end: CollectEnd
    terminator: str = ""
    """The digit that ended it, empty where none did."""


@dataclass(slots=True)
class Heard:
    """A digit from its first packet on."""

    digit: str
    method: DtmfMethod
    time: float
    duration: int
    ended: bool
    copied: bool = False
    """Whether it came the other way too."""


class DigitQueue:
    """The digits of a call, in order, until they are taken."""

    def __init__(self) -> None:
        self._waiting: deque[Heard] = deque()
        self._recent: deque[Heard] = deque(maxlen=16)
        self._last: dict[DtmfMethod, Heard] = {}
        self._over = False
        self._watchers = Watchers()

    def __len__(self) -> int:
        return len(self._waiting)

    def take_event(self, event: events.OnDtmfEvent) -> None:
        last = self._last.get(event.method)
        if not event.is_update:
            if last is not None:
                last.ended = True
            self._begin(event)
        elif last is not None:
            last.duration = max(last.duration, event.duration)
            last.ended |= event.is_end
        self._watchers.changed()

    def _begin(self, event: events.OnDtmfEvent) -> None:
        events_only = event.method is DtmfMethod.RFC2833
        heard = Heard(
            event.digit,
            event.method,
            event.time,
            event.duration,
            event.is_end or not events_only,
        )
        self._last[event.method] = heard
        for other in self._recent:
            if (
                other.digit == heard.digit
                and other.method is not heard.method
                and not other.copied
                and heard.time - other.time < BOTH_WAYS
            ):
                other.copied = True
                return
        self._recent.append(heard)
        if len(self._waiting) < UNREAD:
            self._waiting.append(heard)

    def close(self) -> None:
        """The call has ended; what came before can still be taken."""
        self._over = True
        self._watchers.changed()

    def drop(self) -> str:
        """Forgets what waits, and returns it."""
        digits = "".join(heard.digit for heard in self._waiting)
        self._waiting.clear()
        return digits

    async def begun(self, timeout: float | None = None) -> Heard:
        """The next digit, as soon as it begins; raises `TimeoutError`, `EOFError` once the call has ended."""
        async with asyncio.timeout(timeout):
            while not self._waiting and not self._over:
                await self._watchers.wait(lambda: bool(self._waiting) or self._over)
        if not self._waiting:
            raise EOFError("the call has ended")
        return self._waiting.popleft()

    async def whole(self) -> Digit:
        """The next digit, when it is over; raises `EOFError` once the call has ended."""
        heard = await self.begun()
        while not heard.ended and not self._over:
            try:
                await self._watchers.wait(self._news(heard), NO_MORE)
            except TimeoutError:
                heard.ended = True
            except BaseException:
                # Nobody has had it.
                self._waiting.appendleft(heard)
                self._watchers.changed()
                raise
        return Digit(heard.digit, heard.duration, heard.method)

    def _news(self, heard: Heard) -> Callable[[], bool]:
        length = heard.duration
        return lambda: heard.ended or self._over or heard.duration != length

    async def collect(
        self, max_digits: int | None, timeout: float | None, terminator: str, first_timeout: float | None
    ) -> Collected:
        digits = ""
        wait = first_timeout
        while True:
            try:
                digit = (await self.begun(wait)).digit
            except TimeoutError:
                return Collected(digits, CollectEnd.TIMEOUT)
            except EOFError:
                return Collected(digits, CollectEnd.CALL_ENDED)
            if digit in terminator:
                return Collected(digits, CollectEnd.TERMINATOR, digit)
            digits += digit
            if len(digits) == max_digits:
                return Collected(digits, CollectEnd.MAX_DIGITS)
            wait = timeout
