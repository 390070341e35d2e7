"""Server and client transactions (RFC 3261 section 17, with the Accepted states of RFC 6026)."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from enum import Enum

from .message import BRANCH_COOKIE, Headers, Request, Response
from .timers import Timers
from .transport import Flow, TransportError

log = logging.getLogger("pyjsua.testing")

Key = tuple[str, ...]


class State(Enum):
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


def server_key(request: Request, method: str | None = None) -> Key:
    """What a request, its retransmissions, and with `method` its ACK or CANCEL have in common."""
    via = request.via
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    if via.branch.startswith(BRANCH_COOKIE):
        return via.branch, via.host, str(via.port), method
    # An RFC 2543 client: its ACK carries our To tag, so that stays out of the key (section 17.2.3).
    number, _ = request.cseq
    return "2543", str(via), request.uri, request.call_id, request.from_.tag or "", str(number), method


def client_key(branch: str, method: str) -> Key:
    return branch, method


class TransactionLayer:
    """Both tables, and the clock their timers run on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timers: Timers) -> None:
        self.loop = loop
        self.timers = timers
        self.server: dict[Key, ServerTransaction] = {}
        self.client: dict[Key, ClientTransaction] = {}
        #: A new flow for the response to a request whose connection has closed (section 18.2.2).
        self.reopen: Callable[[Request], Flow] | None = None

    def close(self) -> None:
        for transaction in [*self.server.values(), *self.client.values()]:
            transaction.terminate()


class _Transaction:
    """State and timers of either kind."""

    def __init__(self, layer: TransactionLayer, request: Request, flow: Flow) -> None:
        self.layer = layer
        self.request = request
        self.flow = flow
        self.invite = request.method == "INVITE"
        self.state = State.TRYING
        self._timers: list[asyncio.TimerHandle] = []
        self._retransmission: asyncio.TimerHandle | None = None

    @property
    def terminated(self) -> bool:
        return self.state is State.TERMINATED

    def _after(self, delay: float, action: Callable[[], None]) -> None:
        self._timers.append(self.layer.loop.call_later(delay, action))

    def _stop_retransmitting(self) -> None:
        if self._retransmission is not None:
            self._retransmission.cancel()
            self._retransmission = None

    def _retransmit(self, delay: float, cap: float, send: Callable[[], None]) -> None:
        """Send again after `delay` seconds, then at doubling intervals up to `cap`."""

        def again() -> None:
            send()
            if self._retransmission is not None:
                self._retransmit(min(delay * 2, cap), cap, send)

        self._stop_retransmitting()
        if not self.flow.reliable:
            self._retransmission = self.layer.loop.call_later(delay, again)

    def _stop_timers(self) -> None:
        self._stop_retransmitting()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def terminate(self) -> None:
        self._stop_timers()
        self.state = State.TERMINATED


class ServerTransaction(_Transaction):
    """One request received. Responses go out by `respond`; retransmissions are absorbed here."""

    def __init__(self, layer: TransactionLayer, request: Request, flow: Flow) -> None:
        super().__init__(layer, request, flow)
        self.key = server_key(request)
        self.to_tag = secrets.token_hex(6)
        self.cancelled: Callable[[], None] | None = None
        self._last: bytes | None = None
        layer.server[self.key] = self

    @property
    def answered(self) -> bool:
        """A final response has been sent."""
        return self.state not in (State.TRYING, State.PROCEEDING)

    @property
    def accepted(self) -> bool:
        """A 2xx to an INVITE has been sent: an ACK is end to end now."""
        return self.state is State.ACCEPTED

    def reply(
        self, status: int, reason: str | None = None, headers: list[tuple[str, str]] | None = None
    ) -> None:
        """Send a response of this server's own making."""
        response = self.request.response(status, reason, headers or ())
        if status > 100:
            response.set_to_tag(self.to_tag)
        self.respond(response)

    def respond(self, response: Response) -> None:
        """Send a response upstream; after a final one only more 2xx to an INVITE pass."""
        if self.answered:
            if self.state is State.ACCEPTED and 200 <= response.status < 300:
                self._send(bytes(response))
            return
        self._last = bytes(response)
        timers = self.layer.timers
        if response.status < 200:
            self.state = State.PROCEEDING
        elif not self.invite:
            self.state = State.COMPLETED
            self._after(0 if self.flow.reliable else timers.timeout, self.terminate)
        elif response.status < 300:
            self.state = State.ACCEPTED
            self._after(timers.timeout, self.terminate)
        else:
            self.state = State.COMPLETED
            self._retransmit(timers.t1, timers.t2, self._resend)
            self._after(timers.timeout, self.terminate)
        self._send(self._last)

    def receive(self, request: Request) -> None:
        """A retransmission, or the ACK to a response other than 2xx."""
        if request.method == "ACK":
            if self.state is State.COMPLETED:
                self._stop_timers()
                self.state = State.CONFIRMED
                self._after(0 if self.flow.reliable else self.layer.timers.t4, self.terminate)
        elif self.state in (State.PROCEEDING, State.COMPLETED):
            self._resend()

    def _resend(self) -> None:
        if self._last is not None:
            self._send(self._last)

    def _send(self, data: bytes) -> None:
        try:
            if self.flow.closed and self.layer.reopen is not None:
                self.flow = self.layer.reopen(self.request)
            self.flow.send(data)
        except TransportError as error:
            log.info("a response could not be sent: %s", error)

    def terminate(self) -> None:
        super().terminate()
        self.layer.server.pop(self.key, None)


