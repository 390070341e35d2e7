"""The audio helpers measure what they should, and notice what they should."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from peers import g711, signals


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("frequency", [300.0, 1004.0, 3333.3])
def test_tone_is_found(rate: int, frequency: float) -> None:
    heard = signals.strongest_tone(signals.tone(frequency, 0.5, rate), rate)
    assert heard.frequency == pytest.approx(frequency, abs=1)
    assert heard.level == pytest.approx(20 * math.log10(0.5) - 3.01, abs=0.1)
    assert heard.purity > 0.99


def test_noise_and_silence_are_no_tone() -> None:
    assert signals.strongest_tone(signals.noise(1.0), 8000).purity < 0.1
    assert signals.strongest_tone(signals.silence(1.0), 8000).level == -math.inf


def test_level() -> None:
    square = np.where(np.arange(8000) % 20 < 10, 32767, -32768).astype(np.int16)
    assert signals.level(square) == pytest.approx(0.0, abs=0.01)
    assert signals.level(signals.silence(1.0)) == -math.inf


def test_chirp_is_found_with_its_delay() -> None:
    chirp = signals.chirp(300, 3400, 1.0)
    late = np.concatenate([signals.silence(0.345), chirp, signals.silence(0.5)])
    match = signals.find(chirp, late, 8000)
    assert match.delay == pytest.approx(0.345, abs=0.001)
    assert match.similarity > 0.999
    noisy = (late + signals.noise(len(late) / 8000, amplitude=0.5)[: len(late)]).astype(np.int16)
    assert 0.3 < signals.find(chirp, noisy, 8000).similarity < 0.95


def test_another_signal_is_not_found() -> None:
    assert signals.find(signals.chirp(300, 3400, 1.0), signals.tone(440, 3.0), 8000).similarity < 0.2
    assert signals.find(signals.chirp(300, 3400, 1.0), signals.silence(3.0), 8000).similarity == 0


def test_longest_gap() -> None:
    tone = signals.tone(1000, 1.0)
    whole = np.concatenate([signals.silence(0.5), tone, signals.silence(0.3)])
    assert signals.longest_gap(whole, 8000).length == 0
    tone = tone.copy()
    tone[2000:2480] = 0
    gap = signals.longest_gap(np.concatenate([signals.silence(0.5), tone]), 8000)
    assert gap.length == pytest.approx(0.060, abs=0.006)
    assert gap.start == pytest.approx(0.75, abs=0.006)
    assert signals.longest_gap(signals.silence(1.0), 8000).length == 1.0


@pytest.mark.parametrize("digits", ["0123456789*#ABCD", "1155", "7"])
def test_dtmf(digits: str) -> None:
    assert signals.decode_dtmf(signals.dtmf(digits), 8000) == digits


def test_speechlike_noise_is_no_dtmf() -> None:
    assert signals.decode_dtmf(signals.noise(2.0), 8000) == ""
    assert signals.decode_dtmf(signals.tone(697, 1.0), 8000) == ""


@pytest.mark.parametrize("channels", [1, 2])
def test_wav_round_trip(tmp_path: Path, channels: int) -> None:
    samples = signals.noise(0.1, 16000)
    if channels == 2:
        samples = np.column_stack([samples, samples[::-1]])
    read, rate = signals.read_wav(signals.write_wav(tmp_path / "a.wav", samples, 16000))
    assert rate == 16000
    assert np.array_equal(read, samples)


@pytest.mark.parametrize("payload_type", [0, 8])
def test_g711_round_trip(payload_type: int) -> None:
    every = bytes(range(256))
    decoded = g711.decode(every, payload_type)
    assert np.array_equal(g711.decode(g711.encode(decoded, payload_type), payload_type), decoded)
    chirp = signals.chirp(300, 3400, 1.0)
    assert (
        signals.find(chirp, g711.decode(g711.encode(chirp, payload_type), payload_type), 8000).similarity
        > 0.998
    )


def test_g711_known_values() -> None:
    # ITU-T G.711, tables 1 and 2, in 16 bits.
    assert list(g711.decode(bytes([0x00, 0x80, 0xFF, 0x7F]), 0)) == [-32124, 32124, 0, 0]
    assert list(g711.decode(bytes([0xD5, 0x55, 0xAA, 0x2A]), 8)) == [8, -8, 32256, -32256]
