"""pjsua's enumerations, valued from the headers PJSIP was built with.

The build reads this file: every name given to ``c()`` becomes an entry of the
table `_core` serves it from, so no number is written in Python.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any, Self

from ._core import constant as c

__all__ = [
    "CallFlag",
    "CallMediaStatus",
    "CredDataType",
    "DtmfMethod",
    "HoldType",
    "InvState",
    "Ipv6Use",
    "MediaDir",
    "MediaType",
    "NatType",
    "Rel100Use",
    "Role",
    "SipTimerUse",
    "SrtpUse",
    "State",
    "TransportState",
    "TransportType",
    "TsxState",
]


class OpenIntEnum(IntEnum):
    """An `IntEnum` that keeps a value its header does not name, as ``UNKNOWN_<n>``."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class State(OpenIntEnum):
    """Life cycle of the library (`pjsua_state`)."""

    NULL = c("PJSUA_STATE_NULL")
    CREATED = c("PJSUA_STATE_CREATED")
    INIT = c("PJSUA_STATE_INIT")
    STARTING = c("PJSUA_STATE_STARTING")
    RUNNING = c("PJSUA_STATE_RUNNING")
    CLOSING = c("PJSUA_STATE_CLOSING")


class TransportType(OpenIntEnum):
    """Kind of SIP transport (`pjsip_transport_type_e`)."""

    UNSPECIFIED = c("PJSIP_TRANSPORT_UNSPECIFIED")
    UDP = c("PJSIP_TRANSPORT_UDP")
    TCP = c("PJSIP_TRANSPORT_TCP")
    TLS = c("PJSIP_TRANSPORT_TLS")
    LOOP = c("PJSIP_TRANSPORT_LOOP")
    LOOP_DGRAM = c("PJSIP_TRANSPORT_LOOP_DGRAM")
    UDP6 = c("PJSIP_TRANSPORT_UDP6")
    TCP6 = c("PJSIP_TRANSPORT_TCP6")
    TLS6 = c("PJSIP_TRANSPORT_TLS6")


class TransportState(OpenIntEnum):
    """What became of a transport (`pjsip_transport_state`)."""

    CONNECTED = c("PJSIP_TP_STATE_CONNECTED")
    DISCONNECTED = c("PJSIP_TP_STATE_DISCONNECTED")
    SHUTDOWN = c("PJSIP_TP_STATE_SHUTDOWN")
    DESTROY = c("PJSIP_TP_STATE_DESTROY")


class Role(OpenIntEnum):
    """Who called whom (`pjsip_role_e`): `UAC` made the call, `UAS` received it."""

    UAC = c("PJSIP_ROLE_UAC")
    UAS = c("PJSIP_ROLE_UAS")


class InvState(OpenIntEnum):
    """State of an INVITE session (`pjsip_inv_state`)."""

    NULL = c("PJSIP_INV_STATE_NULL")
    CALLING = c("PJSIP_INV_STATE_CALLING")
    INCOMING = c("PJSIP_INV_STATE_INCOMING")
    EARLY = c("PJSIP_INV_STATE_EARLY")
    CONNECTING = c("PJSIP_INV_STATE_CONNECTING")
    CONFIRMED = c("PJSIP_INV_STATE_CONFIRMED")
    DISCONNECTED = c("PJSIP_INV_STATE_DISCONNECTED")


class TsxState(OpenIntEnum):
    """State of a SIP transaction (`pjsip_tsx_state_e`)."""

    NULL = c("PJSIP_TSX_STATE_NULL")
    CALLING = c("PJSIP_TSX_STATE_CALLING")
    TRYING = c("PJSIP_TSX_STATE_TRYING")
    PROCEEDING = c("PJSIP_TSX_STATE_PROCEEDING")
    COMPLETED = c("PJSIP_TSX_STATE_COMPLETED")
    CONFIRMED = c("PJSIP_TSX_STATE_CONFIRMED")
    TERMINATED = c("PJSIP_TSX_STATE_TERMINATED")
    DESTROYED = c("PJSIP_TSX_STATE_DESTROYED")


class CallMediaStatus(OpenIntEnum):
    """State of one media line of a call (`pjsua_call_media_status`)."""

    NONE = c("PJSUA_CALL_MEDIA_NONE")
    ACTIVE = c("PJSUA_CALL_MEDIA_ACTIVE")
    LOCAL_HOLD = c("PJSUA_CALL_MEDIA_LOCAL_HOLD")
    REMOTE_HOLD = c("PJSUA_CALL_MEDIA_REMOTE_HOLD")
    ERROR = c("PJSUA_CALL_MEDIA_ERROR")


