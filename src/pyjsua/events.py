"""Events: what PJSIP's callbacks told, as frozen values.

Each class is named after its callback in `pjsua_callback`. They are delivered in the
order things happened, `seq` rising by one, in the dispatcher thread, in the script's
`events()` loop, or in the asyncio loop of an `Endpoint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .enums import DtmfMethod, Role, TransportState, TransportType, TsxState
from .ids import AccId, CallId, ConfPortId
from .info import CallInfo, RegInfo, StreamStat
from .message import Message
from .struct import Struct

__all__ = [
    "ByeResponse",
    "Event",
    "LogLine",
    "OnCallMediaState",
    "OnCallState",
    "OnCallTsxState",
    "OnConfOpCompleted",
    "OnDtmfEvent",
    "OnIncomingCall",
    "OnRegStarted2",
    "OnRegState2",
    "OnStreamCreated2",
    "OnStreamDestroyed",
    "OnTransportState",
    "SipTrace",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class Event(Struct):
    """What all events have."""

    seq: int
    """Place in the total order of events, rising."""
    time: float
    """When it happened, seconds of `time.monotonic`'s clock."""


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
class OnCallMediaState(Event):
    """Media of a call came up, went away, or changed."""

    c_struct: ClassVar[str] = "pyj_on_call_media_state"

    call_id: CallId
    acc_id: AccId
    info: CallInfo


@dataclass(slots=True, frozen=True, kw_only=True)
class OnStreamCreated2(Event):
    """An audio stream began."""

    c_struct: ClassVar[str] = "pyj_on_stream"

    call_id: CallId
    acc_id: AccId
    stream_idx: int
    stat: StreamStat


@dataclass(slots=True, frozen=True, kw_only=True)
class OnStreamDestroyed(Event):
    """An audio stream ended; `stat` holds its final figures."""

    c_struct: ClassVar[str] = "pyj_on_stream"

    call_id: CallId
    acc_id: AccId
    stream_idx: int
    stat: StreamStat


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
class OnRegStarted2(Event):
    """A REGISTER is being sent."""

    c_struct: ClassVar[str] = "pyj_on_reg_started2"

    acc_id: AccId
    renew: bool
    """False when it unregisters."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRegState2(Event):
    """A REGISTER was answered, or failed."""

    c_struct: ClassVar[str] = "pyj_on_reg_state2"

    acc_id: AccId
    info: RegInfo
    message: Message | None
    """The response, None when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnTransportState(Event):
    """A transport was connected, disconnected, shut down or destroyed."""

    c_struct: ClassVar[str] = "pyj_on_transport_state"

    state: TransportState
    type: TransportType
    type_name: str
    info: str
    local_addr: str
    remote_host: str
    remote_port: int
    status: int
    """PJSIP's error, 0 when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnConfOpCompleted(Event):
    """The bridge carried out an operation it was asked for."""

    c_struct: ClassVar[str] = "pyj_on_conf_op_completed"

    op: int
    """`pjmedia_conf_op_type`."""
    status: int
    """PJSIP's error, 0 when it worked."""
    source: ConfPortId
    sink: ConfPortId


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
class LogLine(Event):
    """A line of PJSIP's log, on its way to the ``pyjsua.pjsip`` logger."""

    c_struct: ClassVar[str] = "pyj_log_line"

    level: int
    """1 (error) to 6."""
    text: str


@dataclass(slots=True, frozen=True, kw_only=True)
class SipTrace(Event):
    """A SIP message as it crossed the wire, on its way to the ``pyjsua.sip`` logger."""

    c_struct: ClassVar[str] = "pyj_sip_trace"

    message: Message | None
