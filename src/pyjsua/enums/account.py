"""Accounts."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["CredDataType", "Rel100Use", "RpidActivity", "RpidElementType", "SipTimerUse"]


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
