"""Real-time text (RFC 4103) in a call, both ways."""

from __future__ import annotations

import pytest

from pjsua.phone import Phone, same, until
from pyjsua import pjsua as pj

TEXT = pj.CallSetting(txt_cnt=1)


def start_call(phone: Phone, setting: pj.CallSetting) -> tuple[pj.CallId, pj.CallId]:
    """A call whose text, if it has some, flows."""
    alice = phone.account("alice")
    phone.account("bob")
    phone.answer = lambda event: pj.call_answer2(event.call_id, setting, 200)
    call = pj.call_make_call(alice, phone.uri("bob"), setting)
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
        phone.wait_media(one)
    return call, other


def received(phone: Phone, call: pj.CallId) -> str:
    return "".join(event.data.text for event in phone.all(pj.OnCallRxText, lambda e: same(e.call_id, call)))


def send(call: pj.CallId, text: str) -> None:
    """Sends `text` as it is typed: what the stream has no room for yet waits."""
    for character in text:

        def room(character: str = character) -> bool:
            try:
                pj.call_send_text(call, pj.CallSendTextParam(text=character))
            except pj.PjsuaError:
                return False
            return True

        until(room, f"there is room for {character!r}")


def check_stream_info(phone: Phone, call: pj.CallId, other: pj.CallId) -> None:
    """What the text line's stream says of itself, against the offer."""
    offer = phone.wait_incoming().message
    assert offer is not None
    assert offer.sdp is not None
    line = offer.sdp.media[1]
    names = {name: int(number) for number, name in line.rtpmap.items()}
    here, there = pj.call_get_stream_info(call, 1), pj.call_get_stream_info(other, 1)
    for info in (here, there):
        assert (info.type, info.proto) == (pj.MediaType.TEXT, pj.TpProto.RTP_AVP)
        assert (info.fmt.encoding_name.lower(), info.fmt.clock_rate) == ("t140", 1000)
        assert (info.tx_pt, info.rx_pt) == (names["t140/1000"], names["t140/1000"])
        assert (info.tx_red_pt, info.rx_red_pt) == (names["red/1000"], names["red/1000"])
        assert info.tx_red_level == info.rx_red_level == 2
        assert (info.tx_event_pt, info.rx_event_pt, info.has_param) == (-1, -1, False)
        assert info.buffer_time == 0
    assert there.rem_addr == f"127.0.0.1:{line.port}"
    assert here.rem_addr == pj.call_get_med_transport_info(other, 1).rtp_addr_name


@pytest.mark.timeout(90)
def test_text_flows_both_ways(phone: Phone) -> None:
    call, other = start_call(phone, TEXT)
    here, there = "Grüße 🙂\r\nzweite Zeile, und noch viel mehr als in einen Puffer geht.", "Antwort\x08\x07!"
    send(call, here)
    send(other, there)
    until(lambda: received(phone, other) == here, "the text arrived")
    until(lambda: received(phone, call) == there, "its answer arrived")
    numbers = [event.data.seq for event in phone.all(pj.OnCallRxText, lambda e: same(e.call_id, other))]
    assert numbers == sorted(numbers)
    info = pj.call_get_info(call)
    assert [media.type for media in info.media] == [pj.MediaType.AUDIO, pj.MediaType.TEXT]
    check_stream_info(phone, call, other)
    pj.call_hangup(call)
    phone.wait_end(other)
    phone.wait_slots_free()
    with pytest.raises(pj.StaleError, match="call_id"):
        pj.call_send_text(call, pj.CallSendTextParam(text="too late"))


def test_what_cannot_be_sent_is_refused(phone: Phone) -> None:
    call, other = start_call(phone, TEXT)
    for param, named in (
        (pj.CallSendTextParam(text="x" * 65), "call_id"),
        (pj.CallSendTextParam(text="x" * 10000), "call_id"),
        (pj.CallSendTextParam(text="x", med_idx=0), "call_id"),
        (pj.CallSendTextParam(text="x", med_idx=5), "call_id"),
        (pj.CallSendTextParam(text="x", med_idx=-2), "med_idx"),
        (pj.CallSendTextParam(text="x", med_idx=2**31), "med_idx"),
        (pj.CallSendTextParam(text="a\0b"), "text"),
        (None, "param"),
    ):
        with pytest.raises((ValueError, TypeError, pj.PjsuaError), match=named):
            pj.call_send_text(call, param)  # type: ignore[arg-type]
    send(call, "still there")
    until(lambda: received(phone, other) == "still there", "text flows after all that")


def test_a_call_without_text_has_none_to_send(phone: Phone) -> None:
    call, _ = start_call(phone, pj.CallSetting())
    with pytest.raises(pj.PjsuaError):
        pj.call_send_text(call, pj.CallSendTextParam(text="x"))
