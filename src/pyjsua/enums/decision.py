"""When something is decided."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["When"]


class When(OpenIntEnum):
    """Whether PJSIP decides at once or waits for the program (our own `pyj_when`)."""

    NOW = c("PYJ_NOW")
    LATER = c("PYJ_LATER")
