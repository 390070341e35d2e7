"""Media."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = [
    "CallMediaStatus",
    "CreateMediaTransportFlag",
    "JbDiscardAlgo",
    "MediaDir",
    "MediaType",
    "SndDevId",
    "SrtpUse",
]


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
    CAPTURE = c("PJMEDIA_DIR_CAPTURE")
    PLAYBACK = c("PJMEDIA_DIR_PLAYBACK")
    RENDER = c("PJMEDIA_DIR_RENDER")
    CAPTURE_PLAYBACK = c("PJMEDIA_DIR_CAPTURE_PLAYBACK")
    CAPTURE_RENDER = c("PJMEDIA_DIR_CAPTURE_RENDER")


class MediaType(OpenIntEnum):
    """What a media line carries (`pjmedia_type`)."""

    NONE = c("PJMEDIA_TYPE_NONE")
    AUDIO = c("PJMEDIA_TYPE_AUDIO")
    VIDEO = c("PJMEDIA_TYPE_VIDEO")
    APPLICATION = c("PJMEDIA_TYPE_APPLICATION")
    TEXT = c("PJMEDIA_TYPE_TEXT")
    UNKNOWN = c("PJMEDIA_TYPE_UNKNOWN")


class JbDiscardAlgo(OpenIntEnum):
    """How a jitter buffer gets rid of frames it holds too many of (`pjmedia_jb_discard_algo`)."""

    NONE = c("PJMEDIA_JB_DISCARD_NONE")
    STATIC = c("PJMEDIA_JB_DISCARD_STATIC")
    PROGRESSIVE = c("PJMEDIA_JB_DISCARD_PROGRESSIVE")


class SrtpUse(OpenIntEnum):
    """Whether media is encrypted (`pjmedia_srtp_use`)."""

    DISABLED = c("PJMEDIA_SRTP_DISABLED")
    UNKNOWN = c("PJMEDIA_SRTP_UNKNOWN")
    OPTIONAL = c("PJMEDIA_SRTP_OPTIONAL")
    MANDATORY = c("PJMEDIA_SRTP_MANDATORY")


class CreateMediaTransportFlag(IntFlag):
    """Options of a media transport laid over another (`pjsua_create_media_transport_flag`)."""

    CLOSE_MEMBER = c("PJSUA_MED_TP_CLOSE_MEMBER")


class SndDevId(OpenIntEnum):
    """Sound devices that are none of the machine's (`pjsua_snd_dev_id`)."""

    DEFAULT_CAPTURE_DEV = c("PJSUA_SND_DEFAULT_CAPTURE_DEV")
    DEFAULT_PLAYBACK_DEV = c("PJSUA_SND_DEFAULT_PLAYBACK_DEV")
    NO_DEV = c("PJSUA_SND_NO_DEV")
    NULL_DEV = c("PJSUA_SND_NULL_DEV")
