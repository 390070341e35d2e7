"""Headers as PJSIP takes them."""

from __future__ import annotations

from collections.abc import Sequence

from . import _core
from .config import MsgData
from .reason import Reason, reason_headers
from .struct import Header

__all__: list[str] = []


def message_data(headers: Sequence[Header], reasons: Sequence[Reason] = ()) -> MsgData | None:
    """None where there is nothing to add; raises for what is no header, naming it as the caller does."""
    both = (*_core.check_headers(headers), *reason_headers(reasons))
    return MsgData(hdr_list=both) if both else None
