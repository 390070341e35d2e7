"""A STUN server of a few lines, RFC 5389 with what RFC 3489 wants to find the kind of NAT."""

from __future__ import annotations

import socket
import struct
import threading
from types import TracebackType
from typing import Self

_COOKIE = 0x2112A442
_BINDING_REQUEST, _BINDING_RESPONSE = 0x0001, 0x0101
_MAPPED, _CHANGED, _XOR_MAPPED = 0x0001, 0x0005, 0x0020


class StunServer:
    """Answers on a UDP socket of 127.0.0.1, or only counts what comes (`silent`).

    What asks it to answer from another address is answered from the same one: no NAT in the way.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.requests = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="stun", daemon=True)

    @property
    def address(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, source = self._socket.recvfrom(2048)
            if not data:
                return
            if len(data) < 20 or struct.unpack("!H", data[:2])[0] != _BINDING_REQUEST:
                continue
            self.requests += 1
            if not self.silent:
                self._socket.sendto(self._answer(data, source), source)

    def _answer(self, request: bytes, source: tuple[str, int]) -> bytes:
        address = struct.unpack("!I", socket.inet_aton(source[0]))[0]
        host, port = self._socket.getsockname()
        attributes = b"".join(
            struct.pack("!HHBBHI", kind, 8, 0, 1, where, what)
            for kind, where, what in (
                (_XOR_MAPPED, source[1] ^ (_COOKIE >> 16), address ^ _COOKIE),
                (_MAPPED, source[1], address),
                (_CHANGED, port, struct.unpack("!I", socket.inet_aton(host))[0]),
            )
        )
        return struct.pack("!HH", _BINDING_RESPONSE, len(attributes)) + request[4:20] + attributes
