"""Events of those who subscribe to event packages an account serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import EvsubState
from ..ids import AccId, RequestId, SubscriberId
from ..message import Message
from .event import Event

__all__ = ["OnNotifyStatus", "OnSubscribe", "OnSubscribeEnd", "OnSubscriberRefresh", "OnSubscriberState"]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSubscribe(Event):
    """Somebody subscribes to a package of `acc_register_pkg`, and waits for `subscribe_respond`."""

    c_struct: ClassVar[str] = "pyj_on_subscribe"

    acc_id: AccId
    request: RequestId
    from_uri: str
    """Its From: a name, if it has one, and the URI in angle brackets."""
    event: str
    """The package, as the subscriber writes it."""
    event_id: str
    """The id parameter of its Event header, empty for none."""
    expires: int
    """Seconds it is granted; 0 asks for one NOTIFY and the end."""
    wait_ms: int
    """After so long it is refused with 480."""
    message: Message | None
    """The SUBSCRIBE."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSubscribeEnd(Event):
    """A SUBSCRIBE was refused because nobody decided in time, or its account was deleted."""

    c_struct: ClassVar[str] = "pyj_on_subscribe_end"

    acc_id: AccId
    request: RequestId
    code: int


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSubscriberRefresh(Event):
    """A subscriber subscribed anew; PJSIP has answered it."""

    c_struct: ClassVar[str] = "pyj_on_subscriber_refresh"

    acc_id: AccId
    subscriber: SubscriberId
    expires: int
    """Seconds from now on; 0 ends it, which `OnSubscriberState` tells next."""
    message: Message | None
    """The SUBSCRIBE."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSubscriberState(Event):
    """A subscriber's state changed; TERMINATED is its last."""

    c_struct: ClassVar[str] = "pyj_on_subscriber_state"

    acc_id: AccId
    subscriber: SubscriberId
    state: EvsubState
    """What the last NOTIFY said."""
    state_name: str
    """Also of a state no RFC names."""
    status_code: int
    """What a NOTIFY was answered with that ended it, 408 for no answer; 0 for any other reason."""
    reason: str
    """Why it ended: the reason phrase of that answer; "timeout" where time was over, and where the subscriber
    ended it; what the last NOTIFY said."""
    message: Message | None
    """The SUBSCRIBE or response that ended it."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnNotifyStatus(Event):
    """A NOTIFY to a subscriber was answered, or will not be."""

    c_struct: ClassVar[str] = "pyj_on_notify_status"

    acc_id: AccId
    subscriber: SubscriberId
    cseq: int
    """Of the NOTIFY, as `subscriber_notify` returned it; also of those PJSIP sent by itself."""
    status_code: int
    """408 for no answer, 503 where it could not be sent."""
    reason: str
    message: Message | None
    """The response."""
