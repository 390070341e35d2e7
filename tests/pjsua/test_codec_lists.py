"""Lists of codecs for an account and for a call: what stands in the offers and answers on the wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from pjsua.phone import Phone, until
from pyjsua import pjsua as pj

number = count()


class Talk:
    """A call between two new accounts: the ids of both ends, and what was offered and answered."""

    def __init__(
        self, phone: Phone, *, caller: list[str] | None = None, callee: list[str] | None = None
    ) -> None:
        self.phone = phone
        self.users = f"a{next(number)}", f"b{next(number)}"
        srtp = {"use_srtp": pj.SrtpUse.MANDATORY, "srtp_secure_signaling": 0}
        self.caller, self.callee = (
            pj.acc_add(phone.account_config(user, **srtp), codecs=codecs)
            for user, codecs in zip(self.users, (caller, callee), strict=True)
        )
        self.incoming = len(phone.all(pj.OnIncomingCall))

    def ring(self, codecs: list[str] | None = None, opt: pj.CallSetting | None = None) -> pj.CallId:
        phone = self.phone
        self.out = pj.call_make_call(self.caller, phone.uri(self.users[1]), opt, codecs=codecs)
        event = phone.wait(pj.OnIncomingCall, count=self.incoming + 1)
        self.into = event.call_id
        assert event.message is not None
        self.offer = event.message.sdp
        return self.into

    def up(self) -> None:
        for call in (self.out, self.into):
            self.phone.wait_state(call, pj.InvState.CONFIRMED)
            self.phone.wait_media(call)

    def change(self, call: pj.CallId, flag: pj.CallFlag | None = None) -> None:
        """A re-INVITE of this end's, until both have their media anew."""
        updates = [self.updates(end) for end in (self.out, self.into)]
        pj.call_reinvite(call, flag)
        for end, seen in zip((self.out, self.into), updates, strict=True):
            until(lambda: self.updates(end) > seen, "both ends have their media anew")  # noqa: B023

    def updates(self, call: pj.CallId) -> int:
        return len(self.phone.all(pj.OnCallMediaState, lambda event: event.call_id == call))

    def names(self) -> tuple[str, str]:
        """The codecs of both ends' streams."""
        a, b = (pj.call_get_stream_info(call).fmt for call in (self.out, self.into))
        return f"{a.encoding_name}/{a.clock_rate}", f"{b.encoding_name}/{b.clock_rate}"

    def end(self) -> None:
        pj.call_hangup(self.out)
        for call in (self.out, self.into):
            self.phone.wait_end(call)
        self.phone.wait_slots_free()


def formats(sdp: pj.Sdp | None) -> list[str]:
    """The codecs of the one audio line, as its rtpmaps have them; nothing of the others is left."""
    assert sdp is not None
    (media,) = (media for media in sdp.media if media.type == "audio")
    assert set(media.rtpmap) == set(media.formats)
    assert set(media.fmtp) <= set(media.formats)
    return [media.rtpmap[format] for format in media.formats]


def answer_of(phone: Phone, call: pj.CallId) -> pj.Sdp | None:
    """The SDP of the last 200 to an INVITE that the call got."""
    events = phone.all(pj.OnCallTsxState, lambda event: event.call_id == call and event.method == "INVITE")
    answers = [event.message for event in events if event.status_code == 200 and event.message is not None]
    return answers[-1].sdp


def test_the_account_s_offer_and_answer(phone: Phone) -> None:
    """In the list's order; a pattern means many; the caller's account and the callee's each have a say."""
    talk = Talk(phone, caller=["gsm", "SPEEX/*", "G722/8000", "pcmu"], callee=["PCMU", "G722"])
    assert pj.acc_get_codecs(talk.caller) == (
        "GSM/8000/1", "speex/16000/1", "speex/8000/1", "speex/32000/1", "G722/16000/1", "PCMU/8000/1",
    )  # fmt: skip
    assert pj.acc_get_codecs(talk.callee) == ("PCMU/8000/1", "G722/16000/1")
    pj.call_answer(talk.ring())
    talk.up()
    assert formats(talk.offer)[:6] == [
        "GSM/8000", "speex/16000", "speex/8000", "speex/32000", "G722/8000", "PCMU/8000",
    ]  # fmt: skip
    assert set(formats(talk.offer)[6:]) == {f"telephone-event/{rate}" for rate in (8000, 16000, 32000)}
    # The callee's order, not the offer's.
    assert talk.names() == ("PCMU/8000", "PCMU/8000")
    assert formats(answer_of(phone, talk.out)) == ["PCMU/8000", "telephone-event/8000"]
    talk.end()


