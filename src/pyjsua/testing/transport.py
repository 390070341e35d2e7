"""UDP and TCP on one asyncio loop (RFC 3261 section 18). Nothing here knows what a message means."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from ..loop_reader import add_reader, remove_reader
from ..uri import is_ip
from .framing import FramingError, StreamFramer

log = logging.getLogger("pyjsua.testing")

Address = tuple[str, int]
TransportName = Literal["udp", "tcp"]
Direction = Literal["sent", "received"]
Receiver = Callable[[bytes, "Flow"], None]
Recorder = Callable[[Direction, "Flow", bytes], None]

MAX_DATAGRAM = 65_507
MAX_UNSENT = 4 * 1024 * 1024
MAX_CONNECTIONS = 1024
CONNECT_TIMEOUT = 5.0
PORT_TRIES = 50


class TransportError(OSError):
    """Nothing can be sent this way."""


class Flow(ABC):
    """A way to one peer. `local` is the listening address of this server, also where it connected out."""

    transport: TransportName
    local: Address
    remote: Address

    @property
    def reliable(self) -> bool:
        return self.transport == "tcp"

    @property
    @abstractmethod
    def closed(self) -> bool: ...

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Raises TransportError."""

    def at_port(self, port: int) -> Flow:
        """Toward another port of the peer; a connection is what it is."""
        return self

    def watch(self, lost: Callable[[], None]) -> None:  # noqa: B027
        """Call `lost` should the flow break. A datagram flow never does."""

    def unwatch(self, lost: Callable[[], None]) -> None:  # noqa: B027
        """Undo `watch`."""

    def close(self) -> None:  # noqa: B027
        """Send what is queued, then close. A datagram flow has nothing to close."""


