"""How a call ended: who ended it, by what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from . import events
from .message import Message
from .reason import Reason

if TYPE_CHECKING:
    from .call import Call

__all__ = ["CallEnd", "EndedBy", "EndedHow"]


class EndedBy(Enum):
    """Who ended a call."""

    US = "us"
    """This program."""
    THEM = "them"
    """The other side, or a server on the way to it."""
    NOBODY = "nobody"
    """Neither: the network, or a timer."""


class EndedHow(Enum):
    """What ended a call."""

    HANGUP = "hangup"
    """A BYE."""
    CANCEL = "cancel"
    """The caller gave up before it was answered."""
    REFUSED = "refused"
    """A final response other than 2xx."""
    TIMEOUT = "timeout"
    """Something was never answered."""
    TRANSPORT = "transport"
    """Something could not be sent."""
    SESSION_TIMER = "session timer"
    """The session was not refreshed in time (RFC 4028)."""
    MAX_DURATION = "maximum duration"
    """It had lasted as long as it was allowed to."""
    REPLACED = "replaced"
    """Another call has taken its place, `Call.replaced_by` (RFC 3891)."""
    CLOSED = "closed"
    """The endpoint was closed."""
    OTHER = "other"
    """PJSIP gave up for a reason of its own, which `CallEnd.reason` has."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended."""

    code: int
    """SIP status: 200 for a call that was hung up, 486 for a busy one, ..."""
    reason: str
    """Reason phrase."""
    by: EndedBy
    how: EndedHow
    answered: bool
    """Whether it was ever answered."""
    message: Message | None = None
    """The BYE, CANCEL or refusal of the other side; None where it was not theirs."""
    reasons: tuple[Reason, ...] = ()
    """What the Reason headers of that message say (RFC 3326), or `hangup(cause=...)` of ours said."""

    @property
    def by_us(self) -> bool:
        """Whether it was ended from here, by a verb or by what the call was set to do."""
        return self.by is EndedBy.US or self.how is EndedHow.MAX_DURATION


@dataclass(slots=True)
class Ending:
    """What is known of an end before it is told."""

    because: EndedHow | None = None
    """Why it is hung up from here, where that was nobody's verb."""
    reasons: tuple[Reason, ...] = ()
    """What a verb of ours gave."""
    cancel: Message | None = None
    """The CANCEL that came."""

    def on_tsx_state(self, event: events.OnCallTsxState) -> None:
        message = event.message
        if event.method == "CANCEL" and message is not None and message.is_request and not message.sent:
            self.cancel = message

    def end(self, call: Call, code: int, reason: str, message: Message | None) -> CallEnd:
        """What became of it; `message` is the one PJSIP ended the call with."""
        by, how, theirs = self._who(call, code, reason, message)
        reasons = theirs.reasons if theirs else self.reasons
        answered = call.answered
        if how is EndedHow.HANGUP and not answered and by is EndedBy.US:
            # Our 200 has left and no ACK has come: a BYE ends it, whatever code PJSIP has for a refusal.
            answered, code, reason = True, 200, "OK"
        return CallEnd(code, reason, by, how, answered, theirs, reasons)

    def _who(
        self, call: Call, code: int, reason: str, message: Message | None
    ) -> tuple[EndedBy, EndedHow, Message | None]:
        if message is not None and not message.sent and message.method == "BYE" and message.is_request:
            return EndedBy.THEM, EndedHow.HANGUP, message
        if self.because is not None:
            return EndedBy.US if self.because is EndedHow.CLOSED else EndedBy.NOBODY, self.because, None
        if call._hung_up:
            early = EndedHow.REFUSED if call.incoming else EndedHow.CANCEL
            return EndedBy.US, EndedHow.HANGUP if call.answered or call._accepted else early, None
        if self.cancel is not None and not call.answered:
            return EndedBy.THEM, EndedHow.CANCEL, self.cancel
        if message is not None and not message.sent and message.status_code >= 300 and not call.answered:
            return EndedBy.THEM, EndedHow.REFUSED, message
        if call.replaced_by is not None:
            return EndedBy.THEM, EndedHow.REPLACED, None
        return EndedBy.NOBODY, by_itself(code, reason), None


def by_itself(code: int, reason: str) -> EndedHow:
    """What PJSIP ended a call for, by the cause it gives."""
    # sip_timer.c gives no other sign.
    if code == 408 and reason.startswith("No session refresh"):
        return EndedHow.SESSION_TIMER
    if code == 408:
        return EndedHow.TIMEOUT
    # PJSIP_SC_TSX_RESOLVE_ERROR and PJSIP_SC_TSX_TRANSPORT_ERROR.
    return EndedHow.TRANSPORT if code in (502, 503) else EndedHow.OTHER
