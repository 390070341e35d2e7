"""Calls while a STUN server is being looked for: they wait where they keep nobody else from going on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from peers.stun import StunServer
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pjsua.phone import Phone
from pyjsua import pjsua as pj

Wires = Callable[..., WireClient]


def invite(wire: WireClient, phone: Phone, call_id: str, method: str = "INVITE") -> None:
    """Always the same INVITE of that Call-ID, or the CANCEL of it."""
    body = audio_offer(wire.host, 40000) if method == "INVITE" else ""
    request = wire.request(
        method,
        phone.uri("alice"),
        call_id=call_id,
        branch="z9hG4bK" + call_id,
        headers={"Content-Type": "application/sdp"} if body else {},
        body=body,
    )
    wire.send(request, ("127.0.0.1", phone.port))


def answered(wire: WireClient, call_id: str, status: int, method: str = "INVITE", count: int = 1) -> None:
    wire.wait_for(
        lambda m: m.call_id == call_id and m.status == status and m.cseq == (1, method), count=count
    )


def test_a_call_that_comes_meanwhile_keeps_nobody_waiting(phone: Phone, wire_client: Wires) -> None:
    wire = wire_client()
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("alice")
    hand = HandCall(wire)
    assert hand.invite(phone.uri("alice"), ("127.0.0.1", phone.port)).status == 200
    call = phone.wait_incoming().call_id
    phone.wait_state(call, pj.InvState.CONFIRMED)
    with StunServer(silent=True) as server:
        pj.update_stun_servers([server.address])
        invite(wire, phone, "waits")
        answered(wire, "waits", 100)
        invite(wire, phone, "waits")
        invite(wire, phone, "cancelled")
        answered(wire, "cancelled", 100)
        invite(wire, phone, "cancelled", "CANCEL")
        answered(wire, "cancelled", 200, "CANCEL")
        answered(wire, "cancelled", 487)
        # These want PJSUA_LOCK in the call's own dialog, which pjsua would hold until the server is found.
        hand.send("INFO")
        pj.call_hangup(call)
        bye = hand.received("BYE")
        hand.respond(bye, 200)
        phone.wait_slots_free()
        assert len(phone.all(pj.OnIncomingCall)) == 1
        assert not phone.all(pj.OnStunResolutionComplete)
        server.silent = False
        assert phone.wait(pj.OnStunResolutionComplete).status == 0
        answered(wire, "waits", 200)
        phone.wait_incoming(2)
    assert len(phone.all(pj.OnIncomingCall)) == 2


def test_no_more_calls_wait_than_there_are_slots_for(wire_client: Wires) -> None:
    wire = wire_client()
    with Phone(config=pj.Config(max_calls=2)) as phone, StunServer(silent=True) as server:
        phone.account("alice")
        pj.update_stun_servers([server.address])
        for call_id, status in (("one", 100), ("two", 100), ("three", 503)):
            invite(wire, phone, call_id)
            answered(wire, call_id, status)


@pytest.mark.parametrize(("ignore", "status"), [(True, 200), (False, 503)])
def test_there_is_no_server(wire_client: Wires, ignore: bool, status: int) -> None:
    wire = wire_client()
    with Phone(config=pj.Config(stun_ignore_failure=ignore)) as phone:
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        phone.account("alice")
        with suppress(pj.PjsuaError):
            pj.update_stun_servers(["no such host"])
        for call_id in ("one", "two"):
            invite(wire, phone, call_id)
            answered(wire, call_id, status)
        # Each looked again, and not under pjsua's lock.
        phone.wait(pj.OnStunResolutionComplete, lambda event: event.status != 0, count=3)
        if ignore:
            phone.wait_incoming(2)
        else:
            assert phone.all(pj.OnIncomingCall) == []
