"""An RTP endpoint in a process of its own, to watch a stream's arrival and to send one.

Arrival times are the kernel's (SO_TIMESTAMPNS) on the wall clock, in a process that does nothing else: a
test that holds the GIL, or two busy cores, do not distort them as seen at the socket.
"""

from __future__ import annotations

import itertools
import json
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from peers import g711
from peers.ports import free_port
from peers.process import Peer, PeerDied
from peers.signals import Samples

_RECORD = struct.Struct("<qHHI")


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet as it arrived; `time` is seconds since the epoch."""

    time: float
    source_port: int
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


@dataclass(frozen=True)
class RtpRecording:
    """Everything that arrived, RTCP left out."""

    packets: Sequence[Packet]

    def between(self, start: float, end: float) -> RtpRecording:
        """What arrived from `start` to `end`, in seconds since the epoch."""
        return RtpRecording([packet for packet in self.packets if start <= packet.time <= end])

    @cached_property
    def gaps(self) -> list[float]:
        """Seconds between successive arrivals."""
        times = [packet.time for packet in self.packets]
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    @property
    def longest_gap(self) -> float:
        """The longest time in seconds between two successive arrivals; 0 for fewer than two packets."""
        return max(self.gaps, default=0.0)

    @property
    def lost(self) -> int:
        """Sequence numbers missing, per SSRC."""
        lost = 0
        for ssrc in {packet.ssrc for packet in self.packets}:
            numbers = _unwrapped(packet.sequence for packet in self.packets if packet.ssrc == ssrc)
            lost += max(numbers) - min(numbers) + 1 - len(set(numbers))
        return lost

    @property
    def duplicates(self) -> int:
        """Packets whose sequence number came before, per SSRC."""
        seen = {(packet.ssrc, packet.sequence) for packet in self.packets}
        return len(self.packets) - len(seen)

    @property
    def digits(self) -> str:
        """Digits of RFC 4733 events (dynamic payload types with 4 octets) that lasted, one per event."""
        events = {
            (packet.ssrc, packet.timestamp): packet.payload[0]
            for packet in self.packets
            if packet.payload_type >= 96 and len(packet.payload) == 4 and packet.payload[2:] != b"\0\0"
        }
        return "".join("0123456789*#ABCD"[code] for code in events.values() if code < 16)

    def audio(self) -> Samples:
        """The G.711 audio at 8 kHz, laid out by RTP timestamp: what is missing is silence."""
        voice = [packet for packet in self.packets if packet.payload_type in g711.DECODE]
        if not voice:
            return np.zeros(0, dtype=np.int16)
        # A new SSRC has a timeline of its own; it follows what came before.
        parts = []
        for ssrc in dict.fromkeys(packet.ssrc for packet in voice):
            stream = [packet for packet in voice if packet.ssrc == ssrc]
            starts = _unwrapped((packet.timestamp for packet in stream), bits=32)
            origin = min(starts)
            out = np.zeros(
                max(start - origin + len(p.payload) for start, p in zip(starts, stream, strict=True)),
                dtype=np.int16,
            )
            for start, packet in zip(starts, stream, strict=True):
                samples = g711.decode(packet.payload, packet.payload_type)
                out[start - origin : start - origin + len(samples)] = samples
            parts.append(out)
        return np.concatenate(parts)


class RtpWatcher(Peer):
    """An RTP socket at `address`. Put `port` into an SDP (Sipp's `rtp_port`), then `recording()` what came.

    `echo` sends every packet back at once. `stop` ends it; `recording` stops it and tells what arrived.
    """

    name: ClassVar[str] = "rtp"

    def __init__(
        self,
        port: int | None = None,
        *,
        host: str = "127.0.0.1",
        echo: bool = False,
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self.host = host
        self.port = free_port(host, count=2, even=True) if port is None else port
        self._echo = echo
        self._sent = 0

    @property
    def address(self) -> tuple[str, int]:
        return (self.host, self.port)

    def _prepare(self) -> None:
        (self.directory / "packets").unlink(missing_ok=True)
        config = {"host": self.host, "port": self.port, "echo": self._echo}
        (self.directory / "config.json").write_text(json.dumps(config))

    def command(self) -> Sequence[str]:
        child = Path(__file__).with_name("rtp_child.py")
        return [
            sys.executable, "-I", "-S", str(child),
            str(self.directory / "config.json"), str(self.directory / "packets"),
        ]  # fmt: skip

    def _stdin(self) -> int:
        return subprocess.PIPE

    def _stdout(self) -> int:
        return subprocess.PIPE

    def _wait_ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"bound\n":
            self._process.wait()
            self.check_running()

    def send(
        self,
        samples: Samples,
        to: tuple[str, int] | None = None,
        *,
        payload_type: int = 0,
        event_type: int = 101,
        digits: str = "",
        loop: bool = False,
    ) -> None:
        """Send 8 kHz samples as G.711 every 20 ms, to `to` or to where the first packet comes from.

        `digits` go out as RFC 4733 events before the audio, 240 ms each; the audio waits meanwhile.
        """
        self._sent += 1
        file = self.directory / f"send-{self._sent}"
        file.write_bytes(g711.encode(samples, payload_type))
        self._order(
            do="send", file=str(file), to=to, payload_type=payload_type, event_type=event_type,
            digits=digits, loop=loop,
        )  # fmt: skip

    def send_digits(self, digits: str) -> None:
        """Send RFC 4733 events in the stream that `send` started."""
        self._order(do="digits", digits=digits)

    def stop_sending(self) -> None:
        self._order(do="stop")

    def _order(self, **order: object) -> None:
        if self._process is None or self._process.stdin is None or not self.running:
            raise PeerDied("the RTP watcher does not run")
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def _ask_to_stop(self, process: subprocess.Popen[bytes]) -> None:
        # The end of its input lets it write what it received.
        if process.stdin is not None:
            process.stdin.close()

    def recording(self) -> RtpRecording:
        """Stop, and return what arrived since the start."""
        self.stop()
        return RtpRecording(list(_packets((self.directory / "packets").read_bytes())))


def _packets(data: bytes) -> Iterable[Packet]:
    offset = 0
    while offset < len(data):
        nanoseconds, length, port, _ = _RECORD.unpack_from(data, offset)
        offset += _RECORD.size
        raw = data[offset : offset + length]
        offset += length
        if length < 12 or raw[0] >> 6 != 2 or 64 <= raw[1] & 0x7F <= 95:
            continue
        flags, kind, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", raw)
        begin = 12 + 4 * (flags & 15)
        if flags & 0x10 and begin + 4 <= length:
            begin += 4 + 4 * int.from_bytes(raw[begin + 2 : begin + 4])
        end = length - raw[-1] if flags & 0x20 else length
        yield Packet(
            nanoseconds / 1e9, port, kind & 0x7F, bool(kind & 0x80), sequence, timestamp, ssrc, raw[begin:end]
        )


def _unwrapped(numbers: Iterable[int], bits: int = 16) -> list[int]:
    """Numbers modulo 2**bits as a continuous line, tolerating disorder."""
    half, whole = 1 << (bits - 1), 1 << bits
    line: list[int] = []
    for number in numbers:
        line.append(number if not line else line[-1] + (number - line[-1] + half) % whole - half)
    return line
