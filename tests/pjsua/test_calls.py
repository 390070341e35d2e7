"""Calls with SIPp at the other end, without a proxy: both directions, every way to end them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peers.message import flow, retransmissions, select
from peers.sipp import Sipp
from peers.wire import WireClient, audio_offer
from pjsua.phone import Phone
from pyjsua import pjsua as pj

Start = Callable[..., Sipp]
Wire = Callable[..., WireClient]
State = pj.InvState


def call_in(phone: Phone, sipp: Start, scenario: str, **settings: Any) -> Sipp:
    """A SIPp that calls the account `b`."""
    settings.setdefault("domain", f"127.0.0.1:{phone.port}")
    return sipp(scenario, ("127.0.0.1", phone.port), user="b", **settings)


# -- out


def test_make_call_answered_and_hung_up(phone: Phone, sipp: Start) -> None:
    uas = sipp("uas_answer")
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, State.CONFIRMED)
    media = phone.wait_media(call)
    assert media.conf_slot.owner == call
    assert pj.call_is_active(call)
    assert pj.call_has_media(call)
    stat = pj.call_get_stream_stat(call)
    assert (stat.codec, stat.clock_rate, stat.channel_cnt) == ("PCMU", 8000, 1)
    assert stat.remote_addr == f"127.0.0.1:{uas.media_port}"
    pj.call_hangup(call)
    end = phone.wait_end(call)
    assert (end.last_status, end.last_status_text) == (200, "OK")
    assert uas.wait().ok
    assert phone.states(call) == ["CALLING", "EARLY", "CONNECTING", "CONFIRMED", "DISCONNECTED"]
    assert flow(uas.messages, "received") == ["INVITE", "ACK", "BYE"]
    phone.wait_slots_free()
    with pytest.raises(pj.StaleError):
        pj.call_hangup(call)


@pytest.mark.parametrize(
    ("scenario", "code", "reason"),
    [
        ("uas_busy", 486, "Busy Here"),
        ("uas_decline", 603, "Decline"),
        ("uas_not_found", 404, "Not Found"),
    ],
)
def test_refused(phone: Phone, sipp: Start, scenario: str, code: int, reason: str) -> None:
    uas = sipp(scenario)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    end = phone.wait_end(call)
    assert (end.last_status, end.last_status_text) == (code, reason)
    event = phone.all(pj.OnCallState)[-1]
    assert event.message is not None
    assert event.message.status_code == code
    assert uas.wait().ok, "our ACK came"
    phone.check_call()


def test_no_answer_then_cancel(phone: Phone, sipp: Start) -> None:
    uas = sipp("uas_no_answer")
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, State.EARLY)
    pj.call_hangup(call)
    # PJSIP tells the end in the calling thread, before the 487 came.
    end = phone.wait_end(call)
    assert end.last_status == 487
    assert uas.wait().ok
    assert flow(uas.messages, "received") == ["INVITE", "CANCEL", "ACK"]
    phone.wait_slots_free()
    phone.check_call()


def test_far_end_hangs_up(phone: Phone, sipp: Start) -> None:
    uas = sipp("uas_bye_first", hold=100)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    end = phone.wait_end(call)
    assert end.last_status == 200
    assert end.connect_duration > 0
    event = phone.all(pj.OnCallState)[-1]
    assert event.message is not None
    assert event.message.method == "BYE"
    assert not event.message.sent
    assert uas.wait().ok
    (stream,) = phone.all(pj.OnStreamDestroyed)
    assert stream.call_id == call
    assert stream.stat.codec == "PCMU"


def test_early_media(phone: Phone, sipp: Start) -> None:
    tone = bytes(range(128, 256)) * 63
    uas = sipp("uas_early_media", hold=300, media_files={"tone.ulaw": tone})
    call = pj.call_make_call(phone.account("a"), uas.uri)
    early = phone.wait_state(call, State.EARLY).info
    assert (early.last_status, early.last_status_text) == (183, "Session Progress")
    media = phone.wait_media(call)
    assert media.state in (State.EARLY, State.CONNECTING)
    phone.wait_state(call, State.CONFIRMED)
    pj.call_hangup(call)
    assert uas.wait().ok


def test_headers_and_options_are_sent(phone: Phone, sipp: Start) -> None:
    uas = sipp("uas_answer")
    added = pj.MsgData(hdr_list=[("X-One", "1"), ("X-Two", 'a "b" \u00e9'), ("X-One", "again")])
    call = pj.call_make_call(
        phone.account("a"), uas.uri, pj.CallSetting(custom_call_id="my-own-call-id"), added
    )
    phone.wait_state(call, State.CONFIRMED)
    assert pj.call_get_info(call).call_id == "my-own-call-id"
    pj.call_hangup(call, msg_data=pj.MsgData(hdr_list=[("Reason", "Q.850;cause=16")]))
    assert uas.wait().ok
    invite, bye = (select(uas.messages, method=name, request=True)[0] for name in ("INVITE", "BYE"))
    assert invite.all("x-one") == ["1", "again"]
    assert invite.header("x-two") == 'a "b" \u00e9'
    assert "m=text" not in invite.body
    assert invite.call_id == "my-own-call-id"
    assert bye.header("reason") == "Q.850;cause=16"


def test_hold_and_back(phone: Phone) -> None:
    """Both ends in this library: hold is told on each side, with its direction."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_media(call)
    other = phone.wait_incoming().call_id
    phone.wait_state(other, State.CONFIRMED)
    pj.call_set_hold(call)
    assert phone.wait_media(call, pj.CallMediaStatus.LOCAL_HOLD).media_dir is pj.MediaDir.ENCODING
    assert phone.wait_media(other, pj.CallMediaStatus.REMOTE_HOLD).media_dir is pj.MediaDir.DECODING
    pj.call_reinvite(call, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
    both = pj.MediaDir.ENCODING_DECODING
    assert phone.wait_media(call, count=2).media_dir is both
    assert phone.wait_media(other, count=2).media_dir is both
    pj.call_hangup_all()
    phone.wait_slots_free()


# -- in


def test_answered_with_180_183_200(phone: Phone, sipp: Start) -> None:
    phone.account("b")
    uac = call_in(phone, sipp, "uac_call", from_user="somebody", hold=50)
    event = phone.wait_incoming()
    assert event.info.role is pj.Role.UAS
    assert event.info.state is State.INCOMING
    assert "sip:somebody@" in event.info.remote_info
    assert event.info.rem_offerer
    assert event.info.rem_aud_cnt == 1
    pj.call_answer(event.call_id, 180)
    phone.wait_state(event.call_id, State.EARLY)
    pj.call_answer(event.call_id, 183, "In progress")
    pj.call_answer(event.call_id, 200)
    phone.wait_state(event.call_id, State.CONFIRMED)
    end = phone.wait_end(event.call_id)
    assert end.last_status == 200
    assert uac.wait().ok
    assert flow(uac.messages, "received") == ["100", "180", "183", "200", "200"]
    assert select(uac.messages, status=183)[0].start_line == "SIP/2.0 183 In progress"
    assert "m=audio" in select(uac.messages, status=183)[0].body
    assert phone.states(event.call_id) == ["EARLY", "EARLY", "CONNECTING", "CONFIRMED", "DISCONNECTED"]


@pytest.mark.parametrize(
    ("code", "reason", "line"),
    [
        (486, None, "486 Busy Here"),
        (603, "Not now", "603 Not now"),
        (404, None, "404 Not Found"),
        (480, "Gone fishing", "480 Gone fishing"),
    ],
)
@pytest.mark.parametrize("verb", [pj.call_answer, pj.call_hangup])
def test_rejected(
    phone: Phone, sipp: Start, code: int, reason: str | None, line: str, verb: Callable[..., None]
) -> None:
    phone.account("b")
    uac = call_in(phone, sipp, "uac_call")
    call = phone.wait_incoming().call_id
    verb(call, code, reason)
    assert phone.wait_end(call).last_status == code
    uac.wait(check=False)
    assert select(uac.messages, direction="received")[-1].start_line == f"SIP/2.0 {line}"
    phone.wait_slots_free()


def test_rejected_with_pjsuas_own_choice(phone: Phone, sipp: Start) -> None:
    phone.account("b")
    uac = call_in(phone, sipp, "uac_call")
    pj.call_hangup(phone.wait_incoming().call_id)
    uac.wait(check=False)
    assert flow(uac.messages, "received")[-1] == "603"


def test_cancelled_by_the_caller(phone: Phone, sipp: Start) -> None:
    phone.account("b")
    uac = call_in(phone, sipp, "uac_cancel", hold=50)
    call = phone.wait_incoming().call_id
    pj.call_answer(call, 180)
    end = phone.wait_end(call)
    assert end.last_status == 487
    assert uac.wait().ok
    with pytest.raises(pj.PjsuaError):
        pj.call_answer(call, 200)
    phone.wait_slots_free()
    phone.check_call()


def test_hung_up_by_the_callee(phone: Phone, sipp: Start) -> None:
    phone.account("b")
    uac = call_in(phone, sipp, "uac_wait_bye")
    call = phone.wait_incoming().call_id
    pj.call_answer(call)
    phone.wait_state(call, State.CONFIRMED)
    pj.call_hangup(call)
    assert phone.wait_end(call).last_status == 200
    assert uac.wait().ok


def test_hang_up_all(phone: Phone, sipp: Start) -> None:
    """Calls out and in, answered and ringing: each ends the way its state wants."""
    answered, ringing = sipp("uas_answer"), sipp("uas_no_answer")
    phone.account("b")
    a = phone.account("a")
    calls = [pj.call_make_call(a, answered.uri), pj.call_make_call(a, ringing.uri)]
    phone.wait_state(calls[0], State.CONFIRMED)
    phone.wait_state(calls[1], State.EARLY)
    uac = call_in(phone, sipp, "uac_call")
    calls.append(phone.wait_incoming().call_id)
    assert sorted(pj.enum_calls()) == sorted(calls)
    assert pj.call_get_count() == 3
    pj.call_hangup_all()
    for call in calls:
        phone.wait_end(call)
    assert answered.wait().ok
    assert ringing.wait().ok
    uac.wait(check=False)
    assert [flow(peer.messages, "received")[-1] for peer in (answered, ringing, uac)] == ["BYE", "ACK", "603"]
    phone.wait_slots_free()
    assert pj.enum_calls() == []


def test_retransmitted_invite_is_one_call(phone: Phone, wire_client: Wire) -> None:
    phone.account("b")
    wire = wire_client()
    offer = audio_offer("127.0.0.1", 30000)
    invite = wire.request(
        "INVITE", phone.uri("b"), headers={"Content-Type": "application/sdp"}, body=offer, call_id="twice"
    )
    wire.send(invite, ("127.0.0.1", phone.port), times=3, interval=0.05)
    call = phone.wait_incoming().call_id
    pj.call_answer(call, 180)
    wire.wait_for(lambda message: message.status == 180)
    wire.send(invite, ("127.0.0.1", phone.port))
    # A copy of the last response answers a retransmission (RFC 3261, 17.2.1).
    wire.wait_for(lambda message: message.status == 180, count=2)
    assert len(list(retransmissions(wire.messages, "received"))) >= 1
    assert len(phone.all(pj.OnIncomingCall)) == 1
    assert pj.call_get_count() == 1
    pj.call_hangup(call, 486)
    wire.wait_for(lambda message: message.status == 486)


def test_nobody_home(phone: Phone, sipp: Start) -> None:
    """An address of none of our accounts goes to the default account, as pjsua has it; without any, 404."""
    uac = call_in(phone, sipp, "uac_call")
    uac.wait(check=False)
    assert flow(uac.messages, "received")[-1] in ("404", "480")
    assert phone.all(pj.OnIncomingCall) == []


def test_more_calls_than_there_are_slots(sipp: Start) -> None:
    """The third of two is refused with 486 without an event, and the two go on."""
    with Phone(config=pj.Config(max_calls=2)) as phone:
        phone.account("b")
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        first = [call_in(phone, sipp, "uac_wait_bye") for _ in range(2)]
        calls = [phone.wait_incoming(count=n).call_id for n in (1, 2)]
        for call in calls:
            phone.wait_state(call, State.CONFIRMED)
        third = call_in(phone, sipp, "uac_call")
        third.wait(check=False)
        assert flow(third.messages, "received")[-1] == "486"
        assert len(phone.all(pj.OnIncomingCall)) == 2
        with pytest.raises(pj.TooMany):
            pj.call_make_call(phone.account("a"), "sip:x@127.0.0.1:9")
        for call in calls:
            pj.call_hangup(call)
        assert all(uac.wait().ok for uac in first)
        phone.wait_slots_free()
        assert call_in(phone, sipp, "uac_call").wait().ok
