"""RTP streams and jitter buffers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import Struct

__all__ = ["JbState", "MathStat", "RtcpStat", "RtcpStreamStat", "StreamStat"]


@dataclass(slots=True, frozen=True, kw_only=True)
class MathStat(Struct):
    """Minimum, mean and so on of a figure (`pj_math_stat`)."""

    c_struct: ClassVar[str] = "pj_math_stat"

    n: int
    """Samples it was computed from."""
    max: int
    min: int
    last: int
    mean: int


@dataclass(slots=True, frozen=True, kw_only=True)
class RtcpStreamStat(Struct):
    """One direction of an RTP stream (`pjmedia_rtcp_stream_stat`)."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_stream_stat"

    pkt: int
    """Packets."""
    bytes: int
    """Payload bytes."""
    discard: int
    loss: int
    reorder: int
    dup: int
    loss_period: MathStat
    """Length of the losses, microseconds."""
    jitter: MathStat
    """Microseconds."""


@dataclass(slots=True, frozen=True, kw_only=True)
class RtcpStat(Struct):
    """Both directions of an RTP stream (`pjmedia_rtcp_stat`)."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_stat"

    start: float
    """When it began, seconds of the Unix epoch."""
    tx: RtcpStreamStat
    rx: RtcpStreamStat
    rtt: MathStat
    """Round trip, microseconds; `n` is 0 until RTCP has measured it."""


@dataclass(slots=True, frozen=True, kw_only=True)
class JbState(Struct):
    """A jitter buffer (`pjmedia_jb_state`)."""

    c_struct: ClassVar[str] = "pjmedia_jb_state"

    frame_size: int
    min_prefetch: int
    max_prefetch: int
    max_count: int
    burst: int
    prefetch: int
    size: int
    avg_delay: int
    """Milliseconds."""
    min_delay: int
    max_delay: int
    dev_delay: int
    avg_burst: int
    lost: int
    discard: int
    empty: int


@dataclass(slots=True, frozen=True, kw_only=True)
class StreamStat(Struct):
    """An audio stream: RTP both ways and the jitter buffer (`pjsua_stream_stat`)."""

    c_struct: ClassVar[str] = "pyj_stream_stat"

    codec: str
    """Such as ``"PCMU"``."""
    clock_rate: int
    """Of the codec, Hz."""
    channel_cnt: int
    remote_addr: str
    """Where RTP is sent."""
    rtcp: RtcpStat
    jbuf: JbState
