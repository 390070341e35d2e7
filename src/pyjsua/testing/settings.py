"""What a SipServer was asked to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from ..uri import bare_host
from .timers import Timers
from .transport import TransportName
from .uri import SipUri


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where requests for a domain go: a numeric host, a port and a transport."""

    host: str
    port: int
    transport: TransportName = "udp"

    def __post_init__(self) -> None:
        ip_address(self.host)
        if not 0 < self.port < 65536:
            raise ValueError(f"no such port: {self.port}")
        if self.transport not in ("udp", "tcp"):
            raise ValueError(f"no such transport: {self.transport!r}")


@dataclass(slots=True)
class Settings:
    """Checked settings; `port` becomes the real one once bound, `routes` may grow while running."""

    users: dict[str, str] | None
    domains: tuple[str, ...]
    hosts: tuple[str, ...]
    port: int
    transports: tuple[TransportName, ...]
    advertised_host: str | None
    algorithms: tuple[str, ...]
    realm: str | None
    nonce_lifetime: float
    default_expires: int
    min_expires: int
    max_expires: int
    max_contacts: int
    timers: Timers
    routes: dict[str, NextHop] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.hosts or not self.transports:
            raise ValueError("a server needs a host and a transport")
        for host in self.hosts:
            if ip_address(host).is_unspecified and self.advertised_host is None:
                raise ValueError(
                    f"bound to {host}, the server needs an advertised_host to write into its headers"
                )
        for transport in self.transports:
            if transport not in ("udp", "tcp"):
                raise ValueError(f"no such transport: {transport!r}")
        if not 0 <= self.port < 65536:
            raise ValueError(f"no such port: {self.port}")
        if not 0 <= self.min_expires <= self.default_expires <= self.max_expires:
            raise ValueError("expected 0 <= min_expires <= default_expires <= max_expires")
        if self.max_contacts < 1:
            raise ValueError("max_contacts is at least 1")

    @property
    def own_hosts(self) -> tuple[str, ...]:
        return tuple(self.advertised_host or host for host in self.hosts)

    @property
    def main_domain(self) -> str:
        return self.domains[0] if self.domains else self.own_hosts[0]

    def is_own_address(self, uri: SipUri) -> bool:
        """Whether the URI's host and port are where this server listens."""
        return self._is_own_host(uri.host) and (uri.port or 5060) == self.port

    def _is_own_host(self, host: str) -> bool:
        return host in self.own_hosts or host in self.hosts or host == "localhost"

    def domain_of(self, uri: SipUri) -> str | None:
        """The domain of ours that the URI is in, or None.

        The server's own address stands for its first domain. Without a port it does so only where no
        domains were named: 127.0.0.1 alone may be any server of this machine.
        """
        if uri.host in self.domains:
            return uri.host if uri.port in (None, self.port) else None
        if self.is_own_address(uri) or (
            uri.port is None and not self.domains and self._is_own_host(uri.host)
        ):
            return self.main_domain
        return None

    def aor_of(self, uri: SipUri) -> str | None:
        """`user@domain` of a URI in a domain of ours, or None."""
        domain = self.domain_of(uri)
        return None if domain is None or not uri.user else f"{uri.username}@{domain}"

    def password_of(self, aor: str) -> str | None:
        """The password of `user@domain`: its own entry in users, or that of the bare user."""
        if self.users is None:
            return None
        user, _, _ = aor.rpartition("@")
        return self.users.get(aor, self.users.get(user))


def checked_routes(
    routes: Mapping[str, NextHop | tuple[str, int] | tuple[str, int, TransportName]],
) -> dict[str, NextHop]:
    """Routes by domain in lower case. Raises ValueError."""
    return {
        bare_host(domain): hop if isinstance(hop, NextHop) else NextHop(*hop)
        for domain, hop in routes.items()
    }
