"""The library itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import Struct

__all__ = ["Limits"]


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
