"""Transports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import TransportType
from ..ids import TransportId
from ..struct import Struct

__all__ = ["HostPort", "TransportInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class HostPort(Struct):
    """A host and a port (`pjsip_host_port`)."""

    c_struct: ClassVar[str] = "pjsip_host_port"

    host: str
    port: int


@dataclass(slots=True, frozen=True, kw_only=True)
class TransportInfo(Struct):
    """A transport (`pjsua_transport_info`)."""

    c_struct: ClassVar[str] = "pjsua_transport_info"

    id: TransportId
    type: TransportType
    type_name: str
    info: str
    flag: int
    local_addr: str
    """Address and port bound, IPv6 in brackets."""
    local_name: HostPort
    """Address and port announced."""
    usage_count: int
