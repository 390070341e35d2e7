"""Accounts, and the credentials they register with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..enums import (
    CredDataType,
    HoldType,
    Ipv6Use,
    Rel100Use,
    RpidActivity,
    RpidElementType,
    SipTimerUse,
    SrtpUse,
)
from ..ids import TransportId
from ..struct import C_DEFAULT, Header, Struct, XmlText
from .transport import TransportConfig

__all__ = ["AccConfig", "AccDelParam", "CredInfo", "RpidElement", "TimerSetting"]


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


@dataclass(slots=True, kw_only=True)
class TimerSetting(Struct):
    """Session timer, RFC 4028 (`pjsip_timer_setting`)."""

    c_struct: ClassVar[str] = "pjsip_timer_setting"

    min_se: int = C_DEFAULT
    """Shortest session expiration accepted, seconds."""
    sess_expires: int = C_DEFAULT
    """Session expiration asked for, seconds."""
