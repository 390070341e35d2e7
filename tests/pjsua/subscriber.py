"""Somebody who subscribes, written by hand on a raw UDP client: right or wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from peers.message import Message
from peers.wire import WireClient
from pjsua.hand import address


class Subscriber:
    """One dialog of a `WireClient` with a notifier at `uri`. NOTIFYs are answered by the test."""

    def __init__(self, wire: WireClient, uri: str, to: tuple[str, int], event: str = "x-weather") -> None:
        self.wire = wire
        self.uri, self.target, self.to = uri, uri, to
        self.event = event
        self.call_id = uuid.uuid4().hex
        self.tag = uuid.uuid4().hex[:8]
        self.to_tag: str | None = None
        self.cseq = 0

    def send(
        self,
        expires: int | None = 600,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "SUBSCRIBE",
    ) -> int:
        """Sends SUBSCRIBE, in the dialog once there is one; its CSeq."""
        self.cseq += 1
        more = {"Event": self.event} if self.event else {}
        if expires is not None:
            more["Expires"] = str(expires)
        text = self.wire.request(
            method,
            self.target,
            to_uri=self.uri,
            from_tag=self.tag,
            to_tag=self.to_tag,
            call_id=self.call_id,
            cseq=self.cseq,
            headers={**more, **(headers or {})},
        )
        self.wire.send(text, self.to)
        return self.cseq

    def response(self, cseq: int | None = None, method: str = "SUBSCRIBE") -> Message:
        wanted = (cseq or self.cseq, method)
        found = self.wire.wait_for(
            lambda m: (
                m.direction == "received"
                and m.call_id == self.call_id
                and m.cseq == wanted
                and (m.status or 0) >= 200
            )
        )
        if found.status in (200, 202) and self.to_tag is None:
            self.to_tag = (found.header("to") or "").rpartition("tag=")[2]
            self.target = address(found.header("contact") or "")
        return found

    def subscribe(self, expires: int | None = 600, headers: Mapping[str, str] | None = None) -> Message:
        """Sends SUBSCRIBE and waits for the final response."""
        return self.response(self.send(expires, headers))

    def notifies(self) -> list[Message]:
        """NOTIFYs received, without retransmissions."""
        found: dict[str, Message] = {}
        for message in self.wire.messages:
            if self._is_notify(message):
                found.setdefault(message.branch, message)
        return list(found.values())

    def _is_notify(self, message: Message) -> bool:
        return (
            message.direction == "received"
            and message.is_request
            and message.method == "NOTIFY"
            and message.call_id == self.call_id
        )

    def notify(self, count: int = 1) -> Message:
        """The `count`th NOTIFY."""
        wanted = count
        while len(found := self.notifies()) < count:
            # Retransmissions are not counted.
            self.wire.wait_for(self._is_notify, count=wanted)
            wanted += 1
        return found[count - 1]

    def answer(self, notify: Message, status: int = 200, reason: str = "Because", **headers: str) -> None:
        """Answers a NOTIFY; `headers` are written with `_` for `-`."""
        lines = [
            f"SIP/2.0 {status} {reason}",
            *(f"Via: {value}" for value in notify.all("via")),
            *(f"{name}: {notify.header(name)}" for name in ("From", "To", "Call-ID", "CSeq")),
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
            "Content-Length: 0",
        ]
        assert notify.source is not None
        self.wire.send("\r\n".join([*lines, "", ""]), notify.source)

    def told(self, count: int = 1) -> Message:
        """The `count`th NOTIFY, answered with 200."""
        notify = self.notify(count)
        self.answer(notify, 200, "OK")
        return notify
