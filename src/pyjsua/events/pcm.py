"""Events of ports whose audio is Python's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import PcmMarkOutcome
from ..ids import PcmPortId
from .event import Event

__all__ = ["OnPcmMark", "OnPcmSpeech"]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPcmMark(Event):
    """A place marked by `PcmPort.mark` was reached, or never will be; once for each.

    `time` is when the bridge pulled the frame it is in. Nothing of pjsua.h.
    """

    c_struct: ClassVar[str] = "pyj_on_pcm_mark"

    port: PcmPortId
    """`PcmPort.conf_port.owner`."""
    name: str
    outcome: PcmMarkOutcome
    played_ms: float
    """How much of what was written had been played up to the mark, ms; if it was not reached, until then."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPcmSpeech(Event):
    """Somebody began or ceased to speak in what a port hears; see `PcmPort.detect_speech`.

    Nothing of pjsua.h.
    """

    c_struct: ClassVar[str] = "pyj_on_pcm_speech"

    port: PcmPortId
    """`PcmPort.conf_port.owner`."""
    speaking: bool
    heard_ms: float
    """Where in all that was heard (`PcmStats.received`) the speech, or the silence after it, began, ms."""
