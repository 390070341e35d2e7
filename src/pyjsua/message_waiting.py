"""Message waiting indication (RFC 3842): what a voice mailbox has for an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from . import events
from .aio import Watchers
from .enums import EvsubState
from .feed import Feed, Feeds
from .message import Message

__all__ = ["MessageCount", "MessageWaiting", "Mwi"]


@dataclass(frozen=True, slots=True)
class MessageCount:
    """Messages of one kind."""

    new: int
    old: int
    urgent_new: int = 0
    urgent_old: int = 0


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """What a mailbox told."""

    waiting: bool
    account: str
    """URI to call for them, empty where it was not told."""
    counts: dict[str, MessageCount]
    """By kind, in lower case: ``"voice-message"``, ``"fax-message"``, ..."""
    solicited: bool
    """Whether a subscription of ours brought it."""
    message: Message | None
    """The NOTIFY."""

    @property
    def voice(self) -> MessageCount:
        return self.counts.get("voice-message", MessageCount(0, 0))


class Mwi:
    """An account's mailbox: `Account.mwi`.

    With ``add_account(..., mwi_enabled=True)``, or `Account.modify`, PJSIP subscribes; what comes without a
    subscription is told as well.
    """

    def __init__(self) -> None:
        self.last: MessageWaiting | None = None
        """What was told last, None before anything was."""
        self.subscription = EvsubState.NULL
        self.reason = ""
        """Why the last subscription ended."""
        self._watchers = Watchers()
        self._feeds: Feeds[MessageWaiting] = Feeds()
        self._closed = False

    @property
    def waiting(self) -> bool:
        """Whether messages wait, as far as was told."""
        return self.last is not None and self.last.waiting

    async def wait(self, condition: Callable[[Self], bool], timeout: float | None = None) -> Self:
        """Waits until something is true of it: ``await account.mwi.wait(lambda mwi: mwi.waiting)``.

        Raises `TimeoutError` after `timeout` seconds, `EOFError` once the account is closed.
        """
        await self._watchers.wait(lambda: self._closed or condition(self), timeout)
        if self._closed:
            raise EOFError("the account was closed")
        return self

    def changes(self) -> Feed[MessageWaiting]:
        """What the mailbox tells from now on, until the account is closed."""
        return self._feeds.open()

    def _on_info(self, event: events.OnMwiInfo) -> None:
        summary = event.summary
        self.last = MessageWaiting(
            waiting=event.waiting,
            account=summary.get("message-account", ""),
            counts={name: count for name, text in summary.items() if (count := count_of(text)) is not None},
            solicited=event.solicited,
            message=event.message,
        )
        self._watchers.changed()
        self._feeds.put(self.last)

    def _on_state(self, event: events.OnMwiState) -> None:
        self.subscription, self.reason = event.state, event.term_reason
        self._watchers.changed()

    def _end(self) -> None:
        self._closed = True
        self._feeds.close()
        self._watchers.changed()

    def __repr__(self) -> str:
        return f"<Mwi {'waiting' if self.waiting else 'nothing'} {self.subscription.name}>"


COUNT = re.compile(r"\s*(\d{1,9})/(\d{1,9})(?:\s*\(\s*(\d{1,9})/(\d{1,9})\s*\))?\s*", re.ASCII)


def count_of(text: str) -> MessageCount | None:
    found = COUNT.fullmatch(text)
    return MessageCount(*(int(digits or 0) for digits in found.groups())) if found else None
