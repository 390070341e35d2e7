"""Registrars that refuse, talk rubbish or are not there: what is told, and that nothing is lost by it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from peers.message import select
from peers.sipp import Sipp
from peers.wire import WireClient
from pjsua.hand import HandCall
from pjsua.phone import Phone, brief
from pyjsua import pjsua as pj

Start = Callable[..., Sipp]

CREDENTIAL = pj.CredInfo(realm="*", username="1001", data="secret")


@pytest.mark.parametrize(
    ("scenario", "code", "reason"),
    [
        ("uas_register_forbidden", 403, "Forbidden"),
        ("uas_register_server_error", 500, "Server Internal Error"),
        ("uas_register_unavailable", 503, "Service Unavailable"),
        ("uas_register_challenge", 401, "Unauthorized"),
    ],
)
def test_refused(phone: Phone, sipp: Start, scenario: str, code: int, reason: str) -> None:
    registrar = sipp(scenario, domain="a.test")
    acc = phone.account("1001", reg_uri=f"sip:127.0.0.1:{registrar.port}", cred_info=[CREDENTIAL])
    info = phone.wait_reg(acc)
    assert (info.code, info.reason) == (code, reason)
    assert pj.acc_get_info(acc).status == code
    pj.acc_del(acc)
    phone.check_call()


def test_interval_too_brief(phone: Phone, sipp: Start) -> None:
    registrar = sipp("uas_register_too_brief", keys={"min_expires": "120", "expires": "120"})
    acc = phone.account("1001", reg_uri=f"sip:127.0.0.1:{registrar.port}", reg_timeout=30)
    info = phone.wait_reg(acc)
    assert info.code == 200
    asked = [
        message.header("expires") for message in select(registrar.messages, method="REGISTER", request=True)
    ]
    assert asked == ["30", "120"]


@pytest.fixture
def refusing_port() -> int:
    """A TCP port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def call_refused(phone: Phone, acc: pj.AccId, uri: str) -> str:
    """Why a call failed, told once: by `call_make_call` if the kernel was quick, by an event if not."""
    try:
        call = pj.call_make_call(acc, uri)
    except pj.CallUnreachable as error:
        if phone.all(pj.OnCallState):
            raise AssertionError("it raised, and an event told of it too") from error
        return error.title
    end = phone.wait_end(call)
    assert end.last_status == 503
    return end.last_status_text


# A write may be tried before the refusal is seen.
REFUSED = {
    pj.TransportType.TCP: ("Connection refused", "Broken pipe"),
    pj.TransportType.TLS: ("Connection refused", "Invalid operation (PJ_EINVALIDOP)"),
}


@pytest.mark.parametrize("transport", REFUSED)
def test_connection_refused(refusing_port: int, transport: pj.TransportType) -> None:
    """Each is told, also where the refusal comes while the request is handed over."""
    where = f"127.0.0.1:{refusing_port};transport={transport.name.lower()}"
    with Phone(transport=transport) as phone:
        for acc in [phone.account(f"10{n}", reg_uri=f"sip:{where}") for n in range(20)]:
            info = phone.wait_reg(acc)
            assert info.code == 503
            assert info.reason in REFUSED[transport]


def test_a_call_is_refused(refusing_port: int) -> None:
    with Phone(transport=pj.TransportType.TCP) as phone:
        acc = phone.account("1001", reg_uri=f"sip:127.0.0.1:{refusing_port};transport=tcp")
        phone.wait_reg(acc)
        told = call_refused(phone, acc, f"sip:b@127.0.0.1:{refusing_port};transport=tcp")
        assert told in REFUSED[pj.TransportType.TCP]
        pj.acc_del(acc)
        phone.check_call()


@pytest.mark.timeout(120)
def test_nobody_answers(phone: Phone, sipp: Start, free_port: Callable[..., int]) -> None:
    """Timers B and F of RFC 3261, 32 s: registrars that are down, silent, or talk rubbish, and a call that
    nobody answers, all end as 408, while other calls go on."""
    # Not one of the ephemeral ports: another test's phone would soon have it, and answer.
    down = free_port()
    silent = sipp("uas_register_silent", timeout=60)
    rubbish = [
        sipp(f"uas_register_{kind}", timeout=60) for kind in ("not_sip", "rubbish", "rubbish_challenge")
    ]
    ports = [down, silent.port, *(registrar.port for registrar in rubbish)]
    accounts = [phone.account(f"10{n}", reg_uri=f"sip:127.0.0.1:{port}") for n, port in enumerate(ports)]
    caller = phone.account("caller")
    call = pj.call_make_call(caller, f"sip:b@127.0.0.1:{down}")
    phone.check_call()
    for acc in accounts:
        info = phone.wait(pj.OnRegState2, lambda e, acc=acc: e.acc_id == acc, timeout=50).info  # type: ignore[misc]
        assert (info.code, info.reason) == (408, "Request Timeout")
        assert pj.acc_get_info(acc).status == 408
    end = phone.wait_end(call, timeout=50)
    assert (end.last_status, end.last_status_text) == (408, "Request Timeout")
    assert phone.states(call) == ["CALLING", "DISCONNECTED"]
    assert len(select(silent.messages, method="REGISTER", direction="received")) > 1, "it was retransmitted"
    assert len(phone.all(pj.OnRegState2)) == len(ports), [brief(event) for event in phone.events]
    phone.check_call()


def test_it_may_be_a_month_until_the_next_attempt(
    phone: Phone, wire_client: Callable[..., WireClient]
) -> None:
    wire = wire_client()
    acc = phone.account(
        "patient",
        reg_uri=f"sip:127.0.0.1:{wire.port}",
        reg_retry_interval=1,
        reg_first_retry_interval=3_000_000,
        reg_retry_random_interval=0,
    )
    HandCall(wire).respond(wire.wait_for(lambda m: m.method == "REGISTER"), 503)
    # More milliseconds than 31 bits hold.
    assert phone.wait_reg(acc).retry_ms == 3_000_000_000
