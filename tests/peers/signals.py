"""Audio test signals: making tones, chirps and DTMF, reading and writing WAV, and measuring what was heard.

Samples are numpy int16 arrays of one channel. Levels are in dBov: 0 is a full-scale square wave, so a
full-scale sine is -3.01.
"""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]

DTMF: dict[str, tuple[int, int]] = {
    digit: (row, column)
    for row, digits in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for column, digit in zip((1209, 1336, 1477, 1633), digits, strict=True)
}
"""The two frequencies in Hz of each DTMF digit."""


def tone(frequency: float, seconds: float, rate: int = 8000, *, amplitude: float = 0.5) -> Samples:
    """A sine; `amplitude` is a share of full scale, from 0 to 1."""
    time = np.arange(round(seconds * rate)) / rate
    return _to_int16(amplitude * np.sin(2 * np.pi * frequency * time))


def chirp(low: float, high: float, seconds: float, rate: int = 8000, *, amplitude: float = 0.5) -> Samples:
    """A sine that glides linearly from `low` to `high` Hz: the signal to find a delay with."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * (low * time + (high - low) / (2 * seconds) * time**2)
    return _to_int16(amplitude * np.sin(phase))


def silence(seconds: float, rate: int = 8000) -> Samples:
    return np.zeros(round(seconds * rate), dtype=np.int16)


def noise(seconds: float, rate: int = 8000, *, amplitude: float = 0.3, seed: int = 1) -> Samples:
    """White noise, the same for the same seed."""
    generator = np.random.default_rng(seed)
    return _to_int16(amplitude * generator.uniform(-1, 1, round(seconds * rate)))


def dtmf(
    digits: str, rate: int = 8000, *, on: float = 0.1, off: float = 0.1, amplitude: float = 0.5
) -> Samples:
    """In-band DTMF: each digit `on` seconds long, `off` seconds of silence after each."""
    parts: list[Samples] = []
    for digit in digits:
        low, high = DTMF[digit.upper()]
        parts.append(
            tone(low, on, rate, amplitude=amplitude / 2) + tone(high, on, rate, amplitude=amplitude / 2)
        )
        parts.append(silence(off, rate))
    return np.concatenate(parts) if parts else silence(0, rate)


def write_wav(path: Path, samples: Samples, rate: int) -> Path:
    """Write 16-bit mono (or, for a two-dimensional array of frames by channels, that many channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples and rate of a 16-bit WAV; with several channels an array of frames by channels."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path} has {8 * file.getsampwidth()} bits per sample, not 16")
        channels, rate = file.getnchannels(), file.getframerate()
        # A recorder that is still running, or was killed, leaves a wrong length in the header.
        data = file.readframes(file.getnframes())
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], dtype="<i2").astype(np.int16)
    return (samples if channels == 1 else samples.reshape(-1, channels)), rate


def level(samples: Samples) -> float:
    """Root mean square in dBov; -inf for digital silence."""
    if not len(samples):
        return -math.inf
    power = float(np.mean((samples.astype(np.float64) / 32768) ** 2))
    return 10 * math.log10(power) if power > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class Tone:
    """The strongest spectral line. `purity` is its share of the whole power, from 0 to 1."""

    frequency: float
    level: float
    purity: float


def strongest_tone(samples: Samples, rate: int) -> Tone:
    """Frequency (interpolated, good to about 1 Hz from 0.2 s up), level and purity of the strongest line."""
    if len(samples) < 64 or not np.any(samples):
        return Tone(0.0, -math.inf, 0.0)
    window = np.hanning(len(samples))
    power = np.abs(np.fft.rfft(samples / 32768 * window)) ** 2
    power[:2] = 0
    peak = int(np.argmax(power))
    near = slice(max(0, peak - 3), peak + 4)
    frequency = float(np.sum(np.arange(len(power))[near] * power[near]) / np.sum(power[near]))
    # Parseval for one-sided spectra: the window's own power divides out.
    total = float(np.sum(power))
    share = 2 / (len(samples) * float(np.sum(window**2)))
    strength = float(np.sum(power[near])) * share
    return Tone(frequency * rate / len(samples), 10 * math.log10(strength), strength / (total * share))


