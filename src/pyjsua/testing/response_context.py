"""One proxied request: its branches, and which response goes back (RFC 3261 sections 16.6 to 16.10)."""

from __future__ import annotations

import asyncio
import secrets

from ..uri import bracket_host
from .message import BRANCH_COOKIE, Request, Response, Via
from .routing import Target
from .transaction import ClientTransaction, ServerTransaction, TransactionLayer, client_key
from .transport import Flow
from .uri import NameAddr

#: Requests that make or refresh a dialog: their path is kept by Record-Route.
RECORD_ROUTED = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"})

_PREFERRED = (401, 407, 415, 420, 484)
_UNWANTED = (408, 487)


def own_via(flow: Flow, branch: str) -> str:
    via = Via(flow.transport.upper(), *flow.local, {"rport": None, "branch": branch})
    return str(via)


def _record_route(flow: Flow) -> str:
    transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
    return f"<sip:{bracket_host(flow.local[0])}:{flow.local[1]}{transport};lr>"


def outgoing(request: Request, source: Flow, target: Target, branch: str) -> Request:
    """The request as it leaves toward `target` (section 16.6 items 1 to 8)."""
    copy = request.copy()
    copy.uri = target.uri
    headers = copy.headers
    headers.set("Max-Forwards", str(max(request.max_forwards - 1, 0)))
    if copy.method in RECORD_ROUTED:
        inward, outward = _record_route(source), _record_route(target.flow)
        headers.prepend("Record-Route", inward)
        if inward != outward:
            headers.prepend("Record-Route", outward)
    top = headers.get("Route")
    if top is not None:
        route = NameAddr.parse(top)
        if route.uri is not None and route.uri.param("lr") is None:
            # The next hop is a strict router of RFC 2543: it wants itself in the Request-URI.
            headers.remove_first("Route")
            headers.add("Route", f"<{copy.uri}>")
            copy.uri = route.text
    headers.prepend("Via", own_via(target.flow, branch))
    return copy


class _Branch:
    """One client transaction and what has come of it."""

    def __init__(self, context: ResponseContext, request: Request, flow: Flow) -> None:
        self.context = context
        self.client = ClientTransaction(context.layer, request, flow, self.received, self.failed)
        self.provisional = False
        self.cancelled = False
        self.final: Response | int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._restart_timer(context.layer.timers.c)

    def received(self, response: Response) -> None:
        if response.status < 200:
            self.provisional = True
            if self.cancelled:
                self._send_cancel()
            elif response.status > 100:
                self._restart_timer(self.context.layer.timers.c)
        else:
            self.final = response
            self.stop()
        self.context.received(response)

    def failed(self, status: int) -> None:
        self.final = 487 if self.cancelled and status == 408 else status
        self.stop()
        self.context.finish()

    def cancel(self) -> None:
        """End an INVITE that is still open (section 9.1); before a provisional response it has to wait."""
        if self.final is not None or self.cancelled or not self.client.invite:
            return
        self.cancelled = True
        if self.provisional:
            self._send_cancel()

    def _send_cancel(self) -> None:
        self._restart_timer(self.context.layer.timers.timeout)
        request = self.client.cancel_request()
        layer = self.context.layer
        if client_key(request.via.branch, "CANCEL") in layer.client:
            return
        ClientTransaction(
            layer, request, self.client.flow, lambda _response: None, lambda _status: None
        ).start()

    def _restart_timer(self, delay: float) -> None:
        self.stop()
        if self.client.invite:
            self._timer = self.context.layer.loop.call_later(delay, self._expired)

    def _expired(self) -> None:
        """Timer C, or a cancelled branch that never ended."""
        if self.final is not None:
            return
        if self.provisional and not self.cancelled:
            self.cancel()
            return
        self.client.terminate()
        self.failed(408)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ResponseContext:
    """Forwards one request to its targets and the right response back."""

    def __init__(self, layer: TransactionLayer, server: ServerTransaction, mark: str) -> None:
        self.layer = layer
        self._server = server
        self._mark = mark
        self._branches: list[_Branch] = []

    def forward(self, request: Request, targets: list[Target]) -> None:
        """Send `request`, its own routes taken off, to every target at once."""
        self._server.cancelled = self.cancel
        for target in targets:
            branch = f"{BRANCH_COOKIE}{secrets.token_hex(8)}.{self._mark}"
            copy = outgoing(request, self._server.flow, target, branch)
            self._branches.append(_Branch(self, copy, target.flow))
        for started in self._branches:
            started.client.start()

    def cancel(self) -> None:
        for branch in self._branches:
            branch.cancel()

    def received(self, response: Response) -> None:
        """A response of any branch that its transaction has not absorbed."""
        if response.status == 100:
            return
        if response.status < 200:
            if not self._server.answered:
                self._forward(response)
        elif response.status < 300:
            self._forward(response)
            self.cancel()
        else:
            if response.status >= 600:
                self.cancel()
            self.finish()

    def _forward(self, response: Response) -> None:
        copy = response.copy()
        copy.headers.remove_first("Via")
        if "Via" in copy.headers:
            self._server.respond(copy)

    def finish(self) -> None:
        """Send the best response once every branch has one (section 16.7 item 6)."""
        finals = [branch.final for branch in self._branches if branch.final is not None]
        if self._server.answered or len(finals) < len(self._branches):
            return
        best = min(finals, key=_rank)
        if isinstance(best, Response) and best.status != 503:
            self._forward(self._with_all_challenges(best, finals))
            return
        status = best.status if isinstance(best, Response) else best
        if status == 408 and not self._server.invite:
            # RFC 4320: by now the client has timed out too, a 408 only adds to the noise.
            self._server.terminate()
        else:
            # 503 upstream would say that this proxy is out of service.
            self._server.reply(500 if status == 503 else status)

    @staticmethod
    def _with_all_challenges(best: Response, finals: list[Response | int]) -> Response:
        if best.status not in (401, 407):
            return best
        merged = best.copy()
        for other in finals:
            if isinstance(other, Response) and other is not best and other.status in (401, 407):
                for name in ("WWW-Authenticate", "Proxy-Authenticate"):
                    for value in other.headers.get_all(name):
                        merged.headers.add(name, value)
        return merged


def _rank(final: Response | int) -> tuple[int, int]:
    """Smaller is better: 6xx, then the lowest class, and in it what says most."""
    status = final.status if isinstance(final, Response) else final
    if status >= 600:
        return 0, 0
    if status in _PREFERRED:
        return status // 100, 0
    return status // 100, 2 if status in _UNWANTED else 1
