"""Several endpoints, in one loop or in loops of different threads, that share the one PJSIP of the process.

The first creates it, the last to leave destroys it. In one loop that loop reads the queue itself; from the
second loop on a thread reads it and posts each event to the loops it concerns, with one wake per batch, so
that a loop that is busy or blocked holds up its own endpoints only.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import _core, events, library
from .aio import LoopConsumer
from .dispatch import FOR_LOGGING, Dispatcher
from .enums import State
from .errors import ForkedError, InvalidState
from .ids import TransportId

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__: list[str] = []

logger = logging.getLogger("pyjsua")

Handler = Callable[[Any], None]


class Membership:
    """An endpoint that has a part in PJSIP; it does not keep the endpoint alive."""

    def __init__(self, endpoint: Endpoint, hub: Hub) -> None:
        self.endpoint = weakref.ref(endpoint)
        self.hub = hub
        self.handlers = endpoint._handlers()
        self.exclusive = not endpoint.share
        # Nothing else would keep them once the endpoint is forgotten.
        self.transports = {(endpoint.bound_addr, name): id for name, id in endpoint._transports.items()}

    @property
    def alive(self) -> bool:
        return self.endpoint() is not None and not self.hub.loop.is_closed()


class Hub(LoopConsumer):
    """The endpoints of one loop, and the events on their way to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop, Dispatcher())
        self.dispatcher.on_error = _report
        self.members: list[Membership] = []

    def add(self, member: Membership) -> None:
        self.members.append(member)
        self._route()

    def remove(self, member: Membership) -> None:
        self.members.remove(member)
        self._route()

    def _route(self) -> None:
        found: dict[type[events.Event], dict[Handler, list[Membership]]] = {}
        for member in self.members:
            for kind, handler in member.handlers.items():
                found.setdefault(kind, {}).setdefault(handler, []).append(member)
        self.dispatcher.handlers = {
            kind: next(iter(several)) if len(several) == 1 else self._each(several)
            for kind, several in found.items()
        }

    def _each(self, handlers: dict[Handler, list[Membership]]) -> Handler:
        def handler(event: Any) -> None:
            owner = house.owner(event)
            for one, members in handlers.items():
                # What is no endpoint's own is told once, whoever it is about.
                if owner is None or owner in members or len(members) > 1:
                    self.dispatcher._call(one, event)

        return handler


def _report(error: BaseException, event: events.Event) -> None:
    if library.dispatcher.on_error is not None:
        library.dispatcher.on_error(error, event)


class Reader:
    """Reads the queue in a thread of its own once there are several loops."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="pyjsua-sharing", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends once all is posted that came before."""
        self._stopping = True
        _core.queue_wake()
        self._thread.join()

    def _run(self) -> None:
        while True:
            stopping = self._stopping
            batch = _core.queue_drain()
            if batch:
                self._post(batch)
            elif stopping:
                return
            else:
                _core.queue_wait()

    def _post(self, batch: Sequence[object]) -> None:
        hubs = self._house.hub_list
        posts: dict[Hub, list[object]] = {}
        for event in batch:
            if isinstance(event, (*FOR_LOGGING, BaseException)):
                # No loop's business: a blocked one must not hold up the log.
                library.dispatcher.deliver((event,))
                continue
            owner = self._house.owner(event)
            for hub in hubs if owner is None else (owner.hub,):
                posts.setdefault(hub, []).append(event)
        for hub, its in posts.items():
            hub.post(its)


