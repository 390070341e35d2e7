"""Calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..config import CallSetting
from ..enums import CallMediaStatus, DtmfMethod, InvState, MediaDir, MediaType, Role
from ..ids import AccId, CallId, ConfPortId
from ..struct import Struct

__all__ = ["CallInfo", "CallMediaInfo", "DtmfInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class CallMediaInfo(Struct):
    """One media line of a call (`pjsua_call_media_info`)."""

    c_struct: ClassVar[str] = "pjsua_call_media_info"

    index: int
    type: MediaType
    dir: MediaDir
    status: CallMediaStatus
    conf_slot: Annotated[ConfPortId, "stream.aud.conf_slot"]
    """Conference slot of an audio line; means nothing for other types."""


@dataclass(slots=True, frozen=True, kw_only=True)
class CallInfo(Struct):
    """A call as it was at that moment (`pjsua_call_info`)."""

    c_struct: ClassVar[str] = "pjsua_call_info"
    c_counts: ClassVar[dict[str, str]] = {"media": "media_cnt", "prov_media": "prov_media_cnt"}

    id: CallId
    role: Role
    acc_id: AccId
    local_info: str
    """Our address as in the dialog's From or To, display name and tag included."""
    local_contact: str
    remote_info: str
    remote_contact: str
    call_id: str
    """The Call-ID header."""
    setting: CallSetting
    state: InvState
    state_text: str
    last_status: int
    """Last SIP status code heard or sent, 0 when there was none."""
    last_status_text: str
    media_status: CallMediaStatus
    media_dir: MediaDir
    conf_slot: ConfPortId
    """Conference slot of the first active audio line, -1 when there is none."""
    media: tuple[CallMediaInfo, ...]
    prov_media: tuple[CallMediaInfo, ...]
    connect_duration: float
    """Seconds since the call was answered."""
    total_duration: float
    """Seconds since the call began."""
    rem_offerer: bool
    rem_aud_cnt: int
    rem_vid_cnt: int
    rem_txt_cnt: int


@dataclass(slots=True, frozen=True, kw_only=True)
class DtmfInfo(Struct):
    """A DTMF digit (`pjsua_dtmf_info`)."""

    method: DtmfMethod
    digit: str
    """One of ``0-9*#A-DR``; R is a hook flash. C has the character's code."""
    duration: int
    """Length, ms; 0 where the method does not say."""
