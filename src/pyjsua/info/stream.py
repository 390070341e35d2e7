"""RTP streams, jitter buffers and what carries them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from ..config import CodecParam
from ..enums import (
    IceCandType,
    IceSessRole,
    IceStransState,
    JbDiscardAlgo,
    MediaDir,
    MediaEventType,
    MediaType,
    RtcpFbType,
    SrtpUse,
    TpProto,
)
from ..struct import Pairs, Struct

__all__ = [
    "AudDevErrData",
    "IceComp",
    "IceTransportInfo",
    "JbState",
    "MathStat",
    "MedTransportInfo",
    "MediaCodecInfo",
    "MediaEvent",
    "MediaTpErrData",
    "RtcpFbCapInfo",
    "RtcpSdes",
    "RtcpStat",
    "RtcpStreamStat",
    "RxRtcpFbData",
    "SrtpInfo",
    "SrtpPolicy",
    "SrtpRocInfo",
    "StreamInfo",
    "StreamStat",
]


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

    update: float
    """When it was last updated, seconds of the Unix epoch, 0 for never."""
    update_cnt: int
    """How often it was updated."""
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
class RtcpSdes(Struct):
    """Who the other side says it is, in RTCP (`pjmedia_rtcp_sdes`); what it did not say is empty."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_sdes"

    cname: str
    name: str
    email: str
    phone: str
    loc: str
    tool: str
    note: str


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
    rtp_tx_last_ts: int
    """RTP timestamp of the last packet sent."""
    rtp_tx_last_seq: int
    """RTP sequence number of the last packet sent."""
    rx_ipdv: MathStat
    """Variation of the delay of what was received, microseconds."""
    rx_raw_jitter: MathStat
    """Jitter of what was received before it is smoothed, microseconds."""
    peer_sdes: RtcpSdes


@dataclass(slots=True, frozen=True, kw_only=True)
class JbState(Struct):
    """A jitter buffer (`pjmedia_jb_state`)."""

    c_struct: ClassVar[str] = "pjmedia_jb_state"

    frame_size: int
    """Bytes."""
    min_prefetch: int
    """Frames, as are the next six."""
    max_prefetch: int
    max_count: int
    min_delay_set: int
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
    """A stream: RTP both ways and the jitter buffer (`pjsua_stream_stat`)."""

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


@dataclass(slots=True, frozen=True, kw_only=True)
class MediaCodecInfo(Struct):
    """The codec of a stream (`pjmedia_codec_info`)."""

    c_struct: ClassVar[str] = "pjmedia_codec_info"

    type: MediaType
    pt: int
    """PJMEDIA's own payload type for it; those agreed upon are `StreamInfo.tx_pt` and `rx_pt`."""
    encoding_name: str
    """Such as ``"PCMU"``."""
    clock_rate: int
    """Hz."""
    channel_cnt: int


