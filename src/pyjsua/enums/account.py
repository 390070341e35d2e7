"""Accounts."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = [
    "AuthAlgorithmType",
    "ContactRewriteMethod",
    "CredDataType",
    "RegUseProxy",
    "Rel100Use",
    "RpidActivity",
    "RpidElementType",
    "SipSiprecUse",
    "SipTimerUse",
]


class CredDataType(OpenIntEnum):
    """What `CredInfo.data` holds (`pjsip_cred_data_type`)."""

    PLAIN_PASSWD = c("PJSIP_CRED_DATA_PLAIN_PASSWD")
    DIGEST = c("PJSIP_CRED_DATA_DIGEST")
    EXT_AKA = c("PJSIP_CRED_DATA_EXT_AKA")


class Rel100Use(OpenIntEnum):
    """Reliable provisional responses, RFC 3262 (`pjsua_100rel_use`)."""

    NOT_USED = c("PJSUA_100REL_NOT_USED")
    MANDATORY = c("PJSUA_100REL_MANDATORY")
    OPTIONAL = c("PJSUA_100REL_OPTIONAL")


class SipTimerUse(OpenIntEnum):
    """Session timers, RFC 4028 (`pjsua_sip_timer_use`)."""

    INACTIVE = c("PJSUA_SIP_TIMER_INACTIVE")
    OPTIONAL = c("PJSUA_SIP_TIMER_OPTIONAL")
    REQUIRED = c("PJSUA_SIP_TIMER_REQUIRED")
    ALWAYS = c("PJSUA_SIP_TIMER_ALWAYS")


class RpidActivity(OpenIntEnum):
    """What a person is doing, RFC 4480 (`pjrpid_activity`)."""

    UNKNOWN = c("PJRPID_ACTIVITY_UNKNOWN")
    AWAY = c("PJRPID_ACTIVITY_AWAY")
    BUSY = c("PJRPID_ACTIVITY_BUSY")


class RpidElementType(OpenIntEnum):
    """What an RPID element tells of, RFC 4480 (`pjrpid_element_type`)."""

    PERSON = c("PJRPID_ELEMENT_TYPE_PERSON")


class SipSiprecUse(OpenIntEnum):
    """Recording sessions, RFC 7866 (`pjsua_sip_siprec_use`)."""

    INACTIVE = c("PJSUA_SIP_SIPREC_INACTIVE")
    OPTIONAL = c("PJSUA_SIP_SIPREC_OPTIONAL")
    MANDATORY = c("PJSUA_SIP_SIPREC_MANDATORY")


class AuthAlgorithmType(OpenIntEnum):
    """Digest algorithm a credential is for (`pjsip_auth_algorithm_type`)."""

    NOT_SET = c("PJSIP_AUTH_ALGORITHM_NOT_SET")
    MD5 = c("PJSIP_AUTH_ALGORITHM_MD5")
    SHA256 = c("PJSIP_AUTH_ALGORITHM_SHA256")
    SHA512_256 = c("PJSIP_AUTH_ALGORITHM_SHA512_256")
    AKAV1_MD5 = c("PJSIP_AUTH_ALGORITHM_AKAV1_MD5")
    AKAV2_MD5 = c("PJSIP_AUTH_ALGORITHM_AKAV2_MD5")


class ContactRewriteMethod(IntFlag):
    """How a changed Contact reaches the registrar (`pjsua_contact_rewrite_method`)."""

    UNREGISTER = c("PJSUA_CONTACT_REWRITE_UNREGISTER")
    NO_UNREG = c("PJSUA_CONTACT_REWRITE_NO_UNREG")
    ALWAYS_UPDATE = c("PJSUA_CONTACT_REWRITE_ALWAYS_UPDATE")


class RegUseProxy(IntFlag):
    """Which proxies a REGISTER goes through (`PJSUA_REG_USE_OUTBOUND_PROXY`, `PJSUA_REG_USE_ACC_PROXY`)."""

    OUTBOUND_PROXY = c("PJSUA_REG_USE_OUTBOUND_PROXY")
    ACC_PROXY = c("PJSUA_REG_USE_ACC_PROXY")
