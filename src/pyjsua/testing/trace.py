"""What passed the server: recorded messages, and waiting for one of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, overload

from .message import ParseError, Request, Response, parse_message

Predicate = Callable[["TraceMessage"], bool]


@dataclass(frozen=True)
class TraceMessage:
    """One message as it stood on the wire.

    `direction` is as its recorder saw it. `monotonic` and `wall` are seconds on time.monotonic() and
    time.time(). `source` and `destination` are (host, port); for the recorder's own end that is the
    address it listens on. `number` rises by one with every message of one trace.
    """

    direction: Literal["sent", "received"]
    transport: str
    source: tuple[str, int]
    destination: tuple[str, int]
    raw: bytes = field(repr=False)
    monotonic: float = field(default_factory=time.monotonic)
    wall: float = field(default_factory=time.time)
    number: int = 0

    @cached_property
    def message(self) -> Request | Response | None:
        """The parsed view, or None where the bytes are no valid SIP message."""
        try:
            return parse_message(self.raw)
        except ParseError:
            return None

    @property
    def method(self) -> str | None:
        """The method of a request, the CSeq method of a response, None for what is neither."""
        if isinstance(self.message, Request):
            return self.message.method
        return None if self.message is None else self.message.cseq[1]

    @property
    def status(self) -> int | None:
        """The status code of a response, else None."""
        return self.message.status if isinstance(self.message, Response) else None

    @property
    def summary(self) -> str:
        """`INVITE`, `407 Proxy Authentication Required`, or the beginning of what is no SIP message."""
        if isinstance(self.message, Request):
            return self.message.method
        if isinstance(self.message, Response):
            return f"{self.message.status} {self.message.reason}".rstrip()
        start = self.raw[:40].split(b"\n")[0].decode("ascii", "replace").strip()
        return f"(malformed) {start}"

    def is_request(self, method: str) -> bool:
        return isinstance(self.message, Request) and self.message.method == method

    def is_response(self, status: int, method: str | None = None) -> bool:
        return self.status == status and method in (None, self.method)


class _Waiter:
    """A predicate and the future of its first match; messages may be offered by two threads."""

    def __init__(self, predicate: Predicate) -> None:
        self.lock = threading.RLock()
        self.future: Future[TraceMessage] = Future()
        self._predicate = predicate

    def offer(self, message: TraceMessage) -> bool:
        """True when this waiter is done."""
        with self.lock:
            if self.future.done():
                return True
            try:
                if not self._predicate(message):
                    return False
            except Exception as error:
                outcome: Exception | None = error
            else:
                outcome = None
            try:
                if outcome is None:
                    self.future.set_result(message)
                else:
                    self.future.set_exception(outcome)
            except InvalidStateError:
                # Cancelled in this very moment by the coroutine that waited.
                pass
            return True


class Trace(Sequence[TraceMessage]):
    """The last `limit` messages, oldest first. Any thread may read and wait; iterating takes a copy."""

    def __init__(self, limit: int = 10_000) -> None:
        self._lock = threading.Lock()
        self._messages: deque[TraceMessage] = deque(maxlen=limit)
        self._waiters: list[_Waiter] = []
        self._count = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> TraceMessage: ...
    @overload
    def __getitem__(self, index: slice) -> list[TraceMessage]: ...
    def __getitem__(self, index: int | slice) -> TraceMessage | list[TraceMessage]:
        with self._lock:
            return list(self._messages)[index] if isinstance(index, slice) else self._messages[index]

    def __iter__(self) -> Iterator[TraceMessage]:
        with self._lock:
            return iter(list(self._messages))

    @property
    def recorded(self) -> int:
        """How many messages were ever recorded; also the number the next one gets."""
        return self._count

    def clear(self) -> None:
        with self._lock:
            self._messages.clear()

    def record(
        self,
        direction: Literal["sent", "received"],
        transport: str,
        source: tuple[str, int],
        destination: tuple[str, int],
        raw: bytes,
    ) -> None:
        with self._lock:
            message = TraceMessage(direction, transport, source, destination, raw, number=self._count)
            self._count += 1
            self._messages.append(message)
            waiters = list(self._waiters)
        done = [waiter for waiter in waiters if waiter.offer(message)]
        if done:
            with self._lock:
                self._waiters = [waiter for waiter in self._waiters if waiter not in done]

    def _watch(self, predicate: Predicate, after: int) -> _Waiter:
        waiter = _Waiter(predicate)
        # Whatever is recorded meanwhile waits for the past to be looked through: the first match counts.
        with waiter.lock:
            with self._lock:
                past = [message for message in self._messages if message.number >= after]
                self._waiters.append(waiter)
            if any(waiter.offer(message) for message in past):
                self._drop(waiter)
        return waiter

    def _drop(self, waiter: _Waiter) -> None:
        with self._lock:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def wait_for(self, predicate: Predicate, timeout: float = 5.0, after: int = 0) -> TraceMessage:
        """The first message that fits, of those recorded (from number `after` on) and those to come.

        Raises TimeoutError after `timeout` seconds, and whatever `predicate` raises. `predicate` may run in
        the recording thread: it must be quick.
        """
        waiter = self._watch(predicate, after)
        try:
            return waiter.future.result(timeout)
        except TimeoutError:
            raise TimeoutError(f"no such message in {timeout} s; {self._last()}") from None
        finally:
            self._drop(waiter)

    async def wait_for_async(
        self,
        predicate: Predicate,
        timeout: float = 5.0,
        after: int = 0,
    ) -> TraceMessage:
        """`wait_for` for a coroutine; cancelling it leaves nothing behind."""
        waiter = self._watch(predicate, after)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(waiter.future), timeout)
        except TimeoutError:
            raise TimeoutError(f"no such message in {timeout} s; {self._last()}") from None
        finally:
            self._drop(waiter)

    def _last(self) -> str:
        recent = ", ".join(message.summary for message in self[-6:])
        return f"the last ones were: {recent}" if recent else "none was recorded"
