"""Real-time text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..struct import C_DEFAULT, Struct

__all__ = ["CallSendTextParam"]


@dataclass(slots=True, kw_only=True)
class CallSendTextParam(Struct):
    """Text to send in a call (RFC 4103, `pjsua_call_send_text_param`)."""

    c_struct: ClassVar[str] = "pjsua_call_send_text_param"

    med_idx: int = C_DEFAULT
    """Media line of the text, -1 for the first."""
    text: str = C_DEFAULT
    """At most 64 bytes of UTF-8 per 300 ms; CR, LF, BEL and backspace are text here (T.140)."""
