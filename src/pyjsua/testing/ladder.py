"""A list of recorded messages as a ladder: text for a terminal, Mermaid, or plain dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..uri import bracket_host
from .message import Message, Request
from .trace import TraceMessage
from .uri import NameAddr

Address = tuple[str, int]

#: A column: an address that was named or is a server, or one user at an address.
_Party = tuple[Address, str | None]

_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """One message between two participants, `at_ms` milliseconds after the first."""

    at_ms: float
    source: str
    destination: str
    label: str
    retransmission: bool
    message: TraceMessage

    @property
    def text(self) -> str:
        return f"{self.label} (retransmission)" if self.retransmission else self.label


class Ladder:
    """A sequence diagram of recorded messages, oldest first.

    The traces of several recorders may be thrown together: what one sent and another received is one
    arrow. `names` gives an address its name and its own column; two addresses with one name share it.
    Every other address is named after the user who speaks there, so that two accounts behind one socket
    are two columns, and all the connections of one Contact are one; an address that takes REGISTERs, writes
    Record-Route or passes requests on is "proxy".
    """

    def __init__(self, messages: Iterable[TraceMessage], names: Mapping[Address, str] | None = None) -> None:
        self._names = dict(names or {})
        recorded = _joined(sorted(messages, key=lambda message: message.monotonic))
        self._servers = _servers(recorded) - self._names.keys()
        self._contacts: dict[_Party, _Party] = {}
        for message in recorded:
            self._note_contact(message)
        parties = [self._parties(message) for message in recorded]
        self._labels = self._label({party: None for pair in parties for party in pair})
        self.arrows: list[Arrow] = []
        seen: set[tuple[bytes, Address, Address]] = set()
        for message, (source, destination) in zip(recorded, parties, strict=True):
            identity = (message.raw, message.source, message.destination)
            self.arrows.append(
                Arrow(
                    (message.monotonic - recorded[0].monotonic) * 1000,
                    self._labels[source],
                    self._labels[destination],
                    message.summary,
                    identity in seen,
                    message,
                )
            )
            seen.add(identity)
        self.participants = self._ordered()

    def __str__(self) -> str:
        return self.text()

    def _parties(self, message: TraceMessage) -> tuple[_Party, _Party]:
        caller, callee = _users(message.message)
        if isinstance(message.message, Request):
            return self._party(message.source, caller), self._party(message.destination, callee)
        return self._party(message.source, callee), self._party(message.destination, caller)

    def _party(self, address: Address, user: str | None) -> _Party:
        if address in self._names or address in self._servers:
            return address, None
        return self._contacts.get((address, user), (address, user))

    def _note_contact(self, message: TraceMessage) -> None:
        """A user who speaks from a passing port (TCP) is known by the Contact given there."""
        parsed = message.message
        contacts = [] if parsed is None else parsed.headers.get_all("Contact")
        if len(contacts) != 1 or message.source in self._names or message.source in self._servers:
            return
        try:
            uri = NameAddr.parse(contacts[0]).uri
        except ValueError:
            return
        caller, callee = _users(parsed)
        user = caller if isinstance(parsed, Request) else callee
        if uri is not None:
            self._contacts[message.source, user] = ((uri.host, uri.port or 5060), user)

    def _label(self, parties: Iterable[_Party]) -> dict[_Party, str]:
        labels: dict[_Party, str] = {}
        for address, user in parties:
            if address in self._names:
                labels[address, user] = self._names[address]
                continue
            host, port = address
            text = user or ("proxy" if address in self._servers else f"{bracket_host(host)}:{port}")
            if text in labels.values():
                text = f"{text} {bracket_host(host)}:{port}"
            labels[address, user] = text
        return labels

    def _ordered(self) -> list[str]:
        """Whoever speaks first, the servers, everybody else: the order in which a call travels."""
        labels = list(
            dict.fromkeys(label for arrow in self.arrows for label in (arrow.source, arrow.destination))
        )
        central = {
            label
            for (address, _), label in self._labels.items()
            if address in self._servers or address in self._names
        }
        ends = [label for label in labels if label not in central]
        return [*ends[:1], *(label for label in labels if label in central), *ends[1:]]

    def text(self) -> str:
        """The ladder in ASCII, times in milliseconds."""
        if not self.arrows:
            return "(no messages)"
        at = self._columns()
        head = [" "] * (at[-1] + len(self.participants[-1]) + 1)
        for column, name in zip(at, self.participants, strict=True):
            start = max(0, column - len(name) // 2)
            head[start : start + len(name)] = name
        lines = [f"{'ms':>9} {''.join(head)}".rstrip()]
        for arrow in self.arrows:
            lines.append(f"{arrow.at_ms:>9.1f} {self._line(arrow, at)}".rstrip())
        return "\n".join(lines)

    def _columns(self) -> list[int]:
        """Where each lifeline stands, so that every label fits between its two."""
        index = {name: number for number, name in enumerate(self.participants)}
        gaps = [max(8, len(name) + _MARGIN) for name in self.participants]
        for arrow in self.arrows:
            low, high = sorted((index[arrow.source], index[arrow.destination]))
            span = max(high - low, 1)
            needed = -(-(len(arrow.text) + 8) // span)
            for gap in range(low, low + span):
                gaps[gap] = max(gaps[gap], needed)
        at = [len(self.participants[0]) // 2]
        for gap in gaps[:-1]:
            at.append(at[-1] + gap)
        return at

    def _line(self, arrow: Arrow, at: list[int]) -> str:
        start = at[self.participants.index(arrow.source)]
        end = at[self.participants.index(arrow.destination)]
        line = [" "] * (at[-1] + len(arrow.text) + 8)
        for column in at:
            line[column] = "|"
        if start == end:
            line[start + 1 : start + 1 + len(arrow.text) + 5] = f"--. {arrow.text}"
            return "".join(line)
        low, high = min(start, end), max(start, end)
        shaft = f" {arrow.text} ".center(high - low - 3, "-")
        body = f"-{shaft}>" if end > start else f"<{shaft}-"
        line[low + 1 : high] = body
        return "".join(line)

    def mermaid(self) -> str:
        """The ladder as a Mermaid sequence diagram; a response has a dashed arrow."""
        ids = {name: f"p{number}" for number, name in enumerate(self.participants, 1)}
        lines = ["sequenceDiagram"]
        lines += [f"    participant {ids[name]} as {_mermaid(name)}" for name in self.participants]
        for arrow in self.arrows:
            shaft = "-->>" if arrow.message.status is not None else "->>"
            lines.append(f"    {ids[arrow.source]}{shaft}{ids[arrow.destination]}: {_mermaid(arrow.text)}")
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """{"participants": [name], "messages": [{...}]}, of what JSON can hold."""
        return {
            "participants": list(self.participants),
            "messages": [_as_dict(arrow) for arrow in self.arrows],
        }


def _as_dict(arrow: Arrow) -> dict[str, Any]:
    message = arrow.message
    return {
        "at_ms": round(arrow.at_ms, 3),
        "wall": message.wall,
        "source": arrow.source,
        "destination": arrow.destination,
        "source_address": list(message.source),
        "destination_address": list(message.destination),
        "transport": message.transport,
        "label": arrow.label,
        "method": message.method,
        "status": message.status,
        "call_id": None if message.message is None else message.message.call_id,
        "retransmission": arrow.retransmission,
    }


def _mermaid(text: str) -> str:
    """Mermaid ends a line at ; and reads # as an entity."""
    return "".join({"#": "#35;", ";": "#59;"}.get(char, char) for char in text)


