"""Those who subscribe to an event package an account serves (RFC 6665), presence aside."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import _core, events
from .aio import Watchers
from .config import MsgData
from .enums import EvsubState
from .errors import InvalidState, PjsuaError, StaleError, subscription_error
from .feed import Feed, Feeds
from .ids import SubscriberId
from .message import Message
from .msg_data import message_data
from .redaction import redacted
from .struct import Header

if TYPE_CHECKING:
    from .account import Account

__all__ = ["Notifier", "Subscriber"]

STATES = {
    "active": EvsubState.ACTIVE,
    "pending": EvsubState.PENDING,
    "terminated": EvsubState.TERMINATED,
}
TEMPORARILY_UNAVAILABLE = 480
REQUEST_TIMEOUT = 408
NO_SUBSCRIPTION = 481
CHALLENGES = 401, 407


class Subscriber:
    """Somebody's subscription: a `Notifier` hands it out while it waits for `accept` or `refuse`.

    ``async with`` accepts it, and terminates it in the end.
    """

    def __init__(self, notifier: Notifier, event: events.OnSubscribe) -> None:
        self.notifier = notifier
        self.account = notifier.account
        self.uri = event.from_uri
        """Who subscribes: the From of its SUBSCRIBE."""
        self.event_id = event.event_id
        """The id of its Event header, empty for none."""
        self.expires = event.expires
        """Seconds it was granted last."""
        self.fetch = event.expires == 0
        """Whether it asks for one NOTIFY and the end."""
        self.request = event.message
        """The SUBSCRIBE."""
        self.deadline = event.time + event.wait_ms / 1000
        """When it is refused with 480 for want of a decision, on the clock of `time.monotonic`."""
        self.state = EvsubState.NULL
        """NULL while it waits, ACCEPTED, then what NOTIFY said; TERMINATED is the end."""
        self.code = 0
        """What it was refused with, or what a NOTIFY was answered with that ended it, 408 for no answer."""
        self.reason = ""
        """Why it ended: "timeout" where its time was over and where the subscriber ended it."""
        self._request = event.request
        self._id: SubscriberId | None = None
        self._watchers = Watchers()
        self._refreshes: Feeds[Message] = Feeds()
        self._sending = asyncio.Lock()
        self._answers: dict[int, events.OnNotifyStatus] = {}
        """Of the NOTIFY that is waited for, by its CSeq."""

    @property
    def waiting(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state == EvsubState.NULL

    @property
    def ended(self) -> bool:
        return self.state == EvsubState.TERMINATED

    def accept(self, code: int = 200, *, headers: Sequence[Header] = ()) -> Self:
        """Answers the SUBSCRIBE with 200 or 202; a `notify` is to follow at once.

        Raises `StaleError` where somebody, or time, has decided; `InvalidState` where this has.
        """
        self._require_waiting()
        if code not in (200, 202):
            raise ValueError(f"code: {code} does not accept (200, 202)")
        self._id = _core.subscribe_respond(self._request, code, None, message_data(headers))
        assert self._id is not None
        self.account._subscribe_requests.pop(self._request.serial, None)
        self.account._event_subscribers[self._id.serial] = self
        self.state = EvsubState.ACCEPTED
        self._watchers.changed()
        return self

    def refuse(self, code: int = 403, reason: str | None = None, *, headers: Sequence[Header] = ()) -> None:
        """Answers the SUBSCRIBE with 300 to 699. Raises as `accept` does."""
        self._require_waiting()
        if not 300 <= code < 700:
            raise ValueError(f"code: {code} does not refuse (300 to 699)")
        _core.subscribe_respond(self._request, code, reason, message_data(headers))
        self._ended(code, reason or "")

    async def notify(
        self,
        body: str = "",
        content_type: str | None = None,
        *,
        state: str = "active",
        reason: str | None = None,
        retry_after: int | None = None,
        headers: Sequence[Header] = (),
    ) -> Message | None:
        """Sends NOTIFY and returns the answer; accepts it first where that was not done.

        `content_type` is the first of what the notifier serves unless given. `state` is "active", "pending",
        or another word; "terminated" is `terminate`, whose answer, None, is not waited for, as it is not for
        one who asked for a `fetch`. One after another: who comes second waits. Raises `SubscriptionFailed`
        with the code where it was refused, which ends the subscription unless the answer has Retry-After;
        `SubscriptionTimeout` where nobody answered within 32 s, `InvalidState` once it has ended,
        `ValueError` for a body without a type.
        """
        data = self.notifier._data(body, content_type, headers)
        if self.waiting:
            self.accept()
        async with self._sending:
            cseq = self._send(STATES.get(state, EvsubState.UNKNOWN), state, reason, retry_after, data)
            if self.fetch or state == "terminated":
                return None
            try:
                await self._watchers.wait(lambda: self.ended or cseq in self._answers)
                answer = self._answers.get(cseq)
            finally:
                self._answers.clear()
        if answer is None:
            raise subscription_error(self.code, self.reason)
        if answer.status_code >= 300:
            raise subscription_error(answer.status_code, answer.reason)
        return answer.message

    def _send(
        self, state: EvsubState, word: str, reason: str | None, retry_after: int | None, data: MsgData | None
    ) -> int:
        if self.ended or self._id is None:
            raise InvalidState(f"{self!r} has ended")
        name = word if state == EvsubState.UNKNOWN else None
        try:
            return _core.subscriber_notify(self._id, state, name, reason, retry_after, data)
        except StaleError:
            # Its end is on its way to us.
            raise InvalidState(f"{self!r} has ended") from None

    def terminate(
        self,
        reason: str = "noresource",
        body: str = "",
        content_type: str | None = None,
        *,
        retry_after: int | None = None,
        headers: Sequence[Header] = (),
    ) -> None:
        """Ends the subscription by a NOTIFY, without waiting for its answer; nothing happens where it has
        ended.

        `reason` is a word of RFC 6665: "noresource" and "rejected" for good, "deactivated" to be tried again
        at once, "probation" and "giveup" after `retry_after` seconds. One that waits for a decision is
        refused with 480.
        """
        data = self.notifier._data(body, content_type, headers)
        if self.waiting:
            self.refuse(TEMPORARILY_UNAVAILABLE)
        elif not self.ended:
            with contextlib.suppress(InvalidState):
                self._send(EvsubState.TERMINATED, "", reason, retry_after, data)
                self._ended(0, reason)

    async def wait_ended(self, timeout: float | None = None) -> Self:
        """Waits until it has ended; raises `TimeoutError` after `timeout` seconds."""
        await self._watchers.wait(lambda: self.ended, timeout)
        return self

    def refreshes(self) -> Feed[Message]:
        """Each SUBSCRIBE with which it subscribes anew from now on, and the one that ends it."""
        return self._refreshes.open()

    def _require_waiting(self) -> None:
        if not self.waiting:
            raise InvalidState(f"{self!r} does not wait for a decision")

    def _ended(self, code: int, reason: str) -> None:
        self.account._subscribe_requests.pop(self._request.serial, None)
        if self._id is not None:
            self.account._event_subscribers.pop(self._id.serial, None)
        if not self.ended:
            self.state, self.code, self.reason = EvsubState.TERMINATED, code, reason
            self._refreshes.close()
            self._watchers.changed()

    def _close(self) -> None:
        with contextlib.suppress(PjsuaError):
            self.terminate()

    # -- events

    def _on_refresh(self, event: events.OnSubscriberRefresh) -> None:
        self.expires = event.expires
        if event.message is not None:
            self._refreshes.put(event.message)

    def _on_state(self, event: events.OnSubscriberState) -> None:
        if event.state == EvsubState.TERMINATED:
            self._ended(event.status_code, event.reason)
        else:
            self.state = event.state
            self._watchers.changed()

    def _on_answer(self, event: events.OnNotifyStatus) -> None:
        if self._sending.locked():
            self._answers[event.cseq] = event
            self._watchers.changed()
        if ends(event):
            # Word of its end comes next, and whoever waits for the answer may be told before.
            self._ended(event.status_code, event.reason)

    async def __aenter__(self) -> Self:
        return self.accept() if self.waiting else self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __repr__(self) -> str:
        return f"<Subscriber {self.notifier.event} {redacted(self.uri)} {self.state.name}>"


class Notifier:
    """An event package an account serves: `Account.notifier` makes it.

    ``async for subscriber in notifier`` has those who subscribe from now on, each waiting for a decision.
    One reader; up to 1024 wait for it, and none longer than until its `Subscriber.deadline`.
    """

    def __init__(
        self,
        account: Account,
        event: str,
        accept: Sequence[str],
        expires: int | None,
        min_expires: int,
        resend: bool,
    ) -> None:
        self.account = account
        self.event = event
        self.accept = tuple(accept)
        self._feed: Feed[Subscriber] = Feed()
        if event.lower() in account._notifiers:
            raise InvalidState(f"event: {event!r} is served already")
        _core.acc_register_pkg(account.id, event, accept, expires, min_expires, resend)
        account._notifiers[event.lower()] = self

    @property
    def closed(self) -> bool:
        return self._feed.closed

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Those that were accepted and have not ended."""
        every = self.account._event_subscribers.values()
        return tuple(one for one in every if one.notifier is self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Subscriber:
        while not (subscriber := await anext(self._feed)).waiting:
            pass
        return subscriber

    async def notify(
        self, body: str = "", content_type: str | None = None, *, headers: Sequence[Header] = ()
    ) -> None:
        """Sends NOTIFY to each of `subscribers`, and returns when all have answered or ended.

        What a subscriber refuses is told by its `Subscriber.code`. Raises `InvalidState` when it is closed.
        """
        if self.closed:
            raise InvalidState(f"{self!r} is closed")
        self._data(body, content_type, headers)
        telling = (one.notify(body, content_type, headers=headers) for one in self.subscribers)
        for outcome in await asyncio.gather(*telling, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, PjsuaError | InvalidState):
                raise outcome

    def close(self) -> None:
        """Refuses who subscribes from now on, with 489, and terminates `subscribers`. Any number of times."""
        if not self.closed:
            with contextlib.suppress(PjsuaError):
                _core.acc_unregister_pkg(self.account.id, self.event)
            for one in (*self.account._subscribe_requests.values(), *self.subscribers):
                if one.notifier is self:
                    one._close()
            self._end()

    def _end(self) -> None:
        self._feed.close()
        self.account._notifiers.pop(self.event.lower(), None)

    def _data(self, body: str, content_type: str | None, headers: Sequence[Header]) -> MsgData | None:
        if not isinstance(body, str):
            raise TypeError(f"body: str expected, not {type(body).__name__}")
        if content_type is None:
            content_type = self.accept[0] if self.accept else ""
        if not body:
            return message_data(headers)
        if not content_type:
            raise ValueError("content_type: a body wants one")
        return MsgData(hdr_list=_core.check_headers(headers), content_type=content_type, msg_body=body)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        what = "closed" if self.closed else f"{len(self.subscribers)} subscribers"
        return f"<Notifier {self.event} of {redacted(self.account.uri)} {what}>"


def ends(event: events.OnNotifyStatus) -> bool:
    """Whether PJSIP ends the subscription for what a NOTIFY was answered with."""
    if event.message is None:
        return event.status_code == REQUEST_TIMEOUT
    if event.status_code < 300 or event.status_code in CHALLENGES:
        return False
    return event.status_code == NO_SUBSCRIPTION or not event.message.header_values("Retry-After")


def end_all(account: Account) -> None:
    """The account has gone, and told them so."""
    for one in (*account._subscribe_requests.values(), *account._event_subscribers.values()):
        one._ended(0, "closed")
    for notifier in list(account._notifiers.values()):
        notifier._end()


def on_subscribe(account: Account, event: events.OnSubscribe) -> None:
    notifier = account._notifiers.get(event.event.lower())
    if notifier is not None:
        subscriber = Subscriber(notifier, event)
        account._subscribe_requests[event.request.serial] = subscriber
        if notifier._feed._put(subscriber):
            return
        del account._subscribe_requests[event.request.serial]
    with contextlib.suppress(PjsuaError):
        _core.subscribe_respond(event.request, TEMPORARILY_UNAVAILABLE)


def on_subscribe_end(account: Account, event: events.OnSubscribeEnd) -> None:
    if one := account._subscribe_requests.get(event.request.serial):
        one._ended(event.code, "")


def on_subscriber_refresh(account: Account, event: events.OnSubscriberRefresh) -> None:
    if one := account._event_subscribers.get(event.subscriber.serial):
        one._on_refresh(event)


def on_subscriber_state(account: Account, event: events.OnSubscriberState) -> None:
    if one := account._event_subscribers.get(event.subscriber.serial):
        one._on_state(event)


def on_notify_status(account: Account, event: events.OnNotifyStatus) -> None:
    if one := account._event_subscribers.get(event.subscriber.serial):
        one._on_answer(event)
