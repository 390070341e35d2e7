"""The embedded SIP server."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from ..uri import bare_host, bracket_host
from .auth import Guard
from .dispatch import Dispatcher
from .faults import Fault, FaultHook, Faults
from .ladder import Ladder
from .location import LocationTable, Registration
from .proxy import Proxy
from .registrar import Registrar
from .routing import Router
from .settings import NextHop, Settings, checked_routes
from .timers import Timers
from .trace import Predicate, Trace, TraceMessage
from .transaction import TransactionLayer
from .transport import Direction, Flow, TransportLayer, TransportName
from .uri import SipUri

log = logging.getLogger("pyjsua.testing")

Route = NextHop | tuple[str, int] | tuple[str, int, TransportName]


class SipServer:
    """A registrar and proxy for tests and demos, in a thread of its own. Production wants Kamailio.

    It challenges with digest (401 for REGISTER, 407 for other requests that its own users send outside a
    dialog), keeps a location table, forks to every contact, records its route, and writes down each
    message that passes. It listens on loopback unless told otherwise, knows neither TLS nor DNS, and
    keeps everything in memory. Pure Python: PJSIP is neither needed nor started::

        with SipServer(users={"1001": "secret", "1002": "secret"}) as server:
            print(server.uri)                      # sip:127.0.0.1:43211
            server.wait_registered("1001", timeout=5)
            server.wait_for(lambda message: message.is_response(200, "INVITE"), timeout=10)

    `users`: password by user name, valid in every domain, or by "user@domain"; None lets everybody in
    without authentication. `domains`: the domains served; its own address always stands for the first,
    and is the only one where none are named. The first is also the digest realm, unless `realm` says
    otherwise; with several domains each is its own realm. `host`: one numeric address or several, IPv4
    and IPv6; `port` 0 finds a port that is free for all of them and stays the same over a restart.
    `routes`: (host, port[, "udp" or "tcp"]) by the domain of another server. `advertised_host` goes into
    Via and Record-Route, and is needed where `host` is a wildcard. `algorithms`: MD5, SHA-256, SHA-512-256,
    best first. Lifetimes and expiries are seconds. `trace_limit`: how many messages are kept.

    Every method may be called from any thread; ValueError tells of settings that make no sense.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        domains: Sequence[str] = (),
        host: str | Sequence[str] = "127.0.0.1",
        port: int = 0,
        *,
        transports: Sequence[TransportName] = ("udp", "tcp"),
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        routes: Mapping[str, Route] | None = None,
        realm: str | None = None,
        advertised_host: str | None = None,
        nonce_lifetime: float = 300.0,
        default_expires: int = 3600,
        min_expires: int = 1,
        max_expires: int = 7200,
        max_contacts: int = 10,
        timers: Timers | None = None,
        trace_limit: int = 10_000,
    ) -> None:
        hosts = (host,) if isinstance(host, str) else tuple(host)
        self._settings = Settings(
            users=None if users is None else dict(users),
            domains=tuple(bare_host(domain) for domain in domains),
            hosts=tuple(bare_host(one) for one in hosts),
            port=port,
            transports=tuple(transports),
            advertised_host=None if advertised_host is None else bare_host(advertised_host),
            algorithms=tuple(algorithms),
            realm=realm,
            nonce_lifetime=nonce_lifetime,
            default_expires=default_expires,
            min_expires=min_expires,
            max_expires=max_expires,
            max_contacts=max_contacts,
            timers=timers or Timers(),
            routes=checked_routes(routes or {}),
        )
        self.trace = Trace(trace_limit)
        self.faults = Faults()
        self._guard = Guard(self._settings)
        self._location = LocationTable(max_contacts)
        self._changed = threading.Condition()
        self._life = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: TransportLayer | None = None
        self._layer: TransactionLayer | None = None
        self._dispatcher: Dispatcher | None = None
        self._expiry: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        state = "running" if self.running else "stopped"
        return f"<SipServer {self.uri} {state}, {len(self.registrations)} registered>"

    # Life

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self) -> Self:
        """Bind and serve; returns once requests are answered. Starting twice changes nothing.

        Raises OSError when the address cannot be bound.
        """
        with self._life:
            if self._thread is not None:
                return self
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(loop,), name="pyjsua-sip-server", daemon=True)
            thread.start()
            try:
                asyncio.run_coroutine_threadsafe(self._open(loop), loop).result()
            except BaseException:
                _end(loop, thread)
                raise
            self._loop, self._thread = loop, thread
            atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Close every socket and forget who is registered; the trace stays. Stopping twice is harmless."""
        with self._life:
            loop, thread = self._loop, self._thread
            if loop is None or thread is None:
                return
            self._loop = self._thread = None
            atexit.unregister(self.stop)
            try:
                asyncio.run_coroutine_threadsafe(self._close(), loop).result(10)
            finally:
                _end(loop, thread)
        self._notify()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        settings = self._settings
        layer = TransactionLayer(loop, settings.timers)
        transport = TransportLayer(loop, self._receive, self._record, settings.advertised_host)
        router = Router(settings, self._location, transport)
        registrar = Registrar(settings, self._location, self._guard)
        proxy = Proxy(settings, layer, router, self._guard, registrar)
        self._dispatcher = Dispatcher(layer, transport, proxy, self.faults, self._registrations_changed)
        settings.port = await transport.bind(settings.hosts, settings.port, settings.transports)
        self._layer, self._transport = layer, transport

    async def _close(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if self._layer is not None:
            self._layer.close()
        if self._transport is not None:
            await self._transport.close()
        self._layer = self._transport = self._dispatcher = None
        self._location.clear()

    # What the transports report

    def _receive(self, data: bytes, flow: Flow) -> None:
        if self._dispatcher is not None:
            self._dispatcher.receive(data, flow)

    def _record(self, direction: Direction, flow: Flow, data: bytes) -> None:
        here, there = flow.local, flow.remote
        if direction == "sent":
            self.trace.record(direction, flow.transport, here, there, data)
        else:
            self.trace.record(direction, flow.transport, there, here, data)

    # Where it is

    @property
    def port(self) -> int:
        """The port of every transport; 0 before the first start unless one was asked for."""
        return self._settings.port

    @property
    def host(self) -> str:
        """The first address, as it stands in Via and Record-Route."""
        return self._settings.own_hosts[0]

    @property
    def domain(self) -> str:
        """The first domain served, or the address where none were named."""
        return self._settings.main_domain

    @property
    def uri(self) -> str:
        """`sip:127.0.0.1:43211`: for a registrar or an outbound proxy setting."""
        return f"sip:{bracket_host(self.host)}:{self.port}"

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Every (host, port) this server goes by in traces."""
        return [(host, self.port) for host in self._settings.own_hosts]

    def aor(self, user: str) -> str:
        """The address of record of a user: `sip:1001@example.test`, or with the server's address."""
        if self._settings.domains:
            return f"sip:{user}@{self.domain}"
        return f"sip:{user}@{bracket_host(self.host)}:{self.port}"

    # Users, routes, faults

    def add_user(self, user: str, password: str) -> None:
        """Add a user, or change the password. Raises ValueError on a server without authentication."""
        if self._settings.users is None:
            raise ValueError("this server was made without users: everybody is let in")
        self._settings.users[user] = password

    def add_route(self, domain: str, host: str, port: int, transport: TransportName = "udp") -> None:
        """Send requests for `domain` to another server."""
        self._settings.routes.update(checked_routes({domain: NextHop(host, port, transport)}))

    def set_fault(self, method: str, fault: Fault | FaultHook, times: int | None = None) -> None:
        """Misbehave on requests of `method`; see `Faults.set`."""
        self.faults.set(method, fault, times)

    def clear_faults(self) -> None:
        self.faults.clear()

    # What is registered

    @property
    def registrations(self) -> Mapping[str, tuple[Registration, ...]]:
        """The contacts of every address of record ("user@domain") as they stand now."""
        return self._location.snapshot()

    def registrations_of(self, user: str) -> tuple[Registration, ...]:
        """The contacts of "user" (in the first domain) or "user@domain", oldest first."""
        return tuple(self._location.lookup(self._full(user)))

    def wait_registered(self, user: str, timeout: float = 5.0) -> tuple[Registration, ...]:
        """Wait until the user has a contact. Raises TimeoutError."""
        self._wait_registrations(user, True, timeout)
        return self.registrations_of(user)

    def wait_unregistered(self, user: str, timeout: float = 5.0) -> None:
        """Wait until the user has no contact: removed, expired, or never there. Raises TimeoutError."""
        self._wait_registrations(user, False, timeout)

    def _full(self, user: str) -> str:
        if "@" not in user:
            return f"{user}@{self.domain}"
        uri = SipUri.parse(user if user.startswith("sip:") else f"sip:{user}")
        return self._settings.aor_of(uri) or user

    def _wait_registrations(self, user: str, wanted: bool, timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self.registrations_of(user)) is wanted, timeout):
                state = "not registered" if wanted else "still registered"
                raise TimeoutError(f"{user} is {state} after {timeout} s")

    def _registrations_changed(self) -> None:
        """Tell who waits, and be there when the next contact expires. Runs in the server's loop."""
        self._notify()
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        due = self._location.next_expiry()
        if due is not None:
            # The loop's clock is time.monotonic(), the one that bindings expire on.
            self._expiry = asyncio.get_running_loop().call_at(due + 0.001, self._expire)

    def _expire(self) -> None:
        self._location.expire()
        self._registrations_changed()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # What passed

    def wait_for(self, predicate: Predicate, timeout: float = 5.0, after: int = 0) -> TraceMessage:
        """The first recorded message that fits; see `Trace.wait_for`."""
        return self.trace.wait_for(predicate, timeout, after)

    def ladder(self, name: str = "proxy") -> Ladder:
        """The messages recorded so far as a sequence diagram, this server's column called `name`."""
        return Ladder(self.trace, dict.fromkeys(self.addresses, name))

    async def wait_for_async(
        self,
        predicate: Predicate,
        timeout: float = 5.0,
        after: int = 0,
    ) -> TraceMessage:
        """`wait_for` for a coroutine."""
        return await self.trace.wait_for_async(predicate, timeout, after)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
