"""Getting through NATs: STUN, TURN, ICE, UPnP, changed addresses."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = [
    "IceConfigUse",
    "IceSessTrickle",
    "Nat64Opt",
    "StunPasswdType",
    "StunUse",
    "TurnConfigUse",
    "TurnTpType",
    "UpnpUse",
]


class StunUse(OpenIntEnum):
    """Use of STUN for an account (`pjsua_stun_use`)."""

    USE_DEFAULT = c("PJSUA_STUN_USE_DEFAULT")
    USE_DISABLED = c("PJSUA_STUN_USE_DISABLED")
    RETRY_ON_FAILURE = c("PJSUA_STUN_RETRY_ON_FAILURE")


class UpnpUse(OpenIntEnum):
    """Use of UPnP for an account (`pjsua_upnp_use`)."""

    USE_DEFAULT = c("PJSUA_UPNP_USE_DEFAULT")
    USE_DISABLED = c("PJSUA_UPNP_USE_DISABLED")


class IceConfigUse(OpenIntEnum):
    """Whose ICE settings an account has (`pjsua_ice_config_use`)."""

    USE_DEFAULT = c("PJSUA_ICE_CONFIG_USE_DEFAULT")
    USE_CUSTOM = c("PJSUA_ICE_CONFIG_USE_CUSTOM")


class TurnConfigUse(OpenIntEnum):
    """Whose TURN settings an account has (`pjsua_turn_config_use`)."""

    USE_DEFAULT = c("PJSUA_TURN_CONFIG_USE_DEFAULT")
    USE_CUSTOM = c("PJSUA_TURN_CONFIG_USE_CUSTOM")


class Nat64Opt(OpenIntEnum):
    """Whether IPv4 addresses in SDP become IPv6 (`pjsua_nat64_opt`)."""

    DISABLED = c("PJSUA_NAT64_DISABLED")
    ENABLED = c("PJSUA_NAT64_ENABLED")


class TurnTpType(OpenIntEnum):
    """How a TURN server is reached (`pj_turn_tp_type`)."""

    UDP = c("PJ_TURN_TP_UDP")
    TCP = c("PJ_TURN_TP_TCP")
    TLS = c("PJ_TURN_TP_TLS")


class StunPasswdType(OpenIntEnum):
    """What `StunAuthCred.data` holds (`pj_stun_passwd_type`)."""

    PLAIN = c("PJ_STUN_PASSWD_PLAIN")
    HASHED = c("PJ_STUN_PASSWD_HASHED")


class IceSessTrickle(OpenIntEnum):
    """Trickle ICE, RFC 8838 (`pj_ice_sess_trickle`)."""

    DISABLED = c("PJ_ICE_SESS_TRICKLE_DISABLED")
    HALF = c("PJ_ICE_SESS_TRICKLE_HALF")
    FULL = c("PJ_ICE_SESS_TRICKLE_FULL")
