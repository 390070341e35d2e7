"""Ids of pjsua's objects: ints that remember which incarnation they name.

pjsua reuses its slots, so the number alone may come to mean a stranger. An id
that carries a `serial` raises `StaleError` once its object has gone; a plain
`int` means whatever holds the slot now, as in C.
"""

from __future__ import annotations

from typing import Any, Self

__all__ = [
    "INVALID_ID",
    "AccId",
    "BuddyId",
    "CallId",
    "ConfPortId",
    "PcmPortId",
    "PlayerId",
    "RecorderId",
    "RequestId",
    "SrvPresId",
    "SubscriberId",
    "SubscriptionId",
    "TimerId",
    "TonegenId",
    "TransportId",
]


class SerialId(int):
    """Base of the ids: an `int` with the `serial` of its object, 0 when there is none."""

    serial: int

    def __new__(cls, value: int, serial: int = 0) -> Self:
        self = super().__new__(cls, value)
        self.serial = serial
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)}, serial={self.serial})"

    def __str__(self) -> str:
        return int.__repr__(self)

    def __format__(self, spec: str) -> str:
        return format(int(self), spec)

    def __getnewargs__(self) -> tuple[int, int]:  # type: ignore[override]
        return int(self), self.serial

    @property
    def valid(self) -> bool:
        """False for `INVALID_ID` (-1), pjsua's way of saying "none"."""
        return self >= 0


class CallId(SerialId):
    """Id of a call (`pjsua_call_id`)."""


class AccId(SerialId):
    """Id of an account (`pjsua_acc_id`)."""


class BuddyId(SerialId):
    """Id of a buddy (`pjsua_buddy_id`)."""


class SrvPresId(SerialId):
    """Id of somebody's presence subscription to an account of ours (`pjsua_srv_pres`).

    Good from `OnIncomingSubscribe` to the `OnSrvSubscribeState` that says TERMINATED.
    """


class SubscriptionId(SerialId):
    """Id of a subscription made by `acc_subscribe` (C's `pjsip_evsub`).

    Good until the `OnSubscriptionState` that says TERMINATED.
    """


class SubscriberId(SerialId):
    """Id of somebody's subscription to an event package an account serves (C's `pjsip_evsub`).

    Good from `subscribe_respond` to the `OnSubscriberState` that says TERMINATED.
    """


class RequestId(SerialId):
    """Id of a request that waits for `acc_send_response`, `held_request_respond` or `subscribe_respond` (C's
    `rdata` and `tsx`)."""


class TransportId(SerialId):
    """Id of a transport made by `transport_create` (`pjsua_transport_id`)."""


class ConfPortId(SerialId):
    """Slot of a conference port (`pjsua_conf_port_id`).

    `owner` is the id whose port this is (a `CallId`, `PlayerId` or
    `RecorderId`), None for a slot that belongs to nobody, like slot 0.
    """

    owner: SerialId | None

    def __new__(cls, value: int, serial: int = 0, owner: SerialId | None = None) -> Self:
        self = super().__new__(cls, value, serial)
        self.owner = owner
        return self

    def __getnewargs__(self) -> tuple[int, int, SerialId | None]:  # type: ignore[override]
        return int(self), self.serial, self.owner


class PlayerId(SerialId):
    """Id of a WAV player (`pjsua_player_id`)."""


class PcmPortId(SerialId):
    """Id of a `PcmPort`."""


class TonegenId(SerialId):
    """Id of a tone generator."""


class RecorderId(SerialId):
    """Id of a WAV recorder (`pjsua_recorder_id`)."""


class TimerId(SerialId):
    """Id of a timer made by `schedule_timer`."""


INVALID_ID = -1
"""pjsua's "no such object" (`PJSUA_INVALID_ID`)."""


def id_classes() -> dict[str, type[Any]]:
    """The id types by name, as the decoder of C structs wants them."""
    classes = (
        CallId,
        AccId,
        BuddyId,
        SrvPresId,
        SubscriberId,
        SubscriptionId,
        RequestId,
        TransportId,
        ConfPortId,
        PlayerId,
        PcmPortId,
        RecorderId,
        TimerId,
        TonegenId,
    )
    return {cls.__name__: cls for cls in classes}
