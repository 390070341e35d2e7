"""The private sound server: what is played is recorded, by its own clients and through ALSA's default."""

from __future__ import annotations

import os
import subprocess

import pytest

from peers import signals
from peers.missing import require
from peers.pulseaudio import PulseAudio

pytestmark = pytest.mark.hears


def test_microphone_loop(pulseaudio: PulseAudio) -> None:
    chirp = signals.chirp(300, 6000, 0.5, 48000)
    with pulseaudio.record("mic.monitor") as recorder:
        pulseaudio.play(chirp, 48000)
    match = signals.find(chirp, recorder.samples, 48000)
    assert match.similarity > 0.95
    assert signals.longest_gap(signals.trim(recorder.samples), 48000).length == 0


def test_alsa_default_is_the_speaker(pulseaudio: PulseAudio) -> None:
    file = signals.write_wav(pulseaudio.directory / "tone.wav", signals.tone(700, 0.5, 16000), 16000)
    with pulseaudio.record() as recorder:
        subprocess.run(
            [require("aplay"), "-q", str(file)],
            env={**os.environ, **pulseaudio.client_environment()},
            check=True,
            timeout=20,
        )
    listed = subprocess.run(
        [require("aplay"), "-L"],
        env={**os.environ, **pulseaudio.client_environment()},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert listed.stdout.split("\n")[0] == "default"
    heard = signals.strongest_tone(signals.trim(recorder.samples), 48000)
    assert heard.frequency == pytest.approx(700, abs=2)
    assert heard.purity > 0.98


def test_sinks_are_separate_and_silent(pulseaudio: PulseAudio) -> None:
    with pulseaudio.record("speaker.monitor") as recorder:
        pulseaudio.play(signals.tone(500, 0.2, 48000), 48000, sink="mic")
        recorder.wait_seconds(0.5)
    assert not recorder.samples.any()
