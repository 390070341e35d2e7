"""Events of media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import IceStransOp, MedTpSt
from ..ids import AccId, CallId, ConfPortId
from ..info import CallInfo, MediaEvent, StreamStat
from .event import Event, OlderEvent

__all__ = [
    "OnCallMediaEvent",
    "OnCallMediaState",
    "OnCallMediaTransportState",
    "OnConfOpCompleted",
    "OnIceTransportError",
    "OnMediaEvent",
    "OnStreamCreated",
    "OnStreamCreated2",
    "OnStreamDestroyed",
]


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
class OnCallMediaTransportState(Event):
    """What carries a media line changed state: sockets made, ICE or SRTP agreed upon, closed."""

    c_struct: ClassVar[str] = "pyj_on_call_media_transport_state"

    call_id: CallId
    acc_id: AccId
    med_idx: int
    state: MedTpSt
    status: int
    """PJSIP's error, 0 when there is none."""
    sip_err_code: int
    """SIP status the call fails with for it, 0 when there is none."""
    has_ice_op: bool
    """Whether `ice_op` says anything."""
    ice_op: IceStransOp
    """What ICE was doing, when it is ICE that failed later."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnIceTransportError(Event):
    """A TURN allocation could not be refreshed, so the line's media may stop."""

    c_struct: ClassVar[str] = "pyj_on_ice_transport_error"

    call_id: CallId
    """C has it as `index`."""
    acc_id: AccId
    op: IceStransOp
    status: int
    """PJSIP's error."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallMediaEvent(Event):
    """PJMEDIA tells something of a call's media line, such as a socket that fails."""

    c_struct: ClassVar[str] = "pyj_on_call_media_event"

    call_id: CallId
    acc_id: AccId
    med_idx: int
    event: MediaEvent


@dataclass(slots=True, frozen=True, kw_only=True)
class OnMediaEvent(Event):
    """PJMEDIA tells something of a sound device, such as that it stopped."""

    c_struct: ClassVar[str] = "pyj_on_media_event"

    event: MediaEvent


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
class OnStreamCreated(OlderEvent):
    """An audio stream began; see `OnStreamCreated2`."""

    newer: ClassVar[type[Event]] = OnStreamCreated2

    call_id: CallId
    stream_idx: int
