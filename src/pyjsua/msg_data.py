"""Headers as PJSIP takes them."""

from __future__ import annotations

from collections.abc import Sequence

from .config import MsgData
from .reason import Reason, reason_headers
from .struct import Header

__all__: list[str] = []


def message_data(headers: Sequence[Header], reasons: Sequence[Reason] = ()) -> MsgData | None:
    both = (*headers, *reason_headers(reasons))
    return MsgData(hdr_list=both) if both else None
