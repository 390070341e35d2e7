"""What is added to a SIP message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..struct import C_DEFAULT, Header, Struct

__all__ = ["MsgData", "MultipartPart"]


@dataclass(slots=True, kw_only=True)
class MsgData(Struct):
    """What is added to a message that is sent (`pjsua_msg_data`)."""

    c_struct: ClassVar[str] = "pjsua_msg_data"

    target_uri: str = C_DEFAULT
    """Request URI, where it is not the To header's."""
    local_uri: str = C_DEFAULT
    """From header of a request that makes a call; the account's when empty."""
    contact_uri: str = C_DEFAULT
    """Contact header of a request that makes a call; the account's when empty."""
    hdr_list: Sequence[Header] = C_DEFAULT
    """Headers to add, in order, repeats allowed."""
    content_type: str = C_DEFAULT
    """Media type of `msg_body`; without it there is no body."""
    msg_body: str = C_DEFAULT
    multipart_ctype: str = C_DEFAULT
    """Media type of a body in parts: ``"multipart/mixed"``, with parameters if need be."""
    multipart_parts: Sequence[MultipartPart] = C_DEFAULT
    """Parts added to the body; what body the message has of its own (SDP) becomes the last."""


@dataclass(slots=True, kw_only=True)
class MultipartPart(Struct):
    """A part of a body (`pjsip_multipart_part`)."""

    c_struct: ClassVar[str] = "pyj_part"

    hdr: Annotated[Sequence[Header], "part.hdr"] = C_DEFAULT
    """Headers of the part; Content-Type is `content_type`."""
    content_type: Annotated[str, "body.content_type"] = C_DEFAULT
    """Media type: ``"text/plain;charset=utf-8"``."""
    data: bytes = C_DEFAULT
