"""`Endpoint.sound` on ALSA's devices: PulseAudio, one that tapes what is played, one that fails to open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from peers import signals
from peers.pulseaudio import PulseAudio
from pjsua.phone import until

PROGRAM = Path(__file__).with_name("programs") / "sound_device.py"

ASOUND = """
pcm.taped {{
    type asym
    playback.pcm {{ type file slave.pcm "default" file "{folder}/played.raw" format raw }}
    capture.pcm {{ type file slave.pcm "default" file "/dev/null" infile "{folder}/said.raw" format raw }}
    hint {{ show on description "default, on tape" }}
}}
pcm.broken {{ type pulse server "unix:{folder}/nobody" hint {{ show on description "no server" }} }}
"""


@pytest.mark.hears
def test_devices_of_every_kind(pulseaudio: PulseAudio, tmp_path: Path) -> None:
    asound = pulseaudio.directory / "asound.conf"
    asound.write_text(asound.read_text() + ASOUND.format(folder=tmp_path))
    (tmp_path / "said.raw").write_bytes(signals.tone(1300, 4.0, 16000, amplitude=0.3).tobytes())
    tone = signals.write_wav(tmp_path / "tone.wav", signals.tone(700, 1.0, 16000, amplitude=0.3), 16000)
    heard = tmp_path / "heard.wav"
    phone = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", str(PROGRAM), str(asound), str(tone), str(heard)],
        env={**os.environ, **pulseaudio.client_environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert phone.stdin is not None
    assert phone.stdout is not None
    try:
        if phone.stdout.readline() != "default\n":
            pytest.fail(phone.communicate(timeout=30)[1])
        # Opened again it begins anew.
        played = np.frombuffer((tmp_path / "played.raw").read_bytes(), dtype="<i2")
        with pulseaudio.record("speaker.monitor") as speaker:
            speaker.wait_seconds(1.0)
            loud = signals.trim(speaker.samples, threshold=-30)
        assert signals.strongest_tone(loud, 48000).frequency == pytest.approx(700, abs=4), "in the speaker"
        phone.stdin.write("go on\n")
        phone.stdin.flush()
        if phone.stdout.readline() != "open\n":
            pytest.fail(phone.communicate(timeout=30)[1])
        until(lambda: pulseaudio.clients() != "", "the device is in use")
        volume = pulseaudio._run("get-sink-volume", "speaker")
        assert pulseaudio._process is not None
        os.kill(pulseaudio._process.pid, signal.SIGKILL)
        out, err = phone.communicate(timeout=30)
    finally:
        phone.kill()
    assert (phone.returncode, out, err) == (0, "done\n", "")
    assert "40%" in volume
    tape = signals.trim(played, threshold=-30)
    assert signals.strongest_tone(tape[:16000], 16000).frequency == pytest.approx(700, abs=4), "on the tape"
    samples, rate = signals.read_wav(heard)
    said = signals.trim(samples, threshold=-30)
    assert signals.strongest_tone(said, rate).frequency == pytest.approx(1300, abs=4), "from the microphone"
