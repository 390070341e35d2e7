"""The far end of a call written by hand: dialogs over a `WireClient`, message by message."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from peers.message import Message
from peers.ports import bracketed
from peers.wire import WireClient, audio_offer

SDP = {"Content-Type": "application/sdp"}


class HandCall:
    """One dialog of a `WireClient`: `invite` makes it, or `accept` takes an INVITE that came."""

    def __init__(self, wire: WireClient) -> None:
        self.wire = wire
        self.to: tuple[str, int] = ("", 0)
        self.target = ""
        self.local = f"<sip:wire@{bracketed(wire.host)}:{wire.port}>;tag={uuid.uuid4().hex[:8]}"
        self.remote = ""
        self.call_id = uuid.uuid4().hex
        self.cseq = 0

    def invite(self, uri: str, to: tuple[str, int], headers: Mapping[str, str] | None = None) -> Message:
        """Calls, and acknowledges the answer, which is returned."""
        self.to, self.target, self.remote = to, uri, f"<{uri}>"
        answer = self.request("INVITE", headers, audio_offer(self.wire.host, 40000), final=True)
        self.remote = answer.header("to") or ""
        if answer.status == 200:
            self.target = address(answer.header("contact") or "")
        self.ack(answer)
        return answer

    def send(self, method: str, headers: Mapping[str, str] | None = None, body: str = "") -> tuple[int, str]:
        """Sends a request in the dialog; its CSeq."""
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.wire.host}:{self.wire.port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            f"Contact: <sip:wire@{self.wire.host}:{self.wire.port}>",
            *(f"{name}: {value}" for name, value in {**(SDP if body else {}), **(headers or {})}.items()),
            f"Content-Length: {len(body)}",
        ]
        self.wire.send("\r\n".join([*lines, "", body]), self.to)
        return self.cseq, method

    def request(
        self, method: str, headers: Mapping[str, str] | None = None, body: str = "", *, final: bool = True
    ) -> Message:
        """Sends a request and waits for its final (or any) response."""
        return self.response(self.send(method, headers, body), final=final)

    def response(self, cseq: tuple[int, str], *, final: bool = True) -> Message:
        return self.wire.wait_for(
            lambda m: (
                m.direction == "received"
                and m.call_id == self.call_id
                and m.cseq == cseq
                and (m.status or 0) >= (200 if final else 100)
            )
        )

    def ack(self, answer: Message) -> None:
        self.send("ACK")

    def received(self, method: str, count: int = 1) -> Message:
        """Waits for a request in this dialog."""
        return self.wire.wait_for(
            lambda m: (
                m.direction == "received"
                and m.is_request
                and m.method == method
                and m.call_id == self.call_id
            ),
            count=count,
        )

    def wait_invite(self, count: int = 1) -> Message:
        """Waits for an INVITE from outside, whose dialog this becomes."""
        invite = self.wire.wait_for(
            lambda m: m.direction == "received" and m.is_request and m.method == "INVITE", count=count
        )
        assert invite.source is not None
        self.to, self.call_id = invite.source, invite.call_id
        self.remote = invite.header("from") or ""
        self.target = address(invite.header("contact") or "")
        tag = self.local.rpartition("=")[2]
        self.local = f"{invite.header('to')};tag={tag}"
        return invite

    def respond(
        self,
        request: Message,
        status: int,
        reason: str = "Because",
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        """Answers a request of the other side."""
        to = request.header("to") or ""
        lines = [
            f"SIP/2.0 {status} {reason}",
            *(f"Via: {value}" for value in request.all("via")),
            f"From: {request.header('from')}",
            f"To: {to if 'tag=' in to else self.local}",
            f"Call-ID: {request.call_id}",
            f"CSeq: {request.header('cseq')}",
            *(f"{name}: {value}" for name, value in {**(SDP if body else {}), **(headers or {})}.items()),
        ]
        if "contact" not in {name.lower() for name in headers or {}}:
            lines.append(f"Contact: <sip:wire@{self.wire.host}:{self.wire.port}>")
        lines.append(f"Content-Length: {len(body)}")
        assert request.source is not None
        self.wire.send("\r\n".join([*lines, "", body]), request.source)

    def accept(self, invite: Message) -> None:
        """Answers an INVITE with 200 and waits for the ACK."""
        self.respond(invite, 200, "OK", body=audio_offer(self.wire.host, 40000))
        self.received("ACK")


def address(header: str) -> str:
    """The URI of a name-addr."""
    match = re.search(r"<([^>]+)>", header)
    return match[1] if match else header
