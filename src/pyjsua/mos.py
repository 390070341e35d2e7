"""How good a call sounded, estimated by the E-model of ITU-T G.107 in its simplified form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from .info import StreamStat

__all__ = ["Mos"]

IMPAIRMENTS = {
    # ITU-T G.113, appendix I: with packet loss concealment, which all of PJMEDIA's have.
    "PCMU": (0.0, 25.1),
    "PCMA": (0.0, 25.1),
    "G729": (11.0, 19.0),
    "G723": (15.0, 16.1),
    "GSM": (20.0, 10.0),
    "AMR": (5.0, 10.0),
    "ILBC": (11.0, 32.0),
    # Measured by nobody on this scale, which ends where narrow band does: no worse than G.711 without loss.
    "G722": (0.0, 13.0),
    "L16": (0.0, 10.0),
    "AMR-WB": (0.0, 13.0),
    "G7221": (0.0, 13.0),
    "SPEEX": (5.0, 15.0),
    "OPUS": (0.0, 20.0),
}
"""Equipment impairment Ie and packet-loss robustness Bpl of a codec."""
UNKNOWN = (10.0, 15.0)

CODING_MS = {"G729": 5, "G723": 8, "G722": 2, "OPUS": 7, "AMR": 5, "AMR-WB": 5, "SPEEX": 10, "G7221": 20}
"""What a coder looks ahead."""
PACKET_MS = 20
"""Sound a packet has to wait for before it can be sent."""


@dataclass(frozen=True, slots=True)
class Mos:
    """An estimate of what listeners would say of what was received: 1 is bad, 4.4 the best a telephone gets.

    The E-model, its parameters at their defaults but for delay and loss::

        R      = 93.2 - Id - Ie_eff
        Id     = 0.024 d + 0.11 (d - 177.3)          the last term where d is above 177.3
        Ie_eff = Ie + (95 - Ie) Ppl / (Ppl + Bpl)
        MOS    = 1 + 0.035 R + 0.000007 R (R - 60) (100 - R)     1 for R below 0

    d is the delay from mouth to ear in ms: half the round trip, the jitter buffer, the packet and its
    coding. Ppl is the percentage of packets that were lost or came too late, at random; Ie and Bpl are
    G.113's for the codec. The scale is that of narrow band: no wide-band codec is rated above G.711.
    """

    value: float
    r: float
    """The transmission rating R, 0 to 93.2."""
    codec: str
    loss: float
    """Share of the packets that was lost, or came too late to be played, 0 to 1."""
    delay_ms: float
    """Mouth to ear."""
    round_trip_ms: float | None
    """None where RTCP has not measured it: 0 is taken."""
    buffer_ms: int
    """Mean delay of the jitter buffer."""
    ie: float
    bpl: float

    @classmethod
    def of(cls, stat: StreamStat) -> Self | None:
        """The estimate for a stream; None where nothing was received."""
        rx, rtt = stat.rtcp.rx, stat.rtcp.rtt
        if not rx.pkt:
            return None
        loss = min(1.0, (rx.loss + rx.discard) / (rx.pkt + rx.loss))
        return cls.estimate(stat.codec, loss, rtt.mean / 1000 if rtt.n else None, stat.jbuf.avg_delay)

    @classmethod
    def estimate(cls, codec: str, loss: float, round_trip_ms: float | None, buffer_ms: int) -> Self:
        """The estimate for these figures: a codec's name, a share of 0 to 1, and milliseconds."""
        name = codec.partition("/")[0].upper()
        ie, bpl = IMPAIRMENTS.get(name, UNKNOWN)
        delay = (round_trip_ms or 0.0) / 2 + buffer_ms + PACKET_MS + CODING_MS.get(name, 0)
        percent = 100 * loss
        r = 93.2 - 0.024 * delay - 0.11 * max(0.0, delay - 177.3) - ie - (95 - ie) * percent / (percent + bpl)
        r = max(0.0, r)
        value = 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r)
        return cls(max(1.0, value), r, codec, loss, delay, round_trip_ms, buffer_ms, ie, bpl)
