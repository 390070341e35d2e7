"""Codecs: those of a call, those an offer has, those of the endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core
from .config import CodecParam
from .info import StreamInfo
from .sdp import Sdp, SdpMedia

__all__ = ["Codec", "EndpointCodec"]

# RFC 3551, table 4: those that need no rtpmap.
STATIC = {
    "0": "PCMU/8000",
    "3": "GSM/8000",
    "4": "G723/8000",
    "5": "DVI4/8000",
    "6": "DVI4/16000",
    "7": "LPC/8000",
    "8": "PCMA/8000",
    "9": "G722/8000",
    "10": "L16/44100/2",
    "11": "L16/44100/1",
    "12": "QCELP/8000",
    "15": "G728/8000",
    "16": "DVI4/11025",
    "17": "DVI4/22050",
    "18": "G729/8000",
}

# Formats of an audio line that are no codecs.
OTHERS = frozenset({"telephone-event", "cn", "red"})


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as a session description has it."""

    name: str
    """Such as ``"PCMU"``, as it is written there."""
    clock_rate: int
    """Hz. G.722's is 16000, though its rtpmap says 8000 (RFC 3551, 4.5.2)."""
    channels: int
    pt: int
    """RTP payload type."""
    fmtp: str = ""
    """Parameters, ``"useinbandfec=1;usedtx=1"``; empty where there are none."""

    @property
    def id(self) -> str:
        """``"PCMU/8000/1"``, as the lists of codecs take it."""
        return f"{self.name}/{self.clock_rate}/{self.channels}"


@dataclass(frozen=True, slots=True)
class EndpointCodec:
    """A codec of the endpoint."""

    id: str
    """``"PCMU/8000/1"``."""
    priority: int
    """0 (off) to 255; calls without a list of their own offer the highest first."""
    param: CodecParam
    """What calls start with. A copy: `Endpoint.set_codec_param` sets it."""

    @property
    def name(self) -> str:
        return self.id.partition("/")[0]

    @property
    def clock_rate(self) -> int:
        """Hz."""
        return int(self.id.split("/")[1])

    @property
    def channels(self) -> int:
        return int(self.id.split("/")[2])


def offered(sdp: Sdp | None) -> tuple[Codec, ...]:
    """The codecs of the first audio line that is not refused, in its order."""
    for media in sdp.media if sdp else ():
        if media.type == "audio" and media.port:
            return tuple(codec for format in media.formats if (codec := _of_line(media, format)) is not None)
    return ()


def _of_line(media: SdpMedia, format: str) -> Codec | None:
    """None for what is no codec, and for what nobody could read."""
    name, _, rest = (media.rtpmap.get(format) or STATIC.get(format, "")).partition("/")
    rate, _, channels = rest.partition("/")
    if not name or name.lower() in OTHERS or not _is_number(format) or not _is_number(rate):
        return None
    return Codec(
        name,
        16000 if name.upper() == "G722" else int(rate),
        int(channels) if _is_number(channels) else 1,
        int(format),
        media.fmtp.get(format, ""),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def in_use(info: StreamInfo) -> Codec:
    """The codec of a stream; its parameters are those the other side asked us to keep to."""
    pairs = info.param.setting.enc_fmtp if info.has_param else ()
    fmtp = ";".join(f"{name}={value}" if name else value for name, value in pairs)
    # RFC 7587: its rtpmap always has two, and PJMEDIA says what is decoded.
    channels = 2 if info.fmt.encoding_name.lower() == "opus" else info.fmt.channel_cnt
    return Codec(info.fmt.encoding_name, info.fmt.clock_rate, channels, info.tx_pt, fmtp)


def of_endpoint() -> tuple[EndpointCodec, ...]:
    return tuple(
        EndpointCodec(info.codec_id, info.priority, _core.codec_get_param(info.codec_id))
        for info in _core.enum_codecs()
    )
