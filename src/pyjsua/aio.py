"""What the objects need of asyncio: a loop that consumes the event queue, and futures for states."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from . import _core
from .dispatch import Dispatcher

__all__ = ["LoopConsumer", "Watchers"]

BATCH = 64
"""Events delivered before the loop gets to do something else."""


class LoopConsumer:
    """Consumes the queue in an asyncio loop: woken by its descriptor, once per batch."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dispatcher: Dispatcher) -> None:
        self.loop = loop
        self.dispatcher = dispatcher
        self._reading = False
        self._batch: deque[object] = deque()

    def start(self) -> None:
        self._reading = True
        self.loop.add_reader(_core.queue_fd(), self._woken)
        self._drain()

    def stop(self) -> None:
        """Stops reading and delivers what is left."""
        if self._reading:
            self._reading = False
            self.loop.remove_reader(_core.queue_fd())
        self._deliver()
        while batch := _core.queue_drain(BATCH):
            self._batch.extend(batch)
            self._deliver()

    def _woken(self) -> None:
        _core.queue_ack()
        self._drain()

    def _drain(self) -> None:
        if not self._reading:
            return
        more = True
        try:
            if not self._batch:
                self._batch.extend(_core.queue_drain(BATCH))
            self._deliver()
            more = not _core.queue_may_sleep()
        finally:
            if more:
                self.loop.call_soon(self._drain)

    def _deliver(self) -> None:
        # One at a time: what a KeyboardInterrupt leaves of a batch is for when the loop goes on.
        while self._batch:
            self.dispatcher.deliver((self._batch.popleft(),))


class Watchers:
    """Futures that wait for something to become true of an object's state."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def changed(self) -> None:
        """Looks at every condition again; called after each change of state."""
        still = []
        for condition, future in self._waiting:
            if future.done():
                continue
            if condition():
                future.set_result(None)
            else:
                still.append((condition, future))
        self._waiting = still

    async def wait(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        """Returns once `condition()` is true; raises `TimeoutError` after `timeout` seconds."""
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
