"""Hooks: PJSIP waits for Python, but never longer than it was told."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from laws.child import run
from peers.gil import hold_gil
from peers.message import response_delay, select
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pjsua.phone import Phone
from pyjsua import pjsua as pj

Wires = Callable[..., WireClient]


@contextmanager
def phone_with(hooks: pj.Hooks, policy: pj.Policy | None = None) -> Iterator[Phone]:
    with Phone(config=pj.Config(max_calls=8, hooks=hooks, policy=policy or pj.Policy())) as phone:
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        phone.account("alice")
        yield phone


def called(phone: Phone, wire: WireClient) -> HandCall:
    hand = HandCall(wire)
    assert hand.invite(phone.uri("alice"), ("127.0.0.1", phone.port)).status == 200
    phone.wait(pj.OnCallState, lambda event: event.info.state is pj.InvState.CONFIRMED)
    return hand


def refer(hand: HandCall) -> int | None:
    return hand.request("REFER", {"Refer-To": "<sip:carol@127.0.0.1:9>"}).status


def errors(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() for record in caplog.records if record.name == "pyjsua")


def deny(event: Any) -> int:
    return 603


def never(event: Any) -> int:
    while True:
        pass


def raising(event: Any) -> int:
    raise KeyError("oops")


def asleep(event: Any) -> int:
    time.sleep(1.5)
    return 603


def meddling(event: pj.OnCallTransferRequest2) -> int:
    pj.call_hangup(event.call_id)
    return 603


def destroying(event: Any) -> int:
    pj.destroy()
    return 603


def text(event: Any) -> Any:
    return "no"


def too_low(event: Any) -> int:
    return 180


@pytest.mark.parametrize(
    ("hook", "answered", "told"),
    [
        (deny, 603, ""),
        (lambda event: None, 486, ""),
        (lambda event: pj.Decision(code=488, opt=dataclasses.replace(event.opt, aud_cnt=2)), 488, ""),
        (raising, 486, "failed"),
        (never, 486, "took too long"),
        (asleep, 486, "too l"),
        (meddling, 486, "failed"),
        (destroying, 486, "failed"),
        (text, 486, "failed"),
        (too_low, 486, "failed"),
    ],
)
def test_what_a_hook_may_do(
    wire_client: Wires, caplog: pytest.LogCaptureFixture, hook: Any, answered: int, told: str
) -> None:
    wire = wire_client()
    with phone_with(
        pj.Hooks(on_call_transfer_request2=hook, timeout=0.3), pj.Policy(call_transfer_request2=486)
    ) as phone:
        hand = called(phone, wire)
        assert refer(hand) == answered
        (request,) = select(wire.messages, method="REFER", request=True)
        delay = response_delay(wire.messages, request)
        assert delay is not None
        assert delay < 1.2
        assert phone.wait(pj.OnCallTransferRequest2).code == answered
        assert phone.all(pj.OnCallState, lambda e: e.info.state is pj.InvState.DISCONNECTED) == []
    assert told in errors(caplog)
    assert bool(told) == bool(errors(caplog))


def test_the_one_after_a_slow_one_is_asked_again(wire_client: Wires) -> None:
    asked: list[float] = []
    release = threading.Event()

    def first_slow(event: Any) -> int:
        asked.append(time.monotonic())
        if len(asked) == 1:
            release.wait(10)
        return 603

    wire = wire_client()
    before = pj.hook_stats()
    with phone_with(
        pj.Hooks(on_call_transfer_request2=first_slow), pj.Policy(call_transfer_request2=486)
    ) as phone:
        hand = called(phone, wire)
        assert refer(hand) == 486
        # While it is stuck nobody waits for it again.
        assert refer(hand) == 486
        release.set()
        codes = []
        deadline = time.monotonic() + 10
        while 603 not in codes and time.monotonic() < deadline:
            codes.append(refer(hand))
        assert codes[-1] == 603
    after = pj.hook_stats()
    assert after["late"] == before["late"] + 1
    assert after["busy"] > before["busy"]


def test_pjsip_goes_on_while_python_is_deaf(wire_client: Wires) -> None:
    """The GIL held for two seconds while a hook is due: 100 and the policy's answer leave in time."""
    wire = wire_client()
    with phone_with(
        pj.Hooks(on_call_transfer_request2=deny, on_acc_find_for_incoming=lambda event: None),
        pj.Policy(call_transfer_request2=486),
    ) as phone:
        hand = called(phone, wire)
        start = time.time()
        invite = wire.request("INVITE", phone.uri("alice"), body=audio_offer("127.0.0.1", 40010))
        invite = invite.replace("Content-Length", "Content-Type: application/sdp\r\nContent-Length")
        wire.send(invite, hand.to, after=0.3)
        lines = refer_text(hand)
        wire.send(lines, hand.to, after=0.9)
        hold_gil(2.5)
        trying = wire.wait_for(lambda m: m.status == 100 and m.call_id != hand.call_id)
        refused = wire.wait_for(lambda m: m.status == 486 and m.method == "REFER")
        assert trying.time - start < 1.2
        assert refused.time - start < 2.0
        assert phone.wait(pj.OnCallTransferRequest2).code == 486


