"""Streams and what carries them."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = [
    "IceCandType",
    "IceSessRole",
    "IceStransOp",
    "IceStransState",
    "MedTpSt",
    "MediaEventType",
    "RtcpFbType",
    "TpProto",
]


class TpProto(IntFlag):
    """Protocol of a media line (`pjmedia_tp_proto`)."""

    NONE = c("PJMEDIA_TP_PROTO_NONE")
    UDP = c("PJMEDIA_TP_PROTO_UDP")
    RTP = c("PJMEDIA_TP_PROTO_RTP")
    DTLS = c("PJMEDIA_TP_PROTO_DTLS")
    PROFILE_RTCP_FB = c("PJMEDIA_TP_PROFILE_RTCP_FB")
    PROFILE_SRTP = c("PJMEDIA_TP_PROFILE_SRTP")
    PROFILE_AVP = c("PJMEDIA_TP_PROFILE_AVP")
    RTP_AVP = c("PJMEDIA_TP_PROTO_RTP_AVP")
    RTP_SAVP = c("PJMEDIA_TP_PROTO_RTP_SAVP")
    DTLS_SRTP = c("PJMEDIA_TP_PROTO_DTLS_SRTP")
    RTP_AVPF = c("PJMEDIA_TP_PROTO_RTP_AVPF")
    RTP_SAVPF = c("PJMEDIA_TP_PROTO_RTP_SAVPF")
    DTLS_SRTPF = c("PJMEDIA_TP_PROTO_DTLS_SRTPF")
    UNKNOWN = c("PJMEDIA_TP_PROTO_UNKNOWN")


class RtcpFbType(OpenIntEnum):
    """Kind of RTCP feedback, RFC 4585 (`pjmedia_rtcp_fb_type`)."""

    ACK = c("PJMEDIA_RTCP_FB_ACK")
    NACK = c("PJMEDIA_RTCP_FB_NACK")
    TRR_INT = c("PJMEDIA_RTCP_FB_TRR_INT")
    OTHER = c("PJMEDIA_RTCP_FB_OTHER")


class MedTpSt(OpenIntEnum):
    """State of a media transport (`pjsua_med_tp_st`)."""

    NULL = c("PJSUA_MED_TP_NULL")
    CREATING = c("PJSUA_MED_TP_CREATING")
    IDLE = c("PJSUA_MED_TP_IDLE")
    INIT = c("PJSUA_MED_TP_INIT")
    RUNNING = c("PJSUA_MED_TP_RUNNING")
    DISABLED = c("PJSUA_MED_TP_DISABLED")


class IceStransOp(OpenIntEnum):
    """What ICE was doing (`pj_ice_strans_op`)."""

    INIT = c("PJ_ICE_STRANS_OP_INIT")
    NEGOTIATION = c("PJ_ICE_STRANS_OP_NEGOTIATION")
    KEEP_ALIVE = c("PJ_ICE_STRANS_OP_KEEP_ALIVE")
    ADDR_CHANGE = c("PJ_ICE_STRANS_OP_ADDR_CHANGE")


class IceStransState(OpenIntEnum):
    """State of ICE (`pj_ice_strans_state`)."""

    NULL = c("PJ_ICE_STRANS_STATE_NULL")
    INIT = c("PJ_ICE_STRANS_STATE_INIT")
    READY = c("PJ_ICE_STRANS_STATE_READY")
    SESS_READY = c("PJ_ICE_STRANS_STATE_SESS_READY")
    NEGO = c("PJ_ICE_STRANS_STATE_NEGO")
    RUNNING = c("PJ_ICE_STRANS_STATE_RUNNING")
    FAILED = c("PJ_ICE_STRANS_STATE_FAILED")


class IceSessRole(OpenIntEnum):
    """Role in an ICE session (`pj_ice_sess_role`)."""

    UNKNOWN = c("PJ_ICE_SESS_ROLE_UNKNOWN")
    CONTROLLED = c("PJ_ICE_SESS_ROLE_CONTROLLED")
    CONTROLLING = c("PJ_ICE_SESS_ROLE_CONTROLLING")


class IceCandType(OpenIntEnum):
    """Where an ICE candidate comes from (`pj_ice_cand_type`)."""

    HOST = c("PJ_ICE_CAND_TYPE_HOST")
    SRFLX = c("PJ_ICE_CAND_TYPE_SRFLX")
    PRFLX = c("PJ_ICE_CAND_TYPE_PRFLX")
    RELAYED = c("PJ_ICE_CAND_TYPE_RELAYED")


class MediaEventType(OpenIntEnum):
    """What a media event tells (`pjmedia_event_type`)."""

    NONE = c("PJMEDIA_EVENT_NONE")
    FMT_CHANGED = c("PJMEDIA_EVENT_FMT_CHANGED")
    WND_CLOSING = c("PJMEDIA_EVENT_WND_CLOSING")
    WND_CLOSED = c("PJMEDIA_EVENT_WND_CLOSED")
    WND_RESIZED = c("PJMEDIA_EVENT_WND_RESIZED")
    MOUSE_BTN_DOWN = c("PJMEDIA_EVENT_MOUSE_BTN_DOWN")
    KEYFRAME_FOUND = c("PJMEDIA_EVENT_KEYFRAME_FOUND")
    KEYFRAME_MISSING = c("PJMEDIA_EVENT_KEYFRAME_MISSING")
    ORIENT_CHANGED = c("PJMEDIA_EVENT_ORIENT_CHANGED")
    RX_RTCP_FB = c("PJMEDIA_EVENT_RX_RTCP_FB")
    AUD_DEV_ERROR = c("PJMEDIA_EVENT_AUD_DEV_ERROR")
    VID_DEV_ERROR = c("PJMEDIA_EVENT_VID_DEV_ERROR")
    MEDIA_TP_ERR = c("PJMEDIA_EVENT_MEDIA_TP_ERR")
    CALLBACK = c("PJMEDIA_EVENT_CALLBACK")
