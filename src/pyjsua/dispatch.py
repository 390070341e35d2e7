"""The consumer of the event queue: takes events off it and hands them to who listens.

One consumer at a time: the dispatcher's thread (handlers), the script (`events()`), or an
asyncio loop. The thread sleeps in a poll of the queue's descriptor and wakes for events only.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import _core, events
from .enums import InvState
from .errors import PjsuaError
from .log import deliver_log_line, deliver_sip_trace

__all__ = ["Dispatcher"]

logger = logging.getLogger("pyjsua")

Handler = Callable[[Any], Any]

FOR_LOGGING = (events.LogLine, events.SipTrace)
CLASSES: tuple[type[events.Event], ...] = tuple(getattr(events, name) for name in events.__all__)
OLDER: dict[type[events.Event], list[type[events.OlderEvent]]] = {}
for _cls in CLASSES:
    if issubclass(_cls, events.OlderEvent) and _cls is not events.OlderEvent:
        OLDER.setdefault(_cls.newer, []).append(_cls)
# Whose callback alone changes what pjsua does: it makes the media anew for every offer asked for, and
# warns of the other with every call. Only a handler, or a hook, has them installed. Every message is many.
FOR_HANDLERS = (events.OnCallTxOffer, events.OnCreateMediaTransportSrtp, events.OnSipMessage)
# While nobody listens these are refused at once.
FOR_READERS = (events.OnIncomingCall, events.OnSubscribe)
EVENT_CLASSES = tuple(cls for cls in CLASSES if hasattr(cls, "c_struct") and cls not in FOR_LOGGING)


class Dispatcher:
    """Delivers events in order; `deliver` runs in the consumer, whichever that is."""

    def __init__(self) -> None:
        self.handlers: dict[type[events.Event], Handler] = {}
        self.on_error: Callable[[BaseException, events.Event], None] | None = None
        self.current: object = None
        """The event that is being delivered."""
        self.longest: tuple[float, str] = (0.0, "")
        """Seconds the slowest delivery took, and the class of its event."""
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._reading = threading.Lock()
        # Reentrant: a signal handler may destroy the library.
        self._life = threading.RLock()

    # -- what is wanted

    def listen(self, handlers: dict[type[events.Event], Handler]) -> None:
        """Sets the handlers and tells the core to copy just those events."""
        self.handlers = dict(handlers)
        for cls in EVENT_CLASSES:
            wanted = any(one in self.handlers for one in (cls, *OLDER.get(cls, ())))
            _core.set_wanted(cls.__name__, wanted)

    def want_all(self, *, incoming: bool) -> None:
        """Has every event copied; incoming calls and subscriptions only once somebody reads them."""
        for cls in EVENT_CLASSES:
            if cls not in FOR_HANDLERS:
                _core.set_wanted(cls.__name__, incoming or cls not in FOR_READERS)

    # -- delivery

    def deliver(self, batch: Sequence[object]) -> None:
        began = time.monotonic()
        try:
            for event in batch:
                self.current = event
                try:
                    self._deliver_one(event)
                except Exception:
                    # A logging handler or filter of the program's: it must not cost the events behind.
                    with contextlib.suppress(Exception):
                        logger.exception("logging raised")
                ended = time.monotonic()
                if ended - began > self.longest[0]:
                    self.longest = (ended - began, type(event).__name__)
                began = ended
        finally:
            self.current = None

    def _deliver_one(self, event: object) -> None:
        if isinstance(event, events.LogLine):
            deliver_log_line(event)
        elif isinstance(event, events.SipTrace):
            deliver_sip_trace(event)
        elif isinstance(event, BaseException):
            logger.error("an event could not be read", exc_info=event)
        elif isinstance(event, events.Event):
            self.handle(event)

    def handle(self, event: events.Event) -> None:
        for older in OLDER.get(type(event), ()):
            if older in self.handlers and (derived := older.derive(event)) is not None:
                self._call(self.handlers[older], derived)
        if handler := self.handlers.get(type(event)):
            self._call(handler, event)

    def _call(self, handler: Handler, event: events.Event) -> None:
        try:
            handler(event)
        except Exception as error:
            self.report(error, event)
        except BaseException as error:
            # SystemExit, Ctrl-C: in a loop they are for the program; a thread of ours they would only
            # end, without a word.
            if not self.in_thread():
                raise
            self.report(error, event)

    def report(self, error: BaseException, event: events.Event) -> None:
        """A handler's exception goes to the log, and to `on_error` if there is one.

        An incoming call whose handler raised before it answered is refused with 500, or it would
        ring until the caller gives up.
        """
        logger.error("handler of %s raised", type(event).__name__, exc_info=error)
        if isinstance(event, events.OnIncomingCall):
            with contextlib.suppress(PjsuaError):
                if _core.call_get_info(event.call_id).state in (InvState.INCOMING, InvState.EARLY):
                    _core.call_hangup(event.call_id, 500)
        if self.on_error is not None:
            try:
                self.on_error(error, event)
            except Exception:
                logger.exception("on_error raised")

    # -- as a thread

    @property
    def running(self) -> bool:
        return self._thread is not None

    def in_thread(self) -> bool:
        """Whether the caller is a handler."""
        return self._thread is threading.current_thread()

    def start(self) -> None:
        with self._life:
            thread = self._thread
            if thread is threading.current_thread():
                # A handler destroyed the library and made it anew: its thread just goes on.
                self._stopping = False
                return
            # Whoever destroyed the last library may not have come to it yet, and will not now.
            self._stopping = True
        if thread is not None:
            _core.queue_wake()
            thread.join()
        with self._life:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="pyjsua-dispatcher", daemon=True)
            self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Ends the thread of a destroyed library once all is delivered, and waits up to `timeout` for it.

        Called by a handler, it ends when that returns.
        """
        with self._life:
            if _core.get_state() != 0:
                # Somebody has made it anew since, and the thread is theirs.
                return
            thread = self._thread
            self._stopping = True
        _core.queue_wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _run(self) -> None:
        while True:
            stopping = self._stopping
            batch = _core.queue_drain()
            if batch:
                self.deliver(batch)
            elif stopping and self._stopping:
                self._thread = None
                return
            else:
                _core.queue_wait()

    def flush_logs(self) -> None:
        """Delivers the log lines still in the queue and throws the rest away."""
        while batch := _core.queue_drain():
            self.deliver([event for event in batch if isinstance(event, FOR_LOGGING)])

    # -- as a script's loop

    def read(self, timeout: float | None) -> Iterator[events.Event]:
        """Events as they come; ends after `timeout` seconds without one, or at `destroy`."""
        epoch = _core.epoch()
        while True:
            end = None if timeout is None else time.monotonic() + timeout
            # For one event at a time: a loop in the middle of which the script reads another, or
            # breaks off, keeps nobody out.
            if not self._reading.acquire(blocking=False):
                raise RuntimeError("events() is being read by another thread")
            try:
                event = self._next(epoch, end)
            finally:
                self._reading.release()
            if event is None:
                return
            yield event

    def _next(self, epoch: int, end: float | None) -> events.Event | None:
        while True:
            # One at a time, so that what is not read now is there for the next events().
            for event in _core.queue_drain(1):
                if isinstance(event, events.Event) and not isinstance(event, FOR_LOGGING):
                    return event
                self.deliver([event])
                break
            else:
                if epoch != _core.epoch() or _core.get_state() == 0:
                    return None
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return None
                _core.queue_wait(left)
