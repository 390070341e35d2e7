"""The library itself."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["State"]


class State(OpenIntEnum):
    """Life cycle of the library (`pjsua_state`)."""

    NULL = c("PJSUA_STATE_NULL")
    CREATED = c("PJSUA_STATE_CREATED")
    INIT = c("PJSUA_STATE_INIT")
    STARTING = c("PJSUA_STATE_STARTING")
    RUNNING = c("PJSUA_STATE_RUNNING")
    CLOSING = c("PJSUA_STATE_CLOSING")
