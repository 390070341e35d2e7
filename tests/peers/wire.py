"""A UDP client in a process of its own, for messages written by hand and for tests that make Python deaf.

It sends what it is given, malformed or not, at the time it is given, and notes when each answer reached
the kernel. It knows no SIP: no retransmission, no ACK. For whole calls use Sipp.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from peers.message import Message
from peers.ports import bracketed, free_port
from peers.process import Peer, PeerDied, PeerTimeout


class WireClient(Peer):
    """A UDP socket at `address`, in a process of its own."""

    name: ClassVar[str] = "wire"

    def __init__(
        self, port: int | None = None, *, host: str = "127.0.0.1", directory: Path | None = None
    ) -> None:
        super().__init__(directory=directory)
        self.host = host
        self.port = free_port(host) if port is None else port
        self._messages: list[Message] = []
        self._failures: list[str] = []
        self._buffer = b""
        self._bound = False

    @property
    def address(self) -> tuple[str, int]:
        return (self.host, self.port)

    def command(self) -> Sequence[str]:
        child = Path(__file__).with_name("wire_child.py")
        return [sys.executable, "-I", "-S", str(child), self.host, str(self.port)]

    def _stdin(self) -> int:
        return subprocess.PIPE

    def _stdout(self) -> int:
        return subprocess.PIPE

    def _wait_ready(self) -> None:
        self._bound, self._buffer = False, b""
        deadline = time.monotonic() + 10
        while not self._bound:
            self._pump(deadline - time.monotonic())
            self.check_running()
            if time.monotonic() > deadline:
                raise PeerTimeout("the wire client did not bind its socket")

    def send(
        self,
        data: bytes | str,
        to: tuple[str, int],
        *,
        after: float = 0.0,
        times: int = 1,
        interval: float = 0.5,
    ) -> None:
        """Have `data` sent `after` seconds from now, `times` times, `interval` seconds apart.

        Returns at once; the other process keeps the time.
        """
        if self._process is None or self._process.stdin is None or not self.running:
            raise PeerDied("the wire client does not run")
        raw = data.encode() if isinstance(data, str) else data
        order = {
            "data": base64.b64encode(raw).decode(),
            "to": to,
            "after": after,
            "times": times,
            "interval": interval,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    @property
    def messages(self) -> list[Message]:
        """What was sent and received so far; times are wall-clock seconds, the kernel's for what came in."""
        self._pump(0.0)
        return sorted(self._messages, key=lambda message: message.time)

    @property
    def failures(self) -> list[str]:
        """Errors of sending, such as a datagram too long."""
        self._pump(0.0)
        return list(self._failures)

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = 10.0, count: int = 1) -> Message:
        """Wait until `count` messages satisfy `wanted`, and return the last of these."""
        deadline = time.monotonic() + timeout
        while True:
            found = [message for message in self.messages if wanted(message)]
            if len(found) >= count:
                return found[count - 1]
            left = deadline - time.monotonic()
            if left <= 0:
                raise PeerTimeout(f"{len(found)} of {count} messages within {timeout:g} s\n{self.report()}")
            self._pump(left)
            self.check_running()

    def _pump(self, timeout: float) -> None:
        """Take in the reports that are there, waiting up to `timeout` seconds for the first."""
        if self._process is None or self._process.stdout is None or self._process.stdout.closed:
            return
        descriptor = self._process.stdout.fileno()
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        wait = max(0, int(timeout * 1000))
        while poller.poll(wait):
            wait = 0
            part = os.read(descriptor, 1 << 20)
            if not part:
                return
            *lines, self._buffer = (self._buffer + part).split(b"\n")
            for line in lines:
                self._take(json.loads(line))

    def _take(self, report: dict[str, Any]) -> None:
        if "bound" in report:
            self._bound = True
            return
        data = base64.b64decode(report["data"])
        other = (str(report["address"][0]), int(report["address"][1]))
        if report["kind"] == "failed":
            self._failures.append(data.decode())
            return
        sent = report["kind"] == "sent"
        self._messages.append(
            Message(
                time=report["time"] / 1e9,
                direction="sent" if sent else "received",
                transport="UDP",
                raw=data,
                source=self.address if sent else other,
                destination=other if sent else self.address,
            )
        )

    def _ask_to_stop(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()

    def stop(self, timeout: float | None = None) -> None:
        if self.running:
            self._pump(0.0)
        super().stop(timeout)

    def report(self) -> str:
        return "\n".join([super().report(), *(str(message) for message in self._messages[-20:])])

    def request(
        self,
        method: str,
        uri: str,
        *,
        from_uri: str | None = None,
        to_uri: str | None = None,
        call_id: str | None = None,
        cseq: int = 1,
        branch: str | None = None,
        from_tag: str = "wire",
        to_tag: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> str:
        """A well-formed request of this client, as text to send as it is or to spoil first."""
        here = f"{bracketed(self.host)}:{self.port}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch={branch or 'z9hG4bK' + uuid.uuid4().hex};rport",
            "Max-Forwards: 70",
            f"From: <{from_uri or f'sip:wire@{here}'}>;tag={from_tag}",
            f"To: <{to_uri or uri}>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call_id or uuid.uuid4().hex}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:wire@{here}>",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join([*lines, "", body])


def audio_offer(host: str, port: int, direction: str = "sendrecv") -> str:
    """An SDP body that offers G.711 and RFC 4733 events at `host`:`port`. Its type is `application/sdp`."""
    family = "IP6" if ":" in host else "IP4"
    return "\r\n".join(
        [
            "v=0", f"o=wire 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0",
            f"m=audio {port} RTP/AVP 0 8 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", f"a={direction}", "",
        ]
    )  # fmt: skip
