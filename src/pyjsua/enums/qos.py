"""Quality of service of sockets."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["QosFlag", "QosType", "QosWmmPrio"]


class QosType(OpenIntEnum):
    """Kind of traffic, from which markings follow (`pj_qos_type`)."""

    BEST_EFFORT = c("PJ_QOS_TYPE_BEST_EFFORT")
    BACKGROUND = c("PJ_QOS_TYPE_BACKGROUND")
    VIDEO = c("PJ_QOS_TYPE_VIDEO")
    VOICE = c("PJ_QOS_TYPE_VOICE")
    CONTROL = c("PJ_QOS_TYPE_CONTROL")
    SIGNALLING = c("PJ_QOS_TYPE_SIGNALLING")


class QosFlag(IntFlag):
    """Which fields of `QosParams` count (`pj_qos_flag`)."""

    HAS_DSCP = c("PJ_QOS_PARAM_HAS_DSCP")
    HAS_SO_PRIO = c("PJ_QOS_PARAM_HAS_SO_PRIO")
    HAS_WMM = c("PJ_QOS_PARAM_HAS_WMM")


class QosWmmPrio(OpenIntEnum):
    """Priority of Wi-Fi multimedia (`pj_qos_wmm_prio`)."""

    BULK_EFFORT = c("PJ_QOS_WMM_PRIO_BULK_EFFORT")
    BULK = c("PJ_QOS_WMM_PRIO_BULK")
    VIDEO = c("PJ_QOS_WMM_PRIO_VIDEO")
    VOICE = c("PJ_QOS_WMM_PRIO_VOICE")
