"""How events fare on their way to whoever handles them, and a watchdog for when they stall."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from . import _core, library
from .dispatch import Dispatcher
from .events import Event

if TYPE_CHECKING:
    from .sharing import Hub, Membership

__all__ = ["EventStats", "event_stats", "set_watchdog"]

logger = logging.getLogger("pyjsua")

SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 1.0
"""Seconds between two looks of a watchdog."""


@dataclass(frozen=True, slots=True)
class EventStats:
    """How events fare between PJSIP and who handles them."""

    depth: int
    """Events in the queue, not yet taken by whoever reads it."""
    high_water: int
    """The most there have been in this process."""
    dropped: int
    """Lost above the queue's cap (`queue_set_cap`), of those that may be: log lines, transactions, ..."""
    starved: int
    """Lost because no memory was to be had."""
    oldest_ms: float
    """Age of the oldest event whose delivery has not ended, 0 for none."""
    handling: str
    """Class of the event that is being handled now, empty for none."""
    longest_ms: float
    """What the slowest delivery of one event took so far: its handlers, or logging."""
    longest_event: str
    """The class of that event, empty for none."""


class Waiting(NamedTuple):
    since: float
    event: str
    handled: bool


def waiting(dispatcher: Dispatcher, hub: Hub | None = None) -> Waiting | None:
    """The oldest event whose delivery has not ended; from any thread."""
    current = dispatcher.current
    if isinstance(current, Event):
        return Waiting(current.time, type(current).__name__, True)
    if hub is not None and isinstance(first := hub.first(), Event):
        return Waiting(first.time, type(first).__name__, False)
    stats = _core.queue_stats()
    if stats["depth"] and stats["oldest_ns"]:
        return Waiting(stats["oldest_ns"] / 1e9, "", False)
    return None


def stats_of(dispatcher: Dispatcher, hub: Hub | None = None) -> EventStats:
    found = waiting(dispatcher, hub)
    queue = _core.queue_stats()
    longest, longest_event = dispatcher.longest
    return EventStats(
        depth=queue["depth"],
        high_water=queue["high_water"],
        dropped=queue["dropped"],
        starved=queue["starved"],
        oldest_ms=0.0 if found is None else max(time.monotonic() - found.since, 0.0) * 1000.0,
        handling=found.event if found is not None and found.handled else "",
        longest_ms=longest * 1000.0,
        longest_event=longest_event,
    )


def event_stats() -> EventStats:
    """How events fare on their way to the handlers of the low-level door.

    With `events()` nothing is timed but logging.
    """
    return stats_of(library.dispatcher)


def checked_seconds(seconds: float, name: str) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name}: seconds expected, not {type(seconds).__name__}")
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{name}: {seconds} is not a number of seconds above 0")
    return float(seconds)


def stacks() -> str:
    """Where each thread but this one is."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = threading.get_ident()
    return "".join(
        f"Thread {names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()
        if ident != own
    )


class Watchdog:
    """A thread that tells the log, once each time, that events have waited for longer than `seconds`."""

    def __init__(self, seconds: float, look: Callable[[], Waiting | None], alive: Callable[[], bool]) -> None:
        self._seconds = seconds
        self._look = look
        self._alive = alive
        self._stopping = threading.Event()
        threading.Thread(target=self._run, name="pyjsua-watchdog", daemon=True).start()

    def stop(self) -> None:
        """From any thread; it ends soon."""
        self._stopping.set()

    def _run(self) -> None:
        stalled: float | None = None
        pause = min(max(self._seconds / 4.0, SHORTEST_PAUSE), LONGEST_PAUSE)
        while not self._stopping.wait(pause) and self._alive():
            found = self._look()
            now = time.monotonic()
            # A logging handler or filter of the program's may raise: it must not end the watch.
            with contextlib.suppress(Exception):
                if found is not None and now - found.since > self._seconds:
                    if stalled is None:
                        stalled = found.since
                        self._tell(found, now - found.since)
                elif stalled is not None:
                    began, stalled = stalled, None
                    logger.warning("events are delivered again, after %.1f s", now - began)

    def _tell(self, found: Waiting, age: float) -> None:
        if found.handled:
            why = f"the handling of {found.event} has not ended"
        else:
            why = "nobody takes them: the loop or the script that reads them is busy"
        logger.warning(
            "events have waited for %.1f s: %s\n%s",
            age,
            why,
            stacks(),
            extra={"stalled_event": found.event or None, "stalled_ms": age * 1000.0},
        )


_own: Watchdog | None = None
_own_lock = threading.Lock()


def set_watchdog(seconds: float | None) -> None:
    """Has the log told when events wait for longer than `seconds`; None ends that.

    Once for each stall, at WARNING, to ``pyjsua``: how long, of which event the handler has not returned, and
    the stacks of all threads; and once more when it is over. The records of a stall have `stalled_ms` and
    `stalled_event`, None while it is still in the queue. It stays over `destroy` and `create`. A thread does
    it, which wakes four times in that time and at least every second; without it there is none.
    """
    global _own
    wanted = None if seconds is None else checked_seconds(seconds, "seconds")
    with _own_lock:
        if _own is not None:
            _own.stop()
        _own = None if wanted is None else Watchdog(wanted, lambda: waiting(library.dispatcher), lambda: True)


class TellsOfEvents:
    """What an `Endpoint` has to tell how its events fare."""

    _member: Membership | None
    _watchdog_seconds: float | None
    _watchdog: Watchdog | None = None

    if TYPE_CHECKING:

        def _require_running(self) -> None: ...

    @property
    def queue_stats(self) -> dict[str, int]:
        """Counters of the event queue: depth, high water, dropped, ..."""
        return _core.queue_stats()

    @property
    def event_stats(self) -> EventStats:
        """How events fare on their way to this loop. Raises `InvalidState` while it is not open."""
        self._require_running()
        assert self._member is not None
        return stats_of(self._member.hub.dispatcher, self._member.hub)

    def _watch(self, hub: Hub) -> None:
        if self._watchdog_seconds is not None:
            self._watchdog = Watchdog(
                self._watchdog_seconds,
                lambda: waiting(hub.dispatcher, hub),
                lambda: bool(hub.members) and not hub.loop.is_closed(),
            )

    def _unwatch(self) -> None:
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
