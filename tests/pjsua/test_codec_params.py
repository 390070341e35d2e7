"""Codec parameters: in the offer, in the packets, and in a stream under way."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peers import signals
from peers.message import select
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pjsua.phone import Phone, player, until
from pyjsua import pjsua as pj


def only(*codecs: str) -> None:
    for info in pj.enum_codecs():
        pj.codec_set_priority(info.codec_id, 0)
    for place, codec in enumerate(codecs):
        pj.codec_set_priority(codec, 200 - place)


def test_frames_per_packet_on_the_wire(
    phone: Phone, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    """Four frames of 10 ms: 40 ms, 320 bytes of PCMU in each packet."""
    only("PCMU")
    param = pj.codec_get_param("PCMU")
    assert (param.info.clock_rate, param.info.frm_ptime, param.setting.frm_per_pkt) == (8000, 10, 2)
    param.setting.frm_per_pkt = 4
    pj.codec_set_param("PCMU", param)
    assert pj.codec_get_param("PCMU") == param
    watcher = rtp_watcher()
    # An answer that asks for no ptime, or PJMEDIA would send what it asks for.
    uas = sipp("uas_no_ptime", rtp_port=watcher.port)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    pj.conf_connect(0, pj.call_get_conf_port(call))
    assert pj.call_get_stream_info(call).param.setting.frm_per_pkt == 4
    until(lambda: pj.call_get_stream_stat(call).rtcp.tx.pkt >= 10, "ten packets are sent")
    pj.call_hangup(call)
    messages = uas.wait().messages
    sizes = {len(packet.payload) for packet in watcher.recording().packets if packet.payload_type == 0}
    assert sizes == {320}
    (invite,) = select(messages, direction="received", method="INVITE")
    (media,) = pj.Sdp(invite.body).media
    assert media.formats[0] == "0"
    # pjsua's own default back.
    pj.codec_set_param("PCMU", None)
    assert pj.codec_get_param("PCMU").setting.frm_per_pkt == 2


def test_fmtp_in_the_offer(phone: Phone) -> None:
    only("opus")
    param = pj.codec_get_param("opus/48000/2")
    param.setting.dec_fmtp = [("useinbandfec", "1"), ("maxplaybackrate", "16000"), ("stereo", "0")]
    pj.codec_set_param("opus/48000/2", param)
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    offer = phone.wait_incoming().message
    assert offer is not None
    assert offer.sdp is not None
    media = offer.sdp.media[0]
    assert media.rtpmap[media.formats[0]] == "opus/48000/2"
    assert media.fmtp[media.formats[0]] == "useinbandfec=1;maxplaybackrate=16000;stereo=0"
    # What we offered to receive is what the other side's stream is to send.
    info = pj.call_get_stream_info(phone.wait_incoming().call_id)
    assert dict(info.param.setting.enc_fmtp)["maxplaybackrate"] == "16000"


def test_opus_of_a_call_under_way(tmp_path: Path) -> None:
    """Bit rate and bandwidth of what is sent, changed while it is."""
    # PJMEDIA lets VAD begin later by setting its own parameters again.
    file = signals.write_wav(tmp_path / "tone.wav", signals.tone(500, 1.0, 16000), 16000)
    with Phone(media=pj.MediaConfig(no_vad=True)) as phone, player(file) as tone:
        change_opus(phone, tone)


def change_opus(phone: Phone, tone: pj.ConfPortId) -> None:
    only("opus")
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    pj.conf_connect(tone, pj.call_get_conf_port(call))
    usual = packet_size(call)
    param = pj.call_get_stream_info(call).param
    assert param.info.clock_rate == 48000
    param.info.avg_bps = 8000
    param.info.clock_rate = 8000
    param.setting.cbr = True
    pj.call_aud_stream_modify_codec_param(call, 0, param)
    pj.call_aud_stream_modify_codec_param(call, -1, param)
    # 20 bytes in 20 ms are 8000 bits per second.
    assert packet_size(call) < 25 < usual


def test_g722_and_opus_as_they_are_set(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """30 ms of G.722 to the byte; Opus at the bit rate the other side asks for, its encoder as we set it."""
    caplog.set_level(logging.DEBUG, "pyjsua.pjsip")
    file = signals.write_wav(tmp_path / "tone.wav", signals.tone(500, 1.0, 16000), 16000)
    with Phone(media=pj.MediaConfig(no_vad=True)) as phone, player(file) as tone:
        own = {codec: pj.codec_get_param(codec) for codec in ("G722", "opus")}
        g722, opus = pj.codec_get_param("G722"), pj.codec_get_param("opus")
        assert not opus.setting.cbr
        g722.setting.frm_per_pkt = 3
        pj.codec_set_param("G722", g722)
        opus.setting.cbr = True
        opus.setting.complexity = 3
        opus.setting.dec_fmtp = (("maxaveragebitrate", "16000"), ("useinbandfec", "1"), ("usedtx", "0"))
        pj.codec_set_param("opus", opus)
        assert pj.codec_get_param("opus") == opus
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        caller = phone.account("a")
        phone.account("b")
        for codec, sizes in (("G722", (240, 240)), ("opus", (25, 40))):
            call = pj.call_make_call(caller, phone.uri("b"), codecs=[codec])
            phone.wait_media(call)
            pj.conf_connect(tone, pj.call_get_conf_port(call))
            assert sizes[0] <= packet_size(call) <= sizes[1]
            assert pj.call_get_stream_info(call).fmt.encoding_name == codec
        asked = dict(pj.call_get_stream_info(call).param.setting.enc_fmtp)
        assert asked == {"maxaveragebitrate": "16000", "useinbandfec": "1", "usedtx": "0"}
        pj.codec_set_param("opus", None)
        assert pj.codec_get_param("opus") == own["opus"]
        pj.codec_set_param("opus", opus)
    opened = "avg bitrate: 16000, vad: 0, plc: 1, pkt loss: 5, complexity: 3, constant bit rate: 1"
    assert any(opened in message for message in caplog.messages)
    # Nor does the next library begin with it.
    with Phone():
        assert pj.codec_get_param("opus") == own["opus"]


def packet_size(call: pj.CallId) -> float:
    """Mean payload of some packets, bytes, of those sent from now on."""
    first = pj.call_get_stream_stat(call).rtcp.tx
    until(lambda: pj.call_get_stream_stat(call).rtcp.tx.pkt >= first.pkt + 5, "what was under way is sent")
    before = pj.call_get_stream_stat(call).rtcp.tx
    until(lambda: pj.call_get_stream_stat(call).rtcp.tx.pkt >= before.pkt + 25, "packets are sent")
    after = pj.call_get_stream_stat(call).rtcp.tx
    return (after.bytes - before.bytes) / (after.pkt - before.pkt)


BAD: list[tuple[str, Any]] = [
    ("info.clock_rate", 16000),
    ("info.channel_cnt", 2),
    ("info.max_rx_frame_size", 1),
    ("info.frm_ptime", 0),
    ("info.frm_ptime_denum", 3),
    ("info.enc_ptime", 7),
    ("info.enc_ptime_denum", 7),
    ("info.pcm_bits_per_sample", 8),
    ("info.pt", 8),
    ("info.fmt_id", 1),
    ("info.avg_bps", 2**32 - 1),
    ("info.max_bps", 0),
    ("info.max_bps", 2**32 - 1),
    ("setting.frm_per_pkt", 0),
    ("setting.frm_per_pkt", 21),
    ("setting.frm_per_pkt", 2**32 - 1),
    ("setting.packet_loss", 101),
    ("setting.complexity", 11),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_pjmedia_could_not_work_with(phone: Phone, name: str, value: int) -> None:
    section, field = name.split(".")
    param = pj.codec_get_param("PCMU")
    own = dataclasses.replace(param, info=dataclasses.replace(param.info))
    setattr(getattr(param, section), field, value)
    with pytest.raises(ValueError, match=rf"^param\.{name}: {value} will not do for this codec$"):
        pj.codec_set_param("PCMU", param)
    assert pj.codec_get_param("PCMU").info == own.info


@pytest.mark.parametrize("field", ["enc_fmtp", "dec_fmtp"])
def test_bad_pairs(phone: Phone, field: str) -> None:
    name = rf"^param\.setting\.{field}"
    for value, kind, match in (
        ("a=b", TypeError, "a sequence of"),
        (5, TypeError, "a sequence of"),
        ([("a", "b", "c")], TypeError, r"a \(name, value\) pair"),
        ([(1, "b")], TypeError, "str expected"),
        ([("a", "b\r\nm=audio")], ValueError, "a line break"),
        ([("a", "\0")], ValueError, "a NUL"),
        ([("a", "b")] * 17, ValueError, "17 given, 16 at most"),
    ):
        param = pj.codec_get_param("PCMU")
        setattr(param.setting, field, value)
        with pytest.raises(kind, match=name + ".*" + match):
            pj.codec_set_param("PCMU", param)


def test_codec_ids(phone: Phone) -> None:
    assert pj.codec_get_param("speex/16").info.clock_rate == 16000
    with pytest.raises(pj.PjsuaError, match="codec_id 'nothing'"):
        pj.codec_get_param("nothing")
    with pytest.raises(pj.PjsuaError, match="codec_id 'nothing'"):
        pj.codec_set_param("nothing", None)
    with pytest.raises(pj.PjsuaError, match="codec_id 'speex'"):
        pj.codec_set_param("speex", pj.codec_get_param("speex"))
    assert len(pj.enum_codecs()) > 10


def test_read_and_set_from_many_threads(phone: Phone) -> None:
    """PJSIP frees the old texts while somebody may be reading them; we do not let it."""
    failures: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for _ in range(200):
                param = pj.codec_get_param("PCMU")
                assert all(name == "x" * len(name) for name, _ in param.setting.dec_fmtp)
                param.setting.dec_fmtp = [("x" * (n + 1), "y")] * 16
                pj.codec_set_param("PCMU", param)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
