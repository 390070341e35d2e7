"""Requests that wait for the program ahead of PJSIP: REFER, INVITE with Replaces, offers, SUBSCRIBE."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from peers.message import Message
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pjsua.phone import Phone, same, until
from pyjsua import pjsua as pj

ROOT = Path(__file__).parents[2]

EVERYTHING = (
    pj.HeldRequest.TRANSFER | pj.HeldRequest.REPLACE | pj.HeldRequest.UPDATE | pj.HeldRequest.SUBSCRIBE
)


def make_phone(held: pj.HeldRequest = EVERYTHING, **policy: Any) -> Phone:
    made = Phone(config=pj.Config(max_calls=8, policy=pj.Policy(held_requests=held, **policy)))
    made.answer = lambda event: pj.call_answer(event.call_id, 200)
    return made


@pytest.fixture
def holding() -> Iterator[Phone]:
    with make_phone(call_transfer_request2=603) as started:
        started.account("a")
        yield started


@pytest.fixture
def wire() -> Iterator[WireClient]:
    with WireClient() as client:
        yield client


def talk(phone: Phone, wire: WireClient) -> HandCall:
    """A call from the wire, answered."""
    far = HandCall(wire)
    before = len(phone.all(pj.OnIncomingCall))
    assert far.invite(phone.uri("a"), (phone.host, phone.port)).status == 200
    # The ACK is on its way yet.
    phone.wait_state(phone.wait_incoming(before + 1).call_id, pj.InvState.CONFIRMED)
    return far


def held(phone: Phone, kind: pj.HeldRequest, count: int = 1) -> pj.OnHeldRequest:
    return phone.wait(pj.OnHeldRequest, lambda event: event.kind is kind, count=count)


def raw(
    phone: Phone,
    wire: WireClient,
    method: str,
    headers: Mapping[str, str] | None = None,
    *,
    branch: str,
    call_id: str,
    body: str = "",
) -> str:
    """A request outside of dialogs, with a branch of its own."""
    uri = phone.uri("a")
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {wire.host}:{wire.port};branch={branch};rport",
        "Max-Forwards: 70",
        f"From: <sip:wire@{wire.host}:{wire.port}>;tag=raw",
        f"To: <{uri}>",
        f"Call-ID: {call_id}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:wire@{wire.host}:{wire.port}>",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", body])


def answers(wire: WireClient, method: str, call_id: str) -> list[Message]:
    return [
        m for m in wire.messages
        if m.direction == "received" and m.status is not None and m.cseq[1] == method and m.call_id == call_id
    ]  # fmt: skip


def test_a_transfer_waits_and_is_refused_with_reason_and_headers(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = far.send("REFER", {"Refer-To": f"<sip:c@{wire.host}:{wire.port}>", "Referred-By": "<sip:boss@a>"})
    event = held(holding, pj.HeldRequest.TRANSFER)
    assert event.message is not None
    assert event.message.header("Referred-By") == "<sip:boss@a>"
    assert 0 < event.wait_ms <= 20000
    # What is sent again meanwhile is swallowed; what is sent again after the answer gets it again.
    sent = wire.wait_for(lambda m: m.direction == "sent" and m.method == "REFER").raw
    wire.send(sent, far.to)
    pj.acc_get_count()
    assert not answers(wire, "REFER", far.call_id)
    data = pj.MsgData(hdr_list=[("X-Why", "not now")])
    assert pj.held_request_respond(event.request, 480, "Later", msg_data=data) is None
    answer = far.response(asked)
    assert (answer.status, answer.start_line[12:], answer.header("X-Why")) == (480, "Later", "not now")
    wire.send(sent, far.to)
    wire.wait_for(lambda m: m.status == 480 and m.cseq[1] == "REFER" and m.direction == "received", count=2)
    assert len(holding.all(pj.OnHeldRequest)) == 1
    assert not holding.all(pj.OnCallTransferRequest2)
    with pytest.raises(pj.StaleError, match=r": request "):
        pj.held_request_respond(event.request, 202)
    # The call does not mind.
    assert far.request("BYE").status == 200


def test_a_transfer_that_is_accepted_makes_a_call(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = far.send("REFER", {"Refer-To": f"<sip:c@{wire.host}:{wire.port}>", "Referred-By": "<sip:boss@a>"})
    event = held(holding, pj.HeldRequest.TRANSFER)
    new = pj.held_request_respond(event.request, 202)
    assert isinstance(new, pj.CallId)
    assert new.valid
    assert far.response(asked).status == 202
    notify = far.received("NOTIFY")
    assert "SIP/2.0 100" in notify.body
    far.respond(notify, 200)
    target = HandCall(wire)
    invite = target.wait_invite()
    assert invite.header("Referred-By") == "<sip:boss@a>"
    assert "m=text" not in invite.body
    transferred = holding.wait(pj.OnCallTransferred)
    assert same(transferred.old_call_id, event.call_id)
    assert same(transferred.new_call_id, new)
    target.accept(invite)
    far.respond(far.received("NOTIFY", 2), 200)
    holding.wait_state(new, pj.InvState.CONFIRMED)
    # Told before the new call's first state.
    kinds = [e for e in holding.events if isinstance(e, pj.OnCallTransferred | pj.OnCallState)]
    first = next(i for i, e in enumerate(kinds) if isinstance(e, pj.OnCallState) and same(e.call_id, new))
    assert any(isinstance(e, pj.OnCallTransferred) for e in kinds[:first])
    pj.call_hangup_all()


def test_a_target_that_cannot_be_called_makes_none(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = far.send("REFER", {"Refer-To": "<tel:+1>"})
    event = held(holding, pj.HeldRequest.TRANSFER)
    assert pj.held_request_respond(event.request, 202) is None
    assert far.response(asked).status == 202
    wire.wait_for(lambda m: m.is_request and m.method == "NOTIFY" and "SIP/2.0 500" in m.body)


def test_after_the_deadline_the_policy_decides(wire: WireClient) -> None:
    with make_phone(call_transfer_request2=403, later_ms=200) as phone:
        phone.account("a")
        far = talk(phone, wire)
        answer = far.request("REFER", {"Refer-To": f"<sip:c@{wire.host}:{wire.port}>"})
        assert answer.status == 403
        end = phone.wait(pj.OnHeldRequestEnd)
        assert end.code == 0
        assert end.request == held(phone, pj.HeldRequest.TRANSFER).request


def test_a_call_that_ends_takes_its_requests_with_it(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = far.send("REFER", {"Refer-To": f"<sip:c@{wire.host}:{wire.port}>"})
    event = held(holding, pj.HeldRequest.TRANSFER)
    assert far.request("BYE").status == 200
    assert far.response(asked).status == 481
    end = holding.wait(pj.OnHeldRequestEnd)
    assert (end.code, end.request) == (481, event.request)
    with pytest.raises(pj.StaleError):
        pj.held_request_respond(event.request, 202)


def test_one_call_cannot_have_many_waiting(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = [far.send("REFER", {"Refer-To": "<sip:c@127.0.0.1:9>"}) for _ in range(5)]
    assert far.response(asked[4]).status == 603
    until(lambda: len(holding.all(pj.OnHeldRequest)) == 4, "each is told of")
    for event in holding.all(pj.OnHeldRequest):
        pj.held_request_respond(event.request, 486)
    assert [far.response(one).status for one in asked[:4]] == [486] * 4


def replaces(far: HandCall) -> dict[str, str]:
    ours, theirs = far.remote.rpartition("tag=")[2], far.local.rpartition("tag=")[2]
    return {"Replaces": f"{far.call_id};to-tag={ours};from-tag={theirs}", "Require": "replaces"}


@pytest.mark.parametrize("end", ["cancelled", "refused", "accepted"])
def test_a_replacement_waits(end: str, holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    branch, call_id = f"z9hG4bK{uuid.uuid4().hex}", uuid.uuid4().hex
    offer = audio_offer(wire.host, 40002)
    invite = raw(holding, wire, "INVITE", replaces(far), branch=branch, call_id=call_id, body=offer)
    wire.send(invite, far.to, times=2, interval=0.1)
    event = held(holding, pj.HeldRequest.REPLACE)
    old = holding.wait(pj.OnIncomingCall).call_id
    assert same(event.call_id, old)
    wire.wait_for(lambda m: m.status == 100 and m.call_id == call_id)
    if end == "cancelled":
        wire.send(raw(holding, wire, "CANCEL", branch=branch, call_id=call_id), far.to)
        wire.wait_for(lambda m: m.status == 200 and m.cseq[1] == "CANCEL")
        wire.wait_for(lambda m: m.status == 487 and m.call_id == call_id)
        assert holding.wait(pj.OnHeldRequestEnd).code == 487
        with pytest.raises(pj.StaleError):
            pj.held_request_respond(event.request, 200)
    elif end == "refused":
        assert pj.held_request_respond(event.request, 486) is None
        wire.wait_for(lambda m: m.status == 486 and m.call_id == call_id)
    else:
        new = pj.held_request_respond(event.request, 200)
        assert new is not None
        wire.wait_for(lambda m: m.status == 200 and m.call_id == call_id)
        replaced = holding.wait(pj.OnCallReplaced)
        assert same(replaced.new_call_id, new)
        assert same(replaced.old_call_id, old)
        assert not holding.all(pj.OnCallTransferred)
        far.respond(far.received("BYE"), 200)
    if end != "accepted":
        assert far.request("BYE").status == 200
    assert len(holding.all(pj.OnHeldRequest)) == 1


def test_a_replacement_whose_call_ends_is_refused(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    call_id = uuid.uuid4().hex
    offer = audio_offer(wire.host, 40002)
    invite = raw(holding, wire, "INVITE", replaces(far), branch="z9hG4bKx", call_id=call_id, body=offer)
    wire.send(invite, far.to)
    held(holding, pj.HeldRequest.REPLACE)
    assert far.request("BYE").status == 200
    answer = wire.wait_for(lambda m: m.call_id == call_id and (m.status or 0) >= 200)
    assert answer.status in (481, 603)


def test_an_update_with_an_offer_waits(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    asked = far.send("UPDATE", {}, audio_offer(wire.host, 40004))
    event = held(holding, pj.HeldRequest.UPDATE)
    assert not answers(wire, "UPDATE", far.call_id)
    pj.held_request_respond(event.request, 200)
    answer = far.response(asked)
    assert answer.status == 200
    assert "m=audio" in answer.body
    asked = far.send("UPDATE", {}, audio_offer(wire.host, 40006))
    pj.held_request_respond(held(holding, pj.HeldRequest.UPDATE, 2).request, 488)
    assert far.response(asked).status == 488
    # One that only keeps the session alive has nothing to be decided.
    assert far.request("UPDATE").status == 200
    assert far.request("BYE").status == 200


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_one_call_holds_offers(method: str, wire: WireClient) -> None:
    """Asked for by `call_hold_requests`, of that call only, with headers on the 2xx too."""
    kind = pj.HeldRequest.REINVITE if method == "INVITE" else pj.HeldRequest.UPDATE
    with make_phone(pj.HeldRequest(0)) as phone:
        phone.account("a")
        far, other = talk(phone, wire), talk(phone, wire)
        call, second = (phone.wait(pj.OnIncomingCall, count=count).call_id for count in (1, 2))
        pj.call_hold_requests(call, kind)
        assert other.request(method, {}, audio_offer(wire.host, 40004)).status == 200
        asked = far.send(method, {}, audio_offer(wire.host, 40004))
        event = held(phone, kind)
        assert same(event.call_id, call)
        for offering in (pj.call_reinvite, pj.call_update, pj.call_set_hold):
            with pytest.raises(pj.InvalidState):
                offering(call)
        data = pj.MsgData(hdr_list=[("X-Why", "well")])
        assert pj.held_request_respond(event.request, 202, msg_data=data) is None
        answer = far.response(asked)
        assert (answer.status, answer.header("X-Why")) == (200, "well")
        assert len(phone.all(pj.OnHeldRequest)) == 1
        pj.call_hold_requests(call, 0)
        far.ack(answer)
        assert far.request(method, {}, audio_offer(wire.host, 40006)).status == 200
        for bad in (pj.HeldRequest.SUBSCRIBE, 32, -1):
            with pytest.raises(ValueError, match=r"^which: "):
                pj.call_hold_requests(second, bad)
        assert other.request("BYE").status == 200
        until(lambda: pj.call_get_count() == 1, "it has gone")
        with pytest.raises(pj.StaleError):
            pj.call_hold_requests(second, 0)


def test_an_offer_that_cannot_be_made_changes_nothing(
    wire: WireClient, caplog: pytest.LogCaptureFixture
) -> None:
    """pjsua changes the media first, and is told afterwards that something is under way."""
    with make_phone(pj.HeldRequest(0)) as phone:
        phone.account("a")
        far = talk(phone, wire)
        call = phone.wait(pj.OnIncomingCall).call_id
        pj.call_reinvite(call)
        ours = far.received("INVITE")
        only_listen = pj.CallSetting(flag=pj.CallFlag.SET_MEDIA_DIR, media_dir=(pj.MediaDir.DECODING,))
        for offering in (pj.call_reinvite, pj.call_update2):
            with pytest.raises(pj.InvalidState):
                offering(call, only_listen)
        with pytest.raises(pj.InvalidState):
            pj.call_set_hold(call)
        far.respond(ours, 200, "OK", body=audio_offer(wire.host, 40000))
        far.received("ACK")
        answer = far.request("UPDATE", {}, audio_offer(wire.host, 40004))
        assert "a=sendrecv" in answer.body
        # Nor is there anything to update before there is a dialog.
        early = pj.call_make_call(phone.account("b"), f"sip:w@{wire.host}:{wire.port}")
        with pytest.raises(pj.InvalidState):
            pj.call_update(early)
        pj.call_hangup(early)
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert not [line for line in said if "Assert" in line or "Unable" in line]


def test_what_offers_nothing_waits_for_the_answer_to_what_did(
    wire: WireClient, caplog: pytest.LogCaptureFixture
) -> None:
    """pjsua makes the media of a call that is up anew for it, too: the answer would not find its lines."""
    with make_phone(pj.HeldRequest(0)) as phone:
        phone.account("a")
        far = talk(phone, wire)
        call = phone.wait(pj.OnIncomingCall).call_id
        pj.call_update2(call, pj.CallSetting(txt_cnt=1))
        ours = far.received("UPDATE")
        assert "m=text" in ours.body
        nothing = pj.CallFlag.NO_SDP_OFFER
        with pytest.raises(pj.InvalidState):
            pj.call_update(call, nothing)
        with pytest.raises(pj.InvalidState):
            pj.call_update2(call, pj.CallSetting(flag=nothing))
        far.respond(ours, 200, "OK", body=audio_offer(wire.host, 40000) + "m=text 0 RTP/AVP 98\r\n")
        until(lambda: len(pj.call_get_info(call).media) == 2, "the answer has been taken")
        pj.call_update(call, nothing)
        far.respond(far.received("UPDATE", 2), 200)
        assert far.request("BYE").status == 200
    assert not [one for one in caplog.records if "Assert" in one.getMessage()]


def test_headers_of_a_2xx_nobody_could_add(holding: Phone, wire: WireClient) -> None:
    call_id = uuid.uuid4().hex
    headers = {"Event": "presence", "Expires": "60", "Accept": "application/pidf+xml"}
    request = raw(holding, wire, "SUBSCRIBE", headers, branch="z9hG4bKa", call_id=call_id)
    wire.send(request, (holding.host, holding.port))
    event = held(holding, pj.HeldRequest.SUBSCRIBE)
    with pytest.raises(ValueError, match=r"^msg_data: "):
        pj.held_request_respond(event.request, 202, msg_data=pj.MsgData(hdr_list=[("X-Why", "well")]))
    pj.held_request_respond(event.request, 202)
    assert wire.wait_for(lambda m: m.call_id == call_id and (m.status or 0) >= 200).status == 202


def test_a_subscription_may_be_refused_later(holding: Phone, wire: WireClient) -> None:
    call_id = uuid.uuid4().hex
    headers = {"Event": "presence", "Expires": "60", "Accept": "application/pidf+xml"}
    to = (holding.host, holding.port)
    wire.send(raw(holding, wire, "SUBSCRIBE", headers, branch="z9hG4bKa", call_id=call_id), to)
    event = held(holding, pj.HeldRequest.SUBSCRIBE)
    assert (int(event.call_id), int(event.acc_id)) == (-1, 0)
    data = pj.MsgData(hdr_list=[("Retry-After", "5")])
    pj.held_request_respond(event.request, 403, "Not you", msg_data=data)
    answer = wire.wait_for(lambda m: m.call_id == call_id and (m.status or 0) >= 200)
    assert (answer.status, answer.start_line[12:], answer.header("Retry-After")) == (403, "Not you", "5")
    call_id = uuid.uuid4().hex
    wire.send(raw(holding, wire, "SUBSCRIBE", headers, branch="z9hG4bKb", call_id=call_id), to)
    pj.held_request_respond(held(holding, pj.HeldRequest.SUBSCRIBE, 2).request, 202)
    answer = wire.wait_for(lambda m: m.call_id == call_id and (m.status or 0) >= 200)
    assert answer.status == 202
    assert holding.wait(pj.OnIncomingSubscribe).code == 202


def test_destroy_refuses_what_waits(wire: WireClient) -> None:
    with make_phone() as phone:
        phone.account("a")
        far = talk(phone, wire)
        asked = far.send("REFER", {"Refer-To": "<sip:c@127.0.0.1:9>"})
        held(phone, pj.HeldRequest.TRANSFER)
    assert far.response(asked).status == 503


def test_nothing_waits_unless_it_is_asked_for(wire: WireClient) -> None:
    with make_phone(pj.HeldRequest(0), call_transfer_request2=603) as phone:
        phone.account("a")
        far = talk(phone, wire)
        assert far.request("REFER", {"Refer-To": "<sip:c@127.0.0.1:9>"}).status == 603
        assert not phone.all(pj.OnHeldRequest)


def test_bad_decisions(holding: Phone, wire: WireClient) -> None:
    far = talk(holding, wire)
    far.send("REFER", {"Refer-To": "<sip:c@127.0.0.1:9>"})
    request = held(holding, pj.HeldRequest.TRANSFER).request
    bad: list[Callable[[], object]] = [
        lambda: pj.held_request_respond(request, 180),
        lambda: pj.held_request_respond(request, 700),
        lambda: pj.held_request_respond(request, 603, "x" * 1025),
        lambda: pj.held_request_respond(request, 202, "Fine"),
        lambda: pj.held_request_respond(request, 603, opt=pj.CallSetting()),
        lambda: pj.held_request_respond(request, 603, msg_data=pj.MsgData(msg_body="x", content_type="a/b")),
    ]
    for one in bad:
        with pytest.raises(ValueError, match=r"^(code|reason|opt|msg_data): "):
            one()
    too_long = pj.MsgData(hdr_list=[(f"X-{i}", "x" * 925) for i in range(17)])
    with pytest.raises(pj.PjsuaError):
        pj.held_request_respond(request, 603, msg_data=too_long)
    # It waits all the same.
    pj.held_request_respond(request, 603)
    pj.destroy()
    pj.create()
    with pytest.raises(ValueError, match=r"^ua_cfg\.policy\.held_requests: 32 is no HeldRequest$"):
        pj.init(pj.Config(policy=pj.Policy(held_requests=pj.HeldRequest(32))))


def test_a_storm_of_held_requests(tmp_path: Path) -> None:
    """Hundreds held and decided by several threads while their calls end, destroyed in the middle."""
    program = ROOT / "tests" / "misuse" / "held_storm.py"
    done = subprocess.run(
        [sys.executable, str(program), "1", "0.7"], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    count = json.loads(done.stdout)
    assert count["held"] > 20
    assert count["decided"] > 10


def test_who_says_goodbye_decides_at_once(wire: WireClient) -> None:
    with make_phone(incoming_subscribe=603) as phone, WireClient() as silent:
        phone.account("a")
        phone.account("b", reg_uri=f"sip:127.0.0.1:{silent.port}")
        silent.wait_for(lambda m: m.method == "REGISTER")
        headers = {"Event": "presence", "Expires": "60", "Accept": "application/pidf+xml"}
        request = raw(phone, wire, "SUBSCRIBE", headers, branch="z9hG4bKa", call_id="late")
        port = phone.port
        # It waits for an answer to its REGISTER, and gets none.
        destroyed = threading.Thread(target=pj.destroy, kwargs={"timeout": 3.0})
        destroyed.start()
        with contextlib.suppress(pj.InvalidState):
            while True:
                pj.acc_get_count()
        wire.send(request, ("127.0.0.1", port))
        assert wire.wait_for(lambda m: (m.status or 0) >= 200).status == 603
        destroyed.join()
