"""Conference ports, files of sound, codecs and sound devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..enums import AudDevCap, AudDevRoute, FormatId, MediaType
from ..ids import ConfPortId
from ..struct import Struct

__all__ = ["AudDevInfo", "CodecInfo", "ConfPortInfo", "EchoStat", "Format", "SndDevInfo", "WavPlayerInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Format(Struct):
    """An audio format (`pjmedia_format`)."""

    c_struct: ClassVar[str] = "pjmedia_format"

    id: FormatId
    type: MediaType
    clock_rate: Annotated[int, "det.aud.clock_rate"]
    """Hz."""
    channel_count: Annotated[int, "det.aud.channel_count"]
    frame_time_usec: Annotated[int, "det.aud.frame_time_usec"]
    """Length of a frame, microseconds."""
    bits_per_sample: Annotated[int, "det.aud.bits_per_sample"]
    avg_bps: Annotated[int, "det.aud.avg_bps"]
    """Bits per second."""
    max_bps: Annotated[int, "det.aud.max_bps"]
    """Bits per second."""


@dataclass(slots=True, frozen=True, kw_only=True)
class ConfPortInfo(Struct):
    """A port of the conference bridge (`pjsua_conf_port_info`)."""

    c_struct: ClassVar[str] = "pjsua_conf_port_info"
    c_counts: ClassVar[dict[str, str]] = {"listeners": "listener_cnt"}

    slot_id: ConfPortId
    name: str
    """Of a call the URI of its far end, of a player or recorder its file."""
    format: Format
    """Of the port itself; `FormatId.INVALID` for slot 0."""
    clock_rate: int
    """Hz."""
    channel_count: int
    samples_per_frame: int
    bits_per_sample: int
    tx_level_adj: float
    """Gain towards the port, 1.0 for none."""
    rx_level_adj: float
    """Gain from the port, 1.0 for none."""
    listeners: tuple[ConfPortId, ...]


@dataclass(slots=True, frozen=True, kw_only=True)
class WavPlayerInfo(Struct):
    """The file of a player (`pjmedia_wav_player_info`)."""

    c_struct: ClassVar[str] = "pjmedia_wav_player_info"

    fmt_id: FormatId
    """`PCM`, `ALAW` or `ULAW`."""
    payload_bits_per_sample: int
    size_bytes: int
    """Of the file, from the first sample on."""
    size_samples: int
    """The same in samples, those of all channels counted."""


@dataclass(slots=True, frozen=True, kw_only=True)
class CodecInfo(Struct):
    """A codec of this build (`pjsua_codec_info`)."""

    c_struct: ClassVar[str] = "pjsua_codec_info"

    codec_id: str
    """Such as ``"PCMU/8000/1"``."""
    priority: int
    """0 (off) to 255."""
    desc: str


@dataclass(slots=True, frozen=True, kw_only=True)
class AudDevInfo(Struct):
    """A sound device (`pjmedia_aud_dev_info`)."""

    c_struct: ClassVar[str] = "pjmedia_aud_dev_info"
    c_counts: ClassVar[dict[str, str]] = {"ext_fmt": "ext_fmt_cnt"}

    id: int
    name: str
    input_count: int
    """Channels it can capture."""
    output_count: int
    """Channels it can play."""
    default_samples_per_sec: int
    driver: str
    caps: AudDevCap
    routes: AudDevRoute
    ext_fmt: tuple[Format, ...]
    """Formats besides PCM."""


@dataclass(slots=True, frozen=True, kw_only=True)
class SndDevInfo(Struct):
    """A sound device, in the older and shorter form (`pjmedia_snd_dev_info`)."""

    c_struct: ClassVar[str] = "pjmedia_snd_dev_info"

    name: str
    input_count: int
    """Channels it can capture."""
    output_count: int
    """Channels it can play."""
    default_samples_per_sec: int


@dataclass(slots=True, frozen=True, kw_only=True)
class EchoStat(Struct):
    """What the echo canceller is doing (`pjmedia_echo_stat`).

    A figure it does not keep is 999999, as in C.
    """

    c_struct: ClassVar[str] = "pyj_echo_stat"

    name: str
    """Of the algorithm."""
    delay: int
    """Of the echo, ms."""
    return_loss: float
    return_loss_enh: float
    std: int
    """Deviation of the delay, ms."""
    frac_delay: float
    """Fraction of poor delays, 0 to 1."""
    learning: int
    """1 while it still learns the echo, 0 when it has."""
    duration: int
    """How long it has been learning, ms."""
    tail: int
    """Echo it has found, ms."""
    min_factor: int
    """Least it lets through, thousandths."""
    avg_factor: int
    """What it lets through on average, thousandths."""
    stat_info: str
    """The same as a sentence."""