def _joined(messages: list[TraceMessage]) -> list[TraceMessage]:
    """One message for what one recorder sent and another received.

    Each end knows its own address best (over TCP the other's is a passing one), so the joined message
    has the sender's source and the receiver's destination. Either may have been quicker to write it down.
    """
    joined: list[TraceMessage] = []
    alone: dict[bytes, list[int]] = {}
    for message in messages:
        waiting = alone.setdefault(message.raw, [])
        match = next((at for at in waiting if _two_ends(joined[at], message)), None)
        if match is None:
            waiting.append(len(joined))
            joined.append(message)
            continue
        waiting.remove(match)
        first = joined[match]
        sent, received = (first, message) if first.direction == "sent" else (message, first)
        joined[match] = replace(first, source=sent.source, destination=received.destination)
    return joined


def _two_ends(one: TraceMessage, other: TraceMessage) -> bool:
    if one.direction == other.direction:
        return False
    return one.source == other.source or one.destination == other.destination


def _servers(messages: list[TraceMessage]) -> set[Address]:
    found: set[Address] = set()
    for message in messages:
        parsed = message.message
        if parsed is None:
            continue
        if isinstance(parsed, Request):
            if parsed.method == "REGISTER":
                found.add(message.destination)
            if len(parsed.headers.get_all("Via")) > 1:
                found.add(message.source)
        for value in parsed.headers.get_all("Record-Route"):
            try:
                uri = NameAddr.parse(value).uri
            except ValueError:
                continue
            if uri is not None:
                found.add((uri.host, uri.port or 5060))
    return found


def _users(message: Message | None) -> tuple[str | None, str | None]:
    """The users in From and To."""
    if message is None:
        return None, None
    caller, callee = message.from_.uri, message.to.uri
    return (None if caller is None else caller.username), (None if callee is None else callee.username)
