"""The SIP messages of a call, or all of them, as they cross the wire."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Self

from . import _core, events
from .aio import running_loop
from .errors import StaleError
from .message import Message

if TYPE_CHECKING:
    from .call import Call
    from .endpoint import Endpoint

__all__ = ["SipMessages"]

AGAIN = 16
"""Messages among which one and the same is a retransmission."""
GOODBYE = 32.0
"""Seconds an answer to what ended a call may take: 64 times T1."""

_open: weakref.WeakSet[SipMessages] = weakref.WeakSet()
"""One that nobody reads any more goes, with what it holds."""
_lock = threading.Lock()
"""Each loop has some."""


def open_ones() -> list[SipMessages]:
    with _lock:
        return list(_open)


class SipMessages:
    """Messages as ``async for message in call.sip_messages():``, in order, retransmissions left out.

    Of a call it ends when the call has ended and what ended it was answered; else with `close` or the
    endpoint. What is not read is kept. Of a call that has ended there is nothing. Used as ``with``, it is
    closed at the end.
    """

    def __init__(self, endpoint: Endpoint, call: Call | None, received: bool, sent: bool) -> None:
        self._endpoint = endpoint
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._last_seq = -1
        self._ways = {way for way, wanted in ((False, received), (True, sent)) if wanted}
        if not self._ways:
            raise ValueError("received, sent: neither is wanted")
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._seen: deque[tuple[bool, bytes]] = deque(maxlen=AGAIN)
        self._ending: asyncio.TimerHandle | None = None
        self._closed = False
        with _lock:
            _open.add(self)
        self._set_wanted()
        try:
            # The core notes whose the call's messages are.
            if call is not None:
                _core.call_set_headers(call.id, "*", (), True)
        except StaleError:
            self.close()
        if call is not None and call.ended:
            self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            raise StopAsyncIteration
        return message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Ends it; what came before can still be read. Any number of times."""
        if self._closed:
            return
        self._closed = True
        if self._ending is not None:
            self._ending.cancel()
        with _lock:
            _open.discard(self)
        self._set_wanted()
        self._messages.put_nowait(None)

    def _take(self, event: events.OnSipMessage) -> None:
        message, call = event.message, self._call
        # Each endpoint of the process is told of every message.
        if message is None or event.seq <= self._last_seq:
            return
        self._last_seq = event.seq
        if call is not None and event.call_id.serial != call.id.serial:
            return
        mark = (message.sent, message.raw)
        if mark in self._seen:
            return
        self._seen.append(mark)
        if message.sent in self._ways:
            self._messages.put_nowait(message)
        # What a call of ours that was hung up waits for.
        last = not message.is_request and message.status_code >= 200 and message.method in ("BYE", "INVITE")
        if self._ending is not None and last and message.status_code not in (401, 407):
            self.close()

    def _call_ended(self) -> None:
        call = self._call
        assert call is not None
        if call._hung_up:
            self._ending = asyncio.get_running_loop().call_later(GOODBYE, self.close)
        else:
            self.close()

    @classmethod
    def _on_sip_message(cls, event: events.OnSipMessage) -> None:
        found = open_ones()
        if not found:
            cls._set_wanted()
        for one in found:
            # Each loop is told; one has what was made in it.
            if running_loop() is one._loop:
                one._take(event)

    @classmethod
    def _on_call_end(cls, call: Call) -> None:
        for one in [each for each in open_ones() if each._call is call]:
            one._call_ended()

    @classmethod
    def _endpoint_gone(cls, endpoint: Endpoint) -> None:
        for one in [each for each in open_ones() if each._endpoint is endpoint]:
            one.close()

    @classmethod
    def _set_wanted(cls) -> None:
        """Copied while somebody reads them, whatever handlers there are."""
        with _lock:
            _core.set_wanted("OnSipMessage", bool(_open))
