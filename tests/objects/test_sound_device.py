"""`Endpoint.sound` on ALSA's devices: PulseAudio, one that tapes what is played, one that fails to open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from peers import signals
from peers.pulseaudio import PulseAudio
from peers.signals import Samples
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


def has_tone(samples: Samples, rate: int, frequency: float) -> bool:
    """Whether a fifth of a second of it is that tone: a busy machine tears what a device is late for."""
    step = rate // 5
    pieces = [samples[start : start + step] for start in range(0, len(samples) - step + 1, step // 2)]
    tones = [signals.strongest_tone(piece, rate) for piece in pieces if np.abs(piece).max() > 1000]
    return any(abs(tone.frequency - frequency) < 8 and tone.purity > 0.8 for tone in tones)


@pytest.mark.hears
def test_devices_of_every_kind(pulseaudio: PulseAudio, tmp_path: Path) -> None:
    asound = pulseaudio.directory / "asound.conf"
    asound.write_text(asound.read_text() + ASOUND.format(folder=tmp_path))
    # Found, and gone when it is to be opened.
    (tmp_path / "nobody").symlink_to(pulseaudio.server.removeprefix("unix:"))
    (tmp_path / "said.raw").write_bytes(signals.tone(1300, 4.0, 16000, amplitude=0.3).tobytes())
    tone = signals.write_wav(tmp_path / "tone.wav", signals.tone(700, 1.0, 16000, amplitude=0.3), 16000)
    heard = tmp_path / "heard.wav"
    # Null sinks that nobody hurries render every two seconds only, and devices close no faster than that. One
    # that was hurried before the device is opened tears what it plays.
    silence = pulseaudio.start_playing(np.zeros(48000 * 60, np.int16), 48000).start()
    speaker = pulseaudio.record("speaker.monitor")
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
        speaker.start()
        until(lambda: has_tone(speaker.samples[-24000:], 48000, 700), "the tone is in the speaker")
        phone.stdin.write("go on\n")
        phone.stdin.flush()
        if phone.stdout.readline() != "open\n":
            pytest.fail(phone.communicate(timeout=30)[1])
        until(lambda: pulseaudio.clients() != "", "the device is in use")
        volume = pulseaudio._run("get-sink-volume", "speaker")
        pulseaudio.kill()
        out, err = phone.communicate(timeout=30)
    finally:
        phone.kill()
        silence.stop()
        speaker.stop()
    assert (phone.returncode, out, err) == (0, "done\n", "")
    assert "40%" in volume
    assert has_tone(played, 16000, 700), "on the tape"
    assert has_tone(*signals.read_wav(heard), 1300), "from the microphone"