@dataclass(slots=True, frozen=True, kw_only=True)
class RtcpFbCapInfo(Struct):
    """An RTCP feedback that was agreed upon, RFC 4585 (`pjmedia_rtcp_fb_cap`)."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_fb_cap"

    codec_id: str
    """``"*"`` for every codec."""
    type: RtcpFbType
    type_name: str
    """For `RtcpFbType.OTHER`."""
    param: str


@dataclass(slots=True, frozen=True, kw_only=True)
class StreamInfo(Struct):
    """What a stream was made with (`pjsua_stream_info`: `pjmedia_stream_info`, `pjmedia_txt_stream_info`).

    For a text line, RFC 4103, what only sound has is 0, and `tx_event_pt` and `rx_event_pt` are -1.
    """

    c_struct: ClassVar[str] = "pyj_stream_info"
    c_counts: ClassVar[dict[str, str]] = {
        "loc_rtcp_fb": "loc_rtcp_fb.cap_count",
        "rem_rtcp_fb": "rem_rtcp_fb.cap_count",
    }

    type: MediaType
    proto: TpProto
    dir: MediaDir
    local_addr: str
    """Address of our RTP, empty where PJSIP does not say."""
    rem_addr: str
    """Where RTP is sent."""
    rem_rtcp: str
    """Where RTCP is sent, empty for the port next to RTP's."""
    rtcp_mux: bool
    """RTP and RTCP share a port, RFC 5761."""
    rtcp_xr_enabled: bool
    rtcp_xr_interval: int
    rtcp_xr_dest: str
    loc_rtcp_fb: Annotated[tuple[RtcpFbCapInfo, ...], "loc_rtcp_fb.caps"]
    rem_rtcp_fb: Annotated[tuple[RtcpFbCapInfo, ...], "rem_rtcp_fb.caps"]
    tx_pt: int
    """RTP payload type of what is sent."""
    rx_pt: int
    """RTP payload type of what comes in."""
    tx_red_pt: int
    tx_red_level: int
    rx_red_pt: int
    rx_red_level: int
    ssrc: int
    """Of what is sent."""
    cname: str
    has_rem_ssrc: bool
    """Whether the other side's SDP named its SSRC."""
    rem_ssrc: int
    rem_cname: str
    rtp_ts: int
    """First RTP timestamp, when `rtp_seq_ts_set` has bit 1."""
    rtp_seq: int
    """First RTP sequence number, when `rtp_seq_ts_set` has bit 0."""
    rtp_seq_ts_set: int
    jb_init: int
    """Jitter buffer's first delay, ms; -1 for PJMEDIA's default, here and in the next two."""
    jb_min_pre: int
    jb_max_pre: int
    jb_max: int
    """Longest delay, ms."""
    jb_discard_algo: JbDiscardAlgo
    rtcp_sdes_bye_disabled: bool
    fmt: MediaCodecInfo
    has_param: bool
    """Whether `param` says anything."""
    param: CodecParam
    """The codec as it works in this stream."""
    tx_maxptime: int
    """Longest packet the other side takes, ms, 0 when it did not say."""
    tx_event_pt: int
    """RTP payload type of the DTMF events sent, RFC 4733; -1 for none."""
    rx_event_pt: int
    enc_fmtp: Pairs
    """Of a text line, as are the next two: parameters of what is sent."""
    dec_fmtp: Pairs
    buffer_time: int
    """How long typed text is gathered before it is sent, ms; nothing in PJSIP makes it more than 0."""


@dataclass(slots=True, frozen=True, kw_only=True)
class SrtpPolicy(Struct):
    """How one direction is encrypted (`pjmedia_srtp_crypto`)."""

    c_struct: ClassVar[str] = "pjmedia_srtp_crypto"

    key: str = field(repr=False)
    """Key and salt; its bytes are ``key.encode("utf-8", "surrogateescape")``."""
    name: str
    """Such as ``"AES_CM_128_HMAC_SHA1_80"``, empty when nothing is encrypted."""
    flags: int


@dataclass(slots=True, frozen=True, kw_only=True)
class SrtpRocInfo(Struct):
    """How often the sequence number has rolled over (`pjmedia_srtp_roc`)."""

    c_struct: ClassVar[str] = "pjmedia_srtp_roc"

    ssrc: int
    roc: int


@dataclass(slots=True, frozen=True, kw_only=True)
class SrtpInfo(Struct):
    """A media line's encryption (`pjmedia_srtp_info`)."""

    c_struct: ClassVar[str] = "pyj_srtp_info"

    present: bool
    """Whether there is an SRTP transport at all."""
    active: Annotated[bool, "srtp.active"]
    """Whether RTP is encrypted."""
    rx_policy: Annotated[SrtpPolicy, "srtp.rx_policy"]
    tx_policy: Annotated[SrtpPolicy, "srtp.tx_policy"]
    use: Annotated[SrtpUse, "srtp.use"]
    peer_use: Annotated[SrtpUse, "srtp.peer_use"]
    rx_roc: Annotated[SrtpRocInfo, "srtp.rx_roc"]
    tx_roc: Annotated[SrtpRocInfo, "srtp.tx_roc"]


