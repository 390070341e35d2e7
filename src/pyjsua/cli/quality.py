"""Figures of a call, as each end counted them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..info import StreamStat

__all__ = ["HEAD", "Quality"]

HEAD = ("", "codec", "sent", "received", "lost", "reordered", "jitter mean / max", "round trip", "buffer")


@dataclass(frozen=True, slots=True)
class Quality:
    """Packets, loss, jitter and round trip at one end; times in milliseconds."""

    codec: str
    clock_rate: int
    sent: int
    received: int
    lost: int
    reordered: int
    duplicated: int
    discarded: int
    """Packets that came too late to be played."""
    jitter_mean_ms: float | None
    """None until two packets have come."""
    jitter_max_ms: float | None
    round_trip_ms: float | None
    """None where RTCP has not measured it."""
    buffer_ms: int
    """Mean delay of the jitter buffer."""

    @classmethod
    def of(cls, stat: StreamStat) -> Quality:
        rx, rtt = stat.rtcp.rx, stat.rtcp.rtt
        return cls(
            codec=stat.codec,
            clock_rate=stat.clock_rate,
            sent=stat.rtcp.tx.pkt,
            received=rx.pkt,
            lost=rx.loss,
            reordered=rx.reorder,
            duplicated=rx.dup,
            discarded=rx.discard,
            jitter_mean_ms=rx.jitter.mean / 1000 if rx.jitter.n else None,
            jitter_max_ms=rx.jitter.max / 1000 if rx.jitter.n else None,
            round_trip_ms=rtt.mean / 1000 if rtt.n else None,
            buffer_ms=stat.jbuf.avg_delay,
        )

    @property
    def loss(self) -> float:
        """Share of the packets sent to here that was lost, 0 to 1."""
        return self.lost / (self.received + self.lost) if self.received + self.lost else 0.0

    def row(self, name: str) -> tuple[str, ...]:
        """A line of the table under `HEAD`."""
        jitter = "not measured"
        if self.jitter_mean_ms is not None and self.jitter_max_ms is not None:
            jitter = f"{self.jitter_mean_ms:.1f} / {self.jitter_max_ms:.1f} ms"
        return (
            name,
            f"{self.codec} {self.clock_rate / 1000:g} kHz",
            str(self.sent),
            str(self.received),
            f"{self.lost} ({self.loss:.1%})",
            str(self.reordered),
            jitter,
            "not measured" if self.round_trip_ms is None else f"{self.round_trip_ms:.2f} ms",
            f"{self.buffer_ms} ms",
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"loss": round(self.loss, 6)}
