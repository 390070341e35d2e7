"""An account's own presence, those who watch it, those it watches, and its mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from . import _core
from .buddy import Buddy
from .config import RpidElement
from .enums import RpidActivity
from .feed import Feed, Feeds
from .ids import AccId
from .message_waiting import Mwi
from .notifier import Notifier, Subscriber, end_all
from .struct import Header
from .subscription import Subscription
from .watcher import POLICIES, SubscribePolicy, Watcher

if TYPE_CHECKING:
    from .account import Account
    from .endpoint import Endpoint

__all__: list[str] = []


class AccountPresence:
    """What an `Account` has of presence."""

    endpoint: Endpoint
    id: AccId

    if TYPE_CHECKING:

        def _require_open(self) -> None: ...

    def __init__(self) -> None:
        self.mwi = Mwi()
        """What its mailbox tells."""
        self.subscribe_deadline = 20.0
        """Seconds somebody who subscribes waits for a decision, where the policy is to ask."""
        self._buddies: set[Buddy] = set()
        self._event_subscriptions: dict[int, Subscription] = {}
        self._notifiers: dict[str, Notifier] = {}
        self._subscribe_requests: dict[int, Subscriber] = {}
        self._event_subscribers: dict[int, Subscriber] = {}
        self._subscribers: dict[int, Watcher] = {}
        self._subscriptions: Feeds[Watcher] = Feeds()
        self._subscribe_policy: SubscribePolicy | None = None

    # -- others

    def add_buddy(self, uri: str, *, calls: bool = False) -> Buddy:
        """Somebody to watch: its presence (RFC 3856), or with `calls` whether it is on the phone (RFC 4235).

        Nothing is sent before `Buddy.subscribe`. A URI has one subscription: to watch both takes two buddies.
        Raises `ValueError` for a URI that is none, `TooMany` above what the build can hold.
        """
        self._require_open()
        return Buddy(cast("Account", self), uri, calls)

    @property
    def buddies(self) -> tuple[Buddy, ...]:
        return tuple(self._buddies)

    def subscribe(
        self,
        uri: str,
        event: str,
        *,
        accept: Sequence[str] = (),
        expires: int = 3600,
        headers: Sequence[Header] = (),
    ) -> Subscription:
        """Subscribes to an event package of any name: ``await account.subscribe(uri, "reg")``.

        `accept` are the media types of its Accept header, `headers` are of every SUBSCRIBE. `expires` of 0
        asks for one NOTIFY and the end. Raises `ValueError` for a `uri`, package or media type that is none.
        """
        self._require_open()
        return Subscription(cast("Account", self), uri, event, accept, expires, headers)

    @property
    def event_subscriptions(self) -> tuple[Subscription, ...]:
        """Those of `subscribe` that have not ended."""
        return tuple(self._event_subscriptions.values())

    # -- others to us

    def notifier(
        self,
        event: str,
        *,
        accept: Sequence[str] = (),
        expires: int | None = None,
        min_expires: int = 0,
        resend: bool = True,
    ) -> Notifier:
        """Lets others subscribe to `event`, an event package of any name but presence (RFC 6665).

        `accept` are the media types of its NOTIFYs, by preference: who takes none of them is refused with
        406. `expires` is the most anybody is granted, in seconds, 3600 unless given; less than `min_expires`
        is refused with 423. PJSIP's thread answers a refresh, with `resend` by a NOTIFY that tells what the
        last one told, as does the end. Of ``"dialog"`` PJSIP grants 600 s, of ``"message-summary"`` 3600.
        Raises `InvalidState` for a package that is served, `ValueError` for what is none.
        """
        self._require_open()
        return Notifier(cast("Account", self), event, accept, expires, min_expires, resend)

    @property
    def notifiers(self) -> tuple[Notifier, ...]:
        """Those that are not closed."""
        return tuple(self._notifiers.values())

    # -- ourselves

    def set_presence(
        self,
        online: bool = True,
        *,
        activity: RpidActivity = RpidActivity.UNKNOWN,
        note: str = "",
    ) -> None:
        """What those who watch this account are told from now on (`pjsua_acc_set_online_status2`).

        By NOTIFY to each, and by PUBLISH where the account has ``publish_enabled=True``.
        """
        self._require_open()
        if activity == RpidActivity.UNKNOWN and not note:
            _core.acc_set_online_status(self.id, online)
        else:
            _core.acc_set_online_status2(self.id, online, RpidElement(activity=activity, note=note))

    @property
    def subscribe_policy(self) -> SubscribePolicy | None:
        """How those who subscribe to our presence are answered, by PJSIP's own thread.

        ``"accept"`` tells them at once. ``"ask"`` answers 202, tells them they are pending, and leaves the
        decision to whoever reads `subscriptions`; without one, they are refused after `subscribe_deadline`
        seconds. ``"refuse"`` answers 403. None is for as the endpoint's `Policy` says: accept.
        """
        return self._subscribe_policy

    @subscribe_policy.setter
    def subscribe_policy(self, policy: SubscribePolicy | None) -> None:
        if policy is not None and policy not in POLICIES:
            raise ValueError(f"subscribe_policy: {policy!r} is none of {', '.join(POLICIES)}")
        self._require_open()
        _core.acc_set_incoming_subscribe(self.id, None if policy is None else POLICIES[policy])
        self._subscribe_policy = policy

    def subscriptions(self) -> Feed[Watcher]:
        """Those who subscribe to our presence from now on, unless they were refused."""
        self._require_open()
        return self._subscriptions.open()

    @property
    def watchers(self) -> tuple[Watcher, ...]:
        """Those who watch our presence, or wait to be let."""
        return tuple(self._subscribers.values())

    def _end_presence(self) -> None:
        for buddy in list(self._buddies):
            buddy._gone()
        for subscription in self.event_subscriptions:
            subscription._end("closed")
        end_all(cast("Account", self))
        for watcher in list(self._subscribers.values()):
            watcher._ended()
        self._subscribers.clear()
        self._subscriptions.close()
        self.mwi._end()
