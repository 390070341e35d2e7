"""SIPp's scenarios against each other, and its trace."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from peers.message import flow, select
from peers.process import PeerTimeout
from peers.sipp import Sipp, SippFailed

Start = Callable[..., Sipp]

CALL = ["INVITE", "180", "200", "ACK", "BYE", "200"]


@pytest.mark.parametrize(
    ("callee", "caller", "expected"),
    [
        ("uas_answer", "uac_call", CALL),
        ("uas_answer", "uac_churn", CALL),
        ("uas_answer", "uac_late_offer", CALL),
        ("uas_bye_first", "uac_wait_bye", CALL),
        ("uas_no_answer", "uac_cancel", ["INVITE", "180", "CANCEL", "200", "487", "ACK"]),
    ],
)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_pair(sipp: Start, callee: str, caller: str, expected: list[str], transport: str) -> None:
    uas = sipp(callee, transport=transport, hold=50)
    called = sipp(caller, uas.address, transport=transport, hold=50).wait()
    assert flow(called.messages) == expected
    assert called.successful == 1
    answered = uas.wait(5)
    assert flow(answered.messages) == expected
    assert [m.direction for m in answered.messages] == [
        "received" if m.direction == "sent" else "sent" for m in called.messages
    ]


@pytest.mark.parametrize(
    ("callee", "status"), [("uas_busy", 486), ("uas_decline", 603), ("uas_not_found", 404)]
)
def test_refusals(sipp: Start, callee: str, status: int) -> None:
    uas = sipp(callee)
    caller = sipp("uac_call", uas.address)
    with pytest.raises(SippFailed, match=f"SIP/2.0 {status}"):
        caller.wait()
    assert flow(caller.messages)[:3] == ["INVITE", str(status), "ACK"]
    assert flow(uas.wait(5).messages) == ["INVITE", str(status), "ACK"]


def test_ipv6(sipp: Start) -> None:
    uas = sipp("uas_answer", host="::1")
    assert sipp("uac_call", uas.address, host="::1", hold=20).wait().ok


def test_trace_times(sipp: Start) -> None:
    before = time.time()
    uas = sipp("uas_answer")
    result = sipp("uac_call", uas.address, hold=300).wait()
    by_method = {m.method: m.time for m in result.messages if m.direction == "sent"}
    assert before < by_method["INVITE"] < by_method["ACK"] < by_method["BYE"] < time.time()
    assert 0.29 <= by_method["BYE"] - by_method["ACK"] < 1.0
    # Both ends saw the INVITE, each by its own clock reading.
    received = select(uas.messages, method="INVITE", direction="received")[0].time
    assert -0.001 < received - by_method["INVITE"] < 0.5


def test_silent_callee_gets_retransmissions(sipp: Start) -> None:
    uas = sipp("uas_silent")
    caller = sipp("uac_call", uas.address, timeout=3)
    uas.wait_until(lambda: len(select(uas.messages, method="INVITE")) >= 3, "3 INVITEs", timeout=10)
    caller.stop()
    uas.stop()
    assert not select(uas.messages, direction="sent")
    times = [m.time for m in select(uas.messages, method="INVITE")][:3]
    assert times[1] - times[0] == pytest.approx(0.5, abs=0.2)
    assert times[2] - times[1] == pytest.approx(1.0, abs=0.3)


def test_silence_ends_by_the_hard_timeout(sipp: Start) -> None:
    uas = sipp("uas_silent")
    begun = time.monotonic()
    result = sipp("uac_call", uas.address, timeout=1).wait(check=False)
    assert not result.ok
    assert time.monotonic() - begun < 5


def test_wait_itself_has_a_deadline(sipp: Start) -> None:
    uas = sipp("uas_answer")
    with pytest.raises(PeerTimeout):
        uas.wait(0.1)
    assert not uas.running


def test_many_calls_and_finish(sipp: Start) -> None:
    uas = sipp("uas_answer", calls=0)
    result = sipp("uac_churn", uas.address, calls=50, rate=100, hold=0).wait()
    assert (result.successful, result.failed) == (50, 0)
    assert uas.finish().successful == 50
    answers = select(result.messages, status=200, method="INVITE")
    assert len({m.call_id for m in answers}) == 50


def test_delay_before_the_first_call(sipp: Start) -> None:
    uas = sipp("uas_answer")
    started = time.time()
    result = sipp("uac_call", uas.address, delay=0.5, hold=10).wait()
    assert 0.45 < result.messages[0].time - started < 3


def test_trace_can_be_off(sipp: Start) -> None:
    uas = sipp("uas_answer", trace=False)
    result = sipp("uac_churn", uas.address, trace=False).wait()
    assert result.ok
    assert not result.messages
