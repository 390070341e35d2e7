"""Tones made here: DTMF, ring-back, busy, or any of one or two frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from weakref import WeakValueDictionary

from . import _core, events, library
from .aio import Watchers
from .audio_port import AudioPort
from .config import ToneDesc
from .ids import TonegenId
from .own_port import OwnPort

__all__ = ["ToneDesc", "ToneGenerator"]


class ToneGenerator(OwnPort):
    """Plays tones to whatever it is connected to (`pjmedia_tonegen_create`); silent until told to::

        with endpoint.tone_generator() as tones:
            tones.connect(call.audio)
            tones.play(country_tones("de").ringback, loop=True)

    It plays while somebody listens. Close it, or use ``with``.
    """

    _living: ClassVar[WeakValueDictionary[int, ToneGenerator]] = WeakValueDictionary()
    """By serial."""

    def __init__(self) -> None:
        super().__init__()
        self.id: TonegenId = _core.tonegen_create()
        self._slot = _core.tonegen_get_conf_port(self.id)
        self._looping = False
        self._watchers = Watchers()
        self._living[self.id.serial] = self

    def play(self, tones: Sequence[ToneDesc], *, loop: bool = False) -> None:
        """Plays these instead of what it played; with `loop` over and over, until `stop` or other tones.

        Raises `ValueError` for tones that cannot be, and more than `TONEGEN_MAX_DIGITS` of them.
        """
        self.stop()
        _core.tonegen_play(self.id, tones, library.TONEGEN_LOOP if loop else 0)
        self._looping = loop

    def play_digits(self, digits: str, *, on_msec: int = 100, off_msec: int = 100, volume: int = 0) -> None:
        """Plays the tones of DTMF digits, ``0-9*#A-D``, instead of what it played; 31 of them at most.

        Each is `on_msec` ms long with `off_msec` ms of silence after it. `volume` is an amplitude up to
        32767, 0 for PJMEDIA's default.
        """
        self.stop()
        _core.tonegen_play_digits(self.id, digits, on_msec, off_msec, volume)

    def stop(self) -> None:
        """Silence from the next frame on."""
        _core.tonegen_stop(self.id)
        self._looping = False
        self._watchers.changed()

    @property
    def busy(self) -> bool:
        """Whether it has tones to play."""
        return not self.closed and _core.tonegen_is_busy(self.id)

    async def wait_end(self, timeout: float | None = None) -> None:
        """Returns once all was played, or stopped, or this was closed.

        Only one that is connected gets there. Raises `StaleError` where all who heard it have ended before, a
        call that was hung up for instance, `TimeoutError`, and `ValueError` while it loops.
        """
        if self._looping:
            raise ValueError(f"{self!r} loops: it has no end")
        await self._wait_heard(self._watchers, lambda: not self.busy, "ToneGenerator.wait_end", timeout)

    @classmethod
    def _on_tone_end(cls, event: events.OnToneEnd) -> None:
        generator = cls._living.get(event.tonegen_id.serial)
        if generator is not None and generator._watchers.at_home():
            generator._watchers.changed()

    @classmethod
    def _library_gone(cls) -> None:
        # References: those of other loops come and go meanwhile.
        for reference in cls._living.valuerefs():
            if (generator := reference()) is not None and generator._watchers.at_home():
                generator._watchers.changed()

    def close(self) -> None:
        super().close()
        self._watchers.changed()

    def _left(self, sink: AudioPort) -> None:
        super()._left(sink)
        if self._watchers.at_home():
            self._watchers.changed()

    def _destroy(self) -> None:
        _core.tonegen_destroy(self.id)

    def __repr__(self) -> str:
        return f"<ToneGenerator {int(self.id)}{' closed' if self.closed else ''}>"
