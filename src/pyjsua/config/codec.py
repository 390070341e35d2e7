"""How a codec works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..struct import Pairs, Struct

__all__ = ["CodecParam", "CodecParamInfo", "CodecParamSetting"]


@dataclass(slots=True, kw_only=True)
class CodecParamInfo(Struct):
    """What a codec is (`pjmedia_codec_param.info`).

    Streams size their buffers by it, so only `avg_bps` and `max_bps` may differ from what
    `codec_get_param` says.
    """

    c_struct: ClassVar[str] = "pyj_codec_param_info"

    clock_rate: int = 0
    """Hz. The one of a stream under way may be lowered: Opus takes it for its bandwidth."""
    channel_cnt: int = 0
    avg_bps: int = 0
    """Bit rate, bits per second; 0 lets Opus choose."""
    max_bps: int = 0
    """Highest bit rate, bits per second, up to ten million."""
    max_rx_frame_size: int = 0
    """Bytes, 0 where the bit rate says it."""
    frm_ptime: int = 0
    """Length of a frame that is decoded, ms, to be divided by `frm_ptime_denum`."""
    frm_ptime_denum: int = 0
    """0 for a whole number of ms."""
    enc_ptime: int = 0
    """Length of a frame that is encoded, ms; 0 when it is `frm_ptime`."""
    enc_ptime_denum: int = 0
    pcm_bits_per_sample: int = 0
    pt: int = 0
    """RTP payload type."""
    fmt_id: int = 0
    """`pjmedia_format_id` of what goes into the encoder."""


@dataclass(slots=True, kw_only=True)
class CodecParamSetting(Struct):
    """How a codec is to work (`pjmedia_codec_param.setting`)."""

    c_struct: ClassVar[str] = "pyj_codec_param_setting"

    frm_per_pkt: int = 1
    """Frames per RTP packet, at least 1; a packet holds 200 ms at most."""
    vad: bool = False
    """Silence is not sent; DTX for Opus."""
    cng: bool = False
    """Comfort noise is made in silences."""
    penh: bool = False
    """Perceptual enhancement (Speex)."""
    plc: bool = False
    """Lost packets are concealed; in-band FEC for Opus."""
    enc_fmtp: Pairs = ()
    """Parameters of what is sent, as the other side asked for in its ``a=fmtp``."""
    dec_fmtp: Pairs = ()
    """Parameters of what is received, which go into our ``a=fmtp``; an empty name for a bare value."""
    packet_loss: int = 0
    """Loss the encoder is to expect, percent."""
    complexity: int = 0
    """Effort of the encoder, 0 to 10."""
    cbr: bool = False
    """Constant bit rate."""


@dataclass(slots=True, kw_only=True)
class CodecParam(Struct):
    """A codec's parameters (`pjmedia_codec_param`): read them, change them, set them."""

    c_struct: ClassVar[str] = "pyj_codec_param"

    info: CodecParamInfo = field(default_factory=CodecParamInfo)
    setting: CodecParamSetting = field(default_factory=CodecParamSetting)
