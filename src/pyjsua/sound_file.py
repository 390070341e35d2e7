"""What a file that PJSIP cannot play is."""

from __future__ import annotations

import os

__all__ = ["kind_of"]

PLAYED = "PJSIP plays WAV with 16-bit PCM, A-law or mu-law"

BEGINNINGS = (
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
    (b"\xff\xf1", "AAC"),
    (b"\xff\xf9", "AAC"),
    (b"fLaC", "FLAC"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
    (b"caff", "Core Audio"),
    (b"#!AMR", "AMR"),
    (b"RF64", "RF64, WAV of more than 4 GB"),
    (b"RIFX", "RIFX, WAV with the bytes in the other order"),
    (b"\x1aE\xdf\xa3", "WebM or Matroska"),
)

WAV_TAGS = {1: "PCM", 2: "Microsoft ADPCM", 3: "float", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 0x55: "MP3"}
EXTENSIBLE = 0xFFFE


def kind_of(path: str | bytes | os.PathLike[str]) -> str:
    """What the file seems to be, and what could be played."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return ""
    return f"{_kind(head)}; {PLAYED}"


def _kind(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head[:4] == b"RIFF" and len(head) < 12:
        return "a WAV file that ends in its header"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return f"a WAV file {_wave(head)}"
    if head[:4] == b"OggS":
        return f"Ogg {'Opus' if b'OpusHead' in head else 'Vorbis' if b'vorbis' in head else ''}".strip()
    if head[4:8] == b"ftyp":
        return "MP4"
    return next(
        (name for start, name in BEGINNINGS if head.startswith(start)), "no sound file that is known here"
    )


def _wave(head: bytes) -> str:
    at = head.find(b"fmt ", 12)
    if at < 0 or len(head) < at + 24:
        return "that ends in its header"

    def field(offset: int, size: int = 2) -> int:
        return int.from_bytes(head[at + 8 + offset : at + 8 + offset + size], "little")

    tag, channels, rate, bits = field(0), field(2), field(4, 4), field(14)
    extended = "extensible " if tag == EXTENSIBLE else ""
    if tag == EXTENSIBLE:
        tag = field(24)
    what = f"with {extended}{bits}-bit {WAV_TAGS.get(tag, f'encoding {tag}')}"
    sound = head.find(b"data", at)
    if len(head) < 4096 and (sound < 0 or len(head) <= sound + 8):
        return f"{what} that ends before its sound"
    return f"{what}, {channels} channel{'s' * (channels != 1)} at {rate} Hz"
