"""A SIP peer of raw sockets: says exactly what a test tells it to, hears exactly what was sent."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from pyjsua.testing import ParseError, Request, Response, SipServer, parse_message
from pyjsua.testing.digest import Credentials, digest_response
from pyjsua.testing.framing import StreamFramer
from pyjsua.testing.message import Headers

TIMEOUT = 5.0
_serial = itertools.count(1)

Message = Request | Response
M = TypeVar("M", Request, Response)


class Wire:
    """One UDP socket, or one TCP connection to the server. `user` is who it speaks for."""

    def __init__(
        self, server: SipServer, user: str = "1001", transport: str = "udp", host: str | None = None
    ):
        self.server = server
        self.user = user
        self.password = "secret"
        self.aor = server.aor(user)
        self.transport = transport
        self._framer = StreamFramer()
        self._heard: list[Message] = []
        host = host or server.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if transport == "udp":
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.bind((host, 0))
        else:
            self._socket = socket.create_connection((host, server.port), TIMEOUT)
        self._socket.settimeout(TIMEOUT)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._peer = (host, server.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    @property
    def hostport(self) -> str:
        host, port = self.address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def contact(self) -> str:
        suffix = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:{self.user}@{self.hostport}{suffix}"

    # Bytes

    def send_raw(self, data: bytes) -> None:
        if self.transport == "udp":
            self._socket.sendto(data, self._peer)
        else:
            self._socket.sendall(data)

    def send(self, message: M) -> M:
        self.send_raw(bytes(message))
        return message

    def receive_raw(self) -> bytes:
        data = self._socket.recv(65_535)
        if not data:
            raise ConnectionError("the server has closed the connection")
        return data

    def receive(self) -> Message:
        """The next message. Raises TimeoutError."""
        while not self._heard:
            data = self.receive_raw()
            if self.transport == "udp":
                self._heard.append(parse_message(data))
            else:
                self._heard += [parse_message(one) for one in self._framer.feed(data) if one.strip()]
        return self._heard.pop(0)

    def response(self, status: int, method: str | None = None) -> Response:
        """The next response with this status; provisional ones before it are passed over."""
        while True:
            message = self.receive()
            assert isinstance(message, Response), message.start_line
            if message.status == status and method in (None, message.cseq[1]):
                return message
            assert message.status < 200, f"{message.start_line} where {status} was expected"

    def request(self, method: str) -> Request:
        """The next request, which has to be of this method."""
        message = self.receive()
        assert isinstance(message, Request), message.start_line
        assert message.method == method
        return message

    def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for this long."""
        if self._heard:
            return False
        self._socket.settimeout(seconds)
        try:
            self._heard.append(parse_message(self.receive_raw()))
        except TimeoutError:
            return True
        except ParseError:
            return False
        finally:
            self._socket.settimeout(TIMEOUT)
        return False

    # Messages

    def new(
        self,
        method: str,
        uri: str,
        *,
        to: str | None = None,
        sender: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        call_id: str | None = None,
        cseq: int = 1,
        branch: str | None = None,
        rport: bool = True,
    ) -> Request:
        """A request of this peer's, not sent yet."""
        number = next(_serial)
        via = f"SIP/2.0/{self.transport.upper()} {self.hostport};branch={branch or f'z9hG4bKwire{number}'}"
        fields = Headers(
            [
                ("Via", via + (";rport" if rport else "")),
                ("Max-Forwards", "70"),
                ("From", f"<{sender or self.aor}>;tag=f{number}"),
                ("To", to or f"<{uri}>"),
                ("Call-ID", call_id or f"call-{number}-{self.address[1]}"),
                ("CSeq", f"{cseq} {method}"),
                ("Contact", f"<{self.contact}>"),
                *headers,
            ]
        )
        return Request(fields, b"", method, uri)

    def again(self, request: Request, **changes: str) -> Request:
        """The same request in a new transaction: next CSeq, new branch."""
        copy = request.copy()
        number, method = request.cseq
        copy.headers.set("CSeq", f"{number + 1} {method}")
        via = request.via
        via.params["branch"] = f"z9hG4bKwire{next(_serial)}"
        copy.headers.set("Via", str(via))
        for name, value in changes.items():
            copy.headers.set(name.replace("_", "-"), value)
        return copy

    def authorized(
        self,
        request: Request,
        challenge: Response,
        *,
        password: str | None = None,
        username: str | None = None,
        nc: int = 1,
        pick: int = 0,
    ) -> Request:
        """The request again, with credentials for the challenge."""
        register = challenge.status == 401
        values = challenge.headers.get_all("WWW-Authenticate" if register else "Proxy-Authenticate")
        offered = _parameters(values[pick])
        credentials = Credentials(
            username=username or self.user,
            realm=offered["realm"],
            nonce=offered["nonce"],
            uri=request.uri,
            response="",
            algorithm=offered["algorithm"],
            qop="auth",
            cnonce="0a4f113b",
            nc=f"{nc:08x}",
        )
        answer = digest_response(credentials, request.method, self.password if password is None else password)
        again = self.again(request)
        again.headers.set(
            "Authorization" if register else "Proxy-Authorization",
            f'Digest username="{credentials.username}", realm="{credentials.realm}",'
            f' nonce="{credentials.nonce}", uri="{credentials.uri}", response="{answer}",'
            f" algorithm={credentials.algorithm}, qop=auth, nc={credentials.nc},"
            f' cnonce="{credentials.cnonce}"',
        )
        return again

    def acknowledge(self, request: Request, response: Response) -> None:
        """ACK a final response to an INVITE; that of a 2xx goes along the route set."""
        if response.status >= 300:
            ack = Request(request.headers.copy(), b"", "ACK", request.uri)
        else:
            ack = self.in_dialog(request, response, "ACK", cseq=request.cseq[0])
        ack.headers.set("To", response.require("To"))
        ack.headers.set("CSeq", f"{request.cseq[0]} ACK")
        self.send(ack)

    def in_dialog(
        self, request: Request, response: Response, method: str, cseq: int | None = None
    ) -> Request:
        """A request of the caller's within the dialog that the response made."""
        target = response.require("Contact").strip("<>")
        made = self.new(
            method,
            target,
            to=response.require("To"),
            call_id=request.call_id,
            cseq=cseq or request.cseq[0] + 1,
            headers=[("Route", value) for value in reversed(response.headers.get_all("Record-Route"))],
        )
        made.headers.set("From", request.require("From"))
        return made

    def answer(self, request: Request, status: int, *, tag: str = "callee", contact: bool = True) -> Response:
        """Respond to a request this peer received, as a UA would."""
        response = request.response(status)
        for value in request.headers.get_all("Record-Route"):
            response.headers.add("Record-Route", value)
        if contact:
            response.headers.add("Contact", f"<{self.contact}>")
        if status > 100:
            response.set_to_tag(tag)
        return self.send(response)

    # What most tests begin with

    def register(self, expires: int = 60, contact: str | None = None) -> Response:
        """Register with the challenge, and return the 200."""
        request = self.new(
            "REGISTER", self.server.uri, to=f"<{self.aor}>", headers=[("Expires", str(expires))]
        )
        request.headers.set("Contact", contact or f"<{self.contact}>")
        self.send(request)
        self.send(self.authorized(request, self.response(401)))
        return self.response(200)

    def invite(self, uri: str, headers: Iterable[tuple[str, str]] = ()) -> Request:
        """Send an INVITE, pass its 407, and return the INVITE that went through."""
        request = self.send(self.new("INVITE", uri, headers=headers))
        challenge = self.response(407)
        self.acknowledge(request, challenge)
        return self.send(self.authorized(request, challenge))


def _parameters(challenge: str) -> dict[str, str]:
    items = challenge.partition(" ")[2].split(",")
    return {
        name.strip(): value.strip().strip('"') for name, _, value in (item.partition("=") for item in items)
    }


WireMaker = Callable[..., Wire]
