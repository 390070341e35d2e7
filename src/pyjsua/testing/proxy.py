"""The proxy core: what happens to a new request (RFC 3261 section 16.3 onward)."""

from __future__ import annotations

import logging
import secrets

from .auth import Guard
from .message import BRANCH_COOKIE, Request
from .registrar import Registrar
from .response_context import ResponseContext, outgoing
from .routing import RouteError, Router, loop_mark
from .settings import Settings
from .transaction import ServerTransaction, TransactionLayer
from .transport import Flow, TransportError
from .uri import SipUri, UriError, scheme_of

log = logging.getLogger("pyjsua.testing")

KNOWN_METHODS = frozenset({
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "SUBSCRIBE", "NOTIFY",
    "REFER", "MESSAGE", "PUBLISH",
})  # fmt: skip
ALLOW = ("Allow", "OPTIONS, REGISTER")


class Proxy:
    """Decides on every request that no transaction knows."""

    def __init__(
        self, settings: Settings, layer: TransactionLayer, router: Router, guard: Guard, registrar: Registrar
    ) -> None:
        self._settings = settings
        self._layer = layer
        self._router = router
        self._guard = guard
        self._registrar = registrar

    def handle(self, transaction: ServerTransaction) -> bool:
        """Answer or forward; True when the location table may have changed. Raises RouteError."""
        request = transaction.request.copy()
        if scheme_of(request.uri) != "sip":
            raise RouteError(416 if scheme_of(request.uri) else 400)
        try:
            SipUri.parse(request.uri)
        except UriError as error:
            raise RouteError(400, "Malformed Request-URI") from error
        extensions = request.headers.tokens("Proxy-Require")
        if extensions:
            transaction.reply(420, headers=[("Unsupported", ", ".join(extensions))])
            return False
        mark = loop_mark(request)
        own_route = self._router.take_own_routes(request)
        uri = SipUri.parse(request.uri)
        mine = "Route" not in request.headers and self._settings.domain_of(uri) is not None
        if mine and request.method == "REGISTER":
            return self._registrar.handle(transaction)
        if mine and not uri.user:
            self._answer(transaction)
            return False
        if self._router.is_looped(request, mark):
            raise RouteError(482)
        if request.max_forwards == 0:
            raise RouteError(483)
        if request.to.tag is None and not self._admit(transaction, request, mine):
            return False
        if request.to.tag is not None and not (own_route or mine or self._concerns_us(request)):
            raise RouteError(481)
        targets = self._router.targets(request, own_route and request.to.tag is not None)
        if transaction.invite:
            transaction.reply(100)
        ResponseContext(self._layer, transaction, mark).forward(request, targets)
        return False

    def _answer(self, transaction: ServerTransaction) -> None:
        """A request to the server itself."""
        request = transaction.request
        if request.method == "OPTIONS":
            transaction.reply(200, headers=[ALLOW, ("Accept", "*/*"), ("Supported", "")])
        elif request.method not in KNOWN_METHODS:
            transaction.reply(501)
        elif request.to.tag is not None:
            transaction.reply(481)
        elif request.method == "INVITE":
            transaction.reply(484)
        else:
            transaction.reply(405, headers=[ALLOW])

    def _admit(self, transaction: ServerTransaction, request: Request, mine: bool) -> bool:
        """Users of ours prove who they are; strangers may call our users and nobody else."""
        if self._settings.users is None:
            return True
        sender = request.from_.uri
        if sender is None or self._settings.domain_of(sender) is None:
            if mine:
                return True
            raise RouteError(403, "Relaying Denied")
        aor = self._settings.aor_of(sender)
        if aor is None:
            raise RouteError(403)
        if not self._guard.admit(transaction, aor):
            return False
        self._guard.strip(request, aor)
        return True

    def _concerns_us(self, request: Request) -> bool:
        """Whether a request within a dialog, sent here without a Route, has a user of ours at one end.

        A peer that ignores Record-Route (SIPp does) still sends all it has through its outbound proxy.
        """
        if self._settings.users is None:
            return True
        ends = (request.from_.uri, request.to.uri)
        return any(end is not None and self._settings.domain_of(end) is not None for end in ends)

    def forward_ack(self, request: Request, flow: Flow) -> None:
        """The ACK of a 2xx: no transaction is its own, it is forwarded and forgotten."""
        request = request.copy()
        try:
            mark = loop_mark(request)
            own_route = self._router.take_own_routes(request)
            if (
                not own_route
                and "Route" not in request.headers
                and self._settings.domain_of(SipUri.parse(request.uri))
            ):
                log.debug("an ACK to %s belongs to no transaction", request.uri)
                return
            if request.max_forwards == 0 or self._router.is_looped(request, mark):
                log.info("an ACK goes round in circles")
                return
            for target in self._router.targets(request, True):
                branch = f"{BRANCH_COOKIE}{secrets.token_hex(8)}.{mark}"
                target.flow.send(bytes(outgoing(request, flow, target, branch)))
        except (RouteError, TransportError, ValueError) as error:
            log.info("an ACK could not be forwarded: %s", error)
