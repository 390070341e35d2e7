"""How an asyncio loop waits for ports whose audio is Python's: one descriptor for all of them."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, TypeAlias

from . import _core
from .errors import from_status
from .info import PcmMark
from .loop_reader import add_reader

__all__ = ["Waits"]

LOOK = 0.2
"""Seconds between two looks whether the clock of the bridge runs, and whether somebody listens."""
PATIENCE = 10
"""Looks at a clock that stands still until those who wait are told."""
UNHEARD = 1000.0
"""Milliseconds of that clock nobody may listen for."""

Loop: TypeAlias = asyncio.AbstractEventLoop
Waiter: TypeAlias = "asyncio.Future[Any]"


def error(name: str, port: _core.PcmPort) -> Exception:
    status = _core.constant(name)
    return from_status(status, _core.strerror(status), "AudioStream", "conf_port", repr(port.conf_port))


def heed(future: Waiter) -> None:
    if not future.cancelled():
        future.exception()


class Watch:
    """A loop that waits: it reads the descriptor, and looks at the clock while somebody waits."""

    _of: ClassVar[weakref.WeakKeyDictionary[Loop, Watch]] = weakref.WeakKeyDictionary()
    _waits: ClassVar[dict[int, weakref.ref[Waits]]] = {}
    """By the serial of their port. A WeakValueDictionary's `get` would be most of what a wake-up takes."""

    def __init__(self, loop: Loop) -> None:
        self.loop = weakref.ref(loop)
        self.busy: set[Waits] = set()
        # Its timer is not kept: that would keep the loop, and the loop this.
        self._looking = False
        self._ticks = -1
        self._still = 0
        add_reader(loop, _core.pcm_ready_fd(), Watch.read)

    @classmethod
    def of(cls, loop: Loop) -> Watch:
        watch = cls._of.get(loop)
        if watch is None:
            watch = cls._of[loop] = cls(loop)
        return watch

    @classmethod
    def read(cls) -> None:
        loop = asyncio.get_running_loop()
        for serial in _core.pcm_ready():
            if (found := cls._waits.get(serial)) and (waits := found()):
                waits.woken(loop)

    def add(self, waits: Waits, loop: Loop) -> None:
        self.busy.add(waits)
        if not self._looking:
            self._still = 0
            self._looking = True
            loop.call_later(LOOK, self._look)

    def _look(self) -> None:
        self._looking = False
        ticks = _core.pcm_ticks()
        self._still = self._still + 1 if ticks == self._ticks else 0
        self._ticks = ticks
        for waits in list(self.busy):
            waits.check(self._still >= PATIENCE)
            if waits.idle:
                self.busy.discard(waits)
        loop = self.loop()
        if self.busy and loop is not None and not loop.is_closed():
            self._looking = True
            loop.call_later(LOOK, self._look)


class Waits:
    """Those who wait for one port, in one loop at a time."""

    def __init__(self, port: _core.PcmPort) -> None:
        self.port = port
        self._waiting: dict[Waiter, tuple[Callable[[], bool], float | None]] = {}
        """How to ask the port, and for what is to be heard how long its clock had run when that began, ms."""
        self._marks: dict[int, tuple[asyncio.Future[PcmMark], float]] = {}
        self._watch: weakref.ref[Watch] | None = None
        owner = port.conf_port.owner
        assert owner is not None
        serial, every = owner.serial, Watch._waits
        every[serial] = weakref.ref(self, lambda _: every.pop(serial, None))

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._marks

    # Many times a second for each stream: neither has a coroutine or a function of its own on the way.

    def room(self, size: int) -> Coroutine[Any, Any, None]:
        return self._wait(partial(self.port.when_room, size), None, None)

    def readable(self, size: int) -> Coroutine[Any, Any, None]:
        return self._wait(partial(self.port.when_readable, size), None, None)

    async def played(self, place: int, timeout: float | None = None) -> None:
        await self._wait(lambda: self.port.when_played(place), timeout, self.port.stats().clock_ms)

    async def speech(self, edges: int, timeout: float | None = None) -> None:
        await self._wait(lambda: self.port.when_speech_edges(edges), timeout, None)

    def mark(self, name: str) -> asyncio.Future[PcmMark]:
        future: asyncio.Future[PcmMark] = self._begin().create_future()
        # Nobody need ask what became of it, of which asyncio would complain.
        future.add_done_callback(heed)
        number = self.port.mark(name, True)
        self._marks[number] = future, self.port.stats().clock_ms
        return future

    async def _wait(self, reached: Callable[[], bool], timeout: float | None, began: float | None) -> None:
        if reached():
            return
        if self.port.gone:
            raise error("PYJ_ESTALE", self.port)
        future: asyncio.Future[None] = self._begin().create_future()
        self._waiting[future] = reached, began
        try:
            if timeout is None:
                await future
            else:
                async with asyncio.timeout(timeout):
                    await future
        finally:
            self._waiting.pop(future, None)

    def _begin(self) -> Loop:
        loop = asyncio.get_running_loop()
        # Looked up anew only in another loop: this is done many times a second for each stream.
        watch = self._watch() if self._watch is not None else None
        if watch is None or watch.loop() is not loop:
            watch = Watch.of(loop)
            self._watch = weakref.ref(watch)
        watch.add(self, loop)
        return loop

    def woken(self, loop: Loop) -> None:
        """The port was named, in a loop that may be another one's."""
        watch = self._watch() if self._watch is not None else None
        mine = watch.loop() if watch is not None else None
        if mine is loop:
            self.look()
        elif mine is not None and not mine.is_closed():
            mine.call_soon_threadsafe(self.look)

    def look(self) -> None:
        """Asks the port again for all who wait."""
        if self._marks:
            self._look_marks()
        for future, (reached, _) in list(self._waiting.items()):
            if future.done():
                continue
            if reached():
                future.set_result(None)
            elif self.port.gone:
                future.set_exception(error("PYJ_ESTALE", self.port))

    def _look_marks(self) -> None:
        for mark in self.port.marks():
            told = self._marks.pop(mark.number, None)
            if told is not None and not told[0].done():
                told[0].set_result(mark)

    def check(self, no_clock: bool) -> None:
        """Tells those who would wait for ever."""
        self.look()
        if not no_clock and not self._marks and all(began is None for _, began in self._waiting.values()):
            return
        stats = None
        waiting = [(future, began) for future, (_, began) in self._waiting.items()]
        waiting += self._marks.values()
        for future, began in waiting:
            if future.done():
                continue
            if no_clock:
                future.set_exception(error("PYJ_ENOCLOCK", self.port))
            elif began is not None:
                stats = stats or self.port.stats()
                if min(stats.unheard_ms, stats.clock_ms - began) > UNHEARD:
                    future.set_exception(error("PYJ_EUNHEARD", self.port))
        self._marks = {number: entry for number, entry in self._marks.items() if not entry[0].done()}
