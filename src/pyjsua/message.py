"""A SIP message as it crossed the wire, parsed when somebody looks."""

from __future__ import annotations

import contextlib
import re
from functools import cached_property

from .reason import Reason, reasons_in
from .redaction import redacted
from .sdp import Sdp
from .struct import Headers
from .uri import NameAddr

__all__ = ["Message"]

# RFC 3261 section 7.3.3 and the event and transfer RFCs.
COMPACT_FORMS = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}


def full_name(name: str) -> str:
    """A header name in lower case, compact forms spelt out."""
    lower = name.lower()
    return COMPACT_FORMS.get(lower, lower)


def media_type(value: str) -> str:
    """``"application/sdp"`` of a Content-Type, lower case, without its parameters."""
    return value.partition(";")[0].strip().lower()


def part_of_type(content_type: str, body: str, wanted: str, depth: int = 4) -> str | None:
    """The body, or the first of its parts, that is of a type; None when there is none."""
    kind = media_type(content_type)
    if kind == wanted:
        return body or None
    boundary = re.search(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', content_type, re.I)
    if not kind.startswith("multipart/") or boundary is None or depth == 0:
        return None
    # RFC 2046: the line break before a delimiter belongs to it.
    delimiter = rf"(?:\A|\r?\n)--{re.escape(boundary[1] or boundary[2])}(?:--)?[ \t]*(?:\r?\n|\Z)"
    for part in re.split(delimiter, body)[1:]:
        head, *content = re.split(r"\r?\n\r?\n", part, maxsplit=1)
        types = re.findall(r"(?im)^(?:content-type|c)[ \t]*:(.*(?:\r?\n[ \t].*)*)", head)
        for type, text in zip(types, content, strict=False):
            if (found := part_of_type(type, text, wanted, depth - 1)) is not None:
                return found
    return None


class Message:
    """A SIP message: `raw` bytes, where they came from or went, and what they say.

    Parsing never fails: what is not there reads as empty, 0 or None.
    """

    def __init__(self, raw: bytes, sent: bool, transport: str, remote_addr: str, local_addr: str) -> None:
        self.raw = raw
        self.sent = sent
        """True when we sent it."""
        self.transport = transport
        """``"UDP"``, ``"TCP"``, ``"TLS"``, ..."""
        self.remote_addr = remote_addr
        """Address and port of the other side, IPv6 in brackets."""
        self.local_addr = local_addr

    @cached_property
    def text(self) -> str:
        """The message as text; bytes that are not UTF-8 survive as surrogates."""
        return self.raw.decode("utf-8", "surrogateescape")

    @cached_property
    def start_line(self) -> str:
        """Request line or status line."""
        line, newline, _ = self.raw.partition(b"\n")
        if newline:
            line = line.removesuffix(b"\r")
        return line.decode("utf-8", "surrogateescape")

    @cached_property
    def _parts(self) -> tuple[Headers, str]:
        for separator in ("\r\n\r\n", "\n\n"):
            head, found, body = self.text.partition(separator)
            if found:
                break
        lines = head.replace("\r\n", "\n").split("\n")
        headers: list[tuple[str, str]] = []
        for line in lines[1:]:
            if line[:1] in (" ", "\t") and headers:
                name, value = headers[-1]
                headers[-1] = (name, f"{value} {line.strip()}")
            elif ":" in line:
                name, _, value = line.partition(":")
                headers.append((name.strip(), value.strip()))
        return tuple(headers), body

    @property
    def headers(self) -> Headers:
        """Every header in order, repeats included, folded lines joined."""
        return self._parts[0]

    @property
    def body(self) -> str:
        return self._parts[1]

    @cached_property
    def sdp(self) -> Sdp | None:
        """The session description in the body, or in a part of a multipart body; None when there is none."""
        text = part_of_type(self.header("Content-Type"), self.body, "application/sdp")
        return None if text is None else Sdp(text)

    @property
    def is_request(self) -> bool:
        return not self.start_line.startswith("SIP/")

    @property
    def method(self) -> str:
        """Of a request; of a response, the method it answers."""
        if self.is_request:
            return self.start_line.partition(" ")[0]
        return self.header("CSeq").rpartition(" ")[2]

    @property
    def uri(self) -> str:
        """Request URI, empty for a response."""
        parts = self.start_line.split(" ")
        return parts[1] if self.is_request and len(parts) == 3 else ""

    @property
    def status_code(self) -> int:
        """Of a response, 0 for a request."""
        parts = self.start_line.split(" ", 2)
        return int(parts[1]) if not self.is_request and len(parts) > 1 and parts[1].isdecimal() else 0

    @property
    def reason(self) -> str:
        """Reason phrase of a response."""
        parts = self.start_line.split(" ", 2)
        return parts[2] if not self.is_request and len(parts) > 2 else ""

    def header(self, name: str, default: str = "") -> str:
        """Value of the first header of that name, compact forms included."""
        return next(iter(self.header_values(name)), default)

    def header_values(self, name: str) -> tuple[str, ...]:
        """Values of every header of that name, in order."""
        wanted = full_name(name)
        return tuple(value for key, value in self.headers if full_name(key) == wanted)

    def address(self, name: str) -> NameAddr | None:
        """The first address in the headers of that name, From or Refer-To for instance; None for none."""
        return next(iter(self.addresses(name)), None)

    def addresses(self, name: str) -> tuple[NameAddr, ...]:
        """Every address in the headers of that name, Contact or Route for instance.

        A header that holds none, or spoilt ones, is left out.
        """
        found: list[NameAddr] = []
        for value in self.header_values(name):
            with contextlib.suppress(ValueError):
                found += NameAddr.parse_list(value)
        return tuple(found)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What its Reason headers say (RFC 3326)."""
        return reasons_in(self.header_values("Reason"))

    @property
    def call_id(self) -> str:
        return self.header("Call-ID")

    def __repr__(self) -> str:
        way = "to" if self.sent else "from"
        return f"<Message {redacted(self.start_line)!r} {way} {self.remote_addr}>"