class UdpSocket:
    """One bound datagram socket, read through the loop's selector.

    asyncio's own datagram transport hides which destination a send failed for.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, local: Address, layer: TransportLayer
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._layer = layer
        self.local = local
        add_reader(loop, sock.fileno(), self._readable)

    def _readable(self) -> None:
        for _ in range(64):
            try:
                data, peer = self._sock.recvfrom(65_535)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                log.debug("UDP receive: %s", error)
                return
            self._layer.receive(data, UdpFlow(self, peer[:2]))

    def send(self, data: bytes, remote: Address) -> None:
        if len(data) > MAX_DATAGRAM:
            raise TransportError(errno.EMSGSIZE, f"{len(data)} bytes do not fit a datagram")
        self._layer.record("sent", UdpFlow(self, remote), data)
        try:
            self._sock.sendto(data, remote)
        except (BlockingIOError, InterruptedError):
            log.warning("UDP send buffer full, a datagram to %s:%s is lost", *remote)
        except (OSError, OverflowError) as error:
            raise TransportError(f"UDP to {remote[0]}:{remote[1]}: {error}") from error

    @property
    def closed(self) -> bool:
        return self._sock.fileno() < 0

    def close(self) -> None:
        if not self.closed:
            remove_reader(self._loop, self._sock.fileno())
            self._sock.close()


class UdpFlow(Flow):
    transport: TransportName = "udp"

    def __init__(self, sock: UdpSocket, remote: Address) -> None:
        self._socket = sock
        self.local = sock.local
        self.remote = remote

    @property
    def closed(self) -> bool:
        return self._socket.closed

    def at_port(self, port: int) -> Flow:
        return UdpFlow(self._socket, (self.remote[0], port))

    def send(self, data: bytes) -> None:
        if self.closed:
            raise TransportError("the server is stopped")
        self._socket.send(data, self.remote)


class TcpFlow(Flow, asyncio.Protocol):
    """One connection, accepted or opened. What is sent while it opens waits for it."""

    transport: TransportName = "tcp"

    def __init__(self, layer: TransportLayer, local: Address, remote: Address | None = None) -> None:
        self._layer = layer
        self._framer = StreamFramer()
        self._stream: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._closed = False
        self._watchers: list[Callable[[], None]] = []
        self.local = local
        self.remote = remote or ("", 0)
        #: Where the peer says it listens (the sent-by of its Via), see RFC 5923.
        self.aliases: set[Address] = set()

    @property
    def closed(self) -> bool:
        return self._closed

    def send(self, data: bytes) -> None:
        if self._closed:
            raise TransportError(f"the connection to {self.remote[0]}:{self.remote[1]} is closed")
        if self._stream is None:
            self._unsent.append(data)
            return
        self._layer.record("sent", self, data)
        self._stream.write(data)
        if self._stream.get_write_buffer_size() > MAX_UNSENT:
            log.warning("%s:%s does not read, its connection is dropped", *self.remote)
            self._stream.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._stream = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.remote = transport.get_extra_info("peername", self.remote)[:2]
        if not self._layer.adopt(self):
            self._closed = True
            transport.abort()
            return
        unsent, self._unsent = self._unsent, []
        for data in unsent:
            self.send(data)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._framer.feed(data):
                if message == b"\r\n\r\n":
                    if self._stream is not None:
                        self._stream.write(b"\r\n")
                else:
                    self._layer.receive(message, self)
        except FramingError as error:
            log.info("TCP from %s:%s: %s", *self.remote, error)
            # What cannot be framed may still be a request that can be answered 400.
            self._layer.receive(error.head, self)
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost()

    def lost(self) -> None:
        """The connection is gone, or never came to be."""
        self._closed = True
        self._stream = None
        self._layer.forget(self)
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher()

    def watch(self, lost: Callable[[], None]) -> None:
        self._watchers.append(lost)

    def unwatch(self, lost: Callable[[], None]) -> None:
        if lost in self._watchers:
            self._watchers.remove(lost)

    def close(self) -> None:
        self._closed = True
        if self._stream is not None:
            self._stream.close()

    def abort(self) -> None:
        self._closed = True
        if self._stream is not None:
            self._stream.abort()


class TransportLayer:
    """Every socket of one server. Lives in the server's loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receiver: Receiver,
        recorder: Recorder,
        advertised_host: str | None = None,
    ) -> None:
        self._loop = loop
        self._advertised = advertised_host
        self._receiver = receiver
        self._recorder = recorder
        self._udp: list[UdpSocket] = []
        self._listeners: list[asyncio.Server] = []
        self._tcp_locals: list[Address] = []
        self._connections: list[TcpFlow] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = True

    async def bind(self, hosts: Sequence[str], port: int, transports: Sequence[TransportName]) -> int:
        """Listen on every host and transport with one port; 0 finds one. Raises OSError."""
        for attempt in range(PORT_TRIES):
            try:
                return await self._bind(hosts, port, transports)
            except OSError as error:
                self._close_listeners()
                if port or error.errno != errno.EADDRINUSE or attempt == PORT_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def _bind(self, hosts: Sequence[str], port: int, transports: Sequence[TransportName]) -> int:
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            for transport in transports:
                kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
                sock = socket.socket(family, kind)
                try:
                    sock.setblocking(False)
                    if family == socket.AF_INET6:
                        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    if transport == "tcp":
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    else:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                    sock.bind((host, port))
                    port = port or sock.getsockname()[1]
                    local: Address = (self._advertised or host, port)
                    if transport == "udp":
                        self._udp.append(UdpSocket(self._loop, sock, local, self))
                    else:
                        server = await self._loop.create_server(partial(TcpFlow, self, local), sock=sock)
                        self._listeners.append(server)
                        self._tcp_locals.append(local)
                except OSError:
                    sock.close()
                    raise
        return port

    def _close_listeners(self) -> None:
        for sock in self._udp:
            sock.close()
        for listener in self._listeners:
            listener.close()
        self._udp.clear()
        self._listeners.clear()
        self._tcp_locals.clear()

    async def close(self) -> None:
        self._open = False
        self._close_listeners()
        for connection in list(self._connections):
            connection.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A closed connection still flushes; two turns of the loop let the ordinary ones finish.
        for _ in range(2):
            await asyncio.sleep(0)
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    @property
    def locals(self) -> set[tuple[TransportName, str, int]]:
        """What this server listens on."""
        found: set[tuple[TransportName, str, int]] = {("udp", *sock.local) for sock in self._udp}
        found.update(("tcp", *local) for local in self._tcp_locals)
        return found

    def receive(self, data: bytes, flow: Flow) -> None:
        data = data.lstrip(b"\r\n\0")
        if not data or not self._open:
            return
        self.record("received", flow, data)
        self._receiver(data, flow)

    def record(self, direction: Direction, flow: Flow, data: bytes) -> None:
        """Written down before it leaves, so that nobody has an answer that the trace does not have yet."""
        self._recorder(direction, flow, data)

    def adopt(self, connection: TcpFlow) -> bool:
        if not self._open or len(self._connections) >= MAX_CONNECTIONS:
            return False
        if connection not in self._connections:
            self._connections.append(connection)
        return True

    def forget(self, connection: TcpFlow) -> None:
        if connection in self._connections:
            self._connections.remove(connection)

    def flow_to(self, transport: str, remote: Address) -> Flow:
        """A flow to a numeric address: a socket of the right family, a connection that is there, a new one.

        Raises TransportError where the server has no such transport.
        """
        if not is_ip(remote[0]):
            raise TransportError(f"not a numeric address: {remote[0]!r}")
        v6 = ":" in remote[0]
        if transport == "udp":
            for sock in self._udp:
                if (":" in sock.local[0]) == v6:
                    return UdpFlow(sock, remote)
        elif transport == "tcp":
            local = next((at for at in self._tcp_locals if (":" in at[0]) == v6), None)
            if local is not None:
                return self._connection_to(local, remote)
        raise TransportError(f"no {transport} transport to {remote[0]}")

    def _connection_to(self, local: Address, remote: Address) -> TcpFlow:
        alive = [connection for connection in self._connections if not connection.closed]
        for connection in alive:
            if connection.remote == remote:
                return connection
        for connection in reversed(alive):
            if remote in connection.aliases:
                return connection
        connection = TcpFlow(self, local, remote)
        if not self.adopt(connection):
            raise TransportError("too many connections")
        task = self._loop.create_task(self._connect(connection, remote))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    async def _connect(self, connection: TcpFlow, remote: Address) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._loop.create_connection(lambda: connection, *remote)
        except (OSError, TimeoutError) as error:
            log.info("TCP to %s:%s: %s", *remote, error)
            connection.lost()
