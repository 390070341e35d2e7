"""Transports and addresses."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["Ipv6Use", "NatType", "TransportState", "TransportType"]


class TransportType(OpenIntEnum):
    """Kind of SIP transport (`pjsip_transport_type_e`).

    This build has no SCTP and no DTLS; `IPV6` is the bit that the kinds of IPv6 have.
    """

    UNSPECIFIED = c("PJSIP_TRANSPORT_UNSPECIFIED")
    UDP = c("PJSIP_TRANSPORT_UDP")
    TCP = c("PJSIP_TRANSPORT_TCP")
    TLS = c("PJSIP_TRANSPORT_TLS")
    LOOP = c("PJSIP_TRANSPORT_LOOP")
    LOOP_DGRAM = c("PJSIP_TRANSPORT_LOOP_DGRAM")
    SCTP = c("PJSIP_TRANSPORT_SCTP")
    DTLS = c("PJSIP_TRANSPORT_DTLS")
    START_OTHER = c("PJSIP_TRANSPORT_START_OTHER")
    IPV6 = c("PJSIP_TRANSPORT_IPV6")
    UDP6 = c("PJSIP_TRANSPORT_UDP6")
    TCP6 = c("PJSIP_TRANSPORT_TCP6")
    TLS6 = c("PJSIP_TRANSPORT_TLS6")
    DTLS6 = c("PJSIP_TRANSPORT_DTLS6")


class TransportState(OpenIntEnum):
    """What became of a transport (`pjsip_transport_state`)."""

    CONNECTED = c("PJSIP_TP_STATE_CONNECTED")
    DISCONNECTED = c("PJSIP_TP_STATE_DISCONNECTED")
    SHUTDOWN = c("PJSIP_TP_STATE_SHUTDOWN")
    DESTROY = c("PJSIP_TP_STATE_DESTROY")


class Ipv6Use(OpenIntEnum):
    """Which Internet protocol is used; an offer that came in decides for itself (`pjsua_ipv6_use`)."""

    DISABLED = c("PJSUA_IPV6_DISABLED")
    ENABLED = c("PJSUA_IPV6_ENABLED")
    ENABLED_NO_PREFERENCE = c("PJSUA_IPV6_ENABLED_NO_PREFERENCE")
    ENABLED_PREFER_IPV4 = c("PJSUA_IPV6_ENABLED_PREFER_IPV4")
    ENABLED_PREFER_IPV6 = c("PJSUA_IPV6_ENABLED_PREFER_IPV6")
    ENABLED_USE_IPV6_ONLY = c("PJSUA_IPV6_ENABLED_USE_IPV6_ONLY")


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
