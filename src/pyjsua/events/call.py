"""Events of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import DtmfMethod, Role, TsxState
from ..ids import AccId, CallId
from ..info import CallInfo
from ..message import Message
from .event import Event

__all__ = ["ByeResponse", "OnCallState", "OnCallTsxState", "OnDtmfEvent", "OnIncomingCall"]


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
    """A transaction within a call changed state."""

    c_struct: ClassVar[str] = "pyj_on_call_tsx_state"

    call_id: CallId
    acc_id: AccId
    method: str
    role: Role
    state: TsxState
    status_code: int
    message: Message | None


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
