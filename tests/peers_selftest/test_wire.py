"""The wire client keeps its times while the test process is deaf."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.gil import hold_gil
from peers.kamailio import Kamailio
from peers.message import flow, response_delay, retransmissions, select
from peers.process import PeerTimeout
from peers.wire import WireClient, audio_offer

Wire = Callable[..., WireClient]


def test_scheduled_requests_are_answered_while_python_is_deaf(
    wire_client: Wire, kamailio: Callable[..., Kamailio]
) -> None:
    proxy = kamailio()
    wire = wire_client()
    request = wire.request("OPTIONS", proxy.uri, call_id="c")
    wire.send(request, proxy.address, after=0.2, times=3, interval=0.1)
    hold_gil(1.0)
    messages = wire.messages
    assert flow(messages) == ["OPTIONS", "200"] * 3
    sent = select(messages, direction="sent")
    assert sent[1].time - sent[0].time == pytest.approx(0.1, abs=0.03)
    assert sent[2].time - sent[1].time == pytest.approx(0.1, abs=0.03)
    assert len(list(retransmissions(messages, "sent"))) == 2
    delay = response_delay(messages, sent[0])
    assert delay is not None
    assert 0 < delay < 0.05


def test_call_by_hand(wire_client: Wire) -> None:
    caller, callee = wire_client(), wire_client()
    uri = f"sip:bob@127.0.0.1:{callee.port}"
    body = audio_offer("127.0.0.1", 4000)
    caller.send(
        caller.request("INVITE", uri, headers={"Content-Type": "application/sdp"}, body=body), callee.address
    )
    invite = callee.wait_for(lambda message: message.method == "INVITE")
    assert invite.source == caller.address
    assert invite.body == body
    assert invite.header("to") == f"<{uri}>"


def test_binary_and_oversized_datagrams(wire_client: Wire) -> None:
    here, there = wire_client(), wire_client()
    here.send(bytes(range(256)), there.address)
    assert there.wait_for(lambda message: True).raw == bytes(range(256))
    here.send(b"x" * 70000, there.address)
    here.wait_until(lambda: bool(here.failures), "failure reported")


def test_waiting_has_a_deadline(wire_client: Wire) -> None:
    with pytest.raises(PeerTimeout):
        wire_client().wait_for(lambda message: True, timeout=0.1)
