"""Values that go in: what accounts, calls, transports and the library are told.

Every class has the fields of its C struct under their C names; see the struct in
pjsua.h for the long explanation. Departures from C: an array's length replaces its
counter member, and the defaults listed in ``docs/departures.md`` differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from .enums import CallFlag, CredDataType, HoldType, Ipv6Use, Rel100Use, SipTimerUse, SrtpUse
from .ids import TransportId
from .struct import C_DEFAULT, Header, Struct

if TYPE_CHECKING:
    from . import events

__all__ = [
    "AccConfig",
    "CallSetting",
    "Callbacks",
    "Config",
    "CredInfo",
    "LoggingConfig",
    "MediaConfig",
    "MsgData",
    "TimerSetting",
    "TransportConfig",
]


@dataclass(slots=True, kw_only=True)
class Callbacks:
    """Handlers by event, run in the dispatcher thread, one at a time, in order (`pjsua_callback`).

    Each takes the event of its name and returns nothing. A handler that raises is
    reported to the ``pyjsua`` logger; the next event is delivered all the same.
    """

    on_call_state: Callable[[events.OnCallState], Any] | None = None
    on_incoming_call: Callable[[events.OnIncomingCall], Any] | None = None
    on_call_tsx_state: Callable[[events.OnCallTsxState], Any] | None = None
    on_call_media_state: Callable[[events.OnCallMediaState], Any] | None = None
    on_stream_created2: Callable[[events.OnStreamCreated2], Any] | None = None
    on_stream_destroyed: Callable[[events.OnStreamDestroyed], Any] | None = None
    on_dtmf_event: Callable[[events.OnDtmfEvent], Any] | None = None
    on_reg_started2: Callable[[events.OnRegStarted2], Any] | None = None
    on_reg_state2: Callable[[events.OnRegState2], Any] | None = None
    on_transport_state: Callable[[events.OnTransportState], Any] | None = None
    on_conf_op_completed: Callable[[events.OnConfOpCompleted], Any] | None = None


@dataclass(slots=True, kw_only=True)
class TimerSetting(Struct):
    """Session timer, RFC 4028 (`pjsip_timer_setting`)."""

    c_struct: ClassVar[str] = "pjsip_timer_setting"

    min_se: int = C_DEFAULT
    """Shortest session expiration accepted, seconds."""
    sess_expires: int = C_DEFAULT
    """Session expiration asked for, seconds."""


@dataclass(slots=True, kw_only=True)
class CredInfo(Struct):
    """A digest credential (`pjsip_cred_info`). `data` never appears in the `repr`."""

    c_struct: ClassVar[str] = "pjsip_cred_info"

    realm: str = C_DEFAULT
    """Realm it is for; ``"*"`` answers any."""
    scheme: str = C_DEFAULT
    """``"digest"`` when left empty."""
    username: str = C_DEFAULT
    data_type: CredDataType = C_DEFAULT
    data: str = field(default=C_DEFAULT, repr=False)
    """Password, or HA1 in hexadecimal with `CredDataType.DIGEST`."""


@dataclass(slots=True, kw_only=True)
class Config(Struct):
    """The user agent (`pjsua_config`)."""

    c_struct: ClassVar[str] = "pjsua_config"
    c_counts: ClassVar[dict[str, str]] = {
        "nameserver": "nameserver_count",
        "outbound_proxy": "outbound_proxy_cnt",
        "stun_srv": "stun_srv_cnt",
        "cred_info": "cred_count",
    }

    max_calls: int = C_DEFAULT
    """Calls at once, 1 to `limits().max_calls`; more raises, nothing is clamped."""
    thread_cnt: int = C_DEFAULT
    """PJSIP worker threads; 0 means the script calls `handle_events` itself."""
    nameserver: Sequence[str] = C_DEFAULT
    force_lr: bool = C_DEFAULT
    outbound_proxy: Sequence[str] = C_DEFAULT
    stun_domain: str = C_DEFAULT
    stun_host: str = C_DEFAULT
    stun_srv: Sequence[str] = C_DEFAULT
    stun_try_ipv6: bool = C_DEFAULT
    stun_ignore_failure: bool = C_DEFAULT
    stun_map_use_stun2: bool = C_DEFAULT
    nat_type_in_sdp: int = C_DEFAULT
    require_100rel: Rel100Use = C_DEFAULT
    use_timer: SipTimerUse = C_DEFAULT
    enable_unsolicited_mwi: bool = C_DEFAULT
    timer_setting: TimerSetting = C_DEFAULT
    cred_info: Sequence[CredInfo] = C_DEFAULT
    user_agent: str = C_DEFAULT
    """User-Agent header, none when empty."""
    use_srtp: SrtpUse = C_DEFAULT
    srtp_secure_signaling: int = C_DEFAULT
    srtp_optional_dup_offer: bool = C_DEFAULT
    hangup_forked_call: bool = C_DEFAULT
    no_refer_sub: bool = C_DEFAULT
    cb: Callbacks = field(default_factory=Callbacks)
    """Event handlers; with none set, the script reads `events()`."""


@dataclass(slots=True, kw_only=True)
class LoggingConfig(Struct):
    """PJSIP's log, delivered to the ``pyjsua.pjsip`` logger (`pjsua_logging_config`).

    `console_level` does not exist here: nothing is ever written to the console.
    """

    c_struct: ClassVar[str] = "pjsua_logging_config"

    msg_logging: bool = C_DEFAULT
    """PJSIP's own message log, cut at 4000 bytes; the ``pyjsua.sip`` logger has whole messages."""
    level: int = C_DEFAULT
    """0 (nothing) to 6 (everything); by default what the ``pyjsua.pjsip`` logger lets pass."""
    log_filename: str = C_DEFAULT
    """A file PJSIP writes itself, none when empty."""
    log_file_flags: int = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class MediaConfig(Struct):
    """The conference bridge, jitter buffers and sound device (`pjsua_media_config`)."""

    c_struct: ClassVar[str] = "pjsua_media_config"

    clock_rate: int = C_DEFAULT
    """Sample rate of the conference bridge, Hz."""
    snd_clock_rate: int = C_DEFAULT
    """Sample rate the sound device is opened at, Hz; 0 means `clock_rate`."""
    snd_use_sw_clock: bool = C_DEFAULT
    channel_count: int = C_DEFAULT
    audio_frame_ptime: int = C_DEFAULT
    """Length of the bridge's frames, ms."""
    max_media_ports: int = C_DEFAULT
    """Ports of the conference bridge."""
    conf_threads: int = C_DEFAULT
    """Threads that mix, the clock's own included."""
    has_ioqueue: bool = C_DEFAULT
    thread_cnt: int = C_DEFAULT
    """Threads that receive RTP."""
    quality: int = C_DEFAULT
    """1 to 10: codec and resampling quality."""
    ptime: int = C_DEFAULT
    """Length of outgoing RTP packets, ms; 0 means the codec's default."""
    no_vad: bool = C_DEFAULT
    tx_drop_pct: int = C_DEFAULT
    rx_drop_pct: int = C_DEFAULT
    ec_options: int = C_DEFAULT
    ec_tail_len: int = C_DEFAULT
    """Tail of the echo canceller, ms; 0 turns it off."""
    snd_rec_latency: int = C_DEFAULT
    snd_play_latency: int = C_DEFAULT
    jb_init: int = C_DEFAULT
    """Initial prefetch of the jitter buffer, ms; -1 means PJMEDIA's default."""
    jb_min_pre: int = C_DEFAULT
    jb_max_pre: int = C_DEFAULT
    jb_max: int = C_DEFAULT
    enable_ice: bool = C_DEFAULT
    ice_max_host_cands: int = C_DEFAULT
    ice_no_rtcp: bool = C_DEFAULT
    ice_always_update: bool = C_DEFAULT
    enable_turn: bool = C_DEFAULT
    turn_server: str = C_DEFAULT
    snd_auto_close_time: int = C_DEFAULT
    """Seconds an idle sound device, the null device too, stays open; -1, the default here, means always."""
    no_smart_media_update: bool = C_DEFAULT
    no_rtcp_sdes_bye: bool = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class TransportConfig(Struct):
    """A SIP or RTP transport (`pjsua_transport_config`)."""

    c_struct: ClassVar[str] = "pjsua_transport_config"

    port: int = C_DEFAULT
    """Port to bind, 0 for any free one."""
    port_range: int = C_DEFAULT
    """For RTP: how many ports from `port` on may be taken."""
    randomize_port: bool = C_DEFAULT
    public_addr: str = C_DEFAULT
    """Address announced instead of the one bound."""
    bound_addr: str = C_DEFAULT
    """Address to bind; empty means every interface."""


