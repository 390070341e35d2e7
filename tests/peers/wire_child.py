"""The process behind `peers.wire.WireClient`: sends datagrams at their time, reports what comes.

Usage: python wire_child.py HOST PORT. Commands and reports are JSON lines on stdin and stdout. It never
waits for a reader: a test that is deaf for seconds finds everything afterwards, with the kernel's times.
"""

from __future__ import annotations

import base64
import contextlib
import heapq
import json
import os
import select
import socket
import struct
import sys
import time
from typing import Any

_TIMESTAMPNS = 35  # SO_TIMESTAMPNS and SCM_TIMESTAMPNS; Python's socket module lacks the name.


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    link = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    link.bind((host, port))
    link.setblocking(False)
    os.set_blocking(0, False)
    os.set_blocking(1, False)
    poller = select.epoll()
    poller.register(link, select.EPOLLIN)
    poller.register(0, select.EPOLLIN)
    due: list[tuple[float, int, bytes, tuple[Any, ...]]] = []
    serial = 0
    pending = b""
    outgoing = bytearray(b'{"bound": true}\n')

    def report(kind: str, moment: int, data: bytes, address: Any) -> None:
        line = {"kind": kind, "time": moment, "data": base64.b64encode(data).decode(), "address": address[:2]}
        outgoing.extend(json.dumps(line).encode() + b"\n")

    def receive() -> None:
        while True:
            try:
                data, ancillary, _, address = link.recvmsg(65535, 64)
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            moment = time.time_ns()
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("ll", content[:16])
                    moment = seconds * 1_000_000_000 + nanoseconds
            report("received", moment, data, address)

    while True:
        registered = select.EPOLLOUT if outgoing else 0
        if outgoing:
            poller.register(1, registered)
        wait = -1.0 if not due else max(0.0, due[0][0] - time.monotonic())
        events = poller.poll(wait)
        if registered:
            poller.unregister(1)
        while due and due[0][0] <= time.monotonic():
            _, _, data, address = heapq.heappop(due)
            moment = time.time_ns()
            try:
                link.sendto(data, address)
            except OSError as error:
                report("failed", moment, str(error).encode(), address)
            else:
                report("sent", moment, data, address)
        for descriptor, _ in events:
            if descriptor == 1:
                with contextlib.suppress(BlockingIOError):
                    del outgoing[: os.write(1, outgoing)]
            elif descriptor == 0:
                part = os.read(0, 65536)
                if not part:
                    return
                *lines, pending = (pending + part).split(b"\n")
                for line in lines:
                    order = json.loads(line)
                    data = base64.b64decode(order["data"])
                    for index in range(order["times"]):
                        serial += 1
                        moment_due = time.monotonic() + order["after"] + index * order["interval"]
                        heapq.heappush(due, (moment_due, serial, data, tuple(order["to"])))
            else:
                receive()


if __name__ == "__main__":
    main()
