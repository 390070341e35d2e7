"""Options and markings of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..enums import QosFlag, QosWmmPrio
from ..struct import C_DEFAULT, Struct

__all__ = ["QosParams", "Sockopt", "SockoptParams"]


@dataclass(slots=True, kw_only=True)
class QosParams(Struct):
    """Markings of what a socket sends (`pj_qos_params`)."""

    c_struct: ClassVar[str] = "pj_qos_params"

    flags: QosFlag = C_DEFAULT
    """Which of the others count."""
    dscp_val: int = C_DEFAULT
    """Differentiated services code point, 0 to 63, RFC 2474."""
    so_prio: int = C_DEFAULT
    """Linux's ``SO_PRIORITY``, 0 to 6 without privileges."""
    wmm_prio: QosWmmPrio = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class Sockopt(Struct):
    """One option, as `socket.setsockopt` takes it (an element of `pj_sockopt_params`)."""

    c_struct: ClassVar[str] = "pyj_sockopt"
    c_counts: ClassVar[dict[str, str]] = {"optval": "optlen"}
    c_pointers: ClassVar[dict[str, str]] = {"optval": "64"}

    level: int = C_DEFAULT
    """``socket.SOL_SOCKET``, ``socket.IPPROTO_TCP``, ..."""
    optname: int = C_DEFAULT
    optval: bytes = C_DEFAULT
    """The value as C has it, 64 bytes at most: ``struct.pack("i", 1)``."""


@dataclass(slots=True, kw_only=True)
class SockoptParams(Struct):
    """Options set on a socket when it is made (`pj_sockopt_params`)."""

    c_struct: ClassVar[str] = "pj_sockopt_params"
    c_counts: ClassVar[dict[str, str]] = {"options": "cnt"}

    options: Sequence[Sockopt] = C_DEFAULT
    """Four at most."""