@dataclass(slots=True, frozen=True, kw_only=True)
class IceComp(Struct):
    """The pair of candidates that ICE chose for RTP or RTCP."""

    c_struct: ClassVar[str] = "pyj_ice_comp"

    lcand_type: IceCandType
    lcand_addr: str
    """Ours, as ``"192.0.2.1:5060"``."""
    rcand_type: IceCandType
    rcand_addr: str


@dataclass(slots=True, frozen=True, kw_only=True)
class IceTransportInfo(Struct):
    """A media line's ICE session (`pjmedia_ice_transport_info`)."""

    c_struct: ClassVar[str] = "pyj_ice_info"
    c_counts: ClassVar[dict[str, str]] = {"comp": "comp_cnt"}

    present: bool
    """Whether there is an ICE transport at all."""
    active: bool
    """Whether both sides do ICE."""
    sess_state: IceStransState
    role: IceSessRole
    loc_ufrag: str
    rem_ufrag: str
    comp: tuple[IceComp, ...]
    """RTP, and RTCP where it has a port of its own."""


@dataclass(slots=True, frozen=True, kw_only=True)
class MedTransportInfo(Struct):
    """What carries a media line (`pjmedia_transport_info`); an unknown address is empty."""

    c_struct: ClassVar[str] = "pyj_med_transport_info"

    rtp_addr_name: str
    """Our RTP address as the SDP says it."""
    rtcp_addr_name: str
    src_rtp_name: str
    """Where RTP comes from, empty while none has come."""
    src_rtcp_name: str
    srtp: SrtpInfo
    ice: IceTransportInfo


@dataclass(slots=True, frozen=True, kw_only=True)
class AudDevErrData(Struct):
    """A sound device that stopped (`pjmedia_event_aud_dev_err_data`)."""

    c_struct: ClassVar[str] = "pjmedia_event_aud_dev_err_data"

    dir: MediaDir
    """What stopped."""
    id: int
    """The device."""
    status: int
    """PJSIP's error."""


@dataclass(slots=True, frozen=True, kw_only=True)
class MediaTpErrData(Struct):
    """A media socket that failed (`pjmedia_event_media_tp_err_data`)."""

    c_struct: ClassVar[str] = "pjmedia_event_media_tp_err_data"

    type: MediaType
    is_rtp: bool
    """RTP or RTCP."""
    dir: MediaDir
    """What failed."""
    status: int
    """PJSIP's error."""


@dataclass(slots=True, frozen=True, kw_only=True)
class RxRtcpFbData(Struct):
    """RTCP feedback that came in (`pjmedia_event_rx_rtcp_fb_data`)."""

    c_struct: ClassVar[str] = "pyj_rx_rtcp_fb_data"

    type: RtcpFbType
    pid: int
    """Of a NACK: the RTP sequence number of a packet that is missing."""
    blp: int
    """Of a NACK: which of the 16 packets after it are missing, a bit each."""


@dataclass(slots=True, frozen=True, kw_only=True)
class MediaEvent(Struct):
    """Something PJMEDIA tells (`pjmedia_event`); the data that is not of its type says nothing."""

    c_struct: ClassVar[str] = "pyj_media_event"

    type: MediaEventType
    timestamp: int
    """Of the media, in its own units; 0 where there is none."""
    aud_dev_err: Annotated[AudDevErrData, "data.aud_dev_err"]
    """Of `MediaEventType.AUD_DEV_ERROR`."""
    med_tp_err: Annotated[MediaTpErrData, "data.med_tp_err"]
    """Of `MediaEventType.MEDIA_TP_ERR`."""
    rx_rtcp_fb: Annotated[RxRtcpFbData, "data.rx_rtcp_fb"]
    """Of `MediaEventType.RX_RTCP_FB`."""