class House:
    """Who has a part in PJSIP."""

    def __init__(self) -> None:
        # Held while PJSIP is created and destroyed: whoever comes meanwhile waits, and then finds it or not.
        self._lock = threading.RLock()
        self._members: list[Membership] = []
        self._reader: Reader | None = None
        self._epoch = -1
        self._settings: dict[str, Any] = {}
        self._stays: dict[tuple[str, str], TransportId] = {}
        self.hub_list: tuple[Hub, ...] = ()
        self.accounts = threading.Lock()
        """Held from an account's making until its endpoint knows it."""
        self._owners: dict[int, Membership] = {}
        """By the account's serial; what is not in it goes to every loop."""

    # -- coming and going, in a thread that may wait

    def join(self, endpoint: Endpoint, loop: asyncio.AbstractEventLoop) -> Membership:
        with self._lock:
            if _core.is_forked():
                raise ForkedError("this process is a fork of one that runs PJSIP")
            self._forget_the_dead()
            running = [found for one in self._members if (found := one.endpoint()) is not None]
            if not running and _core.get_state() != State.NULL:
                raise InvalidState("a script runs PJSIP in this process; there is only one")
            if running and (not endpoint.share or any(one.exclusive for one in self._members)):
                raise InvalidState("share: another Endpoint runs PJSIP, and one of the two wants it alone")
            if running:
                transports = dict(self._stays)
                for one in reversed(self._members):
                    transports |= one.transports
                endpoint._join(self._settings, transports)
            else:
                endpoint._start()
                self._settings = endpoint._settings()
            self._epoch = _core.epoch()
            hub = next((one for one in self.hub_list if one.loop is loop), None) or Hub(loop)
            member = Membership(endpoint, hub)
            hub.add(member)
            self._members.append(member)
            if hub not in self.hub_list:
                self.hub_list = (*self.hub_list, hub)
            if len(self.hub_list) > 1:
                for each in self.hub_list:
                    each.step_aside()
                if self._reader is None:
                    self._reader = Reader(self)
            return member

    def leave(self, member: Membership, timeout: float) -> bool:
        """Destroys PJSIP with the last; whether it has gone. Any number of times."""
        with self._lock:
            if member not in self._members:
                return True
            last = not any(one.alive for one in self._members if one is not member)
            if last:
                self._end(timeout)
                return True
            self._remove(member)
            return self._gone()

    def others(self, member: Membership) -> bool:
        return any(one.alive for one in tuple(self._members) if one is not member)

    def in_loop(self, loop: asyncio.AbstractEventLoop) -> bool:
        return any(one.loop is loop for one in self.hub_list)

    def _gone(self) -> bool:
        return _core.epoch() != self._epoch or _core.get_state() == State.NULL

    def _remove(self, member: Membership) -> None:
        self._members.remove(member)
        if not self._gone():
            used = {int(id) for one in self._members for id in one.transports.values()}
            for key, transport in member.transports.items():
                if int(transport) == 0:
                    # PJSUA takes it for a sign that there are any.
                    self._stays[key] = transport
                elif int(transport) not in used:
                    _close_transport(transport)
        member.hub.remove(member)
        if not member.hub.members:
            self.hub_list = tuple(one for one in self.hub_list if one is not member.hub)
            member.hub.close()

    def _end(self, timeout: float) -> None:
        try:
            # Where a script has destroyed and created it meanwhile, ours has gone already.
            if _core.epoch() == self._epoch:
                library.destroy(0, timeout)
        finally:
            if self._reader is not None:
                self._reader.stop()
                self._reader = None
            self._members.clear()
            self._owners.clear()
            self._stays.clear()
            self.hub_list = ()

    def _forget_the_dead(self) -> None:
        if not self._members:
            return
        gone = self._gone()
        if gone or not any(one.alive for one in self._members):
            # One that was forgotten has warned already.
            if not gone and any(one.hub.loop.is_closed() for one in self._members):
                warnings.warn("a loop ended with an Endpoint open in it", ResourceWarning, stacklevel=2)
            for hub in self.hub_list:
                hub.step_aside()
            self._end(0.0)
            return
        for one in [one for one in self._members if not one.alive]:
            self._remove(one)

    # -- whose

    def own(self, serial: int, member: Membership | None) -> None:
        if member is None:
            self._owners.pop(serial, None)
        else:
            self._owners[serial] = member

    def owner(self, event: object) -> Membership | None:
        """Whose account it is about; None where it is for all to look."""
        if isinstance(event, events.OnSipMessage):
            # A reader of all messages wants them of any account.
            return None
        serial = getattr(getattr(event, "acc_id", None), "serial", None)
        return None if serial is None else self._owners.get(serial)

    def knows(self, acc_id: Any) -> bool:
        """Whether an account is any endpoint's."""
        with self.accounts:
            members = tuple(self._members)
            return any(
                acc_id.serial in found._accounts for one in members if (found := one.endpoint()) is not None
            )


def _close_transport(transport: TransportId) -> None:
    try:
        _core.transport_close(transport)
    except Exception as error:
        logger.debug("transport %s: %s", int(transport), error)


house = House()
