"""The network: a change of address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import C_DEFAULT, Struct

__all__ = ["IpChangeParam"]


@dataclass(slots=True, kw_only=True)
class IpChangeParam(Struct):
    """What `handle_ip_change` does (`pjsua_ip_change_param`)."""

    c_struct: ClassVar[str] = "pjsua_ip_change_param"

    restart_listener: bool = C_DEFAULT
    """Restarts every transport, on its port, at every interface."""
    restart_lis_delay: int = C_DEFAULT
    """How long to wait before a listener that could not be restarted is tried once more, ms."""
    shutdown_transport: bool = C_DEFAULT
    """Gives up every TCP and TLS connection first."""
