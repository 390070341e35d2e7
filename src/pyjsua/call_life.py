"""What a call goes through: its states, and the news of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .call_end import CallEnd
from .call_media import CallMedia
from .codecs import Codec
from .enums import InvState
from .errors import call_error
from .feed import Feed, Feeds

__all__ = ["CallEvent", "CallEventKind"]

BEFORE_ANSWER = (InvState.CALLING, InvState.INCOMING, InvState.EARLY)

EARLY = 16
"""News kept for the first who asks: a call may ring before the program gets to it."""


class CallEventKind(Enum):
    """What is new."""

    RINGING = "ringing"
    """The other side rings, 180 or another provisional response; or we do."""
    EARLY_MEDIA = "early media"
    """Audio flows before the answer."""
    ANSWERED = "answered"
    MEDIA = "media"
    """Audio flows or no longer does, or another codec is used."""
    HELD = "held"
    """We hold the call, or the other side does, or one of them no longer does."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something new of a call, and what it was like then."""

    kind: CallEventKind
    state: InvState
    code: int
    """Of the last response to the INVITE, 0 before there is one; of an end see `end`."""
    reason: str
    active: bool
    """Whether audio flows."""
    codec: Codec | None
    held_by_us: bool
    held_by_them: bool
    end: CallEnd | None = None


class Sight(NamedTuple):
    """What of a call is looked at for news."""

    state: InvState = InvState.NULL
    code: int = 0
    active: bool = False
    codec: Codec | None = None
    held: tuple[bool, bool] = False, False


class CallLife(CallMedia):
    """States that can be waited for, and news."""

    _accepted: bool

    def __init__(self) -> None:
        super().__init__()
        self._events: Feeds[CallEvent] = Feeds(EARLY)
        self._seen = Sight()
        self._told_end = False

    async def wait_state(self, *states: InvState, timeout: float | None = None) -> InvState:
        """Waits until the call is in one of `states`, and returns which.

        Raises `CallBusy`, `CallFailed`, ... when it ends and the end is none of them, `TimeoutError` after
        `timeout` seconds. A state between two others may be over before this loop hears of it; `events` has
        them all.
        """
        if not states or not all(isinstance(state, InvState) for state in states):
            raise TypeError("states: InvState expected")
        found: list[InvState] = []

        def reached() -> bool:
            # Noted here: it may be over before who waits gets to run.
            if self.state in states:
                found.append(self.state)
            return bool(found) or self.ended

        await self._watchers.wait(reached, timeout)
        if not found:
            assert self.end is not None
            raise call_error(self.end.code, self.end.reason)
        return found[0]

    def events(self) -> Feed[CallEvent]:
        """What happens to the call from now on, until its end, which is the last of them.

        The first who asks also gets what came before. Each has its own; a slow reader loses what comes
        after 1024 unread.
        """
        return self._events.open()

    # -- what is new

    def _look(self) -> None:
        """Tells what has changed since the last look."""
        if self._connecting:
            return
        before, now = self._seen, self._sight()
        self._seen = now
        if now.state != before.state or now.code != before.code:
            if now.state is InvState.EARLY:
                self._tell(CallEventKind.RINGING)
            elif now.state is InvState.CONFIRMED and before.state is not InvState.CONFIRMED:
                self._tell(CallEventKind.ANSWERED)
        if (now.active, now.codec) != (before.active, before.codec) and not self.ended:
            # Our own answer starts the media before PJSIP tells that it was sent.
            early = now.active and self.state in BEFORE_ANSWER and not self._accepted
            self._tell(CallEventKind.EARLY_MEDIA if early else CallEventKind.MEDIA)
        if now.held != before.held and not self.ended:
            self._tell(CallEventKind.HELD)
        if self.ended and not self._told_end:
            self._told_end = True
            self._tell(CallEventKind.ENDED)
            self._events.close()

    def _sight(self) -> Sight:
        held = self.held_by_us, self.held_by_them
        return Sight(self.state, self.info.last_status, self.audio.active, self._codec, held)

    def _tell(self, kind: CallEventKind) -> None:
        info = self.info
        held = self.held_by_us, self.held_by_them
        self._events.put(
            CallEvent(
                kind,
                info.state,
                info.last_status,
                info.last_status_text,
                self.audio.active,
                self._codec,
                *held,
                self.end,
            )
        )
