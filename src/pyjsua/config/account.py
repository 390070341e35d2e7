"""Accounts, and the credentials they register with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..enums import (
    AuthAlgorithmType,
    ContactRewriteMethod,
    CredDataType,
    HoldType,
    IceConfigUse,
    Ipv6Use,
    Nat64Opt,
    RegUseProxy,
    Rel100Use,
    RpidActivity,
    RpidElementType,
    SipSiprecUse,
    SipTimerUse,
    SrtpUse,
    StunUse,
    TurnConfigUse,
    UpnpUse,
)
from ..ids import TransportId
from ..struct import C_DEFAULT, Header, Struct, XmlText
from .nat import IceConfig, IpChangeAccCfg, TurnConfig
from .srtp import RtcpFbSetting, SrtpOpt
from .transport import TransportConfig

__all__ = [
    "AccConfig",
    "AccDelParam",
    "AuthCltPref",
    "CredInfo",
    "PublishcOpt",
    "RpidElement",
    "TimerSetting",
]


@dataclass(slots=True, kw_only=True)
class AccConfig(Struct):
    """An account (`pjsua_acc_config`)."""

    c_struct: ClassVar[str] = "pjsua_acc_config"
    c_counts: ClassVar[dict[str, str]] = {"proxy": "proxy_cnt", "cred_info": "cred_count"}

    priority: int = C_DEFAULT
    """Among accounts that would do, the highest is taken for an incoming request."""
    id: str = C_DEFAULT
    """The account's address of record, a SIP URI with or without a display name."""
    reg_uri: str = C_DEFAULT
    """Registrar's URI; empty for an account that does not register."""
    reg_hdr_list: Sequence[Header] = C_DEFAULT
    """Headers added to REGISTER."""
    reg_contact_params: str = C_DEFAULT
    """Parameters of the Contact header in REGISTER, each with its ``;``."""
    reg_contact_uri_params: str = C_DEFAULT
    """Parameters of the URI in it, each with its ``;``."""
    sub_hdr_list: Sequence[Header] = C_DEFAULT
    """Headers added to SUBSCRIBE."""
    mwi_enabled: bool = C_DEFAULT
    """Subscribes to message waiting indications, RFC 3842."""
    mwi_expires: int = C_DEFAULT
    """Length of that subscription, seconds."""
    publish_enabled: bool = C_DEFAULT
    """Presence is told by PUBLISH, RFC 3903."""
    publish_opt: PublishcOpt = C_DEFAULT
    unpublish_max_wait_time_msec: int = C_DEFAULT
    """How long `destroy` waits for the removal of published presence, ms."""
    auth_pref: AuthCltPref = C_DEFAULT
    pidf_tuple_id: str = C_DEFAULT
    """Id of the tuple in presence documents, a random one when empty."""
    force_contact: str = C_DEFAULT
    """Contact URI to use whatever the transport's address."""
    contact_params: str = C_DEFAULT
    """Parameters of every Contact header, each with its ``;``."""
    contact_uri_params: str = C_DEFAULT
    """Parameters of the URI in it, each with its ``;``."""
    require_100rel: Rel100Use = C_DEFAULT
    use_timer: SipTimerUse = C_DEFAULT
    use_siprec: SipSiprecUse = C_DEFAULT
    timer_setting: TimerSetting = C_DEFAULT
    proxy: Sequence[str] = C_DEFAULT
    """Outbound proxies: SIP URIs put into the route set, ``;lr`` added where missing."""
    lock_codec: int = C_DEFAULT
    """Not 0: an answer with several codecs is followed by an offer with one."""
    reg_timeout: int = C_DEFAULT
    """Registration interval asked for, seconds."""
    reg_delay_before_refresh: int = C_DEFAULT
    """How long before expiry the registration is renewed, seconds."""
    unreg_timeout: int = C_DEFAULT
    """How long `destroy` waits for unregistration, ms."""
    cred_info: Sequence[CredInfo] = C_DEFAULT
    transport_id: TransportId = C_DEFAULT
    """Transport this account is bound to, -1 for any."""
    allow_contact_rewrite: int | bool = C_DEFAULT
    """Contact follows the address a registrar saw: 0 never, 1 unless a private one replaced a public one,
    2 always."""
    contact_rewrite_method: ContactRewriteMethod = C_DEFAULT
    contact_use_src_port: bool = C_DEFAULT
    """Over TCP and TLS, Contact names the port connected from."""
    allow_via_rewrite: bool = C_DEFAULT
    """Via follows the address a registrar saw."""
    allow_sdp_nat_rewrite: bool = C_DEFAULT
    """The address in SDP follows it too."""
    use_rfc5626: int = C_DEFAULT
    """Not 0: SIP outbound, RFC 5626; over TCP and TLS only."""
    rfc5626_instance_id: str = C_DEFAULT
    """``+sip.instance``; one made of the host's name when empty."""
    rfc5626_reg_id: str = C_DEFAULT
    """``reg-id``, 1 when empty."""
    ka_interval: int = C_DEFAULT
    """Keep-alive interval, seconds; 0 turns it off."""
    ka_data: str = C_DEFAULT
    """What is sent to keep a NAT's binding alive."""
    txt_red_level: int = C_DEFAULT
    """Earlier texts repeated in each packet of real-time text, RFC 4103; 0 to 2."""
    rtp_cfg: TransportConfig = C_DEFAULT
    """Where media of this account's calls binds: each stream takes a pair of ports, from `port` (4000) on, of
    `port_range` ports, or up to 65535 where that is 0; the next pair that is free. With port 0 the system
    chooses. Its `tls_setting` cannot be set."""
    nat64_opt: Nat64Opt = C_DEFAULT
    ipv6_sip_use: Ipv6Use = C_DEFAULT
    ipv6_media_use: Ipv6Use = C_DEFAULT
    """What an offer of ours names: IPv4 where there is one, by default."""
    sip_stun_use: StunUse = C_DEFAULT
    media_stun_use: StunUse = C_DEFAULT
    sip_upnp_use: UpnpUse = C_DEFAULT
    media_upnp_use: UpnpUse = C_DEFAULT
    use_loop_med_tp: bool = C_DEFAULT
    """Media goes nowhere and comes from nowhere: a call without sockets."""
    enable_loopback: bool = C_DEFAULT
    """With `use_loop_med_tp`: what is sent comes back."""
    ice_cfg_use: IceConfigUse = C_DEFAULT
    """`IceConfigUse.USE_DEFAULT` takes ICE from `MediaConfig`, and `ice_cfg` does not count."""
    ice_cfg: IceConfig = C_DEFAULT
    turn_cfg_use: TurnConfigUse = C_DEFAULT
    """`TurnConfigUse.USE_DEFAULT` takes TURN from `MediaConfig`, and `turn_cfg` does not count."""
    turn_cfg: TurnConfig = C_DEFAULT
    use_srtp: SrtpUse = C_DEFAULT
    srtp_secure_signaling: int = C_DEFAULT
    """What SRTP asks of signalling: 0 nothing, 1 TLS to the next hop, 2 a ``sips:`` URI."""
    srtp_optional_dup_offer: bool = C_DEFAULT
    """With `SrtpUse.OPTIONAL`: every line is offered twice, as ``RTP/SAVP`` and ``RTP/AVP``."""
    srtp_opt: SrtpOpt = C_DEFAULT
    reg_retry_interval: int = C_DEFAULT
    """Seconds between attempts after a failure that may pass; 0 turns retrying off."""
    reg_first_retry_interval: int = C_DEFAULT
    """Seconds before the first of them; 0 means at once."""
    reg_retry_random_interval: int = C_DEFAULT
    """Seconds, at most, by which each is earlier or later."""
    drop_calls_on_reg_fail: bool = C_DEFAULT
    """Ends the account's calls when registering anew failed too."""
    reg_use_proxy: RegUseProxy = C_DEFAULT
    call_hold_type: HoldType = C_DEFAULT
    register_on_acc_add: bool = C_DEFAULT
    disable_reg_on_modify: bool = C_DEFAULT
    """`acc_modify` does not register."""
    ip_change_cfg: IpChangeAccCfg = C_DEFAULT
    enable_rtcp_mux: bool = C_DEFAULT
    """RTP and RTCP on one port, RFC 5761."""
    rtcp_fb_cfg: RtcpFbSetting = C_DEFAULT
    enable_rtcp_xr: bool = C_DEFAULT
    """Extended reports, RFC 3611."""
    use_shared_auth: bool = C_DEFAULT
    """Registration, calls and subscriptions share what was learnt of challenges."""
    auto_repond_sip_message: bool = C_DEFAULT
    """MESSAGE is answered with 200 by itself. (Spelt as in C.) If not, `OnPager2.request` waits for
    `acc_send_response`; with nobody to listen it is refused with 480."""


