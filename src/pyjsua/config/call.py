"""What a call is made or answered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..enums import CallFlag, DtmfMethod, MediaDir, VidReqKeyframeMethod
from ..struct import C_DEFAULT, Struct

__all__ = ["CallSendDtmfParam", "CallSetting"]


@dataclass(slots=True, kw_only=True)
class CallSetting(Struct):
    """Options of a call (`pjsua_call_setting`); `txt_cnt` is 0 here where C has 1."""

    c_struct: ClassVar[str] = "pjsua_call_setting"
    c_counts: ClassVar[dict[str, str]] = {"media_dir": ""}

    flag: CallFlag = C_DEFAULT
    req_keyframe_method: VidReqKeyframeMethod = C_DEFAULT
    aud_cnt: int = C_DEFAULT
    """Audio lines offered or accepted."""
    vid_cnt: int = C_DEFAULT
    txt_cnt: int = C_DEFAULT
    """Real-time text lines, RFC 4103."""
    media_dir: Sequence[MediaDir] = C_DEFAULT
    """Direction of each media line, in order, with `CallFlag.SET_MEDIA_DIR`; else, and beyond, both ways."""
    custom_call_id: str = C_DEFAULT
    """Call-ID header to use instead of a random one."""


@dataclass(slots=True, kw_only=True)
class CallSendDtmfParam(Struct):
    """DTMF digits to be sent (`pjsua_call_send_dtmf_param`)."""

    c_struct: ClassVar[str] = "pjsua_call_send_dtmf_param"

    method: DtmfMethod = C_DEFAULT
    duration: int = C_DEFAULT
    """Length of a digit, ms, up to 8000; 0 for PJSIP's default."""
    digits: str = C_DEFAULT
    """Made of ``0-9*#A-DR``; R is a hook flash."""
