"""A presence server written by hand on a raw UDP client: what it answers and notifies, right or wrong."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from peers.message import Message
from peers.wire import WireClient

PIDF = "application/pidf+xml"
DIALOG_INFO = "application/dialog-info+xml"
SUMMARY = "application/simple-message-summary"


class Notifier:
    """Answers requests to it as a test says; `notify` sends NOTIFY in the dialog of a SUBSCRIBE."""

    def __init__(self, wire: WireClient) -> None:
        self.wire = wire
        self.tag = uuid.uuid4().hex
        self._cseq = 0
        self._answered = 0

    def uri(self, user: str) -> str:
        return f"sip:{user}@{self.wire.host}:{self.wire.port}"

    def requests(self, method: str) -> list[Message]:
        """Requests received, without retransmissions."""
        found: dict[tuple[str, str], Message] = {}
        for message in self.wire.messages:
            if message.direction == "received" and message.is_request and message.method == method:
                found.setdefault((message.branch, message.call_id), message)
        return list(found.values())

    def wait(self, method: str, count: int = 1) -> Message:
        """The `count`th request of that method."""
        self.wire.wait_for(lambda message: len(self.requests(method)) >= count)
        return self.requests(method)[count - 1]

    def answer(self, request: Message, code: int, reason: str = "Reason", **headers: str) -> None:
        """Answers a request; `headers` are written with `_` for `-`."""
        assert request.source is not None
        lines = [f"SIP/2.0 {code} {reason}"]
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            for value in request.all(name):
                tagged = f"{value};tag={self.tag}" if name == "To" and "tag=" not in value else value
                lines.append(f"{name}: {tagged}")
        headers.setdefault("Contact", f"<{self.uri('notifier')}>")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.wire.send("\r\n".join([*lines, "Content-Length: 0", "", ""]), request.source)

    def notify(
        self,
        subscribe: Message,
        body: str = "",
        content_type: str = "",
        *,
        state: str = "active;expires=3600",
        event: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Sends NOTIFY in the dialog of `subscribe`, and returns the status it was answered with."""
        assert subscribe.source is not None
        found = re.search(r"<([^>]+)>", subscribe.header("contact") or "")
        tag = re.search(r"tag=([^;\s]+)", subscribe.header("from") or "")
        assert found
        assert tag
        self._cseq += 1
        more = {"Event": event or subscribe.header("event") or "", "Subscription-State": state}
        if content_type:
            more["Content-Type"] = content_type
        text = self.wire.request(
            "NOTIFY",
            found[1],
            from_uri=address(subscribe.header("to")),
            to_uri=address(subscribe.header("from")),
            from_tag=self.tag,
            to_tag=tag[1],
            call_id=subscribe.call_id,
            cseq=self._cseq,
            headers={**more, **(headers or {})},
            body=body,
        )
        self.wire.send(text, subscribe.source)
        cseq = (self._cseq, "NOTIFY")
        return (
            self.wire.wait_for(
                lambda m: m.direction == "received" and m.status is not None and m.cseq == cseq
            ).status
            or 0
        )

    def accept(self, count: int = 1) -> Message:
        """Answers the `count`th SUBSCRIBE with 200, and returns it."""
        subscribe = self.wait("SUBSCRIBE", count)
        self.answer(subscribe, 200, "OK", Expires=subscribe.header("expires") or "3600")
        return subscribe


def address(value: str | None) -> str:
    """The URI of a From or To header."""
    found = re.search(r"<([^>]+)>", value or "")
    return found[1] if found else (value or "").partition(";")[0]


def pidf(inside: str, entity: str = "sip:bob@127.0.0.1") -> str:
    """A PIDF document around `inside`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="{entity}" '
        'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        f'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">\n{inside}\n</presence>\n'
    )


def status(basic: str, note: str = "", activity: str = "") -> str:
    """A PIDF document that says `basic`, with a person who does `activity`."""
    activities = f"<rpid:activities>{activity}</rpid:activities>"
    person = f"<dm:person id='p1'>{activities}<dm:note>{note}</dm:note></dm:person>"
    return pidf(f"<tuple id='t1'><status><basic>{basic}</basic></status></tuple>{person}")


def dialog_info(inside: str, state: str = "full") -> str:
    """A dialog-info document around `inside`."""
    return (
        '<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" '
        f'state="{state}" entity="sip:bob@127.0.0.1">{inside}</dialog-info>\n'
    )
