"""Conference ports, codecs and sound devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import ConfPortId
from ..struct import Struct

__all__ = ["AudDevInfo", "CodecInfo", "ConfPortInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class ConfPortInfo(Struct):
    """A port of the conference bridge (`pjsua_conf_port_info`)."""

    c_struct: ClassVar[str] = "pjsua_conf_port_info"
    c_counts: ClassVar[dict[str, str]] = {"listeners": "listener_cnt"}

    slot_id: ConfPortId
    name: str
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

    id: int
    name: str
    input_count: int
    """Channels it can capture."""
    output_count: int
    """Channels it can play."""
    default_samples_per_sec: int
    driver: str
    caps: int
