"""Receiver of HEPv3, the format in which Kamailio's siptrace module mirrors every message it handles."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
import time
from collections.abc import Callable

from peers.message import Message
from peers.process import PeerTimeout

_PROTOCOLS = {6: "TCP", 17: "UDP", 22: "TLS"}
"""By the number of the protocol above IP; Kamailio says 22, which is another's, for TLS."""
_BUFFER = 16 << 20
"""Receive buffer in bytes: a test process that holds the GIL for seconds must lose nothing."""

PING = "harness-ping-"
"""Start of the Call-ID of the OPTIONS by which the harness sees that a peer is up; they are not recorded."""


class HepReceiver:
    """A UDP socket and the thread that reads it. `owner` are the addresses whose view gives the direction."""

    def __init__(self, *owner: tuple[str, int]) -> None:
        self._owner = [(ipaddress.ip_address(host), port) for host, port in owner]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # SO_RCVBUFFORCE goes beyond net.core.rmem_max but wants a privilege.
        for option in (33, socket.SO_RCVBUF):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
                break
            except PermissionError:
                continue
        self._socket.bind(("127.0.0.1", 0))
        self._messages: list[Message] = []
        self._cleared = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="hep", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def messages(self) -> list[Message]:
        """What arrived so far, in the order in which it was handled."""
        with self._changed:
            return list(self._messages)

    def clear(self) -> None:
        """Forgets what was handled before now, that of it too which is yet to be told."""
        with self._changed:
            self._cleared = time.time()
            self._messages.clear()

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float, count: int = 1) -> Message:
        """Wait until `count` messages satisfy `wanted`, and return the last of these."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [message for message in self._messages if wanted(message)]
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    raise PeerTimeout(
                        f"{len(found)} of {count} messages within {timeout:g} s; seen: "
                        + ", ".join(f"{m.direction} {m.start_line}" for m in self._messages)
                    )
                self._changed.wait(left)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # A blocked recv does not notice a close; an empty datagram wakes it.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._closed:
            packet = self._socket.recv(65535)
            message = self._parse(packet)
            if message is not None and not message.call_id.startswith(PING):
                with self._changed:
                    if message.time >= self._cleared:
                        self._messages.append(message)
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _parse(self, packet: bytes) -> Message | None:
        if packet[:4] != b"HEP3":
            return None
        chunks: dict[int, bytes] = {}
        offset = 6
        while offset + 6 <= len(packet):
            _vendor, kind, length = struct.unpack_from("!HHH", packet, offset)
            if length < 6:
                return None
            chunks[kind] = packet[offset + 6 : offset + length]
            offset += length
        try:
            source = (ipaddress.ip_address(chunks.get(3) or chunks[5]), int.from_bytes(chunks[7]))
            destination = (ipaddress.ip_address(chunks.get(4) or chunks[6]), int.from_bytes(chunks[8]))
            return Message(
                time=int.from_bytes(chunks[9]) + int.from_bytes(chunks[10]) / 1e6,
                direction="sent" if source in self._owner else "received",
                transport=_PROTOCOLS.get(chunks[2][0], "?"),
                raw=chunks[15],
                source=(str(source[0]), source[1]),
                destination=(str(destination[0]), destination[1]),
            )
        except (KeyError, ValueError, IndexError):
            return None
