"""Which news of a transaction is its final answer."""

from __future__ import annotations

from . import events
from .enums import TsxState

__all__ = ["Finals"]

CHALLENGES = (401, 407)


class Finals:
    """Tells a transaction's answer from its end, which over UDP comes many seconds later.

    A 2xx to an INVITE, a timeout and a transport error end it at once, all else first completes it. News of
    a transaction does not say of which, but the end has the status of the answer. PJSUA keeps a challenge
    to itself that it answers, and may tell of its end.
    """

    def __init__(self) -> None:
        self._completed: list[int] = []
        """Status codes of transactions that were answered and have not ended."""

    def is_answer(self, event: events.OnCallTsxState) -> bool:
        if event.state == TsxState.COMPLETED:
            self._completed.append(event.status_code)
            return True
        if event.state != TsxState.TERMINATED:
            return False
        if event.status_code in self._completed:
            self._completed.remove(event.status_code)
            return False
        return event.status_code not in CHALLENGES
