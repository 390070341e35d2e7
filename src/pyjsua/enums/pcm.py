"""What Python plays and hears."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["PcmMarkOutcome"]


class PcmMarkOutcome(OpenIntEnum):
    """What became of a mark."""

    PLAYED = c("PYJ_MARK_PLAYED")
    """The bridge has pulled every sample before it, for somebody who listens."""
    CLEARED = c("PYJ_MARK_CLEARED")
    """`clear` dropped samples before it."""
    CLOSED = c("PYJ_MARK_CLOSED")
    """The port left the bridge before."""
