"""SIP messages: parsing, checking, building (RFC 3261 sections 7, 8.1.1 and 20)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from ..uri import Params, bracket_host, split_outside
from .reason import REASONS
from .uri import DEFAULT_PORT, NameAddr, format_params, parse_hostport, parse_params

BRANCH_COOKIE = "z9hG4bK"
MAX_CSEQ = 2**31 - 1

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[A-Za-z0-9\-.!%*_+`'~]+)\s+"
    r"(?P<host>\[[^\]\s]+\]|[^\s:;,]+)\s*(?::\s*(?P<port>[0-9]+))?\s*(?P<params>;.*)?",
    re.IGNORECASE | re.DOTALL,
)

_COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "e": "content-encoding", "f": "from",
    "i": "call-id", "k": "supported", "l": "content-length", "m": "contact", "o": "event", "r": "refer-to",
    "s": "subject", "t": "to", "u": "allow-events", "v": "via",
}  # fmt: skip

# These are split at their commas on arrival, so that "the topmost value" is always one line.
_LISTS = frozenset({"via", "route", "record-route", "contact"})
_SINGLE = frozenset({"from", "to", "call-id", "cseq", "max-forwards", "content-length", "expires"})
_REQUIRED = ("via", "from", "to", "call-id", "cseq")


class ParseError(ValueError):
    """The bytes are no valid SIP message.

    `status` is what a server answers (400, 505...); `request` is as much of the request as could be
    read, or None where nothing can be answered.
    """

    def __init__(self, problem: str, status: int = 400, request: Request | None = None) -> None:
        super().__init__(problem)
        self.status = status
        self.request = request


def canonical(name: str) -> str:
    """The long header name in lower case."""
    name = name.lower()
    return _COMPACT.get(name, name)


@dataclass(slots=True)
class Via:
    """One Via value. `transport` is in upper case, `host` bare, parameter names in lower case."""

    transport: str
    host: str
    port: int | None = None
    params: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def parse(cls, value: str) -> Via:
        """Raises ValueError."""
        match = _VIA.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"not a Via: {value!r}")
        port = f":{match['port']}" if match["port"] else ""
        host, number = parse_hostport(match["host"] + port)
        return cls(match["transport"].upper(), host, number, dict(parse_params(match["params"] or "")))

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        params: Params = tuple(self.params.items())
        return f"SIP/2.0/{self.transport} {bracket_host(self.host)}{port}{format_params(params)}"

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def sent_by(self) -> tuple[str, int]:
        return self.host, self.port or DEFAULT_PORT


class Headers:
    """An ordered list of header fields; names compare without case, compact forms are known."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items: list[tuple[str, str]] = list(items)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def copy(self) -> Headers:
        return Headers(self._items)

    def get(self, name: str) -> str | None:
        """The first value, or None."""
        wanted = canonical(name)
        return next((value for key, value in self._items if canonical(key) == wanted), None)

    def get_all(self, name: str) -> list[str]:
        wanted = canonical(name)
        return [value for key, value in self._items if canonical(key) == wanted]

    def tokens(self, name: str) -> list[str]:
        """Every item of a comma separated header such as Require, over all its lines."""
        return [token.strip() for value in self.get_all(name) for token in value.split(",") if token.strip()]

    def add(self, name: str, value: str) -> None:
        self._items.append((name, value))

    def prepend(self, name: str, value: str) -> None:
        """Put a value before the first of its kind, or before everything."""
        wanted = canonical(name)
        at = next((i for i, (key, _) in enumerate(self._items) if canonical(key) == wanted), 0)
        self._items.insert(at, (name, value))

    def set(self, name: str, value: str) -> None:
        """Replace the first value and remove the others."""
        wanted = canonical(name)
        at = next((i for i, (key, _) in enumerate(self._items) if canonical(key) == wanted), len(self._items))
        rest = [item for item in self._items[at + 1 :] if canonical(item[0]) != wanted]
        self._items[at:] = [(name, value), *rest]

    def replace_first(self, name: str, value: str) -> None:
        """Replace the first value and keep the others."""
        wanted = canonical(name)
        for index, (key, _) in enumerate(self._items):
            if canonical(key) == wanted:
                self._items[index] = (key, value)
                return
        raise KeyError(name)

    def remove_first(self, name: str) -> str:
        """Remove the first value and return it. Raises KeyError."""
        wanted = canonical(name)
        for index, (key, value) in enumerate(self._items):
            if canonical(key) == wanted:
                del self._items[index]
                return value
        raise KeyError(name)

    def remove(self, name: str) -> None:
        wanted = canonical(name)
        self._items = [item for item in self._items if canonical(item[0]) != wanted]


