"""What is added to a SIP message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..struct import C_DEFAULT, Header, Struct

__all__ = ["MsgData"]


@dataclass(slots=True, kw_only=True)
class MsgData(Struct):
    """What is added to a message that is sent (`pjsua_msg_data`)."""

    c_struct: ClassVar[str] = "pjsua_msg_data"

    target_uri: str = C_DEFAULT
    local_uri: str = C_DEFAULT
    contact_uri: str = C_DEFAULT
    hdr_list: Sequence[Header] = C_DEFAULT
    """Headers to add, in order, repeats allowed."""
    content_type: str = C_DEFAULT
    msg_body: str = C_DEFAULT
