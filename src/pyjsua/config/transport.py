"""SIP and RTP transports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import QosType
from ..struct import C_DEFAULT, Struct
from .socket import QosParams, SockoptParams
from .tls import TlsSetting

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
    """For RTP: any port of the range, not one after another."""
    public_addr: str = C_DEFAULT
    """Address announced instead of the one bound."""
    bound_addr: str = C_DEFAULT
    """Address to bind; empty means every interface."""
    tls_setting: TlsSetting = C_DEFAULT
    """For SIP over TLS only."""
    qos_type: QosType = C_DEFAULT
    """Kind of traffic to mark packets as."""
    qos_params: QosParams = C_DEFAULT
    """The markings themselves."""
    sockopt_params: SockoptParams = C_DEFAULT
