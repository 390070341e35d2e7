"""What the caller hears until somebody answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .audio_port import AudioPort
from .config import ToneDesc
from .countries import country_tones
from .enums import InvState
from .tone import ToneGenerator

if TYPE_CHECKING:
    from .call import Call

__all__ = ["RingBack"]


class RingBack:
    """Tones that sound as long as a call rings: to our own side, or to the caller as early media."""

    def __init__(self, call: Call, to: AudioPort, tones: str | Sequence[ToneDesc]) -> None:
        self._call = call
        self._to = to
        self._tones = country_tones(tones).ringback if isinstance(tones, str) else tuple(tones)
        self._generator: ToneGenerator | None = None

    def update(self) -> None:
        """Looks at the call again; begins or ends as it wants."""
        if not self._wanted():
            self.close()
        elif self._generator is None:
            self._generator = ToneGenerator()
            try:
                self._generator.play(self._tones, loop=True)
            except BaseException:
                self.close()
                raise
            self._generator.connect(self._to)

    def _wanted(self) -> bool:
        call = self._call
        if call.answered or call.ended:
            return False
        if self._to is call.audio:
            return call.audio.active
        # Whoever sends early media says himself what is to be heard.
        return call.state == InvState.EARLY and not call.audio.active

    def close(self) -> None:
        if self._generator is not None:
            self._generator.close()
            self._generator = None
