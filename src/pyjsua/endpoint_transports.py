"""The SIP transports of an endpoint, and where the media of its accounts binds."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import _core
from .config import AccConfig, TlsSetting, TransportConfig
from .enums import SslSockProto, TransportType
from .errors import PjsuaError
from .ids import TransportId

__all__: list[str] = []

logger = logging.getLogger("pyjsua")

TRANSPORTS = {
    "udp": TransportType.UDP,
    "tcp": TransportType.TCP,
    "tls": TransportType.TLS,
    "udp6": TransportType.UDP6,
    "tcp6": TransportType.TCP6,
    "tls6": TransportType.TLS6,
}


def trusting() -> TlsSetting:
    """Servers' certificates are verified against those the system trusts, as Python's `ssl` finds them."""
    # Not for those who use no TLS: it takes longer to import than all of this package.
    import ssl

    paths = ssl.get_default_verify_paths()
    file, folder = paths.cafile or "", paths.capath or ""
    if not file and not (folder and os.access(folder, os.R_OK | os.X_OK) and os.listdir(folder)):
        logger.warning(
            "the system trusts no certificates: no server will be believed without a tls_setting of one's own"
        )
    return TlsSetting(
        verify_server=True,
        ca_list_file=file,
        ca_list_path="" if file else folder,
        proto=SslSockProto.TLS1_2 | SslSockProto.TLS1_3,
    )


class EndpointTransports:
    """What an `Endpoint` has of transports."""

    bound_addr: str
    _transports: dict[str, TransportId]

    if TYPE_CHECKING:

        def _require_running(self) -> None: ...

    def _set_transports(
        self,
        names: Sequence[str],
        port: int,
        bound_addr: str,
        transport_config: TransportConfig | None,
        rtp_cfg: TransportConfig | None,
    ) -> None:
        if isinstance(names, str):
            raise TypeError("transports: a sequence of str expected, not str")
        for name in names:
            if name not in TRANSPORTS:
                raise ValueError(f"transports: {name!r} is none of {', '.join(TRANSPORTS)}")
        if not names:
            raise ValueError("transports: at least one is wanted")
        for name, given in (("transport_config", transport_config), ("rtp_cfg", rtp_cfg)):
            if not isinstance(given, TransportConfig | None):
                raise TypeError(f"{name}: TransportConfig expected, not {type(given).__name__}")
        if transport_config is not None:
            for name, value in (("port", port), ("bound_addr", bound_addr)):
                said = getattr(transport_config, name)
                if value and said not in (value, getattr(TransportConfig(), name)):
                    raise ValueError(f"{name}: {value!r}, but transport_config has {said!r}")
            port = port or transport_config.port
            bound_addr = bound_addr or transport_config.bound_addr
        self.bound_addr = bound_addr
        self._port = port
        self._transport_names = tuple(names)
        self._transport_config = transport_config
        self._rtp_cfg = rtp_cfg
        self._transports = {}

    def _make_transport(self, name: str) -> TransportId:
        given = self._transport_config or TransportConfig()
        own = replace(given, port=self._port, bound_addr=self.bound_addr)
        if name.startswith("tls"):
            if own.tls_setting == TransportConfig().tls_setting:
                own = replace(own, tls_setting=trusting())
            elif not own.tls_setting.verify_server:
                logger.warning("%s: servers' certificates are not verified (TlsSetting.verify_server)", name)
        return _core.transport_create(TRANSPORTS[name], own)

    def _make_transports(self) -> None:
        # UDP and TCP may share a port number.
        for name in self._transport_names:
            self._transports[name] = self._make_transport(name)

    def _join_transports(self, there: Mapping[tuple[str, str], TransportId]) -> None:
        """Shares those of others, by address and name, that will do, and makes the rest, or none."""
        any_will_do = self._port == 0 and self._transport_config is None
        made: list[TransportId] = []
        try:
            for name in self._transport_names:
                found = there.get((self.bound_addr, name)) if any_will_do else None
                if found is None:
                    found = self._make_transport(name)
                    made.append(found)
                self._transports[name] = found
        except BaseException:
            for each in made:
                with contextlib.suppress(PjsuaError):
                    _core.transport_close(each)
            raise

    def _rtp_cfg_of_accounts(self) -> TransportConfig | None:
        """Where media of an account binds that says nothing itself; None where that is PJSIP's matter."""
        if self._rtp_cfg is None and not self.bound_addr:
            return None
        given = self._rtp_cfg or AccConfig().rtp_cfg
        return replace(given, bound_addr=given.bound_addr or self.bound_addr)

    def address(self, transport: str = "udp") -> tuple[str, int]:
        """Host and port a transport announces."""
        self._require_running()
        if transport not in self._transports:
            raise ValueError(f"transport: {transport!r} is none of {', '.join(self._transports)}")
        name = _core.transport_get_info(self._transports[transport]).local_name
        return name.host, name.port