class ClientTransaction(_Transaction):
    """One request sent. `received` gets every response worth forwarding, `failed` what became of none.

    `failed` is called with 408 when nothing came in time and with 503 when nothing could be sent.
    """

    def __init__(
        self,
        layer: TransactionLayer,
        request: Request,
        flow: Flow,
        received: Callable[[Response], None],
        failed: Callable[[int], None],
    ) -> None:
        super().__init__(layer, request, flow)
        self.key = client_key(request.via.branch, request.method)
        self._data = bytes(request)
        self._received = received
        self._failed = failed
        self._ack: bytes | None = None
        layer.client[self.key] = self

    def start(self) -> None:
        timers = self.layer.timers
        self.flow.watch(self._lost)
        self._retransmit(timers.t1, timers.timeout if self.invite else timers.t2, self._send)
        self._after(timers.timeout, self._timeout)
        self._send()

    def _send(self) -> None:
        try:
            self.flow.send(self._data)
        except TransportError as error:
            log.info("%s could not be sent: %s", self.request.method, error)
            # From the loop, so that whoever starts a transaction knows it before it fails.
            self._stop_timers()
            self._after(0, self._lost)

    def _lost(self) -> None:
        if self.state in (State.TRYING, State.PROCEEDING):
            self.terminate()
            self._failed(503)

    def _timeout(self) -> None:
        if self.state is State.TRYING or (not self.invite and self.state is State.PROCEEDING):
            self.terminate()
            self._failed(408)

    def receive(self, response: Response) -> None:
        timers = self.layer.timers
        if self.state in (State.TRYING, State.PROCEEDING):
            if response.status < 200:
                self.state = State.PROCEEDING
                if self.invite:
                    self._stop_timers()
                elif self._retransmission is not None:
                    self._retransmit(timers.t2, timers.t2, self._send)
                self._received(response)
                return
            self._stop_timers()
            if not self.invite:
                self.state = State.COMPLETED
                self._after(0 if self.flow.reliable else timers.t4, self.terminate)
            elif response.status < 300:
                self.state = State.ACCEPTED
                self._after(timers.timeout, self.terminate)
            else:
                self.state = State.COMPLETED
                self._acknowledge(response)
                self._after(0 if self.flow.reliable else timers.timeout, self.terminate)
            self._received(response)
        elif self.state is State.ACCEPTED:
            if 200 <= response.status < 300:
                self._received(response)
        elif self.state is State.COMPLETED and self.invite and response.status >= 300:
            self._acknowledge(response)

    def _acknowledge(self, response: Response) -> None:
        """ACK a final response other than 2xx, hop by hop (section 17.1.1.3)."""
        request = self.request
        headers = Headers([("Via", str(request.via))])
        for route in request.headers.get_all("Route"):
            headers.add("Route", route)
        headers.add("From", request.require("From"))
        headers.add("To", response.require("To"))
        headers.add("Call-ID", request.call_id)
        headers.add("CSeq", f"{request.cseq[0]} ACK")
        headers.add("Max-Forwards", "70")
        try:
            self.flow.send(bytes(Request(headers, b"", "ACK", request.uri)))
        except TransportError as error:
            log.info("an ACK could not be sent: %s", error)

    def cancel_request(self) -> Request:
        """The CANCEL of this INVITE (section 9.1)."""
        request = self.request
        headers = Headers([("Via", str(request.via))])
        for route in request.headers.get_all("Route"):
            headers.add("Route", route)
        for name in ("From", "To", "Call-ID"):
            headers.add(name, request.require(name))
        headers.add("CSeq", f"{request.cseq[0]} CANCEL")
        headers.add("Max-Forwards", "70")
        return Request(headers, b"", "CANCEL", request.uri)

    def terminate(self) -> None:
        super().terminate()
        self.flow.unwatch(self._lost)
        self.layer.client.pop(self.key, None)
