"""Session descriptions as values, and an INVITE or re-INVITE answered with one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from peers.wire import WireClient, audio_offer
from pjsua.phone import Phone
from pyjsua import pjsua as pj
from pyjsua.message import Message

OFFER = (
    "v=0\r\n"
    "o=- 3890 3891 IN IP4 192.0.2.1\r\n"
    "s=a call\r\n"
    "c=IN IP4 192.0.2.1/127\r\n"
    "t=0 0\r\n"
    "a=sendonly\r\n"
    "m=audio 4000/2 RTP/AVP 0 96 101\r\n"
    "b=AS:64\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:96 opus/48000/2\r\n"
    "a=fmtp:96 useinbandfec=1; stereo=0\r\n"
    "a=ptime:40\r\n"
    "y=nobody knows\r\n"
    "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"
    "a=candidate:1 2 UDP 1 192.0.2.1 4001 typ host\r\n"
    "a=rtcp-mux\r\n"
    "m=text 0 RTP/AVP 98\r\n"
    "c=IN IP6 2001:db8::1\r\n"
    "a=inactive\r\n"
)


def test_what_it_says() -> None:
    sdp = pj.Sdp(OFFER)
    assert (sdp.origin, sdp.version) == ("- 3890 3891 IN IP4 192.0.2.1", 3891)
    assert sdp.session.value("s") == "a call"
    audio, text = sdp.media
    assert (audio.type, audio.port, audio.proto, audio.formats) == (
        "audio",
        4000,
        "RTP/AVP",
        ("0", "96", "101"),
    )
    assert (audio.direction, text.direction) == ("sendonly", "inactive")
    assert (audio.connection, text.connection) == ("192.0.2.1", "2001:db8::1")
    assert audio.rtpmap == {"0": "PCMU/8000", "96": "opus/48000/2"}
    assert audio.fmtp == {"96": "useinbandfec=1; stereo=0"}
    assert (audio.ptime, text.ptime, text.port) == (40, 0, 0)
    assert audio.attribute("rtcp-mux") == ""
    assert audio.attribute("nothing") is None
    assert len(audio.attribute_values("candidate")) == 2
    assert audio.attributes[0] == ("rtpmap", "0 PCMU/8000")
    assert audio.values("y") == ("nobody knows",)


@pytest.mark.parametrize(
    "text",
    [
        OFFER,
        OFFER.replace("\r\n", "\n"),
        OFFER.rstrip(),
        "",
        "\r\n\r\n",
        "rubbish",
        "m=",
        "m=audio",
        "m=audio x RTP/AVP\r\n=\r\n==\r\na\r\na=\r\nc=IN\r\no=1 2 99999999999999999999999\r\n",
        "v=0\r\r\nm=audio \u0661 RTP/AVP \udcff\x00\x85\u2028 0\x0b\x0c\x1c",
    ],
)
def test_stays_what_it_was(text: str) -> None:
    sdp = pj.Sdp(text)
    assert str(sdp) == text
    assert sdp == pj.Sdp(text)
    assert hash(sdp) == hash(pj.Sdp(text))
    look_at_all(sdp)


def test_parsing_never_fails() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        text = list(OFFER)
        for _ in range(chance.randrange(1, 30)):
            place = chance.randrange(len(text))
            text[place : place + chance.randrange(3)] = chance.choice(
                ["\r", "\n", "=", " ", "m=", "\0", "/", ""]
            )
        sdp = pj.Sdp("".join(text))
        assert str(sdp) == "".join(text)
        look_at_all(sdp)


def look_at_all(sdp: pj.Sdp) -> None:
    repr(sdp)
    assert sdp.version >= 0
    assert "".join(map(str, sdp.lines)) == str(sdp)
    for media in sdp.media:
        repr(media)
        assert media.port >= 0
        assert media.ptime >= 0
        _ = media.type, media.proto, media.formats, media.rtpmap, media.fmtp, media.attributes
        _ = media.connection, media.direction


def message(content_type: str, body: str) -> Message:
    text = f"INVITE sip:a@b SIP/2.0\r\nContent-Type: {content_type}\r\n\r\n{body}"
    return Message(text.encode("utf-8", "surrogateescape"), False, "UDP", "", "")


def test_of_a_message() -> None:
    assert str(message("application/sdp", OFFER).sdp) == OFFER
    assert str(message("Application/SDP ; charset=x", OFFER).sdp) == OFFER
    assert message("text/plain", OFFER).sdp is None
    assert message("application/sdp", "").sdp is None
    assert message("", OFFER).sdp is None


@pytest.mark.parametrize("boundary", ['boundary="a b"', "boundary=ab", 'charset=x;Boundary = "ab"'])
def test_of_a_part(boundary: str) -> None:
    mark = "a b" if '"a b"' in boundary else "ab"
    body = (
        f"before\r\n--{mark}\r\nContent-Type: text/plain\r\n\r\nm=audio\r\n"
        f"--{mark}\r\nContent-Type:\r\n application/sdp\r\nX: y\r\n\r\n{OFFER}\r\n--{mark}--\r\nafter"
    )
    assert str(message(f"multipart/mixed;{boundary}", body).sdp) == OFFER
    inner = f"--q\r\nc: multipart/related;{boundary}\r\n\r\n{body}\r\n--q--"
    assert str(message("multipart/mixed;boundary=q", inner).sdp) == OFFER
    for broken in ("multipart/mixed", "multipart/mixed;boundary=", "multipart/mixed;boundary=zz"):
        assert message(broken, body).sdp is None


def answer(port: int, direction: str = "recvonly") -> str:
    return audio_offer("127.0.0.1", port, direction)


def test_an_invite_answered_with_an_sdp(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    """What is answered is what goes out, but for the origin, which is ours."""
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    incoming = phone.wait_incoming().call_id
    sdp = pj.Sdp(answer(4000))
    pj.call_answer_with_sdp(incoming, sdp, code=200, reason="Here you are")
    seen = phone.wait(
        pj.OnCallTsxState,
        lambda event: event.call_id == call and event.method == "INVITE" and event.status_code == 200,
    ).message
    assert seen is not None
    assert seen.reason == "Here you are"
    assert seen.sdp is not None
    (media,) = seen.sdp.media
    assert (media.port, media.direction) == (4000, "recvonly")
    phone.wait_state(call, pj.InvState.CONFIRMED)
    assert phone.wait_media(call).media_dir is pj.MediaDir.ENCODING
    assert pj.call_get_stream_info(call).rem_addr == "127.0.0.1:4000"
    pj.call_hangup(call)


def test_what_is_no_answer(phone: Phone) -> None:
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    incoming = phone.wait_incoming().call_id
    many = answer(4000) + "a=x\r\n" * 69
    for text, match in (
        ("", "sdp: "),
        ("rubbish", "sdp: "),
        ("v=0\r\n", "sdp: "),
        (OFFER.replace("t=0 0\r\n", "").replace("o=", "o"), "sdp: "),
        (answer(4000) + "m=audio 4 RTP/AVP 0\r\n" * 16, "sdp: media lines: 17 is not between 0 and 16"),
        (many, "sdp: attributes: 7[0-9] is not between 0 and 68"),
        (answer(4000) + "b=AS:1\r\n" * 5, "sdp: bandwidths: 5 is not between 0 and 4"),
        (
            answer(4000) + "m=audio 4 RTP/AVP" + " 0" * 33 + "\r\n",
            "sdp: formats: 33 is not between 0 and 32",
        ),
        (answer(4000) + "\0", "sdp: a NUL"),
    ):
        with pytest.raises(ValueError, match=match):
            pj.call_answer_with_sdp(incoming, text)
    for wrong in (None, 5, b"v=0"):
        with pytest.raises(TypeError, match=r"^sdp: str or Sdp expected"):
            pj.call_answer_with_sdp(incoming, wrong)  # type: ignore[arg-type]
    with pytest.raises(pj.PjsuaError, match=f"call_id {int(call)}"):
        pj.call_answer_with_sdp(call, answer(4000))
    assert pj.call_get_info(incoming).state is pj.InvState.INCOMING
    pj.call_answer(incoming, 200)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    with pytest.raises(pj.PjsuaError, match=f"call_id {int(incoming)}"):
        pj.call_answer_with_sdp(incoming, answer(4000))


def test_a_redirection_nobody_waits_for(phone: Phone) -> None:
    """PJSIP would give up a reference to the dialog, or read an INVITE an incoming call has not."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    incoming = phone.wait_incoming().call_id
    for one in (call, incoming):
        for op in (
            pj.RedirectOp.ACCEPT,
            pj.RedirectOp.ACCEPT_REPLACE,
            pj.RedirectOp.STOP,
            pj.RedirectOp.REJECT,
        ):
            with pytest.raises(pj.InvalidState, match=f"call_id {int(one)}"):
                pj.call_process_redirect(one, op)
    for bad in (pj.RedirectOp.PENDING, -1, 99):
        with pytest.raises(ValueError, match=r"^cmd: "):
            pj.call_process_redirect(call, bad)
    pj.call_hangup(call)
    phone.wait_end(incoming)
    phone.wait_slots_free()
