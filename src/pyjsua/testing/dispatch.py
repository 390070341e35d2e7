"""From bytes to the transaction they belong to, or to the proxy."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from ..uri import is_ip
from .faults import Delay, Drop, Faults, Garbage, Respond
from .message import ParseError, Request, Response, Via, parse_message
from .proxy import Proxy
from .routing import RouteError
from .transaction import ServerTransaction, TransactionLayer, client_key, server_key
from .transport import Flow, TcpFlow, TransportError, TransportLayer
from .uri import DEFAULT_PORT

log = logging.getLogger("pyjsua.testing")

MAX_TRANSACTIONS = 50_000


class Dispatcher:
    """The receiver of every message; nothing that comes in raises out of `receive`."""

    def __init__(
        self,
        layer: TransactionLayer,
        transport: TransportLayer,
        proxy: Proxy,
        faults: Faults,
        changed: Callable[[], None],
    ) -> None:
        self._layer = layer
        self._transport = transport
        self._proxy = proxy
        self._faults = faults
        self._changed = changed
        layer.reopen = self._reopen

    def receive(self, data: bytes, flow: Flow) -> None:
        try:
            self._receive(data, flow)
        except Exception:
            log.exception("a message from %s:%s was not understood", *flow.remote)

    def _receive(self, data: bytes, flow: Flow) -> None:
        try:
            message = parse_message(data, stream=flow.reliable)
        except ParseError as error:
            log.info("malformed message from %s:%s: %s", *flow.remote, error)
            self._reject(error, flow)
            return
        if isinstance(message, Response):
            client = self._layer.client.get(client_key(message.via.branch, message.cseq[1]))
            if client is None:
                log.debug("%s from %s:%s belongs to no transaction", message.start_line, *flow.remote)
            else:
                client.receive(message)
        else:
            _note_source(message, flow)
            self._request(message, flow)

    def _reject(self, error: ParseError, flow: Flow) -> None:
        """Answer a malformed request where it says enough to be answered (section 8.1.1 and RFC 4475)."""
        request = error.request
        if request is None or request.method == "ACK":
            return
        try:
            _note_source(request, flow)
            reason = "Bad Request" if error.status == 400 else None
            response = request.response(
                error.status, reason, [("Warning", f'399 pyjsua "{_quotable(str(error))}"')]
            )
            _reply_flow(request, flow).send(bytes(response.set_to_tag(secrets.token_hex(6))))
        except (ValueError, TransportError) as problem:
            log.info("it could not be answered either: %s", problem)

    def _request(self, request: Request, flow: Flow) -> None:
        transaction = self._layer.server.get(server_key(request))
        if transaction is not None and not (request.method == "ACK" and transaction.accepted):
            transaction.receive(request)
            return
        fault = self._pick_fault(request)
        if isinstance(fault, Drop):
            return
        if isinstance(fault, Garbage):
            _reply_flow(request, flow).send(fault.data)
        elif request.method == "ACK":
            self._later(fault, lambda: self._proxy.forward_ack(request, flow))
        elif len(self._layer.server) >= MAX_TRANSACTIONS:
            response = request.response(503, headers=[("Retry-After", "10")])
            _reply_flow(request, flow).send(bytes(response.set_to_tag(secrets.token_hex(6))))
        else:
            self._open(request, fault, flow)

    def _open(self, request: Request, fault: Respond | Delay | None, flow: Flow) -> None:
        opened = ServerTransaction(self._layer, request, _reply_flow(request, flow))
        if isinstance(fault, Respond):
            opened.reply(fault.status, fault.reason, list(fault.headers))
        elif request.method == "CANCEL":
            self._later(fault, lambda: self._cancel(opened))
        else:
            self._later(fault, lambda: self._handle(opened))

    def _pick_fault(self, request: Request) -> Respond | Drop | Delay | Garbage | None:
        try:
            return self._faults.pick(request)
        except Exception:
            log.exception("the fault hook for %s failed", request.method)
            return Respond(500)

    def _later(self, fault: Respond | Delay | None, action: Callable[[], None]) -> None:
        if isinstance(fault, Delay):
            self._layer.loop.call_later(fault.seconds, action)
        else:
            action()

    def _handle(self, transaction: ServerTransaction) -> None:
        if transaction.answered or transaction.terminated:
            return
        try:
            if self._proxy.handle(transaction):
                self._changed()
        except RouteError as error:
            transaction.reply(error.status, error.reason)
        except Exception:
            log.exception("%s failed", transaction.request.start_line)
            transaction.reply(500)

    def _cancel(self, transaction: ServerTransaction) -> None:
        """CANCEL is answered here and now, whatever becomes of the INVITE (section 9.2)."""
        invite = self._layer.server.get(server_key(transaction.request, "INVITE"))
        if invite is None:
            transaction.reply(481)
            return
        response = transaction.request.response(200)
        transaction.respond(response.set_to_tag(invite.to_tag))
        if invite.answered:
            return
        if invite.cancelled is not None:
            invite.cancelled()
        else:
            invite.reply(487)

    def _reopen(self, request: Request) -> Flow:
        via = request.via
        host = via.params.get("received") or via.host
        return self._transport.flow_to(via.transport.lower(), (host, via.port or DEFAULT_PORT))


def _note_source(request: Request, flow: Flow) -> None:
    """Write where the request really came from into its topmost Via (section 18.2.1, RFC 3581)."""
    via = request.via
    host, port = flow.remote
    if isinstance(flow, TcpFlow) and is_ip(via.host):
        flow.aliases.add(via.sent_by)
    rport = "rport" in via.params
    if rport:
        via.params["rport"] = str(port)
    if rport or via.host != host:
        via.params["received"] = host
        request.headers.replace_first("Via", str(via))


def _reply_flow(request: Request, flow: Flow) -> Flow:
    """Where responses go (section 18.2.2): to the port the Via names unless it asks for rport."""
    via: Via = request.via
    return flow if "rport" in via.params else flow.at_port(via.port or DEFAULT_PORT)


def _quotable(text: str) -> str:
    return "".join(char if char.isprintable() and char not in '"\\' else "?" for char in text)[:120]
