"""DTMF both ways: RFC 4733 events in the audio stream, and SIP INFO."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from peers import signals
from peers.baresip import Baresip
from peers.message import select
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from peers.wire import WireClient, audio_offer
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj

DIGITS = "1590*#ABCD"


def connect(phone: Phone) -> tuple[pj.CallId, pj.CallId]:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
        phone.wait_media(one)
    return call, other


def new_digits(phone: Phone, call: pj.CallId) -> str:
    """Each digit once, however often it was told on."""
    events = phone.all(pj.OnDtmfEvent, lambda event: event.call_id == call and not event.is_update)
    return "".join(event.digit for event in events)


@pytest.mark.parametrize("method", list(pj.DtmfMethod))
def test_between_two_calls_of_ours(phone: Phone, method: pj.DtmfMethod) -> None:
    call, other = connect(phone)
    digits = DIGITS[:4]
    pj.call_send_dtmf(call, digits, method)
    pj.call_send_dtmf(other, "77", method)
    for one, wanted in ((other, digits), (call, "77")):
        until(lambda one=one, wanted=wanted: new_digits(phone, one) == wanted, f"{wanted} heard")  # type: ignore[misc]
    assert {event.method for event in phone.all(pj.OnDtmfEvent)} == {method}


def call_watched(phone: Phone, sipp: Callable[..., Sipp], watcher: RtpWatcher) -> tuple[pj.CallId, Sipp]:
    """A call to a SIPp whose media is the watcher's."""
    uas = sipp("uas_answer", rtp_port=watcher.port)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    return call, uas


