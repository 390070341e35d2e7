"""RTP: the watcher, SIPp's echo, its early media and its DTMF."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from peers import g711, signals
from peers.gil import hold_gil
from peers.rtp import RtpWatcher
from peers.sipp import Sipp

pytestmark = pytest.mark.hears

Watcher = Callable[..., RtpWatcher]
Start = Callable[..., Sipp]


def test_stream_and_digits_between_two_watchers(rtp_watcher: Watcher) -> None:
    here, there = rtp_watcher(), rtp_watcher()
    chirp = signals.chirp(300, 3000, 1.0)
    here.send(chirp, there.address, digits="1#")
    time.sleep(1.8)
    heard = there.recording()
    assert heard.digits == "1#"
    assert heard.lost == heard.duplicates == 0
    assert {packet.source_port for packet in heard.packets} == {here.port}
    assert signals.find(chirp, heard.audio(), 8000).similarity > 0.995
    assert 0.015 < sorted(heard.gaps)[len(heard.gaps) // 2] < 0.025


def test_alaw_and_reply_to_the_first_packet(rtp_watcher: Watcher) -> None:
    here, there = rtp_watcher(), rtp_watcher()
    here.send(signals.tone(1000, 0.3), payload_type=8)
    there.send(signals.tone(600, 0.1), here.address)
    time.sleep(0.5)
    heard = there.recording()
    assert {packet.payload_type for packet in heard.packets} == {8}
    assert signals.strongest_tone(heard.audio(), 8000).frequency == pytest.approx(1000, abs=2)


def test_watcher_is_not_disturbed_by_a_deaf_test(rtp_watcher: Watcher) -> None:
    here, there = rtp_watcher(), rtp_watcher(echo=True)
    here.send(signals.tone(1000, 1.0), there.address, loop=True)
    hold_gil(1.0)
    sent_back = here.recording()
    assert len(sent_back.packets) > 40
    # The bound is for a machine with two busy cores; the median shows the clock.
    assert sorted(sent_back.gaps)[len(sent_back.gaps) // 2] == pytest.approx(0.02, abs=0.002)
    assert sent_back.longest_gap < 0.2


def test_gap_loss_and_order_are_seen() -> None:
    from peers.rtp import Packet, RtpRecording

    def packet(at: float, sequence: int) -> Packet:
        payload = g711.encode(signals.tone(1000, 0.02))
        return Packet(at, 1, 0, False, sequence % 65536, sequence * 160 % 2**32, 7, payload)

    numbers = [65534, 65535, 65537, 65536, 65539, 65539]
    seen = RtpRecording([packet(1 + index * 0.02, number) for index, number in enumerate(numbers)])
    assert (seen.lost, seen.duplicates) == (1, 1)
    assert len(seen.audio()) == 6 * 160
    late = RtpRecording([*seen.packets, packet(2.0, 65540)])
    assert late.longest_gap == pytest.approx(0.9)
    assert late.between(1.0, 1.5).longest_gap == pytest.approx(0.02)


def test_sipp_echoes_rtp(sipp: Start, rtp_watcher: Watcher) -> None:
    uas = sipp("uas_answer_media")
    watcher = rtp_watcher()
    chirp = signals.chirp(300, 3000, 0.5)
    caller = sipp("uac_call", uas.address, hold=900, rtp_port=watcher.port)
    watcher.send(chirp, ("127.0.0.1", uas.media_port))
    assert caller.wait().ok
    heard = watcher.recording()
    assert heard.lost == 0
    assert signals.find(chirp, heard.audio(), 8000).similarity > 0.99


def test_sipp_early_media(sipp: Start, rtp_watcher: Watcher) -> None:
    watcher = rtp_watcher()
    tone = g711.encode(signals.tone(425, 1.0))
    uas = sipp("uas_early_media", media_files={"tone.ulaw": tone}, hold=500)
    result = sipp("uac_call", uas.address, rtp_port=watcher.port, hold=300).wait()
    answered = next(m.time for m in result.messages if m.status == 200 and m.method == "INVITE")
    heard = watcher.recording()
    early = heard.between(0, answered)
    assert len(early.packets) >= 15
    assert signals.strongest_tone(early.audio(), 8000).frequency == pytest.approx(425, abs=3)


def test_sipp_sends_rfc4733_digits(sipp: Start, rtp_watcher: Watcher) -> None:
    watcher = rtp_watcher()
    uas = sipp("uas_answer", rtp_port=watcher.port)
    sipp("uac_dtmf", uas.address, keys={"digits": "42#"}, hold=2000).wait()
    assert watcher.recording().digits == "42#"
