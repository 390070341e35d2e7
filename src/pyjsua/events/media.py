"""Events of media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import AccId, CallId, ConfPortId
from ..info import CallInfo, StreamStat
from .event import Event, OlderEvent

__all__ = [
    "OnCallMediaState",
    "OnConfOpCompleted",
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