def refer_text(hand: HandCall) -> str:
    """A REFER in the dialog as text, for sending at a time of its own."""
    sent: list[str] = []
    send, hand.wire.send = hand.wire.send, lambda data, to, **rest: sent.append(str(data))  # type: ignore[method-assign]
    try:
        hand.send("REFER", {"Refer-To": "<sip:carol@127.0.0.1:9>"})
    finally:
        hand.wire.send = send  # type: ignore[method-assign]
    return sent[0]


def test_sdp_changed_by_a_hook_is_on_the_wire(wire_client: Wires) -> None:
    wire = wire_client()

    def mark(event: pj.OnCallSdpCreated) -> str:
        return event.sdp.replace("a=sendrecv", "a=sendrecv\r\na=x-mark:1")

    with phone_with(pj.Hooks(on_call_sdp_created=mark)) as phone:
        hand = called(phone, wire)
        answer = select(wire.messages, method="INVITE", status=200)[0]
        assert "a=x-mark:1" in answer.body
        event = phone.wait(pj.OnCallSdpCreated)
        assert event.changed
        assert "a=x-mark:1" in event.sdp
        assert "m=audio 40000" in event.rem_sdp
        pj.call_make_call(phone.account("caller"), f"sip:bob@127.0.0.1:{wire.port}")
        other = HandCall(wire)
        invite = other.wait_invite()
        assert "a=x-mark:1" in invite.body
        other.accept(invite)
        phone.wait(pj.OnCallState, lambda e: e.info.state is pj.InvState.CONFIRMED, count=2)
        assert hand.call_id != other.call_id


