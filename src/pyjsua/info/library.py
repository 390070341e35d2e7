"""The library itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import Struct

__all__ = ["Admission", "Limits"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Limits(Struct):
    """What this build can hold at most; asking for more raises."""

    c_struct: ClassVar[str] = "pyj_limits"

    max_calls: int
    max_accounts: int
    max_conf_ports: int
    max_players: int
    max_recorders: int
    max_transports: int
    max_pkt_len: int
    """Longest SIP message, bytes."""
    max_url_size: int
    """Longest URI shown in an info, bytes."""
    max_handles: int
    """Sockets PJSIP can poll."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Admission(Struct):
    """Who is let in; see `set_max_pending` and `set_draining`. Counted since `create`."""

    c_struct: ClassVar[str] = "pyj_admission"

    max_pending: int
    """0 for no limit."""
    retry_after: int
    """Seconds callers are told to wait."""
    draining: int
    """What new calls are refused with, 0 while they are let in."""
    pending: int
    """Calls that came in and have been neither answered nor ended."""
    refused_pending: int
    """How many were refused because of the limit, repetitions not counted."""
    refused_draining: int
