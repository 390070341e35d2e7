"""Transactions."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["Role", "TsxState"]


class Role(OpenIntEnum):
    """Who called whom (`pjsip_role_e`): `UAC` made the call, `UAS` received it."""

    UAC = c("PJSIP_ROLE_UAC")
    UAS = c("PJSIP_ROLE_UAS")


class TsxState(OpenIntEnum):
    """State of a SIP transaction (`pjsip_tsx_state_e`)."""

    NULL = c("PJSIP_TSX_STATE_NULL")
    CALLING = c("PJSIP_TSX_STATE_CALLING")
    TRYING = c("PJSIP_TSX_STATE_TRYING")
    PROCEEDING = c("PJSIP_TSX_STATE_PROCEEDING")
    COMPLETED = c("PJSIP_TSX_STATE_COMPLETED")
    CONFIRMED = c("PJSIP_TSX_STATE_CONFIRMED")
    TERMINATED = c("PJSIP_TSX_STATE_TERMINATED")
    DESTROYED = c("PJSIP_TSX_STATE_DESTROYED")
