"""Accounts and their registration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..config import RpidElement
from ..ids import AccId
from ..struct import Struct

__all__ = ["AccInfo", "RegInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class AccInfo(Struct):
    """An account as it was at that moment (`pjsua_acc_info`)."""

    c_struct: ClassVar[str] = "pjsua_acc_info"

    id: AccId
    is_default: bool
    acc_uri: str
    has_registration: bool
    """Whether the account is one that registers, not whether it is registered."""
    expires: int
    """Seconds to the expiry of the registration; `NOT_SPECIFIED` when not registered."""
    status: int
    """Last SIP status of registration: 200 when registered."""
    reg_last_err: int
    """Last PJSIP error of registration, 0 when there was none."""
    status_text: str
    online_status: bool
    online_status_text: str
    rpid: RpidElement
    """What `acc_set_online_status2` told its watchers."""


@dataclass(slots=True, frozen=True, kw_only=True)
class RegInfo(Struct):
    """Outcome of a REGISTER: `pjsua_reg_info` with the fields of its `cbparam` as its own."""

    c_struct: ClassVar[str] = "pyj_reg_info"

    status: int
    """PJSIP's error, 0 when the registrar answered."""
    status_text: str
    """PJSIP's words for `status`, empty for 0."""
    code: int
    """SIP status code."""
    reason: str
    """SIP reason phrase."""
    expiration: int
    """Seconds until the registration expires; 0 after unregistration."""
    renew: bool
    """True for a registration, False for an unregistration."""
    is_unreg: bool
    retry_ms: int
    """Milliseconds until it is tried again by itself, -1 when it is not."""
