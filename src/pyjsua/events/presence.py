"""Events of presence, of buddies' calls, and of message waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import EvsubState
from ..ids import AccId, BuddyId, SrvPresId
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
    "OnSrvSubscribeState",
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
