"""Calls."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["CallFlag", "DtmfMethod", "HoldType", "InvState"]


class InvState(OpenIntEnum):
    """State of an INVITE session (`pjsip_inv_state`)."""

    NULL = c("PJSIP_INV_STATE_NULL")
    CALLING = c("PJSIP_INV_STATE_CALLING")
    INCOMING = c("PJSIP_INV_STATE_INCOMING")
    EARLY = c("PJSIP_INV_STATE_EARLY")
    CONNECTING = c("PJSIP_INV_STATE_CONNECTING")
    CONFIRMED = c("PJSIP_INV_STATE_CONFIRMED")
    DISCONNECTED = c("PJSIP_INV_STATE_DISCONNECTED")


class CallFlag(IntFlag):
    """Options of a call operation (`pjsua_call_flag`)."""

    UNHOLD = c("PJSUA_CALL_UNHOLD")
    UPDATE_CONTACT = c("PJSUA_CALL_UPDATE_CONTACT")
    INCLUDE_DISABLED_MEDIA = c("PJSUA_CALL_INCLUDE_DISABLED_MEDIA")
    NO_SDP_OFFER = c("PJSUA_CALL_NO_SDP_OFFER")
    REINIT_MEDIA = c("PJSUA_CALL_REINIT_MEDIA")
    UPDATE_VIA = c("PJSUA_CALL_UPDATE_VIA")
    UPDATE_TARGET = c("PJSUA_CALL_UPDATE_TARGET")
    SET_MEDIA_DIR = c("PJSUA_CALL_SET_MEDIA_DIR")


class DtmfMethod(OpenIntEnum):
    """How a DTMF digit travels (`pjsua_dtmf_method`)."""

    RFC2833 = c("PJSUA_DTMF_METHOD_RFC2833")
    SIP_INFO = c("PJSUA_DTMF_METHOD_SIP_INFO")


class HoldType(OpenIntEnum):
    """How hold is written in SDP (`pjsua_call_hold_type`)."""

    RFC3264 = c("PJSUA_CALL_HOLD_TYPE_RFC3264")
    RFC2543 = c("PJSUA_CALL_HOLD_TYPE_RFC2543")
