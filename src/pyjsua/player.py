"""Playing files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from weakref import WeakValueDictionary

from . import _core, events, library
from .aio import Watchers
from .audio_port import AudioPort
from .ids import PlayerId
from .wav_port import WavPort

__all__ = ["Player", "Playlist"]


class Playing(WavPort):
    """What a player and a playlist share: an end that can be waited for."""

    _playing: ClassVar[WeakValueDictionary[int, Playing]] = WeakValueDictionary()
    """By serial."""

    def __init__(self, path: Path, player_id: PlayerId, loop: bool) -> None:
        super().__init__(path)
        self.id = player_id
        self._slot = _core.player_get_conf_port(self.id)
        self._loop = loop
        self._ended = False
        self._moves = 0
        self._watchers = Watchers()
        self._playing[self.id.serial] = self

    @property
    def ended(self) -> bool:
        """Whether it was heard to its end: never of one that loops, no more once `position` is set."""
        return self._ended

    async def wait_end(self, timeout: float | None = None) -> None:
        """Returns once it was heard to its end, or closed.

        Only one that is connected gets there. Raises `StaleError` where all who heard it have ended before, a
        call that was hung up for instance, `TimeoutError`, and `ValueError` for one that loops.
        """
        if self._loop:
            raise ValueError(f"{self!r} loops: it has no end")
        await self._wait_heard(self._watchers, lambda: self._ended or self.closed, "Player.wait_end", timeout)

    @classmethod
    def _on_player_eof(cls, event: events.OnPlayerEof) -> None:
        player = cls._playing.get(event.player_id.serial)
        # One that was moved since has not ended.
        if player is not None and event.moves >= player._moves and player._watchers.at_home():
            player._ended = True
            player._watchers.changed()

    @classmethod
    def _library_gone(cls) -> None:
        # References: those of other loops come and go meanwhile.
        for reference in cls._playing.valuerefs():
            if (player := reference()) is not None and player._watchers.at_home():
                player._watchers.changed()

    def close(self) -> None:
        super().close()
        self._watchers.changed()

    def _left(self, sink: AudioPort) -> None:
        super()._left(sink)
        if self._watchers.at_home():
            self._watchers.changed()

    def _destroy(self) -> None:
        _core.player_destroy(self.id)


class Player(Playing):
    """Plays a WAV file: 16-bit PCM, A-law or mu-law, any rate (`pjsua_player_create`).

    Raises `FileNotFoundError`, and `UnsupportedFormat` that says what the file is instead.
    """

    def __init__(self, path: str | os.PathLike[str], *, loop: bool = False) -> None:
        super().__init__(Path(path), _core.player_create(path, 0 if loop else library.PLAYER_NO_LOOP), loop)
        assert self._slot is not None
        port = _core.conf_get_port_info(self._slot)
        self.clock_rate = port.clock_rate
        """Of the file: samples per second and channel, Hz."""
        self.channel_count = port.channel_count
        self.duration = _core.player_get_info(self.id).size_samples / self._samples(1.0)
        """Seconds in the file."""

    def _samples(self, seconds: float) -> int:
        return round(seconds * self.clock_rate) * self.channel_count

    def seek(self, seconds: float) -> None:
        """Goes on from there, also where it has ended (`pjsua_player_set_pos`).

        Raises `ValueError` for what is not in the file.
        """
        if not 0 <= seconds <= self.duration:
            raise ValueError(f"seconds: {seconds} is not between 0 and {self.duration}")
        self.position = self._samples(seconds)

    @property
    def position(self) -> int:
        """Where it is, in samples, those of all channels counted; to set it moves there."""
        return _core.player_get_pos(self.id)

    @position.setter
    def position(self, samples: int) -> None:
        _core.player_set_pos(self.id, samples)
        self._moves += 1
        self._ended = False


class Playlist(Playing):
    """Plays WAV files one after the other, without a gap (`pjsua_playlist_create`).

    16-bit PCM, all of one rate and number of channels, a frame of the bridge long at least. It has no
    position. Raises `FileNotFoundError`, and `UnsupportedFormat` that names the file.
    """

    def __init__(self, paths: Sequence[str | os.PathLike[str]], *, loop: bool = False) -> None:
        player_id = _core.playlist_create(paths, "", 0 if loop else library.PLAYER_NO_LOOP)
        self.paths = tuple(map(Path, paths))
        super().__init__(self.paths[0], player_id, loop)

    def __repr__(self) -> str:
        names = ", ".join(str(path) for path in self.paths)
        return f"<Playlist {names}{' closed' if self.closed else ''}>"
