"""Buddies: their presence and their calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..config import RpidElement
from ..enums import BuddyStatus, EvsubState
from ..ids import AccId, BuddyId
from ..struct import Struct, XmlText

__all__ = ["BuddyDlgEventInfo", "BuddyInfo", "PresInfo", "PresStatus", "TxtStreamData"]


@dataclass(slots=True, frozen=True, kw_only=True)
class PresInfo(Struct):
    """One tuple of a presence document (RFC 3863)."""

    c_struct: ClassVar[str] = "pyj_pres_info"

    basic_open: bool
    """Whether it is open to communication."""
    rpid: RpidElement
    """Of the first tuple only: the document's person."""
    id: XmlText
    contact: XmlText


@dataclass(slots=True, frozen=True, kw_only=True)
class PresStatus(Struct):
    """A presence document (`pjsip_pres_status`)."""

    c_struct: ClassVar[str] = "pjsip_pres_status"
    c_counts: ClassVar[dict[str, str]] = {"info": "info_cnt"}

    info: Sequence[PresInfo]
    """Its first eight tuples."""


@dataclass(slots=True, frozen=True, kw_only=True)
class BuddyInfo(Struct):
    """A buddy as it was at that moment (`pjsua_buddy_info`)."""

    c_struct: ClassVar[str] = "pjsua_buddy_info"

    id: BuddyId
    uri: str
    acc_id: AccId
    """-1 when it is bound to no account."""
    contact: str
    """The Contact it answered the subscription with."""
    status: BuddyStatus
    status_text: XmlText
    """Its note, or "Online", "Offline", "?"."""
    monitor_pres: bool
    sub_state: EvsubState
    sub_state_name: str
    sub_term_code: int
    """SIP status the last subscription ended with; 200 when a NOTIFY ended it, 0 while it lives."""
    sub_term_reason: str
    """Why it ended, such as "rejected", "noresource" or "timeout"."""
    rpid: RpidElement
    pres_status: PresStatus


@dataclass(slots=True, frozen=True, kw_only=True)
class BuddyDlgEventInfo(Struct):
    """A buddy's call as its dialog-info document told, RFC 4235 (`pjsua_buddy_dlg_event_info`).

    What the document did not tell is empty; of several calls it is the first.
    """

    c_struct: ClassVar[str] = "pjsua_buddy_dlg_event_info"

    id: BuddyId
    uri: str
    dialog_id: XmlText
    dialog_info_state: XmlText
    """``"full"`` or ``"partial"``."""
    dialog_info_entity: XmlText
    dialog_call_id: XmlText
    dialog_remote_tag: XmlText
    dialog_local_tag: XmlText
    dialog_direction: XmlText
    """``"initiator"`` or ``"recipient"``."""
    dialog_state: XmlText
    """``"trying"``, ``"early"``, ``"confirmed"``, ``"terminated"``..."""
    dialog_duration: XmlText
    """Seconds, as the document wrote them."""
    local_identity: XmlText
    local_identity_display: XmlText
    local_target_uri: XmlText
    remote_identity: XmlText
    remote_identity_display: XmlText
    remote_target_uri: XmlText
    sub_state: EvsubState
    sub_state_name: str
    sub_term_code: int
    sub_term_reason: str


@dataclass(slots=True, frozen=True, kw_only=True)
class TxtStreamData(Struct):
    """A block of real-time text (`pjsua_txt_stream_data`)."""

    c_struct: ClassVar[str] = "pjsua_txt_stream_data"

    seq: int
    """RTP sequence number."""
    ts: int
    """RTP timestamp, ms."""
    text: str
    """May be empty."""
