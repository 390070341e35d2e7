"""Requests of no dialog that PJSIP has nothing to do with: who sent one is told so, and repeats nothing."""

from __future__ import annotations

from collections.abc import Callable

from peers.message import select
from peers.wire import WireClient
from pjsua.phone import Phone

Wires = Callable[..., WireClient]

ANSWERS = {
    "BYE": 481,
    "CANCEL": 481,
    "INFO": 481,
    "NOTIFY": 481,
    "PRACK": 481,
    "UPDATE": 481,
    "REFER": 403,
    "PUBLISH": 405,
    "REGISTER": 405,
    "NONSENSE": 501,
    "MESSAGE": 200,
    "OPTIONS": 200,
}


def test_each_is_answered_once(phone: Phone, wire_client: Wires) -> None:
    phone.account("a")
    wire = wire_client()
    for method in ANSWERS:
        wire.send(wire.request(method, phone.uri("a")), (phone.host, phone.port))
    wire.wait_for(lambda m: m.direction == "received", count=len(ANSWERS))
    answers = {m.cseq[1]: m for m in select(wire.messages, direction="received") if m.cseq}
    assert {method: answer.status for method, answer in answers.items()} == ANSWERS
    for answer in answers.values():
        if answer.status in (405, 501):
            assert "INVITE" in (answer.header("allow") or "")
    phone.check_call()


def test_an_ack_is_not(phone: Phone, wire_client: Wires) -> None:
    phone.account("a")
    wire = wire_client()
    for method in ("ACK", "OPTIONS"):
        wire.send(wire.request(method, phone.uri("a")), (phone.host, phone.port))
    wire.wait_for(lambda m: m.status == 200)
    assert len(select(wire.messages, direction="received")) == 1
