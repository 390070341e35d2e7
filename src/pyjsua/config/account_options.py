"""The fields of `AccConfig` as keyword arguments, so that a type checker knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ..enums import (
    ContactRewriteMethod,
    HoldType,
    IceConfigUse,
    Ipv6Use,
    Nat64Opt,
    RegUseProxy,
    Rel100Use,
    SipSiprecUse,
    SipTimerUse,
    SrtpUse,
    StunUse,
    TurnConfigUse,
    UpnpUse,
)
from ..ids import TransportId
from ..struct import Header
from .account import AuthCltPref, CredInfo, PublishcOpt, TimerSetting
from .nat import IceConfig, IpChangeAccCfg, TurnConfig
from .srtp import RtcpFbSetting, SrtpOpt
from .transport import TransportConfig

__all__ = ["AccountChanges", "AccountOptions", "RegisterOptions"]


class RegisterOptions(TypedDict, total=False):
    """What `Endpoint.register` takes of an `AccConfig`, which says what each is."""

    priority: int
    reg_hdr_list: Sequence[Header]
    reg_contact_params: str
    reg_contact_uri_params: str
    sub_hdr_list: Sequence[Header]
    mwi_enabled: bool
    mwi_expires: int
    publish_enabled: bool
    publish_opt: PublishcOpt
    unpublish_max_wait_time_msec: int
    auth_pref: AuthCltPref
    pidf_tuple_id: str
    force_contact: str
    contact_params: str
    contact_uri_params: str
    require_100rel: Rel100Use
    use_timer: SipTimerUse
    use_siprec: SipSiprecUse
    timer_setting: TimerSetting
    lock_codec: int
    reg_timeout: int
    reg_delay_before_refresh: int
    unreg_timeout: int
    cred_info: Sequence[CredInfo]
    transport_id: TransportId
    allow_contact_rewrite: int | bool
    contact_rewrite_method: ContactRewriteMethod
    contact_use_src_port: bool
    allow_via_rewrite: bool
    allow_sdp_nat_rewrite: bool
    use_rfc5626: int
    rfc5626_instance_id: str
    rfc5626_reg_id: str
    ka_interval: int
    ka_data: str
    txt_red_level: int
    rtp_cfg: TransportConfig
    nat64_opt: Nat64Opt
    ipv6_sip_use: Ipv6Use
    ipv6_media_use: Ipv6Use
    sip_stun_use: StunUse
    media_stun_use: StunUse
    sip_upnp_use: UpnpUse
    media_upnp_use: UpnpUse
    use_loop_med_tp: bool
    enable_loopback: bool
    ice_cfg_use: IceConfigUse
    ice_cfg: IceConfig
    turn_cfg_use: TurnConfigUse
    turn_cfg: TurnConfig
    use_srtp: SrtpUse
    srtp_secure_signaling: int
    srtp_optional_dup_offer: bool
    srtp_opt: SrtpOpt
    reg_retry_interval: int
    reg_first_retry_interval: int
    reg_retry_random_interval: int
    drop_calls_on_reg_fail: bool
    reg_use_proxy: RegUseProxy
    call_hold_type: HoldType
    register_on_acc_add: bool
    disable_reg_on_modify: bool
    ip_change_cfg: IpChangeAccCfg
    enable_rtcp_mux: bool
    rtcp_fb_cfg: RtcpFbSetting
    enable_rtcp_xr: bool
    use_shared_auth: bool
    auto_repond_sip_message: bool


class AccountOptions(RegisterOptions, total=False):
    """The same of `Endpoint.add_account`."""

    reg_uri: str


class AccountChanges(AccountOptions, total=False):
    """What `Account.modify` changes."""

    id: str
    proxy: Sequence[str]
