"""Playing files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import ClassVar
from weakref import WeakValueDictionary

from . import _core, events, library
from .aio import Watchers
from .ids import PlayerId
from .wav_port import WavPort

__all__ = ["Player"]


class Player(WavPort):
    """Plays a WAV file: 16-bit PCM, A-law or mu-law, any rate (`pjsua_player_create`)."""

    _playing: ClassVar[WeakValueDictionary[int, Player]] = WeakValueDictionary()
    """By serial."""

    def __init__(self, path: str | os.PathLike[str], *, loop: bool = False) -> None:
        super().__init__(Path(path))
        self.id: PlayerId = _core.player_create(path, 0 if loop else library.PLAYER_NO_LOOP)
        self._slot = _core.player_get_conf_port(self.id)
        self._loop = loop
        self._ended = False
        self._moved = 0.0
        self._watchers = Watchers()
        self._playing[self.id.serial] = self

    @property
    def ended(self) -> bool:
        """Whether it was heard to its end: never of one that loops, no more once `position` is set."""
        return self._ended

    async def wait_end(self, timeout: float | None = None) -> None:
        """Returns once it was heard to its end, or closed.

        Only one that is connected gets there. Raises `TimeoutError`, and `ValueError` for one that loops.
        """
        if self._loop:
            raise ValueError(f"{self!r} loops: it has no end")
        await self._watchers.wait(lambda: self._ended or self.closed, timeout)

    @classmethod
    def _on_player_eof(cls, event: events.OnPlayerEof) -> None:
        player = cls._playing.get(event.player_id.serial)
        # One that was moved since has not ended.
        if player is not None and event.time >= player._moved:
            player._ended = True
            player._watchers.changed()

    @classmethod
    def _library_gone(cls) -> None:
        for player in list(cls._playing.values()):
            player._watchers.changed()

    def close(self) -> None:
        super().close()
        self._watchers.changed()

    @property
    def position(self) -> int:
        """Where it is, in samples."""
        return _core.player_get_pos(self.id)

    @position.setter
    def position(self, samples: int) -> None:
        moved = time.monotonic()
        _core.player_set_pos(self.id, samples)
        self._moved = moved
        self._ended = False

    def _destroy(self) -> None:
        _core.player_destroy(self.id)
