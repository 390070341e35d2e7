"""SIPp as a registrar that misbehaves in one way or another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.message import flow, select
from peers.sipp import Sipp
from peers.wire import WireClient

Start = Callable[..., Sipp]


def test_challenges_grants_and_ends_after_unregistration(
    sipp: Start, wire_client: Callable[..., WireClient]
) -> None:
    registrar = sipp("uas_register", domain="a.test", keys={"expires": "60"})
    wire = wire_client()
    answer = {"Authorization": 'Digest username="1001", response="0"'}
    for cseq, headers in enumerate(({}, answer, {**answer, "Expires": "0"}), start=1):
        request = wire.request("REGISTER", "sip:a.test", call_id="c", cseq=cseq, headers=headers)
        wire.send(request, registrar.address)
        wire.wait_for(lambda message: message.direction == "received", count=cseq)
    received = select(wire.messages, direction="received")
    assert flow(received) == ["401", "200", "200"]
    assert 'Digest realm="a.test"' in (received[0].header("www-authenticate") or "")
    assert received[1].header("expires") == "60"
    assert received[1].header("contact") is not None
    assert received[2].header("contact") is None
    assert registrar.wait(5).ok


def test_challenge_for_ever(sipp: Start) -> None:
    registrar = sipp("uas_register_challenge", domain="a.test")
    client = sipp(
        "uac_register", registrar.address, user="1001", domain="a.test", username="1001", password="wrong"
    )  # fmt: skip
    assert flow(client.wait(check=False).messages, "received") == ["401", "401"]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("uas_register_forbidden", "SIP/2.0 403 Forbidden"),
        ("uas_register_server_error", "SIP/2.0 500 Server Internal Error"),
        ("uas_register_unavailable", "SIP/2.0 503 Service Unavailable"),
        ("uas_register_too_brief", "SIP/2.0 423 Interval Too Brief"),
        ("uas_register_rubbish", "SIP/2.0 200 OK"),
        ("uas_register_rubbish_challenge", "SIP/2.0 401 Unauthorized"),
        ("uas_register_not_sip", "HTTP/1.1 200 OK"),
    ],
)
def test_answer(sipp: Start, wire_client: Callable[..., WireClient], scenario: str, expected: str) -> None:
    registrar = sipp(scenario, keys={"min_expires": "600", "retry_after": "3"})
    wire = wire_client()
    wire.send(wire.request("REGISTER", "sip:a.test", call_id="c"), registrar.address)
    answer = wire.wait_for(lambda message: message.direction == "received")
    assert answer.start_line == expected
    assert answer.call_id == "c"
    if scenario == "uas_register_too_brief":
        assert answer.header("min-expires") == "600"
        wire.send(
            wire.request("REGISTER", "sip:a.test", call_id="c", cseq=2, headers={"Expires": "600"}),
            registrar.address,
        )
        granted = wire.wait_for(lambda message: message.status == 200)
        assert granted.header("expires") == "600"
    if scenario == "uas_register_unavailable":
        assert answer.header("retry-after") == "3"
    if scenario == "uas_register_rubbish":
        assert "banana" in answer.head


def test_silent_registrar(sipp: Start, wire_client: Callable[..., WireClient]) -> None:
    registrar = sipp("uas_register_silent")
    wire = wire_client()
    wire.send(wire.request("REGISTER", "sip:a.test"), registrar.address, times=3, interval=0.05)
    registrar.wait_until(lambda: len(registrar.messages) == 3, "3 requests")
    assert not select(wire.messages, direction="received")
