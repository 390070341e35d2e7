"""Events of the network and of timers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import IpChangeOp, NatType
from ..ids import AccId, CallId, TimerId, TransportId
from .event import Event

__all__ = ["OnIpChangeProgress", "OnNatDetect", "OnStunResolutionComplete", "OnTimer"]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnNatDetect(Event):
    """`detect_nat_type` is done."""

    c_struct: ClassVar[str] = "pyj_on_nat_detect"

    status: int
    """PJSIP's error, 0 when the type is known."""
    status_text: str
    nat_type: NatType
    nat_type_name: str
    """PJSIP's word for it, such as ``"Symmetric"``."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnStunResolutionComplete(Event):
    """A STUN server was found, or none."""

    c_struct: ClassVar[str] = "pyj_on_stun_resolution_complete"

    token: object
    """What `resolve_stun_servers` was given; None for the library's own servers."""
    status: int
    """PJSIP's error, 0 when there is one."""
    status_text: str
    """PJSIP's words for `status`, empty for 0."""
    name: str
    """The server as it was given, empty for none."""
    addr: str
    """Its address and port, empty for none."""
    index: int
    """Its place among those given, -1 for none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnIpChangeProgress(Event):
    """A step of `handle_ip_change`; COMPLETED is the last."""

    c_struct: ClassVar[str] = "pyj_on_ip_change_progress"

    op: IpChangeOp
    status: int
    """PJSIP's error, 0 when the step went well."""
    transport_id: TransportId
    """Listener restarted, -1 in another step."""
    acc_id: AccId
    """-1 in a step that is about no account."""
    call_id: CallId
    """Call hung up or re-invited, -1 in another step."""
    is_register: bool
    """Of ACC_UPDATE_CONTACT: True for the new registration, False for the end of the old."""
    code: int
    """Of ACC_UPDATE_CONTACT: the registrar's answer, 0 when there is none yet."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnTimer(Event):
    """A timer of `schedule_timer` has expired; pjsua.h has a callback of the program's in its place."""

    c_struct: ClassVar[str] = "pyj_on_timer"

    timer_id: TimerId
    user_data: object
    """What it was given."""