def test_a_call_s_own_list_changed_while_it_goes_on(phone: Phone) -> None:
    """From make_call through a hold and a re-INVITE, SRTP all the while; without the list all are back."""
    talk = Talk(phone, caller=["GSM"])
    into = talk.ring(["opus/48000/2", "PCMA"])
    assert pj.call_get_codecs(talk.out) == ("opus/48000/2", "PCMA/8000/1")
    assert formats(talk.offer)[:2] == ["opus/48000/2", "PCMA/8000"]
    assert set(formats(talk.offer)[2:]) == {"telephone-event/48000", "telephone-event/8000"}
    assert talk.offer is not None
    assert talk.offer.media[0].proto == "RTP/SAVP"
    assert "useinbandfec=1" in talk.offer.media[0].fmtp[talk.offer.media[0].formats[0]]
    pj.call_answer(into)
    talk.up()
    assert talk.names() == ("opus/48000", "opus/48000")
    pj.call_set_hold(talk.out)
    phone.wait_media(talk.out, pj.CallMediaStatus.LOCAL_HOLD)
    assert talk.names() == ("opus/48000", "opus/48000")
    # One that was not in the offer at all.
    pj.call_set_codecs(talk.out, ["PCMU"])
    talk.change(talk.out, pj.CallFlag.UNHOLD)
    assert talk.names() == ("PCMU/8000", "PCMU/8000")
    assert pj.call_get_stream_info(talk.out).dir is pj.MediaDir.ENCODING_DECODING
    # The other side's offer has nearly all: our list decides what we answer with.
    talk.change(into)
    assert talk.names() == ("PCMU/8000", "PCMU/8000")
    assert pj.call_get_med_transport_info(talk.out).srtp is not None
    # One the other side does not allow: 488, and the call is as it was.
    pj.call_set_codecs(into, ["G722"])
    pj.call_reinvite(talk.out)
    phone.wait(pj.OnCallTsxState, lambda e: e.call_id == talk.out and e.status_code == 488)
    assert talk.names() == ("PCMU/8000", "PCMU/8000")
    pj.call_set_codecs(talk.out, None)
    assert pj.call_get_codecs(talk.out) is None
    talk.end()
    with pytest.raises(pj.StaleError):
        pj.call_set_codecs(talk.out, ["PCMU"])


def test_what_an_incoming_call_is_answered_with(phone: Phone) -> None:
    """Decided before the answer, also what the account leaves out; nothing in common is told of."""
    talk = Talk(phone, callee=["GSM"])
    into = talk.ring(["PCMU", "opus", "GSM", "PCMA"])
    with pytest.raises(pj.NoCommonCodec, match=r"codecs \['G722'\]"):
        pj.call_set_codecs(into, ["G722"])
    assert pj.call_get_codecs(into) is None
    pj.call_set_codecs(into, ["G722", "PCMA", "PCMU"])
    pj.call_set_codecs(into, ["opus/*", "PCMA"])
    pj.call_answer(into)
    talk.up()
    assert talk.names() == ("opus/48000", "opus/48000")
    talk.end()


def test_without_a_list_again(phone: Phone) -> None:
    talk = Talk(phone, callee=["GSM"])
    into = talk.ring(["PCMU", "GSM"])
    pj.call_set_codecs(into, ["PCMU"])
    pj.call_set_codecs(into, None)
    pj.call_answer(into)
    talk.up()
    assert talk.names() == ("GSM/8000", "GSM/8000")
    talk.end()
    pj.acc_set_codecs(talk.callee, None)
    assert pj.acc_get_codecs(talk.callee) is None