def goertzel(samples: Samples, frequency: float, rate: int) -> float:
    """Level in dBov of one frequency; the resolution is `rate / len(samples)` Hz."""
    if not len(samples):
        return -math.inf
    turn = np.exp(-2j * np.pi * frequency / rate * np.arange(len(samples)))
    amplitude = 2 * abs(np.dot(samples.astype(np.float64) / 32768, turn)) / len(samples)
    return 20 * math.log10(amplitude) - 3.01 if amplitude > 0 else -math.inf


def decode_dtmf(samples: Samples, rate: int, *, threshold: float = -35.0) -> str:
    """The digits of in-band DTMF, in frames of 20 ms; a digit counts from two successive frames on."""
    size = rate // 50
    found: list[str] = []
    for start in range(0, len(samples) - size + 1, size):
        frame = samples[start : start + size]
        low = max((goertzel(frame, f, rate), f) for f in (697, 770, 852, 941))
        high = max((goertzel(frame, f, rate), f) for f in (1209, 1336, 1477, 1633))
        both = 10 * math.log10(10 ** (low[0] / 10) + 10 ** (high[0] / 10) + 1e-12)
        heard = min(low[0], high[0]) > threshold and both > level(frame) - 3
        found.append(next(d for d, pair in DTMF.items() if pair == (low[1], high[1])) if heard else "")
    digits = ""
    for index in range(1, len(found)):
        if (
            found[index]
            and found[index] == found[index - 1]
            and (index < 2 or found[index - 2] != found[index])
        ):
            digits += found[index]
    return digits


@dataclass(frozen=True, slots=True)
class Match:
    """Where a reference lies in a recording: `delay` in seconds, `similarity` from 0 to 1 (phase ignored)."""

    delay: float
    similarity: float


def find(reference: Samples, recording: Samples, rate: int) -> Match:
    """Find `reference` in `recording` by normalised cross-correlation.

    A chirp or noise gives one sharp answer; a plain tone repeats every period and gives an arbitrary one.
    Lossless transport gives a similarity of 1.0, G.711 about 0.999.
    """
    if not len(reference) or len(recording) < len(reference):
        return Match(0.0, 0.0)
    wanted = reference.astype(np.float64)
    heard = recording.astype(np.float64)
    size = 1 << (len(wanted) + len(heard) - 1).bit_length()
    product: _Floats = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    lags = product[: len(heard) - len(wanted) + 1]
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    local = energy[len(wanted) :] - energy[: -len(wanted)]
    # A window that is nearly silent must not win by a division of rounding errors.
    floor = max(float(np.max(local)) * 1e-6, 1.0)
    scores = np.abs(lags) / np.sqrt(np.sum(wanted**2) * np.maximum(local, floor))
    best = int(np.argmax(scores))
    return Match(best / rate, float(min(1.0, scores[best])))


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence inside a signal, in seconds."""

    start: float
    length: float


def longest_gap(samples: Samples, rate: int, *, threshold: float = -50.0, frame: float = 0.005) -> Gap:
    """The longest silence between the first and the last sound, in frames of `frame` seconds.

    Silence before the first and after the last sound does not count. Without any sound the gap is the
    whole of it.
    """
    size = max(1, round(frame * rate))
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64) / 32768
    loud = np.mean(frames**2, axis=1) > 10 ** (threshold / 10)
    where: npt.NDArray[Any] = np.flatnonzero(loud)
    if not len(where):
        return Gap(0.0, len(samples) / rate)
    steps = np.diff(where)
    if not len(steps) or int(np.max(steps)) <= 1:
        return Gap(0.0, 0.0)
    worst = int(np.argmax(steps))
    return Gap((int(where[worst]) + 1) * size / rate, (int(steps[worst]) - 1) * size / rate)


def trim(samples: Samples, *, threshold: float = -50.0) -> Samples:
    """The samples from the first to the last that is louder than `threshold` dBov."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 32768 * 10 ** (threshold / 20))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _to_int16(signal: _Floats) -> Samples:
    return np.clip(np.round(signal * 32767), -32768, 32767).astype(np.int16)
