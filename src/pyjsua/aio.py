"""What the objects need of asyncio: a loop that consumes the event queue, and futures for states."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from . import _core
from .dispatch import Dispatcher
from .loop_reader import add_reader, remove_reader

__all__ = ["LoopConsumer", "LoopWatchers", "Watchers", "running_loop"]

BATCH = 64
"""Events delivered before the loop gets to do something else."""


class LoopConsumer:
    """Consumes the queue in an asyncio loop: woken by its descriptor, once per batch.

    Once it stepped aside another reads the queue, and posts what is for this loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, dispatcher: Dispatcher) -> None:
        self.loop = loop
        self.dispatcher = dispatcher
        self._fd = -1
        self._aside = False
        self._posted = False
        # The queue has one consumer: it is held while this one takes from it.
        self._taking = threading.Lock()
        self._batch: deque[object] = deque()

    def start(self) -> None:
        """In the loop; any number of times."""
        with self._taking:
            if self._aside or self._fd >= 0:
                return
            self._fd = _core.queue_fd()
            add_reader(self.loop, self._fd, self._woken)
        self._drain()

    def step_aside(self) -> None:
        """From any thread: leaves the queue to another reader, for ever."""
        with self._taking:
            if self._aside:
                return
            self._aside = True
            fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(remove_reader, self.loop, fd)

    def post(self, batch: Iterable[object]) -> None:
        """From any thread: events for this loop, which is woken once until it has come to them."""
        self._batch.extend(batch)
        if not self._posted:
            self._posted = True
            try:
                self.loop.call_soon_threadsafe(self._take_post)
            except RuntimeError:
                # The loop has ended.
                self._batch.clear()

    def stop(self) -> None:
        """In the loop: stops reading and delivers what is left."""
        with self._taking:
            aside, self._aside = self._aside, True
            fd, self._fd = self._fd, -1
        if fd >= 0:
            remove_reader(self.loop, fd)
        self._deliver()
        while not aside and (batch := _core.queue_drain(BATCH)):
            self._batch.extend(batch)
            self._deliver()

    def first(self) -> object:
        """From any thread: the first event that was taken or posted and waits for the loop, None for none."""
        try:
            return self._batch[0]
        except IndexError:
            return None

    def close(self) -> None:
        """From any thread: nobody is left to deliver to."""
        self.step_aside()

    def _woken(self) -> None:
        with self._taking:
            if self._aside:
                return
            _core.queue_ack()
        self._drain()

    def _drain(self) -> None:
        more = True
        try:
            if not self._batch:
                with self._taking:
                    if not self._aside:
                        self._batch.extend(_core.queue_drain(BATCH))
            self._deliver()
            with self._taking:
                more = not self._aside and not _core.queue_may_sleep()
        finally:
            if more:
                self.loop.call_soon(self._drain)

    def _take_post(self) -> None:
        self._posted = False
        try:
            self._deliver(BATCH)
        finally:
            if self._batch and not self._posted:
                self._posted = True
                self.loop.call_soon(self._take_post)

    def _deliver(self, limit: int | None = None) -> None:
        # One at a time: what a KeyboardInterrupt leaves of a batch is for when the loop goes on.
        while self._batch and limit != 0:
            limit = None if limit is None else limit - 1
            self.dispatcher.deliver((self._batch.popleft(),))


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop of the caller, None outside of any."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Watchers:
    """Futures that wait for something to become true of an object's state."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        loop = running_loop()
        self._home = None if loop is None else weakref.ref(loop)

    def at_home(self) -> bool:
        """Whether this is the loop they were made in; others hear of what is nobody's own too."""
        return self._home is None or self._home() is running_loop()

    def changed(self) -> None:
        """Looks at every condition again; called after each change of state."""
        still = []
        for condition, future in self._waiting:
            if future.done():
                continue
            try:
                met = condition()
            except Exception as error:
                # It may be the program's own: who gave it is told, and nobody else.
                future.set_exception(error)
                continue
            if met:
                future.set_result(None)
            else:
                still.append((condition, future))
        self._waiting = still

    async def wait(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        """Returns once `condition()` is true; raises `TimeoutError` after `timeout` seconds."""
        if not isinstance(timeout, int | float | None):
            raise TypeError(f"timeout: float expected, not {type(timeout).__name__}")
        if condition():
            return
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiting.append(entry)
        try:
            if timeout is None:
                await future
            else:
                async with asyncio.timeout(timeout):
                    await future
        finally:
            # One that gave up would stay until the next change, which may never come.
            if entry in self._waiting:
                self._waiting.remove(entry)


class LoopWatchers:
    """Those of each loop, for a state that is everybody's."""

    def __init__(self) -> None:
        self._of: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Watchers] = weakref.WeakKeyDictionary()

    def changed(self) -> None:
        """For the caller's loop."""
        loop = running_loop()
        if loop is not None and (found := self._of.get(loop)) is not None:
            found.changed()

    async def wait(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        """As `Watchers.wait`."""
        await self._of.setdefault(asyncio.get_running_loop(), Watchers()).wait(condition, timeout)
