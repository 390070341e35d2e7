"""Values that come out: snapshots taken while PJSIP held the lock that guards them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from .config import CallSetting
from .enums import CallMediaStatus, InvState, MediaDir, MediaType, Role, TransportType
from .ids import AccId, CallId, ConfPortId, TransportId
from .struct import Struct

__all__ = [
    "AccInfo",
    "AudDevInfo",
    "CallInfo",
    "CallMediaInfo",
    "CodecInfo",
    "ConfPortInfo",
    "HostPort",
    "JbState",
    "Limits",
    "MathStat",
    "RegInfo",
    "RtcpStat",
    "RtcpStreamStat",
    "StreamStat",
    "TransportInfo",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class CallMediaInfo(Struct):
    """One media line of a call (`pjsua_call_media_info`)."""

    c_struct: ClassVar[str] = "pjsua_call_media_info"

    index: int
    type: MediaType
    dir: MediaDir
    status: CallMediaStatus
    conf_slot: Annotated[ConfPortId, "stream.aud.conf_slot"]
    """Conference slot of an audio line; means nothing for other types."""


@dataclass(slots=True, frozen=True, kw_only=True)
class CallInfo(Struct):
    """A call as it was at that moment (`pjsua_call_info`)."""

    c_struct: ClassVar[str] = "pjsua_call_info"
    c_counts: ClassVar[dict[str, str]] = {"media": "media_cnt", "prov_media": "prov_media_cnt"}

    id: CallId
    role: Role
    acc_id: AccId
    local_info: str
    """Our address as in the dialog's From or To, display name and tag included."""
    local_contact: str
    remote_info: str
    remote_contact: str
    call_id: str
    """The Call-ID header."""
    setting: CallSetting
    state: InvState
    state_text: str
    last_status: int
    """Last SIP status code heard or sent, 0 when there was none."""
    last_status_text: str
    media_status: CallMediaStatus
    media_dir: MediaDir
    conf_slot: ConfPortId
    """Conference slot of the first active audio line, -1 when there is none."""
    media: tuple[CallMediaInfo, ...]
    prov_media: tuple[CallMediaInfo, ...]
    connect_duration: float
    """Seconds since the call was answered."""
    total_duration: float
    """Seconds since the call began."""
    rem_offerer: bool
    rem_aud_cnt: int
    rem_vid_cnt: int
    rem_txt_cnt: int


@dataclass(slots=True, frozen=True, kw_only=True)
class AccInfo(Struct):
    """An account as it was at that moment (`pjsua_acc_info`)."""

    c_struct: ClassVar[str] = "pjsua_acc_info"

    id: AccId
    is_default: bool
    acc_uri: str
    has_registration: bool
    """Whether the account is one that registers, not whether it is registered."""
    expires: int
    """Seconds to the expiry of the registration; `NOT_SPECIFIED` when not registered."""
    status: int
    """Last SIP status of registration: 200 when registered."""
    reg_last_err: int
    """Last PJSIP error of registration, 0 when there was none."""
    status_text: str
    online_status: bool
    online_status_text: str


@dataclass(slots=True, frozen=True, kw_only=True)
class RegInfo(Struct):
    """Outcome of a REGISTER: `pjsua_reg_info` with the fields of its `cbparam` as its own."""

    c_struct: ClassVar[str] = "pyj_reg_info"

    status: int
    """PJSIP's error, 0 when the registrar answered."""
    status_text: str
    """PJSIP's words for `status`, empty for 0."""
    code: int
    """SIP status code."""
    reason: str
    """SIP reason phrase."""
    expiration: int
    """Seconds until the registration expires; 0 after unregistration."""
    renew: bool
    """True for a registration, False for an unregistration."""
    is_unreg: bool


@dataclass(slots=True, frozen=True, kw_only=True)
class HostPort(Struct):
    """A host and a port (`pjsip_host_port`)."""

    c_struct: ClassVar[str] = "pjsip_host_port"

    host: str
    port: int


@dataclass(slots=True, frozen=True, kw_only=True)
class TransportInfo(Struct):
    """A transport (`pjsua_transport_info`)."""

    c_struct: ClassVar[str] = "pjsua_transport_info"

    id: TransportId
    type: TransportType
    type_name: str
    info: str
    flag: int
    local_addr: str
    """Address and port bound, IPv6 in brackets."""
    local_name: HostPort
    """Address and port announced."""
    usage_count: int


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


@dataclass(slots=True, frozen=True, kw_only=True)
class Limits(Struct):
    """What this build can hold at most; asking for more raises."""

    c_struct: ClassVar[str] = "pyj_limits"

    max_calls: int
    max_accounts: int
    max_conf_ports: int
    max_players: int
    max_recorders: int
    max_transports: int
    max_pkt_len: int
    """Longest SIP message, bytes."""
    max_url_size: int
    """Longest URI shown in an info, bytes."""
    max_handles: int
    """Sockets PJSIP can poll."""
