"""Presence and event subscriptions."""

from __future__ import annotations

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["BuddyStatus", "EvsubState"]


class BuddyStatus(OpenIntEnum):
    """Whether a buddy is there (`pjsua_buddy_status`)."""

    UNKNOWN = c("PJSUA_BUDDY_STATUS_UNKNOWN")
    ONLINE = c("PJSUA_BUDDY_STATUS_ONLINE")
    OFFLINE = c("PJSUA_BUDDY_STATUS_OFFLINE")


class EvsubState(OpenIntEnum):
    """State of an event subscription, RFC 6665 (`pjsip_evsub_state`)."""

    NULL = c("PJSIP_EVSUB_STATE_NULL")
    SENT = c("PJSIP_EVSUB_STATE_SENT")
    ACCEPTED = c("PJSIP_EVSUB_STATE_ACCEPTED")
    PENDING = c("PJSIP_EVSUB_STATE_PENDING")
    ACTIVE = c("PJSIP_EVSUB_STATE_ACTIVE")
    TERMINATED = c("PJSIP_EVSUB_STATE_TERMINATED")
    UNKNOWN = c("PJSIP_EVSUB_STATE_UNKNOWN")
