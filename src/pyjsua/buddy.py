"""Buddies: somebody whose presence or calls an account watches."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import _core, events
from .aio import Watchers, running_loop
from .config import BuddyConfig
from .enums import BuddyStatus, EvsubState, RpidActivity
from .errors import InvalidState, StaleError, SubscriptionTimeout, subscription_error
from .feed import Feed, Feeds
from .ids import BuddyId
from .info import BuddyDlgEventInfo, BuddyInfo
from .redaction import redacted

if TYPE_CHECKING:
    from .account import Account

__all__ = ["Buddy", "BuddyCall", "DialogState", "Presence"]

BUDDIES: dict[int, Buddy] = {}
"""By serial, which no two have, whoever's they are."""


class DialogState(Enum):
    """State of somebody's call, RFC 4235."""

    NONE = ""
    """There is no call, or nothing was told of it."""
    TRYING = "trying"
    PROCEEDING = "proceeding"
    EARLY = "early"
    """It rings."""
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"
    OTHER = "?"
    """A word RFC 4235 does not have."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody's presence, and how our subscription to it stands."""

    status: BuddyStatus
    activity: RpidActivity
    note: str
    """Its words, or "Online", "Offline", "?"."""
    contact: str
    """The Contact it answered with."""
    subscription: EvsubState
    code: int
    """SIP status the last subscription ended with: 200 when a NOTIFY ended it, 0 while it lives."""
    reason: str
    """Why it ended, such as "rejected", "noresource" or "timeout"."""

    @property
    def online(self) -> bool:
        return self.status == BuddyStatus.ONLINE


@dataclass(frozen=True, slots=True)
class BuddyCall:
    """The call somebody has, and how our subscription to it stands."""

    state: DialogState
    direction: str
    """``"initiator"`` or ``"recipient"``, empty where it was not told."""
    local_uri: str
    remote_uri: str
    """Who is at the other end."""
    remote_name: str
    subscription: EvsubState
    code: int
    reason: str
    info: BuddyDlgEventInfo
    """All that was told."""

    @property
    def busy(self) -> bool:
        """Whether there is a call, ringing or answered."""
        return self.state not in (DialogState.NONE, DialogState.TERMINATED)

    @property
    def ringing(self) -> bool:
        return self.state in (DialogState.TRYING, DialogState.PROCEEDING, DialogState.EARLY)


