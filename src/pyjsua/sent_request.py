"""A request of ours within a call: which news of a transaction is of it."""

from __future__ import annotations

from . import events
from .enums import TsxState
from .message import Message

__all__: list[str] = []


class SentRequest:
    """One that waits for its answer, known by its CSeq: another of its kind may still wait for its own."""

    def __init__(self, method: str, cseq: int) -> None:
        self.method = method
        self._cseq = cseq

    def is_of(self, event: events.OnCallTsxState) -> bool:
        """To be asked of all news, in order."""
        if event.method != self.method:
            return False
        # PJSIP answers a challenge by the same request under a number of its own, and tells of that first.
        if event.state == TsxState.CALLING and event.cseq > self._cseq and authorized(event.message):
            self._cseq = event.cseq
        return event.cseq == self._cseq


def authorized(message: Message | None) -> bool:
    return message is not None and any(
        message.header(name) for name in ("Authorization", "Proxy-Authorization")
    )
