"""What Python plays and hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import PcmMarkOutcome
from ..struct import Struct

__all__ = ["PcmMark", "PcmStats"]


@dataclass(slots=True, frozen=True, kw_only=True)
class PcmMark(Struct):
    """A mark that was told; see `OnPcmMark`."""

    c_struct: ClassVar[str] = "pyj_pcm_mark_info"

    number: int
    """What `PcmPort.mark` returned."""
    name: str
    outcome: PcmMarkOutcome
    played_ms: float
    """How much of what was written had been played up to the mark, ms; if it was not reached, until then."""
    when: float
    """When that was, seconds of `time.monotonic`'s clock."""


@dataclass(slots=True, frozen=True, kw_only=True)
class PcmStats(Struct):
    """Counters of a `PcmPort` since it was made; samples are counted per channel.

    `written` is `played` + `cleared` + what is queued, `received` is `read` + `lost` + what can be read.
    """

    c_struct: ClassVar[str] = "pyj_pcm_stats"

    written: int
    played: int
    """Pulled by the bridge, which it does for somebody who listens."""
    cleared: int
    received: int
    """Mixed by the bridge: silence too, as long as its clock runs."""
    read: int
    lost: int
    """Dropped: the oldest, where the reader was slower than `read_behind` allows, or by `skip`."""
    frames: int
    """Frames pulled."""
    underruns: int
    """... of which there was too little in the middle of what was written."""
    overruns: int
    """Frames heard for which there was no room, since the first read."""
    clock_ms: float
    """How long the bridge's clock has run with this port in it, ms."""
    unheard_ms: float
    """How much of that since the last frame was pulled, ms: 0 while somebody listens."""
    level_out: float
    """Root mean square of the last frame played; 1 is full scale."""
    peak_out: float
    level_in: float
    """... of the last frame heard."""
    peak_in: float
    late_p50_ms: float
    """How much later than a frame after the one before the clock's ticks came, ms: the median."""
    late_p99_ms: float
    """... what 99 % of the ticks stayed below, to an eighth of an octave."""
    late_max_ms: float
    """... the worst; a clock that stood still meanwhile counts too."""