@dataclass(slots=True)
class Message:
    """What requests and responses share. The accessors raise ValueError on a malformed header."""

    headers: Headers
    body: bytes = b""

    @property
    def start_line(self) -> str:
        raise NotImplementedError

    def __bytes__(self) -> bytes:
        lines = [self.start_line]
        lines += [f"{name}: {value}" for name, value in self.headers if canonical(name) != "content-length"]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body

    def require(self, name: str) -> str:
        """The header's first value. Raises ValueError when it is missing."""
        value = self.headers.get(name)
        if value is None:
            raise ValueError(f"no {name} header")
        return value

    @property
    def via(self) -> Via:
        return Via.parse(self.require("Via"))

    @property
    def from_(self) -> NameAddr:
        return NameAddr.parse(self.require("From"))

    @property
    def to(self) -> NameAddr:
        return NameAddr.parse(self.require("To"))

    @property
    def call_id(self) -> str:
        return self.require("Call-ID")

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method."""
        parts = self.require("CSeq").split()
        if len(parts) != 2 or not re.fullmatch(r"[0-9]{1,10}", parts[0]) or not _TOKEN.fullmatch(parts[1]):
            raise ValueError(f"not a CSeq: {self.headers.get('CSeq')!r}")
        if int(parts[0]) > MAX_CSEQ:
            raise ValueError("the CSeq number is over 2**31 - 1")
        return int(parts[0]), parts[1]


@dataclass(slots=True)
class Request(Message):
    method: str = ""
    uri: str = ""

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def copy(self) -> Request:
        return Request(self.headers.copy(), self.body, self.method, self.uri)

    @property
    def max_forwards(self) -> int:
        """70 when the header is missing (RFC 3261 section 16.6 item 3)."""
        value = self.headers.get("Max-Forwards")
        if value is None:
            return 70
        if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > 255:
            raise ValueError(f"not a Max-Forwards: {value!r}")
        return int(value)

    def response(
        self, status: int, reason: str | None = None, headers: Iterable[tuple[str, str]] = ()
    ) -> Response:
        """A response to this request (RFC 3261 section 8.2.6), without a To tag of its own."""
        fields = Headers()
        for value in self.headers.get_all("Via"):
            fields.add("Via", value)
        for name in ("From", "To", "Call-ID", "CSeq"):
            found = self.headers.get(name)
            if found is not None:
                fields.add(name, found)
        for name, value in headers:
            fields.add(name, value)
        return Response(fields, b"", status, REASONS.get(status, "Unknown") if reason is None else reason)


@dataclass(slots=True)
class Response(Message):
    status: int = 0
    reason: str = ""

    @property
    def start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def copy(self) -> Response:
        return Response(self.headers.copy(), self.body, self.status, self.reason)

    def set_to_tag(self, tag: str) -> Self:
        """Add a To tag unless there is one."""
        to = self.headers.get("To")
        if to is not None and "tag=" not in to.rpartition(">")[2].lower():
            self.headers.set("To", f"{to};tag={tag}")
        return self


def _read_headers(lines: list[str]) -> tuple[Headers, str | None]:
    """Header fields and the first problem met; what is readable is read past a problem."""
    headers = Headers()
    problem: str | None = None
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1] = f"{unfolded[-1].rstrip()} {line.strip()}"
        else:
            unfolded.append(line)
    for line in unfolded:
        name, colon, value = line.partition(":")
        name, value = name.rstrip(" \t"), value.strip()
        if not colon or not _TOKEN.fullmatch(name):
            problem = problem or f"not a header field: {line[:60]!r}"
            continue
        if canonical(name) in _LISTS:
            try:
                values = [part.strip() for part in split_outside(value, ",")]
            except ValueError as error:
                problem = problem or f"{name}: {error}"
                values = [value]
            if not all(values):
                problem = problem or f"an empty value in {name}"
            for item in filter(None, values):
                headers.add(name, item)
        else:
            headers.add(name, value)
    return headers, problem


def _check(message: Message, body: bytes, stream: bool) -> bytes:
    """The body by Content-Length. Raises ValueError where the headers break RFC 3261."""
    headers = message.headers
    for name in _REQUIRED:
        if name not in headers:
            raise ValueError(f"no {name} header")
    for name in _SINGLE:
        if len(headers.get_all(name)) > 1:
            raise ValueError(f"more than one {name} header")
    for value in headers.get_all("Via"):
        Via.parse(value)
    if not message.call_id or re.search(r"\s", message.call_id):
        raise ValueError("not a Call-ID")
    _, method = message.cseq
    _ = message.from_, message.to
    if isinstance(message, Request):
        _ = message.max_forwards
        if method != message.method:
            raise ValueError("the CSeq method is not the request's")
    length = headers.get("Content-Length")
    if length is None:
        if stream:
            raise ValueError("no Content-Length on a stream")
        return body
    if not re.fullmatch(r"[0-9]{1,9}", length):
        raise ValueError(f"not a Content-Length: {length!r}")
    if int(length) > len(body):
        raise ValueError("Content-Length is more than what came")
    return body[: int(length)]


def parse_message(data: bytes, *, stream: bool = False) -> Request | Response:
    """Parse one whole message. With `stream` a Content-Length is demanded.

    Raises ParseError and nothing else.
    """
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        head, end, body = data.partition(b"\n\n")
    start, *lines = re.split("\r?\n", head.decode("utf-8", "surrogateescape"))
    headers, problem = _read_headers(lines)
    if not end:
        problem = problem or "the headers do not end"
    if b"\0" in head:
        problem = problem or "a NUL in the headers"

    if start[:4].upper() == "SIP/":
        match = re.fullmatch(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", start, re.IGNORECASE)
        if match is None:
            raise ParseError(f"not a status line: {start[:60]!r}")
        response = Response(headers, b"", int(match[1]), match[2] or "")
        try:
            response.body = _check(response, body, stream)
        except ValueError as error:
            raise ParseError(problem or str(error)) from None
        if problem:
            raise ParseError(problem)
        return response

    parts = start.split(" ")
    if not _TOKEN.fullmatch(parts[0]) or len(parts) < 2:
        raise ParseError(f"not a start line: {start[:60]!r}")
    request = Request(headers, b"", parts[0], parts[1])
    if len(parts) != 3 or not parts[1]:
        raise ParseError("not a request line", request=request)
    if parts[2].upper() != "SIP/2.0":
        raise ParseError(
            f"not SIP/2.0: {parts[2][:20]!r}", 505 if parts[2][:4].upper() == "SIP/" else 400, request
        )
    try:
        request.body = _check(request, body, stream)
    except ValueError as error:
        raise ParseError(problem or str(error), request=request) from None
    if problem:
        raise ParseError(problem, request=request)
    return request