def test_an_offer_without_any_of_ours_is_answered_488(phone: Phone) -> None:
    talk = Talk(phone, callee=["GSM", "G722"])
    out = pj.call_make_call(talk.caller, phone.uri(talk.users[1]), codecs=["PCMU", "PCMA"])
    assert phone.wait_end(out).last_status == 488
    assert len(phone.all(pj.OnIncomingCall)) == talk.incoming


def test_an_invite_without_an_offer(phone: Phone) -> None:
    """The offer is in the 200, the answer in the ACK: each side keeps to its list."""
    talk = Talk(phone, caller=["PCMA", "GSM"], callee=["opus", "GSM", "PCMA"])
    setting = pj.CallSetting(flag=pj.CallFlag.NO_SDP_OFFER)
    into = talk.ring(opt=setting)
    assert talk.offer is None
    pj.call_set_codecs(into, ["speex/16000", "GSM", "PCMA"])
    pj.call_answer(into)
    talk.up()
    assert formats(answer_of(phone, talk.out))[:3] == ["speex/16000", "GSM/8000", "PCMA/8000"]
    assert talk.names() == ("PCMA/8000", "PCMA/8000")
    talk.end()


BAD: list[tuple[object, type[Exception], str]] = [
    ([], ValueError, "codecs: empty"),
    (["PCMU", "G729D"], ValueError, "codecs[1]: 'G729D' is no codec of this build"),
    (["PCM"], ValueError, "codecs[0]: 'PCM' is no codec"),
    (["PCMU/16000"], ValueError, "codecs[0]: 'PCMU/16000' is no codec"),
    (["opus/48000/1"], ValueError, "codecs[0]: 'opus/48000/1' is no codec"),
    ([""], ValueError, "codecs[0]: '' is no codec"),
    (["L16/8000"], ValueError, "codecs[0]: 'L16/8000' is off"),
    ("PCMU", TypeError, "codecs: a sequence of str expected, not str"),
    ([8], TypeError, "codecs[0]: str expected, not int"),
    ({"PCMU"}, TypeError, "codecs: a sequence of str expected, not set"),
]


def test_lists_that_mean_nothing(phone: Phone) -> None:
    """Refused by name, and nothing is half made."""
    acc = phone.account("c")
    pj.acc_set_codecs(acc, ["PCMU"])
    config = phone.account_config("nobody")
    functions: list[Callable[..., object]] = [
        partial(pj.acc_add, config),
        partial(pj.acc_set_codecs, acc),
        partial(pj.call_make_call, acc, phone.uri("nobody")),
    ]
    for codecs, error, text in BAD:
        for function in functions:
            with pytest.raises(error, match=f"^{re.escape(text)}"):
                function(codecs=codecs)
    assert pj.acc_get_codecs(acc) == ("PCMU/8000/1",)
    assert (pj.acc_get_count(), pj.call_get_count()) == (1, 0)


def test_a_codec_that_was_turned_on(phone: Phone) -> None:
    pj.codec_set_priority("L16/8000/1", 1)
    talk = Talk(phone)
    pj.call_answer(talk.ring(["L16/8000"]))
    talk.up()
    assert formats(talk.offer) == ["L16/8000", "telephone-event/8000"]
    assert talk.names() == ("L16/8000", "L16/8000")
    talk.end()
    pj.codec_set_priority("L16/8000/1", 0)
    until(lambda: not pj.call_get_count(), "all is over")


def test_the_codec_that_cannot_be_turned_on(phone: Phone) -> None:
    """PJMEDIA would write behind its buffers; the others of the name are turned on."""
    with pytest.raises(pj.PjsuaError, match=r"codec_id 'L16/44100/2'.*PJ_ENOTSUP"):
        pj.codec_set_priority("L16/44100/2", 1)
    pj.codec_set_priority("l16", 7)
    priorities = {info.codec_id: info.priority for info in pj.enum_codecs()}
    assert (priorities["L16/44100/1"], priorities["L16/8000/1"], priorities["L16/44100/2"]) == (7, 7, 0)
    assert "L16/44100/2" not in pj.matching_codecs(["*"], all=True)
