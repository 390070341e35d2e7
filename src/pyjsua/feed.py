"""News as an asynchronous iterator."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from typing import Generic, Self, TypeVar

__all__ = ["Feed"]

T = TypeVar("T")

UNREAD = 1024
"""News kept for one reader; what comes beyond is counted and dropped, or whoever sends could fill the
memory."""


class Feed(Generic[T]):
    """News as they come: ``async for text in call.text():``.

    Listening begins when this is made and ends with `close`, when what it is about has gone, or when it is
    garbage. What came before the end is still handed out. Up to 1024 are kept unread.
    """

    def __init__(self) -> None:
        self.dropped = 0
        """How many came while 1024 were unread, and were lost."""
        self._unread: deque[T] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._unread:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._unread.popleft()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Stops listening. Any number of times."""
        self._closed = True
        self._news.set()

    def _put(self, value: T) -> bool:
        if self._closed:
            return False
        if len(self._unread) >= UNREAD:
            self.dropped += 1
            return False
        self._unread.append(value)
        self._news.set()
        return True


class Feeds(Generic[T]):
    """Whoever listens to one kind of news. With `early`, so many that came before anybody did wait for the
    first."""

    def __init__(self, early: int = 0) -> None:
        # Most are never opened, and a call has several.
        self._open: weakref.WeakSet[Feed[T]] | None = None
        self._early: deque[T] = deque(maxlen=early)
        self._closed = False

    def open(self) -> Feed[T]:
        feed: Feed[T] = Feed()
        while self._early:
            feed._put(self._early.popleft())
        if self._closed:
            feed.close()
        if self._open is None:
            self._open = weakref.WeakSet()
        self._open.add(feed)
        return feed

    def put(self, value: T) -> bool:
        """Whether anybody has it, or will."""
        feeds = self._feeds()
        taken = [feed._put(value) for feed in feeds]
        if all(feed.closed for feed in feeds) and self._early.maxlen and not self._closed:
            self._early.append(value)
            return True
        return any(taken)

    def close(self) -> None:
        self._closed = True
        for feed in self._feeds():
            feed.close()

    def _feeds(self) -> list[Feed[T]]:
        return [] if self._open is None else list(self._open)
