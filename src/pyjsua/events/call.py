"""Events of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..enums import DtmfMethod, Role, TsxState
from ..ids import AccId, CallId
from ..info import CallInfo, DtmfInfo
from ..message import Message
from .event import Event, OlderEvent

__all__ = [
    "ByeResponse",
    "OnCallReplaced",
    "OnCallState",
    "OnCallTransferStatus",
    "OnCallTransferred",
    "OnCallTsxState",
    "OnDtmfDigit",
    "OnDtmfDigit2",
    "OnDtmfEvent",
    "OnIncomingCall",
    "OnRejectedIncomingCall",
    "OnSipMessage",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallState(Event):
    """The INVITE session changed state."""

    c_struct: ClassVar[str] = "pyj_on_call_state"

    call_id: CallId
    acc_id: AccId
    info: CallInfo
    message: Message | None
    """The SIP message behind it, None when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnIncomingCall(Event):
    """A call came in; 100 Trying has been sent. Answer or reject it, now or later."""

    c_struct: ClassVar[str] = "pyj_on_incoming_call"

    call_id: CallId
    acc_id: AccId
    info: CallInfo
    message: Message | None
    """The INVITE."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTsxState(Event):
    """A transaction within a call changed state.

    Those of the other side's requests (`Role.UAS`) but CANCEL, and provisional responses, may be dropped when
    the queue is full.
    """

    c_struct: ClassVar[str] = "pyj_on_call_tsx_state"

    call_id: CallId
    acc_id: AccId
    method: str
    role: Role
    state: TsxState
    status_code: int
    cseq: int
    """Number of the request, by which those of one method are told apart."""
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTransferStatus(Event):
    """How a transfer that was asked for with `call_xfer` or `call_xfer_replaces` goes on.

    The first comes with the answer to the REFER: 100, or 200 where no subscription was wanted. PJSIP
    ends the subscription itself when a 2xx is told.
    """

    c_struct: ClassVar[str] = "pyj_on_call_transfer_status"

    call_id: CallId
    acc_id: AccId
    st_code: int
    """What the new call got so far, or what the REFER was refused with."""
    st_text: str
    final: bool
    """True when nothing more will be told."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallReplaced(Event):
    """A call was replaced by another, RFC 3891: the new one is answered and the old one hung up."""

    c_struct: ClassVar[str] = "pyj_on_call_replaced"

    acc_id: AccId
    old_call_id: CallId
    new_call_id: CallId


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTransferred(Event):
    """A REFER was followed: a call of ours has begun. Comes before the new call's first `OnCallState`."""

    c_struct: ClassVar[str] = "pyj_on_call_replaced"

    acc_id: AccId
    old_call_id: CallId
    """The call the REFER came in; it stays until somebody hangs it up."""
    new_call_id: CallId


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRejectedIncomingCall(Event):
    """An incoming call was refused by the library itself, before or instead of `OnIncomingCall`."""

    c_struct: ClassVar[str] = "pyj_on_rejected_incoming_call"

    call_id: CallId
    """-1 when it never got a slot; the slot has another call, or none, soon after."""
    local_info: str
    remote_info: str
    st_code: int
    """SIP status it was refused with."""
    st_text: str
    message: Message | None
    """The INVITE, None when it is not at hand any more."""


@dataclass(slots=True, frozen=True, kw_only=True)
class ByeResponse(Event):
    """What a BYE of ours was answered with; pjsua.h has no callback for it."""

    c_struct: ClassVar[str] = "pyj_bye_response"

    call_id: str
    """The Call-ID header."""
    status_code: int
    reason: str
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSipMessage(Event):
    """A SIP message crossed the wire, either way, retransmissions included; pjsua.h has no callback for it.

    Only for the handler that asks for it: `events()` has it not. Told before what PJSIP makes of a message
    that came in, and dropped when the queue is full.
    """

    c_struct: ClassVar[str] = "pyj_on_sip_message"

    call_id: CallId
    """-1 for a message of no call, and for the INVITE that begins one."""
    acc_id: AccId
    """That of the call."""
    message: Message | None
    """`Message.sent` says which way it went."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnDtmfEvent(Event):
    """A DTMF digit came in."""

    c_struct: ClassVar[str] = "pyj_on_dtmf_event"

    call_id: CallId
    acc_id: AccId
    digit: str
    """One of ``0-9*#A-DR``; R is a hook flash."""
    method: DtmfMethod
    timestamp: int
    """RTP timestamp of its start, in ms since the stream's start."""
    duration: int
    """Length so far, ms."""
    is_update: bool
    """True when this continues a digit told before."""
    is_end: bool
    """True when the digit is over."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OncePerDigit(OlderEvent):
    """What the older events of a digit have in common."""

    newer: ClassVar[type[Event]] = OnDtmfEvent

    call_id: CallId

    @classmethod
    def derive(cls, event: Event) -> Self | None:
        assert isinstance(event, OnDtmfEvent)
        if event.is_update:
            return None
        return cls(seq=event.seq, time=event.time, call_id=event.call_id, **cls._of(event))

    @classmethod
    def _of(cls, event: OnDtmfEvent) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(slots=True, frozen=True, kw_only=True)
class OnDtmfDigit(OncePerDigit):
    """A DTMF digit came in, once per digit; `OnDtmfEvent` also tells when it ends."""

    digit: str

    @classmethod
    def _of(cls, event: OnDtmfEvent) -> dict[str, Any]:
        return {"digit": event.digit}


@dataclass(slots=True, frozen=True, kw_only=True)
class OnDtmfDigit2(OncePerDigit):
    """A DTMF digit came in, once per digit, with its method; `OnDtmfEvent` also tells when it ends."""

    info: DtmfInfo

    @classmethod
    def _of(cls, event: OnDtmfEvent) -> dict[str, Any]:
        return {"info": DtmfInfo(method=event.method, digit=event.digit, duration=event.duration)}
