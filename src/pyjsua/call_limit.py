"""How long a call may last."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from .call_end import EndedHow

if TYPE_CHECKING:
    from .call import Call

__all__ = ["CallLimit", "check_duration"]


def check_duration(seconds: float | None) -> None:
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"max_duration: seconds expected, not {type(seconds).__name__}")
    if not 0 < seconds < math.inf:
        raise ValueError(f"max_duration: {seconds} is no length of time")


class CallLimit:
    """Hangs a call up when it has lasted as long as it may, counted from the answer."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._timer: asyncio.TimerHandle | None = None
        self.seconds: float | None = None

    def set(self, seconds: float | None) -> None:
        check_duration(seconds)
        self.seconds = seconds
        self.update()

    def update(self) -> None:
        """After the answer, the end, or a new limit."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        call = self._call
        if self.seconds is not None and call.answered and not call.ended:
            left = max(0.0, self.seconds - call.times.talking)
            self._timer = asyncio.get_running_loop().call_later(left, self._reached)

    def _reached(self) -> None:
        call = self._call
        if not call.ended and not call._hung_up:
            call._ending.because = EndedHow.MAX_DURATION
            call.abandon()
