"""Faults that a test can ask for."""

from __future__ import annotations

import time

import pytest

from pyjsua.testing import Delay, Drop, Fault, Garbage, Request, Respond, SipServer

from .wire import Wire, WireMaker


@pytest.fixture
def phone(sip_server: SipServer, wire: WireMaker) -> Wire:
    return wire(sip_server)


def test_respond(sip_server: SipServer, phone: Wire) -> None:
    sip_server.set_fault("REGISTER", Respond(503, "Out Of Coffee", (("Retry-After", "7"),)))
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    response = phone.response(503)
    assert (response.reason, response.headers.get("Retry-After")) == ("Out Of Coffee", "7")
    phone.send(request)
    assert bytes(phone.response(503)) == bytes(response)


def test_respond_to_invite_is_acknowledged_here(sip_server: SipServer, phone: Wire) -> None:
    sip_server.set_fault("INVITE", Respond(486))
    invite = phone.send(phone.new("INVITE", sip_server.aor("1002")))
    phone.acknowledge(invite, phone.response(486))
    assert phone.silent(0.7), "the ACK has stopped the retransmissions"


def test_drop_once_lets_the_retransmission_pass(sip_server: SipServer, phone: Wire) -> None:
    sip_server.set_fault("OPTIONS", Drop(), times=1)
    request = phone.send(phone.new("OPTIONS", sip_server.uri))
    assert phone.silent(0.2)
    phone.send(request)
    phone.response(200)


def test_delay(sip_server: SipServer, phone: Wire) -> None:
    sip_server.set_fault("OPTIONS", Delay(0.3))
    began = time.monotonic()
    phone.send(phone.new("OPTIONS", sip_server.uri))
    phone.response(200)
    assert time.monotonic() - began >= 0.3


def test_garbage(sip_server: SipServer, phone: Wire) -> None:
    sip_server.set_fault("*", Garbage(b"\x00\x01 rubbish"))
    phone.send(phone.new("OPTIONS", sip_server.uri))
    assert phone.receive_raw() == b"\x00\x01 rubbish"
    sip_server.clear_faults()
    phone.send(phone.new("OPTIONS", sip_server.uri))
    phone.response(200)


def test_a_hook_decides(sip_server: SipServer, phone: Wire) -> None:
    def hook(request: Request) -> Fault | None:
        return Respond(404) if request.call_id == "unlucky" else None

    sip_server.set_fault("OPTIONS", hook)
    phone.send(phone.new("OPTIONS", sip_server.uri))
    phone.response(200)
    phone.send(phone.new("OPTIONS", sip_server.uri, call_id="unlucky"))
    phone.response(404)


def test_a_hook_that_raises_is_a_500(
    sip_server: SipServer, phone: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    def hook(request: Request) -> None:
        raise RuntimeError("on purpose")

    sip_server.set_fault("OPTIONS", hook)
    phone.send(phone.new("OPTIONS", sip_server.uri))
    phone.response(500)
    assert "on purpose" in caplog.text


def test_a_fault_is_a_final_status() -> None:
    with pytest.raises(ValueError, match="180"):
        Respond(180)