@dataclass(slots=True, kw_only=True)
class AccConfig(Struct):
    """An account (`pjsua_acc_config`)."""

    c_struct: ClassVar[str] = "pjsua_acc_config"
    c_counts: ClassVar[dict[str, str]] = {"proxy": "proxy_cnt", "cred_info": "cred_count"}

    priority: int = C_DEFAULT
    id: str = C_DEFAULT
    """The account's address of record, a SIP URI with or without a display name."""
    reg_uri: str = C_DEFAULT
    """Registrar's URI; empty for an account that does not register."""
    reg_hdr_list: Sequence[Header] = C_DEFAULT
    """Headers added to REGISTER."""
    reg_contact_params: str = C_DEFAULT
    reg_contact_uri_params: str = C_DEFAULT
    sub_hdr_list: Sequence[Header] = C_DEFAULT
    """Headers added to SUBSCRIBE."""
    mwi_enabled: bool = C_DEFAULT
    mwi_expires: int = C_DEFAULT
    publish_enabled: bool = C_DEFAULT
    unpublish_max_wait_time_msec: int = C_DEFAULT
    pidf_tuple_id: str = C_DEFAULT
    force_contact: str = C_DEFAULT
    contact_params: str = C_DEFAULT
    contact_uri_params: str = C_DEFAULT
    require_100rel: Rel100Use = C_DEFAULT
    use_timer: SipTimerUse = C_DEFAULT
    timer_setting: TimerSetting = C_DEFAULT
    proxy: Sequence[str] = C_DEFAULT
    """Outbound proxies: SIP URIs put into the route set, ``;lr`` added where missing."""
    lock_codec: int = C_DEFAULT
    reg_timeout: int = C_DEFAULT
    """Registration interval asked for, seconds."""
    reg_delay_before_refresh: int = C_DEFAULT
    """How long before expiry the registration is renewed, seconds."""
    unreg_timeout: int = C_DEFAULT
    """How long `destroy` waits for unregistration, ms."""
    cred_info: Sequence[CredInfo] = C_DEFAULT
    transport_id: TransportId = C_DEFAULT
    """Transport this account is bound to, -1 for any."""
    allow_contact_rewrite: bool = C_DEFAULT
    contact_rewrite_method: int = C_DEFAULT
    contact_use_src_port: bool = C_DEFAULT
    allow_via_rewrite: bool = C_DEFAULT
    allow_sdp_nat_rewrite: bool = C_DEFAULT
    use_rfc5626: int = C_DEFAULT
    rfc5626_instance_id: str = C_DEFAULT
    rfc5626_reg_id: str = C_DEFAULT
    ka_interval: int = C_DEFAULT
    """Keep-alive interval, seconds; 0 turns it off."""
    ka_data: str = C_DEFAULT
    ipv6_sip_use: Ipv6Use = C_DEFAULT
    ipv6_media_use: Ipv6Use = C_DEFAULT
    """What an offer of ours names: IPv4 where there is one, by default."""
    rtp_cfg: TransportConfig = C_DEFAULT
    """Where media of this account's calls binds."""
    use_srtp: SrtpUse = C_DEFAULT
    srtp_secure_signaling: int = C_DEFAULT
    srtp_optional_dup_offer: bool = C_DEFAULT
    reg_retry_interval: int = C_DEFAULT
    """Seconds between attempts after a failure that may pass; 0 turns retrying off."""
    reg_first_retry_interval: int = C_DEFAULT
    reg_retry_random_interval: int = C_DEFAULT
    drop_calls_on_reg_fail: bool = C_DEFAULT
    reg_use_proxy: int = C_DEFAULT
    call_hold_type: HoldType = C_DEFAULT
    register_on_acc_add: bool = C_DEFAULT
    disable_reg_on_modify: bool = C_DEFAULT
    enable_rtcp_mux: bool = C_DEFAULT
    enable_rtcp_xr: bool = C_DEFAULT
    use_loop_med_tp: bool = C_DEFAULT
    enable_loopback: bool = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class CallSetting(Struct):
    """Options of a call (`pjsua_call_setting`); `txt_cnt` is 0 here where C has 1."""

    c_struct: ClassVar[str] = "pjsua_call_setting"

    flag: CallFlag = C_DEFAULT
    req_keyframe_method: int = C_DEFAULT
    aud_cnt: int = C_DEFAULT
    """Audio lines offered or accepted."""
    vid_cnt: int = C_DEFAULT
    txt_cnt: int = C_DEFAULT
    """Real-time text lines, RFC 4103."""
    custom_call_id: str = C_DEFAULT
    """Call-ID header to use instead of a random one."""


@dataclass(slots=True, kw_only=True)
class MsgData(Struct):
    """What is added to a message that is sent (`pjsua_msg_data`)."""

    c_struct: ClassVar[str] = "pjsua_msg_data"

    target_uri: str = C_DEFAULT
    local_uri: str = C_DEFAULT
    contact_uri: str = C_DEFAULT
    hdr_list: Sequence[Header] = C_DEFAULT
    """Headers to add, in order, repeats allowed."""
    content_type: str = C_DEFAULT
    msg_body: str = C_DEFAULT