def test_events_of_rfc_4733_on_the_wire(
    phone: Phone, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    watcher = rtp_watcher()
    call, uas = call_watched(phone, sipp, watcher)
    pj.call_dial_dtmf(call, DIGITS)
    # PJMEDIA takes a digit from its queue with the last packet of its end.
    until(lambda: not pj.call_get_queued_dtmf_digits(call), "every digit is sent")
    pj.call_hangup(call)
    assert uas.wait().ok
    assert watcher.recording().digits == DIGITS


def test_events_of_rfc_4733_come_in(
    phone: Phone, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    watcher = rtp_watcher()
    call, uas = call_watched(phone, sipp, watcher)
    offer = select(uas.messages, method="INVITE", request=True)[0].body
    port, kind = (
        int(found[1])
        for pattern in (r"m=audio (\d+)", r"a=rtpmap:(\d+) telephone-event/8000")
        if (found := re.search(pattern, offer))
    )
    watcher.send(signals.silence(1.0), ("127.0.0.1", port), event_type=kind, digits="42#")
    ended = phone.wait(pj.OnDtmfEvent, lambda event: event.digit == "#" and event.is_end)
    assert new_digits(phone, call) == "42#"
    assert ended.method is pj.DtmfMethod.RFC2833
    assert ended.duration >= 100
    pj.call_hangup(call)
    assert uas.wait().ok


def test_events_with_baresip(phone: Phone, baresip: Callable[..., Baresip]) -> None:
    other = baresip(answer="auto")
    call = pj.call_make_call(phone.account("a"), other.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    other.wait_event("CALL_ESTABLISHED")
    pj.call_dial_dtmf(call, "37")
    for digit in other.hears("37"):
        other.wait_event("CALL_DTMF_START", param=digit)
    other.dtmf("28")
    until(lambda: new_digits(phone, call) == "28", "what baresip sends is heard")
    pj.call_hangup(call)


def test_info_to_baresip(phone: Phone, baresip: Callable[..., Baresip]) -> None:
    other = baresip(answer="auto")
    call = pj.call_make_call(phone.account("a"), other.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    other.wait_event("CALL_ESTABLISHED")
    pj.call_send_dtmf(call, "5", pj.DtmfMethod.SIP_INFO)
    other.wait_event("CALL_DTMF_START", param="5")
    phone.wait(pj.OnCallTsxState, lambda event: event.method == "INFO" and event.status_code == 200)
    pj.call_hangup(call)


def test_info_from_another_make(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    """INFO written by hand, as application/dtmf-relay and as application/dtmf, and one that is neither."""
    phone.account("b")
    wire = wire_client()
    there = ("127.0.0.1", phone.port)
    dialog = {"call_id": "info", "from_tag": "mine"}
    offer = audio_offer("127.0.0.1", wire.port)
    headers = {"Content-Type": "application/sdp"}
    wire.send(wire.request("INVITE", phone.uri("b"), headers=headers, body=offer, **dialog), there)  # type: ignore[arg-type]
    call = phone.wait_incoming().call_id
    pj.call_answer(call)
    answer = wire.wait_for(lambda message: message.status == 200)
    tag = (answer.header("to") or "").partition("tag=")[2]
    wire.send(wire.request("ACK", phone.uri("b"), to_tag=tag, **dialog), there)  # type: ignore[arg-type]
    phone.wait_state(call, pj.InvState.CONFIRMED)
    bodies = [
        ("application/dtmf-relay", "Signal=7\r\nDuration=250\r\n"),
        ("application/dtmf", "8"),
        ("application/dtmf-relay", "rubbish"),
    ]
    for cseq, (kind, body) in enumerate(bodies, start=2):
        headers = {"Content-Type": kind}
        request = wire.request(
            "INFO",
            phone.uri("b"),
            cseq=cseq,
            to_tag=tag,
            headers=headers,
            body=body,
            **dialog,
        )
        wire.send(request, there)
        wire.wait_for(lambda m, cseq=cseq: m.status is not None and m.cseq == (cseq, "INFO"))  # type: ignore[misc]
    first = phone.wait(pj.OnDtmfEvent)
    assert (first.digit, first.duration, first.method) == ("7", 250, pj.DtmfMethod.SIP_INFO)
    answers = [m.status for m in wire.messages if m.status is not None and m.method == "INFO"]
    assert answers[0] == 200
    assert answers[-1] in (200, 400, 415)
    pj.call_hangup(call)
    phone.wait_end(call)
    phone.check_call()


def test_info_on_the_wire(phone: Phone) -> None:
    """What SIP INFO carries: one digit and its length, as application/dtmf-relay."""
    call, other = connect(phone)
    pj.call_send_dtmf(call, "9", pj.DtmfMethod.SIP_INFO, 240)
    event = phone.wait(pj.OnDtmfEvent)
    assert (event.call_id, event.digit, event.duration) == (other, "9", 240)
    tsx = phone.wait(pj.OnCallTsxState, lambda e: e.method == "INFO" and e.call_id == other)
    assert tsx.message is not None
    assert tsx.message.header("Content-Type") == "application/dtmf-relay"
    assert tsx.message.body.split() == ["Signal=9", "Duration=240"]


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        ("", "digits: '' is not made of 0-9, *, #, A-D and R"),
        ("12x", "digits: '12x' is not made of"),
        ("1 2", "digits: '1 2' is not made of"),
        ("\u0661", "digits: '\u0661' is not made of"),
    ],
)
def test_what_is_no_digit(phone: Phone, digits: str, message: str) -> None:
    call, _ = connect(phone)
    with pytest.raises(ValueError, match=r"^" + message.replace("*", r"\*")):
        pj.call_send_dtmf(call, digits)
    with pytest.raises(TypeError, match=r"^digits: str expected, not int"):
        pj.call_send_dtmf(call, 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^method: 7 is no DtmfMethod"):
        pj.call_send_dtmf(call, "1", 7)
    with pytest.raises(ValueError, match=r"^duration: -1 is not between"):
        pj.call_send_dtmf(call, "1", duration=-1)


def test_before_there_is_media(phone: Phone) -> None:
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_incoming()
    with pytest.raises(pj.PjsuaError, match=rf"call_id {call}"):
        pj.call_dial_dtmf(call, "1")
    pj.call_hangup_all()
    phone.wait_slots_free()
    phone.check_call()
