"""A signal that is known beforehand, and what of it a recording holds.

Tones one after another survive every telephone codec, also those that keep no waveform, and say when
something is missing, out of order or somebody else's. In plain Python: nothing needs to be installed.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import mul
from pathlib import Path

__all__ = ["Heard", "Melody", "listen"]

TONE = 0.25
"""Length of a tone, seconds."""
LEAD = 0.2
"""Silence before the first tone, seconds: jitter buffers find their size in it."""
AMPLITUDE = 0.35
"""Of full scale."""
FRAME = 0.04
"""Seconds looked at together: tones at multiples of 25 Hz do not leak into each other."""
HOP = 0.02
PURE = 0.6
"""Share of a frame's energy a tone needs to be heard there."""
SILENT_DB = -50.0
SHORTEST = 0.06
"""A tone heard for less is a click, seconds."""
ENOUGH = 0.6
"""Share of a tone's length that must be there."""


@dataclass(frozen=True, slots=True)
class Melody:
    """Tones of these frequencies in Hz, multiples of 25, no two neighbours alike."""

    frequencies: tuple[int, ...]

    @property
    def seconds(self) -> float:
        return LEAD + len(self.frequencies) * TONE

    def write(self, path: Path, rate: int) -> Path:
        """Writes it as 16-bit mono WAV at `rate` Hz."""
        samples = array("h", bytes(2 * round(LEAD * rate)))
        for frequency in self.frequencies:
            turn = 2 * math.pi * frequency / rate
            samples.extend(round(AMPLITUDE * 32767 * math.sin(turn * at)) for at in range(round(TONE * rate)))
        if sys.byteorder == "big":
            samples.byteswap()
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.tobytes())
        return path


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording holds of a melody."""

    wanted: tuple[int, ...]
    tones: tuple[int, ...]
    """Hz, in the order heard."""
    lengths: tuple[float, ...]
    """Seconds of each."""
    purity: float
    """Share of the energy inside `wanted`'s tones that is theirs, 0 to 1; the rest is noise and codec."""
    level: float
    """Of those tones, dB of a full-scale square wave."""
    seconds: float
    """Length of the recording."""

    @property
    def problem(self) -> str:
        """Why this is not the melody, whole and in order; empty if it is."""
        if not self.tones:
            return f"nothing but silence or noise in {self.seconds:.1f} s of recording"
        if self.tones != self.wanted:
            return f"expected tones of {_list(self.wanted)} Hz, heard {_list(self.tones)}"
        worst = min(range(len(self.tones)), key=lambda at: self.lengths[at])
        if self.lengths[worst] < ENOUGH * TONE:
            return (
                f"of the tone of {self.tones[worst]} Hz only {self.lengths[worst] * 1000:.0f}"
                f" of {TONE * 1000:.0f} ms arrived"
            )
        return ""

    @property
    def interrupted(self) -> bool:
        """Whether a pause of the machine explains the problem: all that is there is in order."""
        left = iter(self.wanted)
        return bool(self.tones and self.problem) and all(tone in left for tone in self.tones)


def listen(path: Path, wanted: Melody, others: Iterable[Melody] = ()) -> Heard:
    """Looks in a 16-bit mono WAV for `wanted`; tones of `others` are told from noise.

    Raises `ValueError` for another kind of WAV, `OSError` and `wave.Error` for an unreadable file.
    """
    samples, rate = _read(path)
    known = sorted({*wanted.frequencies, *(tone for other in others for tone in other.frequencies)})
    size, hop = round(FRAME * rate), round(HOP * rate)
    turns = [(tone, _table(math.cos, tone, rate, size), _table(math.sin, tone, rate, size)) for tone in known]
    floor = size * (32768 * 10 ** (SILENT_DB / 20)) ** 2
    frames: list[_Frame] = []
    for start in range(0, len(samples) - size + 1, hop):
        frame = samples[start : start + size]
        energy = float(sum(map(mul, frame, frame)))
        if energy < floor:
            frames.append(_Frame(None, energy, 0.0))
            continue
        powers = {
            tone: 2 / size * (sum(map(mul, frame, cos)) ** 2 + sum(map(mul, frame, sin)) ** 2)
            for tone, cos, sin in turns
        }
        best = max(powers, key=lambda tone: powers[tone])
        frames.append(_Frame(best if powers[best] >= PURE * energy else None, energy, powers[best]))
    tones, lengths = _runs(frames)
    # A frame across a change holds two tones: what lies inside of one says how clean it is.
    inside = [
        one
        for before, one, after in zip(frames, frames[1:], frames[2:], strict=False)
        if one.tone in wanted.frequencies and before.tone == one.tone == after.tone
    ]
    total = sum(frame.energy for frame in inside)
    return Heard(
        wanted=wanted.frequencies,
        tones=tones,
        lengths=lengths,
        purity=min(1.0, sum(frame.power for frame in inside) / total) if inside else 0.0,
        level=10 * math.log10(total / (len(inside) * size) / 32768**2) if inside else -math.inf,
        seconds=len(samples) / rate,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    tone: int | None
    """Hz, None where no tone rules."""
    energy: float
    power: float
    """The tone's part of the energy."""


def _runs(frames: list[_Frame]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The tones in order and their lengths; a tone that a lost packet interrupts is still one."""
    tones: list[int] = []
    lengths: list[float] = []
    for tone, run in groupby(frames, key=lambda frame: frame.tone):
        length = len(list(run)) * HOP
        if tone is None or length < SHORTEST:
            continue
        if tones and tones[-1] == tone:
            lengths[-1] += length
        else:
            tones.append(tone)
            lengths.append(length)
    return tuple(tones), tuple(lengths)


def _read(path: Path) -> tuple[list[int], int]:
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            raise ValueError(f"{path.name} is not 16-bit mono")
        samples = array("h", file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        return samples.tolist(), file.getframerate()


def _table(function: Callable[[float], float], tone: int, rate: int, size: int) -> list[float]:
    return [function(2 * math.pi * tone / rate * at) for at in range(size)]


def _list(tones: tuple[int, ...]) -> str:
    return " ".join(map(str, tones))