class MediaDir(IntFlag):
    """Direction of media, seen from here (`pjmedia_dir`)."""

    NONE = c("PJMEDIA_DIR_NONE")
    ENCODING = c("PJMEDIA_DIR_ENCODING")
    DECODING = c("PJMEDIA_DIR_DECODING")
    ENCODING_DECODING = c("PJMEDIA_DIR_ENCODING_DECODING")


class MediaType(OpenIntEnum):
    """What a media line carries (`pjmedia_type`)."""

    NONE = c("PJMEDIA_TYPE_NONE")
    AUDIO = c("PJMEDIA_TYPE_AUDIO")
    VIDEO = c("PJMEDIA_TYPE_VIDEO")
    APPLICATION = c("PJMEDIA_TYPE_APPLICATION")
    TEXT = c("PJMEDIA_TYPE_TEXT")
    UNKNOWN = c("PJMEDIA_TYPE_UNKNOWN")


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


class CredDataType(OpenIntEnum):
    """What `CredInfo.data` holds (`pjsip_cred_data_type`)."""

    PLAIN_PASSWD = c("PJSIP_CRED_DATA_PLAIN_PASSWD")
    DIGEST = c("PJSIP_CRED_DATA_DIGEST")
    EXT_AKA = c("PJSIP_CRED_DATA_EXT_AKA")


class DtmfMethod(OpenIntEnum):
    """How a DTMF digit travels (`pjsua_dtmf_method`)."""

    RFC2833 = c("PJSUA_DTMF_METHOD_RFC2833")
    SIP_INFO = c("PJSUA_DTMF_METHOD_SIP_INFO")


class HoldType(OpenIntEnum):
    """How hold is written in SDP (`pjsua_call_hold_type`)."""

    RFC3264 = c("PJSUA_CALL_HOLD_TYPE_RFC3264")
    RFC2543 = c("PJSUA_CALL_HOLD_TYPE_RFC2543")


class Ipv6Use(OpenIntEnum):
    """Which Internet protocol is used; an offer that came in decides for itself (`pjsua_ipv6_use`)."""

    DISABLED = c("PJSUA_IPV6_DISABLED")
    ENABLED_NO_PREFERENCE = c("PJSUA_IPV6_ENABLED_NO_PREFERENCE")
    ENABLED_PREFER_IPV4 = c("PJSUA_IPV6_ENABLED_PREFER_IPV4")
    ENABLED_PREFER_IPV6 = c("PJSUA_IPV6_ENABLED_PREFER_IPV6")
    ENABLED_USE_IPV6_ONLY = c("PJSUA_IPV6_ENABLED_USE_IPV6_ONLY")


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


class SrtpUse(OpenIntEnum):
    """Whether media is encrypted (`pjmedia_srtp_use`)."""

    DISABLED = c("PJMEDIA_SRTP_DISABLED")
    OPTIONAL = c("PJMEDIA_SRTP_OPTIONAL")
    MANDATORY = c("PJMEDIA_SRTP_MANDATORY")


class NatType(OpenIntEnum):
    """What STUN found in the way (`pj_stun_nat_type`)."""

    UNKNOWN = c("PJ_STUN_NAT_TYPE_UNKNOWN")
    ERR_UNKNOWN = c("PJ_STUN_NAT_TYPE_ERR_UNKNOWN")
    OPEN = c("PJ_STUN_NAT_TYPE_OPEN")
    BLOCKED = c("PJ_STUN_NAT_TYPE_BLOCKED")
    SYMMETRIC_UDP = c("PJ_STUN_NAT_TYPE_SYMMETRIC_UDP")
    FULL_CONE = c("PJ_STUN_NAT_TYPE_FULL_CONE")
    SYMMETRIC = c("PJ_STUN_NAT_TYPE_SYMMETRIC")
    RESTRICTED = c("PJ_STUN_NAT_TYPE_RESTRICTED")
    PORT_RESTRICTED = c("PJ_STUN_NAT_TYPE_PORT_RESTRICTED")


def enum_classes() -> dict[str, type[Any]]:
    """The enumerations by name, as the decoder of C structs wants them."""
    return {name: globals()[name] for name in __all__}
