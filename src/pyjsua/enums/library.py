"""The library itself."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["DestroyFlag", "State"]


class State(OpenIntEnum):
    """Life cycle of the library (`pjsua_state`)."""

    NULL = c("PJSUA_STATE_NULL")
    CREATED = c("PJSUA_STATE_CREATED")
    INIT = c("PJSUA_STATE_INIT")
    STARTING = c("PJSUA_STATE_STARTING")
    RUNNING = c("PJSUA_STATE_RUNNING")
    CLOSING = c("PJSUA_STATE_CLOSING")


class DestroyFlag(IntFlag):
    """What `destroy` leaves out (`pjsua_destroy_flag`)."""

    NO_RX_MSG = c("PJSUA_DESTROY_NO_RX_MSG")
    NO_TX_MSG = c("PJSUA_DESTROY_NO_TX_MSG")
    NO_NETWORK = c("PJSUA_DESTROY_NO_NETWORK")
