"""Tones for a tone generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import C_DEFAULT, Struct

__all__ = ["ToneDesc"]


@dataclass(slots=True, kw_only=True)
class ToneDesc(Struct):
    """A tone of one or two frequencies, and the silence after it (`pjmedia_tone_desc`).

    Alone and without silence it is played without a seam where it is played over and over. One with silence
    after it fades in and out.
    """

    c_struct: ClassVar[str] = "pjmedia_tone_desc"

    freq1: int = C_DEFAULT
    """Hz, up to half the generator's rate; 0 only where `on_msec` is 0."""
    freq2: int = C_DEFAULT
    """Hz, 0 for a tone of one frequency."""
    on_msec: int = C_DEFAULT
    """How long it sounds, ms, up to 32767."""
    off_msec: int = C_DEFAULT
    """How long it is silent afterwards, ms, up to 32767. Both together are 1 at least."""
    volume: int = C_DEFAULT
    """Amplitude, 1 to 32767; 0 for PJMEDIA's default, 12288."""
