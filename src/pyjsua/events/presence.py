"""Events of presence, of buddies' calls, and of message waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import EvsubState
from ..ids import AccId, BuddyId, SrvPresId, SubscriptionId
from ..info import BuddyDlgEventInfo, BuddyInfo
from ..message import Message
from .event import Event

__all__ = [
    "OnBuddyDlgEventState",
    "OnBuddyEvsubDlgEventState",
    "OnBuddyEvsubState",
    "OnBuddyState",
    "OnIncomingSubscribe",
    "OnMwiInfo",
    "OnMwiState",
    "OnNotify",
    "OnSrvSubscribeState",
    "OnSubscriptionState",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnIncomingSubscribe(Event):
    """Somebody subscribed to an account's presence."""

    c_struct: ClassVar[str] = "pyj_on_incoming_subscribe"

    acc_id: AccId
    srv_pres: SrvPresId
    """For `pres_notify`."""
    buddy_id: BuddyId
    """The buddy it is, -1 for a stranger."""
    from_uri: str
    """C's `from`."""
    code: int
    """What it was answered with; 300 and up refused it, and `srv_pres` is stale."""
    message: Message | None
    """The SUBSCRIBE."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSrvSubscribeState(Event):
    """Somebody's subscription to an account's presence changed state."""

    c_struct: ClassVar[str] = "pyj_on_srv_subscribe_state"

    acc_id: AccId
    srv_pres: SrvPresId
    remote_uri: str
    state: EvsubState
    """TERMINATED is the last; `srv_pres` is stale from then on."""
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnBuddyState(Event):
    """A buddy's presence, or our subscription to it, changed."""

    c_struct: ClassVar[str] = "pyj_on_buddy_state"

    buddy_id: BuddyId
    info: BuddyInfo


@dataclass(slots=True, frozen=True, kw_only=True)
class OnBuddyDlgEventState(Event):
    """A buddy's call, or our subscription to its calls, changed."""

    c_struct: ClassVar[str] = "pyj_on_buddy_dlg_event_state"

    buddy_id: BuddyId
    info: BuddyDlgEventInfo


@dataclass(slots=True, frozen=True, kw_only=True)
class OnBuddyEvsubState(Event):
    """Our subscription to a buddy's presence changed state; before `OnBuddyState`."""

    c_struct: ClassVar[str] = "pyj_on_buddy_evsub_state"

    buddy_id: BuddyId
    state: EvsubState
    state_name: str
    """Also of a state no RFC names."""
    term_reason: str
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnBuddyEvsubDlgEventState(Event):
    """Our subscription to a buddy's calls changed state; before `OnBuddyDlgEventState`."""

    c_struct: ClassVar[str] = "pyj_on_buddy_evsub_state"

    buddy_id: BuddyId
    state: EvsubState
    state_name: str
    term_reason: str
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnMwiState(Event):
    """Our subscription to an account's message waiting indication changed state."""

    c_struct: ClassVar[str] = "pyj_on_mwi_state"

    acc_id: AccId
    state: EvsubState
    state_name: str
    term_reason: str


@dataclass(slots=True, frozen=True, kw_only=True)
class OnMwiInfo(Event):
    """A message waiting indication came (RFC 3842, `pjsua_mwi_info`)."""

    c_struct: ClassVar[str] = "pyj_on_mwi_info"

    acc_id: AccId
    solicited: bool
    """Whether a subscription of ours brought it."""
    message: Message | None
    """The NOTIFY."""

    @property
    def summary(self) -> dict[str, str]:
        """Its lines by name in lower case, such as ``"voice-message": "2/8 (0/2)"``."""
        lines = self.message.body.splitlines() if self.message else []
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    @property
    def waiting(self) -> bool:
        """Whether messages wait."""
        return self.summary.get("messages-waiting", "").lower() == "yes"


@dataclass(slots=True, frozen=True, kw_only=True)
class OnSubscriptionState(Event):
    """A subscription of `acc_subscribe` changed state; TERMINATED is its last."""

    c_struct: ClassVar[str] = "pyj_on_subscription_state"

    acc_id: AccId
    subscription: SubscriptionId
    state: EvsubState
    """ACCEPTED after a 2xx; then what NOTIFY says, UNKNOWN where that is a word of its own."""
    state_name: str
    status_code: int
    """What SUBSCRIBE was answered with, 408 when nobody did; 0 where a NOTIFY or time changed it."""
    reason: str
    """Why it ended: the reason phrase of a response, or a word such as "noresource" or "timeout"."""
    message: Message | None
    """The response or NOTIFY."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnNotify(Event):
    """A NOTIFY came in a subscription of `acc_subscribe`; PJSIP has answered it."""

    c_struct: ClassVar[str] = "pyj_on_notify"

    acc_id: AccId
    subscription: SubscriptionId
    event: str
    """The package."""
    state: str
    """Of its Subscription-State: "active", "pending", "terminated", or another word."""
    reason: str
    expires: int
    """Seconds the notifier leaves, -1 where it does not say."""
    retry_after: int
    """Seconds, -1 where it does not say."""
    message: Message | None
    """The NOTIFY, with its body."""

    @property
    def final(self) -> bool:
        """Whether it ends the subscription."""
        return self.state.lower() == "terminated"

    @property
    def content_type(self) -> str:
        return self.message.header("Content-Type") if self.message else ""

    @property
    def body(self) -> str:
        return self.message.body if self.message else ""
