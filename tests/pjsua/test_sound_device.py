"""A call connected to slot 0 plays into the default sound device and records from it; PulseAudio's null sinks
are the device, through ALSA, as on a user's machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers import signals
from peers.pulseaudio import PulseAudio
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pjsua.phone import until
from pjsua.program import Program

pytestmark = pytest.mark.hears


def test_call_on_the_default_device(
    pulseaudio: PulseAudio,
    program: Callable[..., Program],
    sipp: Callable[..., Sipp],
    rtp_watcher: Callable[..., RtpWatcher],
) -> None:
    watcher = rtp_watcher()
    uas = sipp("uas_answer", rtp_port=watcher.port)
    watcher.send(signals.tone(700, 1.0, 8000), loop=True)
    phone = program("sound_device", uas.uri, env=pulseaudio.client_environment())
    assert phone.next() == {"active": False}
    opened = phone.next()
    assert opened["active"]
    assert "default" in opened["devices"]
    phone.next(lambda line: line.get("media") == "ACTIVE")
    with pulseaudio.record("speaker.monitor") as speaker:
        with pulseaudio.start_playing(signals.tone(1300, 4.0, 48000), 48000) as microphone:
            speaker.wait_seconds(3.0)
            microphone.stop()
        heard = speaker.samples[-48000:]
    tone = signals.strongest_tone(heard, 48000)
    assert tone.frequency == pytest.approx(700, abs=3), "what the far end says is in the speaker"
    assert tone.purity > 0.8
    status, rest, errors = phone.finish()
    assert (status, errors) == (0, "")
    assert '{"active": false}' in rest
    until(lambda: pulseaudio.clients() == "", "the device is closed")
    assert uas.wait().ok
    sent = watcher.recording().audio()
    loud = signals.trim(sent, threshold=-30)
    tone = signals.strongest_tone(loud[len(loud) // 4 : -len(loud) // 4], 8000)
    assert tone.frequency == pytest.approx(1300, abs=3), "what the microphone hears goes to the far end"
