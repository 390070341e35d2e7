"""What is cleared is not sent: the far end hears no more than a frame after `clear`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from peers import g711, signals
from peers.rtp import RtpRecording, RtpWatcher
from peers.sipp import Sipp
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj
from whole_sound import whole_sound

FRAME = 20
"""Milliseconds of the bridge's frames, and of packets."""


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


def loud(recording: RtpRecording) -> list[float]:
    """When packets arrived in which somebody speaks."""
    return [
        packet.time
        for packet in recording.packets
        if np.abs(g711.decode(packet.payload).astype(np.int32)).max() > 1000
    ]


@pytest.mark.hears
def test_the_wire_is_silent_within_a_frame(
    phone: Phone, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    pj.codec_set_priority("PCMU/8000/1", 255)
    watcher = rtp_watcher()
    uas = sipp("uas_answer", rtp_port=watcher.port)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    slot = phone.wait_media(call).conf_slot
    source = pj.PcmPort(16000, write_ahead=20)
    pj.conf_connect(source.conf_port, slot)
    speech = signals.tone(700, 10.0, 16000, amplitude=0.4)
    assert source.write(speech, 0) == speech.nbytes
    until(lambda: source.played_ms > 500, "it speaks")
    dropped = source.clear()
    cleared = time.time()
    played = source.played_ms
    assert played + dropped == 10000
    before = pj.call_get_stream_stat(call, 0).rtcp.tx.pkt
    until(lambda: pj.call_get_stream_stat(call, 0).rtcp.tx.pkt > before + 15, "silence is sent")
    pj.call_hangup(call)
    assert uas.wait().ok
    source.close()
    arrived = loud(watcher.recording())
    assert len(arrived) * FRAME == pytest.approx(played, abs=FRAME), "all that was played, and no more"
    assert arrived[-1] - cleared <= FRAME / 1000
