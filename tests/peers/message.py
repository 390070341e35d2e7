"""A SIP message as a peer saw it on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sent", "received"]

_COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type",
    "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via", "o": "event", "u": "allow-events",
    "r": "refer-to", "b": "referred-by", "x": "session-expires",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `direction` is as the peer that recorded it sees it; `time` is seconds since the epoch."""

    time: float
    direction: Direction
    transport: str
    raw: bytes
    source: tuple[str, int] | None = None
    destination: tuple[str, int] | None = None

    @property
    def head(self) -> str:
        """Start line and headers, without the body."""
        return re.split(rb"\r?\n\r?\n", self.raw, maxsplit=1)[0].decode(errors="replace")

    @property
    def body(self) -> str:
        parts = re.split(rb"\r?\n\r?\n", self.raw, maxsplit=1)
        return parts[1].decode(errors="replace") if len(parts) == 2 else ""

    @property
    def start_line(self) -> str:
        return self.head.splitlines()[0] if self.head else ""

    @property
    def status(self) -> int | None:
        """Status code of a response, None for a request."""
        match = re.match(r"SIP/2\.0 (\d{3})(?: |$)", self.start_line)
        return int(match[1]) if match else None

    @property
    def method(self) -> str:
        """Method of a request; of a response the method in its CSeq."""
        if self.status is None:
            return self.start_line.partition(" ")[0]
        return self.cseq[1]

    @property
    def is_request(self) -> bool:
        return self.start_line.endswith("SIP/2.0")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Headers in their order, names in lower case and in the long form, folded lines joined."""
        found: list[tuple[str, str]] = []
        for line in self.head.splitlines()[1:]:
            if line[:1] in " \t" and found:
                found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                found.append((_COMPACT.get(name, name), value.strip()))
        return found

    def all(self, name: str) -> list[str]:
        """Values of every header of that name."""
        return [value for key, value in self.headers if key == name.lower()]

    def header(self, name: str) -> str | None:
        """Value of the first header of that name."""
        values = self.all(name)
        return values[0] if values else None

    @property
    def call_id(self) -> str:
        return self.header("call-id") or ""

    @property
    def cseq(self) -> tuple[int, str]:
        match = re.match(r"(\d+)\s+(\S+)", self.header("cseq") or "")
        return (int(match[1]), match[2]) if match else (-1, "")

    @property
    def branch(self) -> str:
        """Branch of the topmost Via: with the CSeq method it names the transaction."""
        match = re.search(r";\s*branch=([^;,\s]+)", self.header("via") or "")
        return match[1] if match else ""

    def __str__(self) -> str:
        ends = "" if self.source is None else f" {self.source} > {self.destination}"
        return f"{self.time:.6f} {self.direction} {self.transport}{ends}\n{self.raw.decode(errors='replace')}"


def select(
    messages: Iterable[Message],
    *,
    method: str | None = None,
    status: int | None = None,
    request: bool | None = None,
    direction: Direction | None = None,
    call_id: str | None = None,
) -> list[Message]:
    """The messages that have every property named. `method` matches responses by their CSeq."""
    return [
        message
        for message in messages
        if (method is None or message.method == method)
        and (status is None or message.status == status)
        and (request is None or (message.status is None) == request)
        and (direction is None or message.direction == direction)
        and (call_id is None or message.call_id == call_id)
    ]


def flow(messages: Iterable[Message], direction: Direction | None = None) -> list[str]:
    """What happened in short: `["INVITE", "100", "180", "200", "ACK"]`."""
    return [
        message.method if message.status is None else str(message.status)
        for message in messages
        if direction is None or message.direction == direction
    ]


def once(messages: Iterable[Message]) -> list[Message]:
    """The messages without those that repeat one of the same transaction: a busy machine sends again."""
    first: dict[tuple[object, ...], Message] = {}
    for message in messages:
        first.setdefault((message.direction, message.branch, message.cseq, message.status), message)
    return list(first.values())


def retransmissions(messages: Iterable[Message], direction: Direction) -> Iterator[Message]:
    """Messages of one direction whose bytes were seen in it before."""
    seen: set[bytes] = set()
    for message in messages:
        if message.direction == direction:
            if message.raw in seen:
                yield message
            seen.add(message.raw)


def response_delay(messages: Iterable[Message], request: Message, status: int | None = None) -> float | None:
    """Seconds from `request` to the first response of its transaction (with `status`, if given)."""
    for message in messages:
        if (
            message.status is not None
            and message.time >= request.time
            and (message.branch, message.cseq) == (request.branch, request.cseq)
            and status in (None, message.status)
        ):
            return message.time - request.time
    return None
