"""Messages are taken apart as RFC 3261 has them."""

from __future__ import annotations

from peers.message import Message, flow, response_delay, retransmissions, select
from peers.sipp import parse_messages

INVITE = (
    b"INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\ni: c1\r\nSubject: one\r\n  two\r\n"
    b"CSeq: 7 INVITE\r\n\r\nv=0\r\n"
)
RINGING = (
    b"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n\r\n"
)


def test_message_parts() -> None:
    invite = Message(1.0, "sent", "UDP", INVITE)
    assert (invite.method, invite.status, invite.is_request) == ("INVITE", None, True)
    assert (invite.call_id, invite.cseq, invite.branch) == ("c1", (7, "INVITE"), "z9hG4bK1")
    assert invite.header("subject") == "one two"
    assert invite.body == "v=0\r\n"


def test_selection_and_delay() -> None:
    messages = [
        Message(1.0, "sent", "UDP", INVITE),
        Message(1.5, "sent", "UDP", INVITE),
        Message(1.75, "received", "UDP", RINGING),
        Message(2.0, "received", "UDP", b"garbage"),
    ]
    assert flow(messages[:3]) == ["INVITE", "INVITE", "180"]
    assert select(messages, method="INVITE", request=False) == [messages[2]]
    assert list(retransmissions(messages, "sent")) == [messages[1]]
    assert response_delay(messages, messages[0]) == 0.75
    assert response_delay(messages, messages[0], status=200) is None


def test_sipp_trace_with_dashes_in_a_body() -> None:
    rule = b"-" * 47
    body = b"MESSAGE sip:a SIP/2.0\r\n\r\n" + b"-" * 60 + b"\r\n"
    trace = b"%s 2026-01-02 03:04:05.000006\nUDP message sent (%d bytes):\n\n%s\n" % (rule, len(body), body)
    trace += b"%s 2026-01-02 03:04:06.000006\nTCP message received [%d] bytes :\n\n%s" % (
        rule, len(RINGING), RINGING,
    )  # fmt: skip
    first, second = parse_messages(trace)
    assert (first.raw, first.direction, first.transport) == (body, "sent", "UDP")
    assert (second.raw, second.direction, second.transport) == (RINGING, "received", "TCP")
    assert round(second.time - first.time, 6) == 1.0
