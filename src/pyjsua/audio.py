"""Ports of the conference bridge: call audio, WAV files, the sound device."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self
from weakref import WeakValueDictionary

from . import _core, events, info, library
from .aio import Watchers
from .errors import PjsuaError, StaleError, from_status
from .ids import ConfPortId, PlayerId, RecorderId

if TYPE_CHECKING:
    from .call import Call
    from .samples import Samples
    from .stream import AudioStream

__all__ = ["AudioPort", "CallAudio", "Player", "Recorder", "SoundDevice"]


class AudioPort:
    """Something in the conference bridge that can be heard, or can hear.

    Connections are kept as wishes: made when both sides have a slot, and made anew when
    a call's media comes back after a change.
    """

    def __init__(self) -> None:
        self._sinks: set[AudioPort] = set()
        self._sources: set[AudioPort] = set()

    @property
    def slot(self) -> ConfPortId | None:
        """Conference slot, None while there is none."""
        raise NotImplementedError

    def connect(self, sink: AudioPort) -> None:
        """Lets `sink` hear this port (`pjsua_conf_connect`)."""
        self._sinks.add(sink)
        sink._sources.add(self)
        _connect(self, sink)

    def disconnect(self, sink: AudioPort) -> None:
        """Undoes `connect`; nothing happens where there was no connection."""
        self._sinks.discard(sink)
        sink._sources.discard(self)
        source_slot, sink_slot = self.slot, sink.slot
        if source_slot is not None and sink_slot is not None:
            _core.conf_disconnect(source_slot, sink_slot)

    @property
    def level(self) -> tuple[int, int]:
        """Level of the last frame towards this port and from it, 0 to 255; (0, 0) without a slot."""
        slot = self.slot
        return (0, 0) if slot is None else _core.conf_get_signal_level(slot)

    def _reconnect(self) -> None:
        for sink in self._sinks:
            _connect(self, sink)
        for source in self._sources:
            _connect(source, self)

    def _forget(self) -> None:
        """Drops every connection; the slot is going, and the bridge's side of it with it."""
        for sink in self._sinks:
            sink._sources.discard(self)
        for source in self._sources:
            source._sinks.discard(self)
        self._sinks.clear()
        self._sources.clear()


def _connect(source: AudioPort, sink: AudioPort) -> None:
    source_slot, sink_slot = source.slot, sink.slot
    if source_slot is None or sink_slot is None:
        return
    try:
        _core.conf_connect(source_slot, sink_slot)
    except StaleError:
        # The media changed since the last event: the next one brings the slot and connects again.
        return


class CallAudio(AudioPort):
    """The audio of a call."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call
        self._stream: AudioStream | None = None

    @property
    def slot(self) -> ConfPortId | None:
        slot = self._call.info.conf_slot
        return slot if slot.valid and not self._call.ended else None

    @property
    def active(self) -> bool:
        """Whether audio flows."""
        return self.slot is not None

    def open(
        self, clock_rate: int = 16000, *, write_ahead: float = 0.5, read_behind: float = 2.0
    ) -> AudioStream:
        """The call's audio for reading and writing: an `AudioStream` connected with it both ways.

        Opened once; asked again it is the same one, and `ValueError` where another rate is asked for.
        It is closed when the call ends, its counters stay.
        """
        from .stream import AudioStream

        if self._stream is None:
            if self._call.ended:
                status = _core.constant("PYJ_ESTALE")
                raise from_status(status, _core.strerror(status), "CallAudio.open", "", repr(self._call))
            self._stream = AudioStream(clock_rate, write_ahead=write_ahead, read_behind=read_behind)
            self._stream.connect(self)
            self.connect(self._stream)
        elif self._stream.clock_rate != clock_rate:
            raise ValueError(f"clock_rate: {clock_rate}, but it is open at {self._stream.clock_rate}")
        return self._stream

    @property
    def stream(self) -> AudioStream:
        """What `open` gave; opens it at 16 kHz if nobody has."""
        return self._stream or self.open()

    async def write(self, data: Samples, timeout: float | None = None) -> None:
        """Says something in the call; see `AudioStream.write`."""
        await self.stream.write(data, timeout)

    async def read(self, size: int, timeout: float | None = None) -> bytes:
        """The next `size` bytes the far end said since `open`; see `AudioStream.read`."""
        return await self.stream.read(size, timeout)

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def stats(self) -> info.StreamStat:
        """Figures of the stream so far, or its final ones once it has ended (`pjsua_call_get_stream_stat`).

        Raises `LookupError` for a call that never had audio.
        """
        for media in self._call.info.media:
            if media.conf_slot == self.slot:
                # Stale is a call that the other side has ended, and word of it is on its way.
                with contextlib.suppress(StaleError):
                    return _core.call_get_stream_stat(self._call.id, media.index)
        if self._call.final_stats is None:
            raise LookupError("this call has had no audio")
        return self._call.final_stats

    def __repr__(self) -> str:
        return f"<CallAudio of {self._call!r}>"


class SoundDevice(AudioPort):
    """Slot 0: the null device until `open` is called."""

    @property
    def slot(self) -> ConfPortId | None:
        return ConfPortId(0)

    def devices(self) -> list[info.AudDevInfo]:
        """The sound devices there are (`pjsua_enum_aud_devs`)."""
        return _core.enum_aud_devs()

    def open(
        self,
        capture_dev: int = library.SND_DEFAULT_CAPTURE_DEV,
        playback_dev: int = library.SND_DEFAULT_PLAYBACK_DEV,
    ) -> None:
        """Opens real devices (`pjsua_set_snd_dev`); raises `SoundDeviceError`, and calls go on."""
        _core.set_snd_dev(capture_dev, playback_dev)

    def close(self) -> None:
        """Goes back to the null device (`pjsua_set_null_snd_dev`)."""
        _core.set_null_snd_dev()


class WavPort(AudioPort):
    """What a player and a recorder share: an id that ends with `close`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._slot: ConfPortId | None = None
        self._epoch = _core.epoch()

    @property
    def slot(self) -> ConfPortId | None:
        return None if self.closed else self._slot

    @property
    def closed(self) -> bool:
        """Whether it was closed, or went with the library it belonged to."""
        return self._slot is None or self._epoch != _core.epoch() or _core.get_state() == 0

    def _destroy(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        gone = self.closed
        self._slot = None
        self._forget()
        if gone:
            return
        try:
            self._destroy()
        except PjsuaError:
            # The library was destroyed meanwhile, and this with it.
            if _core.get_state() != 0:
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_slot", None) is not None and not self.closed:
            warnings.warn(f"{self!r} was never closed", ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.path)!r}{' closed' if self.closed else ''}>"


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


class Recorder(WavPort):
    """Records what it hears: 16-bit PCM WAV, mono, at the bridge's rate (`pjsua_recorder_create`)."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(Path(path))
        self.id: RecorderId = _core.recorder_create(path)
        self._slot = _core.recorder_get_conf_port(self.id)

    def _destroy(self) -> None:
        _core.recorder_destroy(self.id)

    async def finish(self, timeout: float = 2.0) -> Path:
        """Closes it and waits until the file is whole: the bridge lets go of it on its own clock.

        Raises `TimeoutError`.
        """
        self.close()
        async with asyncio.timeout(timeout):
            while not _wav_is_whole(self.path):
                await asyncio.sleep(0.01)
        return self.path


def _wav_is_whole(path: Path) -> bool:
    """Whether the RIFF header, which PJMEDIA writes last, agrees with the file's size."""
    with path.open("rb") as file:
        head = file.read(8)
    size = path.stat().st_size
    return head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") + 8 == size
