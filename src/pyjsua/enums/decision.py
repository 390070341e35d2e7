"""When something is decided."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["HeldRequest", "When"]


class When(OpenIntEnum):
    """Whether PJSIP decides at once or waits for the program (our own `pyj_when`)."""

    NOW = c("PYJ_NOW")
    LATER = c("PYJ_LATER")


class HeldRequest(IntFlag):
    """Requests that may wait ahead of PJSIP for the program (our own `pyj_held_request`)."""

    TRANSFER = c("PYJ_HELD_TRANSFER")
    """REFER within a call."""
    REPLACE = c("PYJ_HELD_REPLACE")
    """INVITE with Replaces of a call that is there."""
    UPDATE = c("PYJ_HELD_UPDATE")
    """UPDATE with an offer."""
    SUBSCRIBE = c("PYJ_HELD_SUBSCRIBE")
    """SUBSCRIBE outside of dialogs."""
    REINVITE = c("PYJ_HELD_REINVITE")
    """INVITE with an offer within a call."""