@dataclass(slots=True, kw_only=True)
class AccDelParam(Struct):
    """How an account is deleted (`pjsua_acc_del_param`)."""

    c_struct: ClassVar[str] = "pjsua_acc_del_param"

    force: bool = C_DEFAULT
    """Even while it has calls."""


@dataclass(slots=True, kw_only=True)
class RpidElement(Struct):
    """What a person is doing, RFC 4480 (`pjrpid_element`)."""

    c_struct: ClassVar[str] = "pjrpid_element"

    type: RpidElementType = C_DEFAULT
    id: XmlText = C_DEFAULT
    """Id of the element; PJSIP makes one when it is empty."""
    activity: RpidActivity = C_DEFAULT
    note: XmlText = C_DEFAULT
    """Words for it, such as ``"On the phone"``."""


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
    algorithm_type: AuthAlgorithmType = C_DEFAULT
    """Algorithm an HA1 is of."""


@dataclass(slots=True, kw_only=True)
class TimerSetting(Struct):
    """Session timer, RFC 4028 (`pjsip_timer_setting`)."""

    c_struct: ClassVar[str] = "pjsip_timer_setting"

    min_se: int = C_DEFAULT
    """Shortest session expiration accepted, seconds."""
    sess_expires: int = C_DEFAULT
    """Session expiration asked for, seconds."""


@dataclass(slots=True, kw_only=True)
class AuthCltPref(Struct):
    """How requests are authenticated (`pjsip_auth_clt_pref`)."""

    c_struct: ClassVar[str] = "pjsip_auth_clt_pref"

    initial_auth: bool = C_DEFAULT
    """An empty Authorization header in the first request, as the IMS wants it."""
    algorithm: str = C_DEFAULT
    """Its algorithm parameter."""


@dataclass(slots=True, kw_only=True)
class PublishcOpt(Struct):
    """PUBLISH (`pjsip_publishc_opt`)."""

    c_struct: ClassVar[str] = "pjsip_publishc_opt"

    queue_request: bool = C_DEFAULT
    """A request while another is under way waits for it, rather than failing."""
