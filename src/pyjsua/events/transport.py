"""Events of transports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import TransportState, TransportType
from ..info import TlsInfo
from .event import Event

__all__ = ["OnTransportState"]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnTransportState(Event):
    """A transport was connected, disconnected, shut down or destroyed."""

    c_struct: ClassVar[str] = "pyj_on_transport_state"

    state: TransportState
    type: TransportType
    type_name: str
    info: str
    local_addr: str
    remote_host: str
    remote_port: int
    status: int
    """PJSIP's error, 0 when there was none."""
    tls: TlsInfo
    """Of a TLS transport, when it connects or its certificate is refused; all empty otherwise."""
