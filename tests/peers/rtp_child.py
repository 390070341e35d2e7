"""The process behind `peers.rtp.RtpWatcher`: receives and sends RTP on one socket, and nothing else.

Usage: python rtp_child.py CONFIG OUTPUT, both files. Line by line on stdin it takes JSON commands; it ends
when stdin closes, and then writes what it received. It prints one line when its socket is bound.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

_TIMESTAMPNS = 35  # SO_TIMESTAMPNS and SCM_TIMESTAMPNS; Python's socket module lacks the name.
_RECORD = struct.Struct("<qHHI")


class Child:
    def __init__(self, config: dict[str, Any]) -> None:
        family = socket.AF_INET6 if ":" in config["host"] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((config["host"], config["port"]))
        self.socket.setblocking(False)
        self.echo = bool(config["echo"])
        self.records: list[bytes] = []
        self.peer: tuple[Any, ...] | None = None
        self.sending: Sender | None = None
        self.waiting_for_peer = False

    def receive(self) -> None:
        while True:
            try:
                data, ancillary, _, address = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            now = time.time_ns()
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("ll", content[:16])
                    now = seconds * 1_000_000_000 + nanoseconds
            self.peer = address
            self.records.append(_RECORD.pack(now, len(data), address[1], 0) + data)
            if self.echo:
                self.send(data, address)
            if self.waiting_for_peer and self.sending is not None:
                self.waiting_for_peer = False
                self.sending.begin(address)

    def send(self, data: bytes, address: tuple[Any, ...]) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self.socket.sendto(data, address)

    def command(self, order: dict[str, Any]) -> None:
        if order["do"] == "send":
            self.sending = Sender(self, Path(order["file"]).read_bytes(), order)
            if order["to"] is not None:
                self.sending.begin(tuple(order["to"]))
            elif self.peer is not None:
                self.sending.begin(self.peer)
            else:
                self.waiting_for_peer = True
        elif order["do"] == "digits":
            if self.sending is not None:
                self.sending.digits += order["digits"]
        elif order["do"] == "stop":
            self.sending = None

    def run(self) -> None:
        poller = select.epoll()
        poller.register(self.socket, select.EPOLLIN)
        poller.register(sys.stdin, select.EPOLLIN)
        os.set_blocking(0, False)
        pending = b""
        while True:
            due = self.sending.due() if self.sending is not None else None
            events = poller.poll(-1 if due is None else max(0.0, due - time.monotonic()))
            if self.sending is not None:
                self.sending.tick()
            for descriptor, _ in events:
                if descriptor != 0:
                    self.receive()
                    continue
                part = os.read(0, 65536)
                if not part:
                    self.receive()
                    return
                *lines, pending = (pending + part).split(b"\n")
                for line in lines:
                    self.command(json.loads(line))


class Sender:
    """A stream of 20 ms G.711 packets on an absolute clock, with RFC 4733 events in between."""

    SIZE = 160

    def __init__(self, child: Child, audio: bytes, order: dict[str, Any]) -> None:
        self.child = child
        self.audio = audio
        self.payload_type = order["payload_type"]
        self.event_type = order["event_type"]
        self.loop = order["loop"]
        self.position = 0
        self.sequence = int.from_bytes(os.urandom(2)) >> 1
        self.timestamp = int.from_bytes(os.urandom(4)) >> 1
        self.ssrc = int.from_bytes(os.urandom(4))
        self.marker = True
        self.digits: str = order["digits"]
        self.event: tuple[int, int, int] | None = None  # code, timestamp of its start, packets so far
        self.pause = 0
        self.address: tuple[Any, ...] | None = None
        self.next = 0.0

    def begin(self, address: tuple[Any, ...]) -> None:
        self.address = address
        self.next = time.monotonic()

    def due(self) -> float | None:
        return self.next if self.address is not None else None

    def tick(self) -> None:
        while self.address is not None and time.monotonic() >= self.next:
            self.packet()
            self.next += 0.02

    def packet(self) -> None:
        if self.event is None and self.digits and not self.pause:
            self.event = ("0123456789*#ABCD".index(self.digits[0].upper()), self.timestamp, 0)
            self.digits = self.digits[1:]
        if self.event is not None:
            self.event_packet(*self.event)
        elif self.pause:
            self.pause -= 1
        else:
            payload = self.audio[self.position : self.position + self.SIZE]
            if len(payload) < self.SIZE and self.loop and self.audio:
                payload = (payload + self.audio * (self.SIZE // len(self.audio) + 1))[: self.SIZE]
            if payload:
                self.emit(self.payload_type, self.timestamp, payload)
                self.position = (
                    (self.position + self.SIZE) % len(self.audio)
                    if self.loop
                    else (self.position + self.SIZE)
                )
            elif not self.digits:
                self.address = None
        self.timestamp = (self.timestamp + self.SIZE) & 0xFFFFFFFF

    def event_packet(self, code: int, start: int, count: int) -> None:
        # Five packets of a growing event, then its end three times (RFC 4733, 2.5.1.4).
        self.marker = count == 0
        last = count >= 5
        length = self.SIZE * min(count + 1, 6)
        payload = struct.pack("!BBH", code, (0x80 if last else 0) | 10, length)
        self.emit(self.event_type, start, payload)
        if count == 7:
            self.event = None
            self.pause = 4
        else:
            self.event = (code, start, count + 1)

    def emit(self, payload_type: int, timestamp: int, payload: bytes) -> None:
        assert self.address is not None
        head = struct.pack(
            "!BBHII", 0x80, payload_type | (0x80 if self.marker else 0), self.sequence, timestamp, self.ssrc
        )
        self.marker = False
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.child.send(head + payload, self.address)


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    child = Child(config)
    print("bound", flush=True)
    try:
        child.run()
    finally:
        Path(sys.argv[2]).write_bytes(b"".join(child.records))


if __name__ == "__main__":
    main()
