"""SIP and RTP transports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import C_DEFAULT, Struct

__all__ = ["TransportConfig"]


@dataclass(slots=True, kw_only=True)
class TransportConfig(Struct):
    """A SIP or RTP transport (`pjsua_transport_config`)."""

    c_struct: ClassVar[str] = "pjsua_transport_config"

    port: int = C_DEFAULT
    """Port to bind, 0 for any free one."""
    port_range: int = C_DEFAULT
    """For RTP: how many ports from `port` on may be taken."""
    randomize_port: bool = C_DEFAULT
    public_addr: str = C_DEFAULT
    """Address announced instead of the one bound."""
    bound_addr: str = C_DEFAULT
    """Address to bind; empty means every interface."""
