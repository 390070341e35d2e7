"""When a call began, was answered and ended."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

__all__ = ["CallTimes"]


class CallTimes:
    """The times of a call: moments by the wall clock, lengths by one that nobody sets."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._answered: float | None = None
        self._ended: float | None = None
        self.started: datetime = datetime.now(UTC)
        """When the INVITE was sent or had come, in UTC."""

    @property
    def answered(self) -> datetime | None:
        """When it was answered, None until then."""
        return self._wall(self._answered)

    @property
    def ended(self) -> datetime | None:
        """When it ended, None until then."""
        return self._wall(self._ended)

    @property
    def ringing(self) -> float:
        """Seconds until it was answered or ended; those so far before that."""
        until = self._answered if self._answered is not None else self._ended
        return (time.monotonic() if until is None else until) - self._began

    @property
    def talking(self) -> float:
        """Seconds from the answer to the end, or so far; 0 where it was never answered."""
        if self._answered is None:
            return 0.0
        return (time.monotonic() if self._ended is None else self._ended) - self._answered

    def _wall(self, moment: float | None) -> datetime | None:
        return None if moment is None else self.started + timedelta(seconds=moment - self._began)

    def _on_answer(self, moment: float) -> None:
        if self._answered is None:
            self._answered = max(moment, self._began)

    def _on_end(self, moment: float) -> None:
        if self._ended is None:
            self._ended = max(moment, self._answered or self._began)

    def __repr__(self) -> str:
        return f"<CallTimes started {self.started}, answered {self.answered}, ended {self.ended}>"
