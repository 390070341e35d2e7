"""Requests within a call: INFO and others, UPDATE, hold by UPDATE, and what the other side can do."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from peers.message import select
from peers.sipp import Sipp
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj


def test_a_request_of_any_method(phone: Phone, sipp: Callable[..., Sipp]) -> None:
    uas = sipp("uas_info")
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    data = pj.MsgData(
        hdr_list=[("X-Question", "one"), ("X-Question", "two")],
        content_type="application/x-question",
        msg_body="Wer reitet so spät?\r\nby night",
    )
    pj.call_send_request(call, "INFO", data)
    answer = phone.wait(pj.OnCallTsxState, lambda event: event.method == "INFO" and event.status_code == 200)
    assert answer.role is pj.Role.UAC
    assert answer.message is not None
    assert (answer.message.reason, answer.message.header("X-Seen")) == ("Noted", "yes")
    pj.call_hangup(call)
    (info,) = select(uas.wait().messages, direction="received", method="INFO")
    assert info.all("X-Question") == ["one", "two"]
    assert info.header("Content-Type") == "application/x-question"
    assert info.raw.partition(b"\r\n\r\n")[2] == data.msg_body.encode()


def test_methods_that_are_refused(phone: Phone) -> None:
    call = pj.call_make_call(phone.account("a"), "sip:b@127.0.0.1:9")
    for method, use in (("INVITE", "call_reinvite"), ("bye", "call_hangup"), ("UPDATE", "call_update")):
        with pytest.raises(ValueError, match=rf"^method: {method} changes the call itself; use {use}$"):
            pj.call_send_request(call, method)
    for method in ("", "IN FO", "INFO\r\nX: 1", "INFO\0", "x" * 65, "INFÖ"):
        with pytest.raises(ValueError, match=r"^method: "):
            pj.call_send_request(call, method)
    pj.call_hangup(call)


def test_update_offers_again(phone: Phone, sipp: Callable[..., Sipp]) -> None:
    """An UPDATE offers what a re-INVITE would; what SIPp answers the first with puts us on hold."""
    uas = sipp("uas_update")
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    assert pj.call_remote_has_cap(call, pj.Hdr.ALLOW, None, "UPDATE") is pj.DialogCapStatus.SUPPORTED
    assert pj.call_remote_has_cap(call, pj.Hdr.ALLOW, None, "FLY") is pj.DialogCapStatus.UNSUPPORTED
    assert pj.call_remote_has_cap(call, pj.Hdr.ACCEPT, None, "a/b") is pj.DialogCapStatus.UNKNOWN
    assert pj.call_remote_has_cap(call, pj.Hdr.OTHER, "supported", "replaces") is pj.DialogCapStatus.SUPPORTED
    pj.call_update2(call, None, pj.MsgData(hdr_list=[("X-Step", "first")]))
    answer = phone.wait(
        pj.OnCallTsxState, lambda event: event.method == "UPDATE" and event.status_code == 200
    ).message
    assert answer is not None
    assert answer.sdp is not None
    assert answer.sdp.media[0].direction == "recvonly"
    until(lambda: pj.call_get_info(call).media_dir is pj.MediaDir.ENCODING, "we only send")
    pj.call_update2(call, pj.CallSetting())
    until(lambda: pj.call_get_info(call).media_dir is pj.MediaDir.ENCODING_DECODING, "both ways again")
    pj.call_hangup(call)
    first, second = select(uas.wait().messages, direction="received", method="UPDATE")
    assert (first.header("X-Step"), second.header("X-Step")) == ("first", None)
    for message in (first, second):
        (media,) = pj.Sdp(message.body).media
        assert (media.type, media.direction) == ("audio", "sendrecv")


def test_update_without_an_offer(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    pj.call_update(call, pj.CallFlag.NO_SDP_OFFER)
    seen = phone.wait(
        pj.OnCallTsxState, lambda event: event.method == "UPDATE" and event.role is pj.Role.UAS
    ).message
    assert seen is not None
    assert seen.sdp is None
    assert seen.body == ""


def test_hold_reaches_the_other_side(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    other = phone.wait_incoming().call_id
    phone.wait_state(other, pj.InvState.CONFIRMED)
    pj.call_set_hold2(call, pj.CallFlag.UPDATE_CONTACT)
    phone.wait_media(other, pj.CallMediaStatus.REMOTE_HOLD)
    phone.wait_media(call, pj.CallMediaStatus.LOCAL_HOLD)
    # An UPDATE keeps the hold until it is told to end it.
    pj.call_update(call)
    held = phone.wait(
        pj.OnCallTsxState, lambda event: event.method == "UPDATE" and event.role is pj.Role.UAS
    ).message
    assert held is not None
    assert held.sdp is not None
    assert held.sdp.media[0].direction == "sendonly"
    phone.wait(
        pj.OnCallTsxState,
        lambda event: event.method == "UPDATE" and event.role is pj.Role.UAC and event.status_code == 200,
    )
    pj.call_reinvite(call, pj.CallFlag.UNHOLD)
    phone.wait_media(other, count=2)
    phone.wait_media(call, count=2)


def test_queued_digits(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    other = phone.wait_incoming().call_id
    assert pj.call_get_queued_dtmf_digits(call) == 0
    start = time.monotonic()
    pj.call_dial_dtmf2(call, "12345", 400)
    pj.call_send_dtmf(call, pj.CallSendDtmfParam(digits="6", duration=100))
    queued = pj.call_get_queued_dtmf_digits(call)
    # One less for each that was sent meanwhile; a clock that was late sends half a second's worth at once.
    assert 6 - int((time.monotonic() - start + 0.5) / 0.4) <= queued <= 6
    longest = phone.wait(pj.OnDtmfEvent, lambda event: event.is_end and event.digit == "1")
    assert 380 <= longest.duration <= 420
    assert longest.call_id == other
    until(lambda: pj.call_get_queued_dtmf_digits(call) == 0, "every digit is sent")
    phone.wait(pj.OnDtmfEvent, lambda event: event.is_end and event.digit == "6")
    with pytest.raises(ValueError, match=r"^duration: 8001 is not between 0 and 8000$"):
        pj.call_dial_dtmf2(call, "1", 8001)
    with pytest.raises(pj.PjsuaError, match="PJ_ETOOMANY"):
        pj.call_dial_dtmf2(call, "1" * 1000)


def test_user_data(phone: Phone) -> None:
    """It is there from the first event on, and after the call has ended."""
    thing = object()
    seen: list[object] = []
    phone.answer = lambda event: seen.append(pj.call_get_user_data(event.call_id))
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"), user_data=thing)
    other = phone.wait_incoming().call_id
    assert seen == [None]
    assert pj.call_get_user_data(call) is thing
    assert pj.call_get_user_data(int(call)) is thing
    pj.call_set_user_data(other, [1])
    pj.call_set_user_data(call, None)
    assert (pj.call_get_user_data(call), pj.call_get_user_data(other)) == (None, [1])
    pj.call_hangup(call)
    phone.wait_end(other)
    phone.wait_slots_free()
    assert pj.call_get_user_data(other) == [1]
    with pytest.raises(pj.StaleError):
        pj.call_get_user_data(call)
