"""Timeouts and retransmissions, with a T1 small enough to wait for."""

from __future__ import annotations

import pytest

from pyjsua.testing import Request, SipServer, Timers

from .wire import Wire, WireMaker

USERS = {"1001": "secret", "1002": "secret"}

# 64 * T1 is 0.64 s.
quick = pytest.mark.sip_server(users=USERS, timers=Timers(t1=0.01, t2=0.04, t4=0.05, c=60))


@pytest.fixture
def caller(sip_server: SipServer, wire: WireMaker) -> Wire:
    return wire(sip_server, "1001")


@pytest.fixture
def callee(sip_server: SipServer, wire: WireMaker) -> Wire:
    phone = wire(sip_server, "1002")
    phone.register()
    return phone


@quick
def test_an_unreachable_callee_is_408(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    callee.close()
    caller.invite(sip_server.aor("1002"))
    caller.response(408)
    sent = [m for m in sip_server.trace if m.is_request("INVITE") and m.direction == "sent"]
    assert len(sent) > 3, "an INVITE over UDP is retransmitted"
    assert len({m.raw for m in sent}) == 1


@quick
def test_an_unanswered_message_is_not_answered_either(
    sip_server: SipServer, caller: Wire, callee: Wire
) -> None:
    """RFC 4320: no 408 to anything but INVITE."""
    request = caller.send(caller.new("MESSAGE", sip_server.aor("1002")))
    caller.send(caller.authorized(request, caller.response(407)))
    callee.request("MESSAGE")
    assert caller.silent(1.0)


@quick
def test_a_refusal_is_retransmitted_until_acknowledged(
    sip_server: SipServer, caller: Wire, callee: Wire
) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    callee.answer(callee.request("INVITE"), 486)
    refusal = caller.response(486)
    assert bytes(caller.response(486)) == bytes(refusal)
    caller.acknowledge(invite, refusal)
    ack = sip_server.wait_for(
        lambda m: m.is_request("ACK") and m.direction == "received" and m.source == caller.address
        and m.message is not None and m.message.cseq[0] == 2
    )  # fmt: skip
    while not caller.silent(0.2):
        pass
    late = [m for m in sip_server.trace if m.is_response(486) and m.destination == caller.address]
    assert all(m.number < ack.number for m in late)


@quick
def test_a_retransmitted_final_is_acknowledged_again(
    sip_server: SipServer, caller: Wire, callee: Wire
) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 486)
    callee.request("ACK")
    callee.answer(arrived, 486)
    callee.request("ACK")


@pytest.mark.sip_server(users=USERS, timers=Timers(t1=0.02, t2=0.04, t4=0.05, c=0.3))
def test_ringing_ends_with_timer_c(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 180)
    caller.response(180)
    callee.answer(callee.request("CANCEL"), 200, contact=False)
    callee.answer(arrived, 487)
    caller.response(487)


@quick
def test_a_callee_that_ignores_cancel(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    callee.answer(callee.request("INVITE"), 180)
    caller.response(180)
    cancel = Request(invite.headers.copy(), b"", "CANCEL", invite.uri)
    cancel.headers.set("CSeq", f"{invite.cseq[0]} CANCEL")
    caller.send(cancel)
    caller.response(200, "CANCEL")
    callee.request("CANCEL")
    caller.response(487, "INVITE")


@quick
def test_nothing_is_left_behind(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    for status in (486, 200):
        invite = caller.invite(sip_server.aor("1002"))
        callee.answer(callee.request("INVITE"), status)
        final = caller.response(status)
        caller.acknowledge(invite, final)
        callee.request("ACK")
    layer = sip_server._layer
    assert layer is not None
    # The slowest transaction ends 64 * T1 after its last message.
    while not caller.silent(1.5):
        pass
    assert (layer.server, layer.client) == ({}, {})
