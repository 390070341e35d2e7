"""A request of the other side of a call that waits for a decision, and who listens for such."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from . import _core, events
from .config import CallSetting
from .errors import PjsuaError, SipError
from .msg_data import message_data
from .struct import Header

if TYPE_CHECKING:
    from .call import Call

__all__ = ["Requests"]

DECLINE = 603
CALL_GONE = 481


class CallRequest:
    """A request that waits. It is decided once; a verb that comes later raises `StaleError`."""

    _default = DECLINE
    _accepted = 202
    _gone = CALL_GONE

    def __init__(self, call: Call, event: events.OnHeldRequest) -> None:
        self.call = call
        """The call it is about."""
        self.message = event.message
        """The request itself."""
        self.deadline = event.time + event.wait_ms / 1000
        """When it is decided without us, on the clock of `time.monotonic`."""
        self.decision: int | None = None
        """What was answered, None while it waits; 487 for one that was cancelled, 481 where the call ended,
        or 487 for a re-INVITE, 0 where time was over."""
        self._id = event.request
        self._unread = 0
        self._taken = False

    @property
    def waiting(self) -> bool:
        return self.decision is None

    async def reject(
        self, code: int = DECLINE, reason: str | None = None, *, headers: Sequence[Header] = ()
    ) -> None:
        """Refuses it with 300 to 699, and `headers`."""
        if not 300 <= code < 700:
            raise ValueError(f"code: {code} does not refuse (300 to 699)")
        _core.held_request_respond(self._id, code, reason, None, message_data(headers))
        self._decided(code)

    def _accept(self, setting: CallSetting | None, headers: Sequence[Header] = ()) -> Call | None:
        try:
            new = _core.held_request_respond(self._id, self._accepted, None, setting, message_data(headers))
        except SipError as error:
            self._decided(error.sip_code)
            raise
        self._decided(self._accepted)
        return None if new is None else self.call.account.endpoint._adopt(new, self.call)

    def _refuse(self) -> None:
        """What nobody wants to decide gets the default."""
        if self.decision is None:
            with contextlib.suppress(PjsuaError):
                _core.held_request_respond(self._id, self._default)
                self._decided(self._default)

    def _decided(self, code: int) -> None:
        self.decision = code
        self.call._watchers.changed()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in {self.call!r} {self.decision or 'waiting'}>"


R = TypeVar("R", bound=CallRequest)


class _Unread(Generic[R]):
    """What came for one listener; it outlives a listener that is garbage."""

    def __init__(self, closed: Callable[[], None]) -> None:
        self.requests: deque[R] = deque()
        self.news = asyncio.Event()
        self.closed = False
        self._on_close = closed

    def put(self, request: R) -> None:
        request._unread += 1
        self.requests.append(request)
        self.news.set()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        while self.requests:
            request = self.requests.popleft()
            request._unread -= 1
            if not request._unread and not request._taken:
                request._refuse()
        self.news.set()
        self._on_close()


class Requests(Generic[R]):
    """What the other side of a call asks for, as ``async for request in call.transfer_requests():``.

    Listening begins when this is made, and ends with `close`, with the call, or when it is garbage. What
    nobody took by then gets the answer it would have got without a listener.
    """

    def __init__(self, unread: _Unread[R]) -> None:
        self._requests = unread

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        unread = self._requests
        while True:
            while unread.requests:
                request = unread.requests.popleft()
                request._unread -= 1
                # One that was cancelled, or whose time was over, while it waited here is nobody's any more.
                if request.waiting:
                    request._taken = True
                    return request
            if unread.closed:
                raise StopAsyncIteration
            unread.news.clear()
            await unread.news.wait()

    def close(self) -> None:
        """Stops listening. Any number of times."""
        self._requests.close()

    @property
    def closed(self) -> bool:
        return self._requests.closed


class Listeners(Generic[R]):
    """Who listens for one kind of request of a call.

    `changed` is called when the first does, and when the last has ceased to.
    """

    def __init__(self, changed: Callable[[bool], None] = lambda any: None) -> None:
        self._open: dict[weakref.ref[Requests[R]], _Unread[R]] = {}
        self._changed = changed

    def open(self, ended: bool) -> Requests[R]:
        loop = asyncio.get_running_loop()
        unread: _Unread[R] = _Unread(self._look)
        listener = Requests(unread)
        if ended:
            unread.close()
            return listener

        def garbage(_: object) -> None:
            # Whichever thread collects it; and the loop may have gone.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(unread.close)

        first = not self._open
        self._open[weakref.ref(listener, garbage)] = unread
        if first:
            self._changed(True)
        return listener

    def _look(self) -> None:
        had = bool(self._open)
        self._open = {ref: unread for ref, unread in self._open.items() if not unread.closed}
        if had and not self._open:
            self._changed(False)

    def put(self, request: R) -> None:
        """Whoever listens has it; where nobody does it gets its default."""
        for unread in self._open.values():
            unread.put(request)
        if not self._open:
            request._refuse()

    def close(self) -> None:
        for unread in list(self._open.values()):
            unread.close()
