"""Where a request goes next (RFC 3261 sections 16.4 and 16.5)."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from ..uri import is_ip
from .location import LocationTable, Registration
from .message import Request
from .settings import Settings
from .transport import Flow, TransportError, TransportLayer
from .uri import DEFAULT_PORT, NameAddr, SipUri

log = logging.getLogger("pyjsua.testing")


class RouteError(Exception):
    """The request goes nowhere; `status` and the text are the answer."""

    def __init__(self, status: int, reason: str | None = None) -> None:
        super().__init__(reason or str(status))
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """One branch: the Request-URI to send and the flow to send it through."""

    uri: str
    flow: Flow


def loop_mark(request: Request) -> str:
    """A hash of what decides the way of a request as received (section 16.6 item 8, RFC 5393)."""
    parts = [
        request.uri,
        *request.headers.get_all("Route"),
        request.call_id,
        str(request.cseq[0]),
        request.from_.tag or "",
        request.to.tag or "",
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Router:
    """Knows the domains, the location table and the routes to other servers."""

    def __init__(self, settings: Settings, location: LocationTable, transport: TransportLayer) -> None:
        self._settings = settings
        self._location = location
        self._transport = transport

    def is_own(self, uri: SipUri) -> bool:
        """Whether the URI names this server itself, as the Route headers it wrote do."""
        return self._settings.is_own_address(uri) or self._settings.domain_of(uri) is not None

    def is_looped(self, request: Request, mark: str) -> bool:
        """Whether this very request has been here before (section 16.3 item 4)."""
        own = {(host, self._settings.port) for host in self._settings.own_hosts}
        vias = [type(request.via).parse(value) for value in request.headers.get_all("Via")]
        return any(via.sent_by in own and via.branch.rpartition(".")[2] == mark for via in vias)

    def take_own_routes(self, request: Request) -> bool:
        """Remove the Route values that led here; True if there was one. Raises RouteError."""
        try:
            uri = SipUri.parse(request.uri)
            routes = [NameAddr.parse(value) for value in request.headers.get_all("Route")]
            if routes and uri.param("lr") is not None and not uri.user and self.is_own(uri):
                # A strict router put our Record-Route URI into the Request-URI.
                last = routes.pop()
                request.uri = last.text
                request.headers.remove("Route")
                for route in routes:
                    request.headers.add("Route", f"<{route.text}>")
                self._pop_own(request)
                return True
            return self._pop_own(request)
        except ValueError as error:
            raise RouteError(400, "Malformed Route") from error

    def _pop_own(self, request: Request) -> bool:
        popped = False
        # Two of ours stand together where the transport changed on the way.
        while (top := request.headers.get("Route")) is not None:
            uri = NameAddr.parse(top).uri
            if uri is None or not self.is_own(uri):
                break
            request.headers.remove_first("Route")
            popped = True
        return popped

    def targets(self, request: Request, in_dialog: bool) -> list[Target]:
        """The branches of a request whose own routes are taken off. Raises RouteError."""
        top = request.headers.get("Route")
        if top is not None:
            next_hop = NameAddr.parse(top).uri
            if next_hop is None:
                raise RouteError(416)
            return [Target(request.uri, self.flow_toward(next_hop))]
        uri = SipUri.parse(request.uri)
        aor = self._settings.aor_of(uri)
        # The peer of a dialog may well live at a bare address that would also pass for a domain of ours.
        if aor is None or (
            in_dialog and is_ip(uri.host) and uri.port is None and self._settings.port != DEFAULT_PORT
        ):
            return [Target(str(uri.as_request_uri()), self.flow_toward(uri))]
        return self._registered(aor)

    def _registered(self, aor: str) -> list[Target]:
        targets = []
        for registration in self._location.lookup(aor):
            try:
                flow = self._flow_of(registration)
            except (RouteError, TransportError) as error:
                log.info("%s at %s cannot be reached: %s", aor, registration.text, error)
            else:
                targets.append(Target(str(registration.contact.as_request_uri()), flow))
        if targets:
            return targets
        if self._location.was_registered(aor) or self._settings.password_of(aor) is not None:
            raise RouteError(480)
        raise RouteError(404)

    def _flow_of(self, registration: Registration) -> Flow:
        contact, flow = registration.contact, registration.flow
        if flow.transport == "tcp" and not flow.closed:
            address = (contact.host, contact.port or DEFAULT_PORT)
            if contact.transport == "tcp" or address == flow.remote:
                return flow
        if contact.transport == "udp" and not is_ip(contact.host):
            return self._transport.flow_to("udp", registration.source)
        return self.flow_toward(contact)

    def flow_toward(self, uri: SipUri) -> Flow:
        """A flow for the next hop (RFC 3263 without DNS). Raises RouteError."""
        if uri.scheme != "sip":
            raise RouteError(416)
        host = (uri.param("maddr") or uri.host).strip("[]").lower()
        port, transport = uri.port or DEFAULT_PORT, uri.transport
        hop = self._settings.routes.get(host)
        if hop is not None:
            host, port, transport = hop.host, hop.port, hop.transport
        elif host == "localhost":
            host = "127.0.0.1"
        elif not is_ip(host):
            raise RouteError(404, "Unknown Domain")
        elif uri.param("transport") is None and "udp" not in self._settings.transports:
            transport = "tcp"
        try:
            return self._transport.flow_to(transport, (host, port))
        except TransportError as error:
            log.info("no way to %s: %s", uri, error)
            raise RouteError(500) from error
