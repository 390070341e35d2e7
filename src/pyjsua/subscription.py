"""Subscriptions of ours to an event package of any name (RFC 6665)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from . import _core, events
from .aio import Watchers
from .enums import EvsubState
from .errors import InvalidState, PjsuaError, subscription_error
from .feed import Feed
from .message import Message
from .msg_data import message_data
from .redaction import redacted
from .struct import Header

if TYPE_CHECKING:
    from .account import Account

__all__ = ["Notify", "Subscription"]


@dataclass(frozen=True, slots=True)
class Notify:
    """What a NOTIFY told."""

    event: str
    """The package."""
    content_type: str
    """Empty where it had no body, as is `body`."""
    body: str
    state: str
    """Of its Subscription-State: "active", "pending", "terminated", or another word."""
    reason: str
    """Why the subscription ended, such as "noresource" or "timeout"."""
    message: Message | None
    """The request."""

    @property
    def final(self) -> bool:
        """Whether it ends the subscription."""
        return self.state.lower() == "terminated"


class Subscription:
    """A subscription: `Account.subscribe` makes it.

    ``await`` it for the answer, and read its NOTIFYs with ``async for``, which ends with it. One reader;
    what came before it reads waits, up to 1024. PJSIP subscribes anew before the time is over.
    """

    def __init__(
        self,
        account: Account,
        uri: str,
        event: str,
        accept: Sequence[str],
        expires: int,
        headers: Sequence[Header],
    ) -> None:
        self.account = account
        self.uri = uri
        self.event = event
        self.state = EvsubState.SENT
        """ACCEPTED after the answer, then what NOTIFY says; TERMINATED is the end."""
        self.code = 0
        """SIP status of the last answer to SUBSCRIBE, 408 for none; 0 where a NOTIFY ended it, or time."""
        self.reason = ""
        """Why it ended."""
        self._watchers = Watchers()
        self._feed: Feed[Notify] = Feed()
        self.id = _core.acc_subscribe(account.id, uri, event, accept, expires, message_data(headers))
        account._event_subscriptions[self.id.serial] = self

    @property
    def ended(self) -> bool:
        return self.state == EvsubState.TERMINATED

    @property
    def dropped(self) -> int:
        """How many NOTIFYs came while 1024 were unread, and were lost."""
        return self._feed.dropped

    def __await__(self) -> Generator[Any, None, Self]:
        return self._accepted().__await__()

    async def _accepted(self) -> Self:
        """Returns once it was accepted, by the answer or by a NOTIFY that came before it.

        Raises `SubscriptionFailed` with the code where it was refused, `AuthenticationFailed` for 401 and
        407, `SubscriptionTimeout` where nobody answered within the 32 s PJSIP waits. Cancelled, it is ended.
        """
        try:
            await self._watchers.wait(lambda: self.state != EvsubState.SENT)
        except BaseException:
            self._unsubscribe()
            raise
        if self.ended and self.code >= 300:
            raise subscription_error(self.code, self.reason)
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notify:
        return await anext(self._feed)

    def refresh(self, expires: int | None = None) -> None:
        """Subscribes anew at once, for `expires` seconds from now on, None for as many as before.

        Raises `InvalidState` once it has ended.
        """
        if self.ended:
            raise InvalidState(f"{self!r} has ended")
        _core.subscription_refresh(self.id, expires)

    async def wait_ended(self, timeout: float | None = None) -> Self:
        """Waits until it has ended; raises `TimeoutError` after `timeout` seconds."""
        await self._watchers.wait(lambda: self.ended, timeout)
        return self

    async def close(self, timeout: float = 4.0) -> None:
        """Ends it, and waits up to `timeout` seconds for the notifier's last NOTIFY.

        Without one it is over all the same. Nothing happens where it has ended. Any number of times.
        """
        if self.ended:
            return
        self._unsubscribe()
        try:
            await self._watchers.wait(lambda: self.ended, timeout)
        except TimeoutError:
            self._end("timeout")

    def _unsubscribe(self) -> None:
        with contextlib.suppress(PjsuaError, InvalidState):
            _core.subscription_end(self.id)

    def _end(self, reason: str) -> None:
        self.account._event_subscriptions.pop(self.id.serial, None)
        if not self.ended:
            self.state, self.reason = EvsubState.TERMINATED, reason
            self._feed.close()
            self._watchers.changed()

    # -- events

    def _on_state(self, event: events.OnSubscriptionState) -> None:
        self.code = event.status_code
        if event.state == EvsubState.TERMINATED:
            self._end(event.reason)
        else:
            self.state = event.state
            self._watchers.changed()

    def _on_notify(self, event: events.OnNotify) -> None:
        told = Notify(event.event, event.content_type, event.body, event.state, event.reason, event.message)
        self._feed._put(told)

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<Subscription {self.event} of {redacted(self.uri)} {self.state.name}>"


async def close_all(subscriptions: Sequence[Subscription], timeout: float) -> None:
    """At once, so that they wait together."""
    await asyncio.gather(*(one.close(timeout) for one in subscriptions))


def on_subscription_state(account: Account, event: events.OnSubscriptionState) -> None:
    if one := account._event_subscriptions.get(event.subscription.serial):
        one._on_state(event)


def on_notify(account: Account, event: events.OnNotify) -> None:
    if one := account._event_subscriptions.get(event.subscription.serial):
        one._on_notify(event)
