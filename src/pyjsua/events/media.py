"""Events of media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import ConfOpType, IceStransOp, MedTpSt
from ..ids import AccId, CallId, ConfPortId, PlayerId, TonegenId
from ..info import CallInfo, MediaEvent, StreamStat
from .event import Event, OlderEvent

__all__ = [
    "OnCallMediaEvent",
    "OnCallMediaState",
    "OnCallMediaTransportState",
    "OnConfOpCompleted",
    "OnIceTransportError",
    "OnMediaEvent",
    "OnPlayerEof",
    "OnSndDevOperation",
    "OnStreamCreated",
    "OnStreamCreated2",
    "OnStreamDestroyed",
    "OnToneEnd",
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
    """What carries a media line changed state: sockets, ICE, SRTP (`pjsua_med_tp_state_info`)."""

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
    """A TURN allocation could not be refreshed, so the line's media may stop. PJSIP 2.17 never tells this."""

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

    op: ConfOpType
    status: int
    """PJSIP's error, 0 when it worked; `strerror` has the words."""
    source: ConfPortId
    """The port that is heard, or that was added or removed; -1 for every one."""
    sink: ConfPortId
    """The port that hears; -1 for every one, and where there is only one port."""
    level: float
    """Gain of the connection, 1.0 where there is none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSndDevOperation(Event):
    """Slot 0 got a sound device, or lost it; the null device is one too."""

    c_struct: ClassVar[str] = "pyj_on_snd_dev_operation"

    opening: bool
    """C's `operation`: about to be opened, or else closed."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPlayerEof(Event):
    """A player or playlist that does not loop was heard to its end.

    Once for each time it ends: `player_set_pos` makes it play again. Nothing of pjsua.h: it stands for
    `pjmedia_wav_player_set_eof_cb2`.
    """

    c_struct: ClassVar[str] = "pyj_on_player_eof"

    player_id: PlayerId
    moves: int
    """How often `player_set_pos` had moved it before that end: fewer than now, and it plays again."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnToneEnd(Event):
    """A tone generator has played its tones to their end; not when it was stopped, and never of a loop.

    Nothing of pjsua.h, nor of PJMEDIA, where only asking `pjmedia_tonegen_is_busy` tells.
    """

    c_struct: ClassVar[str] = "pyj_on_tone_end"

    tonegen_id: TonegenId


@dataclass(slots=True, frozen=True, kw_only=True)
class OnStreamCreated(OlderEvent):
    """An audio stream began; see `OnStreamCreated2`."""

    newer: ClassVar[type[Event]] = OnStreamCreated2

    call_id: CallId
    stream_idx: int
