"""baresip registering at Kamailio, calling, hearing, being heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from peers import signals
from peers.baresip import Baresip, CommandFailed
from peers.kamailio import Kamailio
from peers.message import select
from peers.process import PeerTimeout
from peers.sipp import Sipp

pytestmark = pytest.mark.hears

Agent = Callable[..., Baresip]
Proxy = Callable[..., Kamailio]

USERS = {"1001": "secret-1001", "1002": "secret-1002"}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_registers_calls_hears_and_sends_dtmf(baresip: Agent, kamailio: Proxy, transport: str) -> None:
    proxy = kamailio("a.test", USERS)
    chirp = signals.chirp(300, 3000, 0.8)
    lead = np.concatenate([signals.silence(0.5), chirp, signals.silence(8)])
    caller = baresip(
        proxy.aor("1001"), proxy.address, password=USERS["1001"], source=lead, transport=transport
    )  # fmt: skip
    callee = baresip(proxy.aor("1002"), proxy.address, password=USERS["1002"], transport=transport)
    assert proxy.contacts("1001")
    assert proxy.contacts("1002")
    caller.dial(proxy.aor("1002"))
    callee.wait_event("CALL_INCOMING")
    callee.answer()
    for agent in (caller, callee):
        agent.wait_event("CALL_ESTABLISHED")
    caller.dtmf("4")
    assert callee.wait_event("CALL_DTMF_START")["param"] == "4"
    callee.wait_heard(1.6)
    caller.hangup()
    callee.wait_event("CALL_CLOSED")
    caller.stop()
    callee.stop()
    assert proxy.contacts("1001") == []
    heard, rate = callee.heard()
    assert rate == 8000
    assert signals.find(chirp, heard, rate).similarity > 0.95
    tone = signals.strongest_tone(signals.trim(caller.heard()[0]), 8000)
    assert tone.frequency == pytest.approx(440, abs=2)


def test_forbidden_registration_and_refused_commands(baresip: Agent, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS, forbid=True)
    agent = baresip(proxy.aor("1001"), proxy.address, password="wrong")
    assert "403 Forbidden" in agent.output
    assert proxy.contacts("1001") == []
    with pytest.raises(CommandFailed):
        agent.do("nosuchcommand")
    with pytest.raises(PeerTimeout, match="CALL_INCOMING"):
        agent.wait_event("CALL_INCOMING", timeout=0.1)


def test_answers_sipp_by_itself(baresip: Agent, sipp: Callable[..., Sipp]) -> None:
    agent = baresip("sip:bob@127.0.0.1", answer="auto")
    assert sipp("uac_call", agent.address, user="bob", hold=300).wait().ok
    agent.wait_event("CALL_CLOSED")


def test_busy_callee_closes_the_call_with_its_reason(baresip: Agent, sipp: Callable[..., Sipp]) -> None:
    busy = sipp("uas_busy")
    agent = baresip("sip:alice@127.0.0.1")
    agent.dial(busy.uri)
    assert agent.wait_event("CALL_CLOSED")["param"] == "486 Busy Here"


def test_answers_a_reinvite(baresip: Agent, sipp: Callable[..., Sipp]) -> None:
    agent = baresip("sip:bob@127.0.0.1", answer="auto")
    result = sipp("uac_reinvite", agent.address, user="bob", hold=200, keys={"direction": "sendonly"}).wait()
    answers = select(result.messages, method="INVITE", status=200)
    assert "a=sendrecv" in answers[0].body
    assert "a=recvonly" in answers[-1].body
    assert len({answer.cseq for answer in answers}) == 2


def test_takes_a_message(baresip: Agent, sipp: Callable[..., Sipp]) -> None:
    agent = baresip("sip:bob@127.0.0.1")
    sent = sipp("uac_message", agent.address, user="bob", keys={"text": "good morning"}).wait().messages[0]
    assert sent.body.strip() == "good morning"
