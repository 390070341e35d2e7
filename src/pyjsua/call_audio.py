"""The audio of a call."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from . import _core, info
from .audio_port import AudioPort, stale
from .errors import StaleError
from .ids import ConfPortId

if TYPE_CHECKING:
    from .call import Call
    from .samples import Samples
    from .stream import AudioStream

__all__ = ["CallAudio"]


class CallAudio(AudioPort):
    """The audio of a call."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call
        self._stream: AudioStream | None = None
        self._on_hold = False
        self._music: AudioPort | None = None
        self._brought_music = False

    @property
    def slot(self) -> ConfPortId | None:
        slot = self._call.info.conf_slot
        return slot if slot.valid and not self._call.ended else None

    @property
    def gone(self) -> bool:
        return self._call.ended

    @property
    def active(self) -> bool:
        """Whether audio flows."""
        return self.slot is not None

    def open(
        self,
        clock_rate: int = 16000,
        *,
        write_ahead: float = 0.5,
        read_behind: float = 2.0,
        prefill: float = 0.0,
    ) -> AudioStream:
        """The call's audio for reading and writing: an `AudioStream` connected with it both ways.

        Asked again it is the same one as long as it is open, whatever it may run ahead or keep, and
        `ValueError` where another rate is asked for. It is closed when the call ends, its counters stay.
        """
        from .stream import AudioStream

        if self._stream is None or (self._stream.closed and not self.gone):
            if self.gone:
                raise stale(self, "CallAudio.open")
            stream = AudioStream(
                clock_rate, write_ahead=write_ahead, read_behind=read_behind, prefill=prefill
            )
            try:
                stream.connect(self)
                self.connect(stream)
            except BaseException:
                stream.close()
                raise
            self._stream = stream
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

    def _admits(self, source: AudioPort) -> bool:
        return not self._on_hold or source is self._music

    def _hold(self, music: AudioPort | None) -> None:
        """Nobody but the music is heard in the call."""
        if music is self and music is not None:
            raise ValueError("music: the other side would hear itself")
        self._drop_music()
        self._on_hold = True
        self._music = music
        for source in self._sources:
            if source is not music:
                source._part(self)
        if music is not None and music not in self._sources:
            self._brought_music = True
            music.connect(self)

    def _unhold(self) -> None:
        """Whoever was connected is heard again."""
        self._drop_music()
        self._on_hold = False
        for source in self._sources:
            source._join(self)

    def _drop_music(self) -> None:
        music, self._music = self._music, None
        if music is not None and self._brought_music:
            music.disconnect(self)
        self._brought_music = False

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def stats(self) -> info.StreamStat:
        """Figures of the stream so far, or its final ones once it has ended (`pjsua_call_get_stream_stat`).

        Raises `LookupError` for a call that never had audio.
        """
        index = self._index()
        if index is not None:
            # Stale is a call that the other side has ended, and word of it is on its way.
            with contextlib.suppress(StaleError):
                return _core.call_get_stream_stat(self._call.id, index)
        if self._call.final_stats is None:
            raise LookupError("this call has had no audio")
        return self._call.final_stats

    def transport(self) -> info.MedTransportInfo:
        """What carries it now: addresses, SRTP and ICE (`pjsua_call_get_med_transport_info`).

        ``transport().srtp.active`` says whether it is encrypted. Raises `StaleError` once the call has
        ended, `LookupError` while there is no audio.
        """
        index = self._index()
        if index is None:
            if self.gone:
                raise stale(self, "CallAudio.transport")
            raise LookupError("this call has no audio")
        return _core.call_get_med_transport_info(self._call.id, index)

    def _index(self) -> int | None:
        """Of its media line."""
        slot = self.slot
        lines = (media.index for media in self._call.info.media if media.conf_slot == slot)
        return None if slot is None else next(lines, None)

    def __repr__(self) -> str:
        return f"<CallAudio of {self._call!r}>"