class Buddy:
    """Somebody an account watches. Made by `Account.add_buddy`; goes with its account.

    Used as ``async with buddy:``, it is closed at the end.
    """

    def __init__(self, account: Account, uri: str, calls: bool) -> None:
        self.account = account
        self.uri = uri
        self.calls = calls
        """Whether its calls are watched, rather than its presence."""
        self.id = _core.buddy_add(
            BuddyConfig(uri=uri, subscribe=False, subscribe_dlg_event=False, acc_id=account.id)
        )
        self._presence = presence_of(_core.buddy_get_info(self.id))
        self._call = call_of(_core.buddy_get_dlg_event_info(self.id))
        self._watchers = Watchers()
        self._presences: Feeds[Presence] = Feeds()
        self._calls: Feeds[BuddyCall] = Feeds()
        self._told = 0
        self._closed = False
        BUDDIES[self.id.serial] = self
        account._buddies.add(self)

    # -- state

    @property
    def presence(self) -> Presence:
        """Its presence as last told."""
        return self._presence

    @property
    def call(self) -> BuddyCall:
        """Its call as last told; for one whose `calls` are watched."""
        return self._call

    @property
    def subscription(self) -> EvsubState:
        return (self._call if self.calls else self._presence).subscription

    @property
    def subscribed(self) -> bool:
        return self.subscription == EvsubState.ACTIVE

    @property
    def closed(self) -> bool:
        return self._closed

    async def wait(self, condition: Callable[[Self], bool], timeout: float | None = None) -> Self:
        """Waits until something is true of it: ``await buddy.wait(lambda b: b.presence.online)``.

        Raises `TimeoutError` after `timeout` seconds, `InvalidState` when it is closed meanwhile.
        """
        await self._watchers.wait(lambda: self._closed or condition(self), timeout)
        self._require_open()
        return self

    def presences(self) -> Feed[Presence]:
        """Its presence, each time it or our subscription changes, until it is closed."""
        self._require_open()
        return self._presences.open()

    def call_states(self) -> Feed[BuddyCall]:
        """Its call, each time it or our subscription changes, until it is closed."""
        self._require_open()
        return self._calls.open()

    # -- verbs

    async def subscribe(self, timeout: float | None = 32.0) -> Self:
        """Subscribes, and returns once the subscription is active, or waits for somebody's consent
        (``PENDING``).

        PJSIP renews it from then on, and tries again after it was lost. Raises `SubscriptionFailed` with
        the code when it was refused, or ended at once; `SubscriptionTimeout` when nobody answered within
        `timeout` seconds, while PJSIP goes on trying until `unsubscribe` or `close`.
        """
        self._require_open()
        if self.subscription in (EvsubState.ACTIVE, EvsubState.PENDING):
            return self
        told = self._told
        self._begin()
        try:
            await self._watchers.wait(lambda: self._closed or self._settled(told), timeout)
        except TimeoutError:
            raise SubscriptionTimeout(f"no answer within {timeout} s", sip_code=408) from None
        self._require_open()
        state = self._call if self.calls else self._presence
        if state.subscription == EvsubState.TERMINATED:
            raise subscription_error(state.code, state.reason)
        return self

    def _settled(self, told: int) -> bool:
        return self._told != told and self.subscription in (
            EvsubState.ACTIVE,
            EvsubState.PENDING,
            EvsubState.TERMINATED,
        )

    def _begin(self) -> None:
        if self.calls:
            _core.buddy_subscribe_dlg_event(self.id, True)
        else:
            _core.buddy_subscribe_pres(self.id, True)

    async def unsubscribe(self, timeout: float | None = 32.0) -> None:
        """Ends the subscription, and returns when it has ended; nothing happens where there is none.

        Raises `SubscriptionTimeout` where nobody answered; it has ended on our side all the same.
        """
        self._require_open()
        if self.calls:
            _core.buddy_subscribe_dlg_event(self.id, False)
        else:
            _core.buddy_subscribe_pres(self.id, False)
        if self.subscription in (EvsubState.NULL, EvsubState.TERMINATED):
            return
        try:
            await self._watchers.wait(
                lambda: self._closed or self.subscription in (EvsubState.NULL, EvsubState.TERMINATED), timeout
            )
        except TimeoutError:
            raise SubscriptionTimeout(f"no answer within {timeout} s", sip_code=408) from None

    def close(self) -> None:
        """Ends the subscription without waiting, and forgets the buddy (`pjsua_buddy_del`). Any number of
        times."""
        if not self._closed:
            with contextlib.suppress(StaleError, InvalidState):
                _core.buddy_del(self.id)
            self._gone()

    def _gone(self) -> None:
        self._closed = True
        BUDDIES.pop(self.id.serial, None)
        self.account._buddies.discard(self)
        self._presences.close()
        self._calls.close()
        self._watchers.changed()

    def _require_open(self) -> None:
        if self._closed:
            raise InvalidState(f"{self.uri} is not watched any more: the buddy is closed")

    # -- events

    def _on_presence(self, info: BuddyInfo) -> None:
        self._presence = presence_of(info)
        self._changed()
        self._presences.put(self._presence)

    def _on_call(self, info: BuddyDlgEventInfo) -> None:
        self._call = call_of(info)
        self._changed()
        self._calls.put(self._call)

    def _changed(self) -> None:
        self._told += 1
        self._watchers.changed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        what = "closed" if self._closed else self.subscription.name
        return f"<Buddy {redacted(self.uri)} {what}>"


def presence_of(info: BuddyInfo) -> Presence:
    return Presence(
        status=info.status,
        activity=info.rpid.activity,
        note=info.status_text,
        contact=info.contact,
        subscription=info.sub_state,
        code=info.sub_term_code,
        reason=info.sub_term_reason,
    )


def call_of(info: BuddyDlgEventInfo) -> BuddyCall:
    try:
        state = DialogState(info.dialog_state)
    except ValueError:
        state = DialogState.OTHER
    return BuddyCall(
        state=state,
        direction=info.dialog_direction,
        local_uri=info.local_identity,
        remote_uri=info.remote_identity,
        remote_name=info.remote_identity_display,
        subscription=info.sub_state,
        code=info.sub_term_code,
        reason=info.sub_term_reason,
        info=info,
    )


def here(buddy_id: BuddyId) -> Buddy | None:
    """The buddy, where it is one of this loop's."""
    buddy = BUDDIES.get(buddy_id.serial)
    return buddy if buddy is not None and buddy.account.endpoint._loop is running_loop() else None


def on_buddy_state(event: events.OnBuddyState) -> None:
    if buddy := here(event.buddy_id):
        buddy._on_presence(event.info)


def on_buddy_dlg_event_state(event: events.OnBuddyDlgEventState) -> None:
    if buddy := here(event.buddy_id):
        buddy._on_call(event.info)