@pytest.mark.parametrize(
    "bad",
    [
        "rubbish",
        "",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
        "v=0\r\n" + "a=" + "x" * 20000,
    ],
)
def test_bad_sdp_of_a_hook_is_not_used(
    wire_client: Wires, caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    caplog.set_level(logging.WARNING)
    wire = wire_client()
    with phone_with(pj.Hooks(on_call_sdp_created=lambda event: bad)) as phone:
        called(phone, wire)
        answer = select(wire.messages, method="INVITE", status=200)[0]
        assert "m=audio" in answer.body
        assert not phone.wait(pj.OnCallSdpCreated).changed
    assert "SDP" in caplog.text


def test_the_account_a_call_is_for(wire_client: Wires) -> None:
    wire = wire_client()
    accounts: dict[str, pj.AccId] = {}
    with phone_with(pj.Hooks(on_acc_find_for_incoming=lambda event: accounts.get("other"))) as phone:
        accounts["other"] = phone.account("other")
        called(phone, wire)
        assert phone.wait_incoming().acc_id == accounts["other"]
        event = phone.wait(pj.OnAccFindForIncoming)
        assert (event.acc_id, event.changed) == (accounts["other"], True)
        assert event.message is not None
        assert event.message.method == "INVITE"


def test_a_stream_is_set_before_it_is_made(wire_client: Wires) -> None:
    wire = wire_client()

    def longer(event: pj.OnStreamPrecreate) -> pj.StreamSetting:
        return dataclasses.replace(event.setting, jb_max=2000)

    with phone_with(pj.Hooks(on_stream_precreate=longer)) as phone:
        called(phone, wire)
        event = phone.wait(pj.OnStreamPrecreate)
        assert event.changed
        assert event.setting.jb_max == 2000
        stat = pj.call_get_stream_stat(phone.wait_incoming().call_id)
        # In frames of 10 ms.
        assert stat.jbuf.max_count == 200


def test_a_redirection_decided_by_a_hook(wire_client: Wires) -> None:
    wire, other = wire_client(), wire_client()
    with phone_with(pj.Hooks(on_call_redirected=lambda event: pj.RedirectOp.ACCEPT_REPLACE)) as phone:
        pj.call_make_call(phone.account("caller"), f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        target = f"sip:bob2@127.0.0.1:{other.port}"
        hand.respond(hand.wait_invite(), 302, "Moved", {"Contact": f"<{target}>"})
        invite = HandCall(other).wait_invite()
        assert "bob2" in (invite.header("to") or "")
        assert target in invite.start_line
        assert phone.wait(pj.OnCallRedirected).op is pj.RedirectOp.ACCEPT_REPLACE


def test_offers_decided_by_hooks(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(
        pj.Hooks(
            on_call_rx_offer=lambda event: 488 if "a=inactive" in event.offer else None,
            on_call_tx_offer=lambda event: dataclasses.replace(event.opt, aud_cnt=1, txt_cnt=0),
        )
    ) as phone:
        hand = called(phone, wire)
        for direction, status in (("inactive", 488), ("sendonly", 200)):
            answer = hand.request("INVITE", body=audio_offer("127.0.0.1", 40002, direction))
            hand.ack(answer)
            assert answer.status == status
        asked = hand.request("INVITE")
        assert asked.status == 200
        assert "m=audio" in asked.body
        assert "m=text" not in asked.body


def test_replaces_refused_in_the_hooks_own_words(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(
        pj.Hooks(on_call_replace_request2=lambda event: pj.Decision(code=480, reason="Not that one"))
    ) as phone:
        first = called(phone, wire)
        theirs, ours = first.local.rpartition("tag=")[2], first.remote.rpartition("tag=")[2]
        answer = HandCall(wire).invite(
            phone.uri("alice"), first.to, {"Replaces": f"{first.call_id};to-tag={ours};from-tag={theirs}"}
        )
        assert answer.start_line == "SIP/2.0 480 Not that one"
        assert phone.wait(pj.OnCallReplaceRequest2).reason == "Not that one"


def test_a_subscription_refused_in_the_hooks_own_words(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(
        pj.Hooks(on_incoming_subscribe=lambda event: pj.Decision(code=486, reason="Not today"))
    ) as phone:
        hand = HandCall(wire)
        hand.to, hand.target = ("127.0.0.1", phone.port), phone.uri("alice")
        hand.remote = f"<{hand.target}>"
        answer = hand.request("SUBSCRIBE", {"Event": "presence", "Expires": "300"})
        assert answer.start_line == "SIP/2.0 486 Not today"


@pytest.mark.parametrize("timeout", [0, -1, 6, float("nan"), "1"])
def test_a_bad_timeout_is_refused(timeout: Any) -> None:
    pj.create()
    try:
        with pytest.raises((ValueError, TypeError), match="timeout"):
            pj.init(pj.Config(hooks=pj.Hooks(on_call_rx_offer=deny, timeout=timeout)))
        with pytest.raises(TypeError, match="on_call_redirected"):
            pj.init(pj.Config(hooks=pj.Hooks(on_call_redirected=7)))  # type: ignore[arg-type]
        pj.init()
    finally:
        pj.destroy()


def test_no_hook_no_thread() -> None:
    with Phone():
        assert not [thread for thread in threading.enumerate() if "hook" in thread.name]
    with phone_with(pj.Hooks(on_call_transfer_request2=deny)):
        assert len([thread for thread in threading.enumerate() if "hook" in thread.name]) == 2


@pytest.mark.parametrize("how", ["exit", "destroy", "stuck", "fork"])
def test_ends_with_a_hook_running(how: str) -> None:
    run("hooked", how, timeout=30).expect(silent=how != "stuck")
