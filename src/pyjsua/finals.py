"""Which news of a transaction is its final answer."""

from __future__ import annotations

from . import events
from .enums import TsxState

__all__ = ["Finals"]

CHALLENGES = (401, 407)


class Finals:
    """Tells a transaction's answer from its end, which over UDP comes many seconds later.

    A 2xx to an INVITE, a timeout and a transport error end it at once, all else first completes it. PJSUA
    keeps a challenge to itself that it answers, and may tell of its end.
    """

    def __init__(self) -> None:
        self._completed: set[int] = set()
        """CSeq of transactions that were answered and have not ended."""

    def is_answer(self, event: events.OnCallTsxState) -> bool:
        if event.state == TsxState.COMPLETED:
            self._completed.add(event.cseq)
            return True
        if event.state != TsxState.TERMINATED:
            return False
        if event.cseq in self._completed:
            self._completed.remove(event.cseq)
            return False
        return event.status_code not in CHALLENGES
