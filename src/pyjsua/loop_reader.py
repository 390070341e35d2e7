"""`add_reader` for every loop: the proactor of Windows has none, and is given a thread in its place."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
import weakref
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["add_reader", "remove_reader"]

Loop: TypeAlias = asyncio.AbstractEventLoop

LOOK = 0.5
"""Seconds between two looks whether the loop is still there."""


class ReaderThread:
    """Tells a loop that a descriptor is readable, and not again before the loop has looked."""

    def __init__(self, loop: Loop, fd: int, callback: Callable[[], None]) -> None:
        # The thread is not what keeps a loop that nobody else has.
        self._loop = weakref.ref(loop)
        self._fd = fd
        self._callback = callback
        self._told = threading.Event()
        self._stopped = False
        threading.Thread(target=self._run, name="pyjsua-reader", daemon=True).start()

    def stop(self) -> None:
        """In the loop: the callback is not called again."""
        self._stopped = True
        self._told.set()

    def _run(self) -> None:
        # The descriptor may be closed as soon as nobody reads it any more.
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:
            selector.register(self._fd, selectors.EVENT_READ)
            while self._alive():
                if selector.select(LOOK) and not self._tell():
                    break
        # What it holds may hold the loop.
        del self._callback

    def _alive(self) -> bool:
        loop = self._loop()
        return not self._stopped and loop is not None and not loop.is_closed()

    def _tell(self) -> bool:
        loop = self._loop()
        if loop is None:
            return False
        self._told.clear()
        try:
            loop.call_soon_threadsafe(self._read)
        except RuntimeError:
            # It was closed meanwhile.
            return False
        del loop
        # A loop that is not run is one that does not look.
        while not self._told.wait(LOOK):
            if not self._alive():
                return False
        return True

    def _read(self) -> None:
        try:
            if not self._stopped:
                self._callback()
        finally:
            self._told.set()


_threads: weakref.WeakKeyDictionary[Loop, dict[int, ReaderThread]] = weakref.WeakKeyDictionary()


def add_reader(loop: Loop, fd: int, callback: Callable[[], None]) -> None:
    """In the loop: calls `callback` there while the descriptor is readable (`loop.add_reader`)."""
    try:
        loop.add_reader(fd, callback)
    except NotImplementedError:
        remove_reader(loop, fd)
        _threads.setdefault(loop, {})[fd] = ReaderThread(loop, fd, callback)


def remove_reader(loop: Loop, fd: int) -> None:
    """In the loop: ends that (`loop.remove_reader`)."""
    if (thread := _threads.get(loop, {}).pop(fd, None)) is not None:
        thread.stop()
        return
    try:
        loop.remove_reader(fd)
    except NotImplementedError:
        return
