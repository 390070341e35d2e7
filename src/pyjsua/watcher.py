"""Watchers: those who subscribe to the presence of an account of ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from . import _core, events
from .aio import Watchers
from .config import MsgData
from .enums import EvsubState
from .errors import InvalidState, PjsuaError
from .ids import SrvPresId
from .message import Message
from .redaction import redacted
from .struct import Header

if TYPE_CHECKING:
    from .account import Account

__all__ = ["SubscribePolicy", "Watcher"]

SubscribePolicy = Literal["accept", "ask", "refuse"]

POLICIES: dict[SubscribePolicy, int] = {"accept": 200, "ask": 202, "refuse": 403}


class Watcher:
    """A subscription to the presence of an account (RFC 3856)."""

    def __init__(self, account: Account, srv_pres: SrvPresId, uri: str, request: Message | None) -> None:
        self.account = account
        self.uri = uri
        """Who watches: the From of its SUBSCRIBE."""
        self.request = request
        """The SUBSCRIBE."""
        self.state = EvsubState.PENDING
        self._id = srv_pres
        self._watchers = Watchers()
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def pending(self) -> bool:
        """Whether it waits for `accept` or `refuse`."""
        return self.state == EvsubState.PENDING

    @property
    def ended(self) -> bool:
        return self.state == EvsubState.TERMINATED

    def accept(self, *, headers: Sequence[Header] = ()) -> None:
        """Tells it the account's presence, from now on. Raises `InvalidState` once the subscription has
        ended."""
        self._notify(EvsubState.ACTIVE, None, headers)
        self.state = EvsubState.ACTIVE
        self._decided()

    def refuse(self, reason: str = "rejected", *, headers: Sequence[Header] = ()) -> None:
        """Ends the subscription, also one that was accepted; nothing happens where it has ended.

        `reason` is a word of RFC 6665: "rejected" for good, "deactivated" and "probation" to be tried again.
        """
        if not self.ended:
            self._notify(EvsubState.TERMINATED, reason, headers)
            self._ended()

    async def wait_ended(self, timeout: float | None = None) -> Self:
        """Waits until it watches no more."""
        await self._watchers.wait(lambda: self.ended, timeout)
        return self

    def _notify(self, state: EvsubState, reason: str | None, headers: Sequence[Header]) -> None:
        if self.ended:
            raise InvalidState(f"{self!r} has ended")
        data = MsgData(hdr_list=tuple(headers)) if headers else None
        # Nobody is told of our presence before he may be.
        told = state == EvsubState.ACTIVE
        _core.pres_notify(self.account.id, self._id, state, None, reason, told, data)

    def _ask(self, seconds: float) -> None:
        """Has it wait for a decision, and refused for want of one."""
        with contextlib.suppress(PjsuaError):
            self._notify(EvsubState.PENDING, None, ())
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self.pending:
            with contextlib.suppress(PjsuaError):
                self.refuse("giveup")

    def _decided(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._watchers.changed()

    def _ended(self) -> None:
        self.state = EvsubState.TERMINATED
        self._decided()

    def __repr__(self) -> str:
        return f"<Watcher {redacted(self.uri)} {self.state.name}>"


def on_incoming_subscribe(account: Account, event: events.OnIncomingSubscribe) -> None:
    if event.code >= 300:
        return
    watcher = Watcher(account, event.srv_pres, event.from_uri, event.message)
    account._subscribers[event.srv_pres.serial] = watcher
    if event.code == POLICIES["ask"]:
        watcher._ask(account.subscribe_deadline)
    else:
        watcher.state = EvsubState.ACTIVE
    account._subscriptions.put(watcher)


def on_srv_subscribe_state(account: Account, event: events.OnSrvSubscribeState) -> None:
    watcher = account._subscribers.get(event.srv_pres.serial)
    if watcher is not None and event.state == EvsubState.TERMINATED:
        del account._subscribers[event.srv_pres.serial]
        watcher._ended()
