"""Audio between an asyncio program and the conference bridge."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import _core
from .audio_port import AudioPort
from .errors import StaleError
from .ids import ConfPortId
from .info import PcmMark, PcmStats
from .stream_waits import Waits

if TYPE_CHECKING:
    from .samples import Samples

__all__ = ["AudioStream"]


class AudioStream(AudioPort):
    """Samples in and out, s16le, at a rate of your choice (`PcmPort`); PJSIP resamples.

    What is written is heard by whatever this port is connected to; what is connected to it can be
    read. `call.audio.open()` gives one that is connected with a call both ways. Nothing of Python
    runs on the bridge's clock: `write_ahead` seconds at most are queued to be played, and
    `read_behind` seconds kept to be read, of which the oldest go first. With `prefill` seconds playing
    starts, and starts again after an underrun, once so much is queued or `drain` or `mark` said that it
    is all. Use it in the loop of its `Endpoint`; close it, or use ``with``.

    Nothing waits for ever in silence: a bridge whose clock stands still for two seconds, because its
    device was unplugged or closed, raises `NoClock`; where nobody listens for a second of that clock
    `drain` and marks raise `Unheard`, while `write` waits, as it should when a call is on hold.
    """

    def __init__(
        self,
        clock_rate: int = 16000,
        channel_count: int = 1,
        *,
        write_ahead: float = 0.5,
        read_behind: float = 2.0,
        prefill: float = 0.0,
    ) -> None:
        super().__init__()
        self._closed = True
        self.port = _core.PcmPort(clock_rate, channel_count, write_ahead, read_behind, prefill)
        """The port at the low-level door, which may also be used from threads, and blocks."""
        self._closed = False
        self._most = int(self.port.read_behind * clock_rate) * 2 * channel_count
        self._sample = 2 * channel_count
        # Half of what may be queued is as good a time to go on as any.
        self._half = int(self.port.write_ahead * clock_rate) // 2 * 2 * channel_count
        self._waits = Waits(self.port)
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._detecting = False
        self._epoch = _core.epoch()

    @property
    def slot(self) -> ConfPortId | None:
        return None if self.closed else self.port.conf_port

    @property
    def closed(self) -> bool:
        """Whether it was closed, or went with the library it belonged to."""
        return self._closed or self._epoch != _core.epoch() or _core.get_state() == 0

    @property
    def gone(self) -> bool:
        return self.closed

    @property
    def clock_rate(self) -> int:
        """Samples per second, Hz."""
        return self.port.clock_rate

    @property
    def channel_count(self) -> int:
        return self.port.channel_count

    # -- to be heard

    async def write(self, data: Samples, timeout: float | None = None) -> None:
        """Queues samples: bytes or any contiguous buffer of int16, of any length.

        Returns when all of them are queued, which means waiting while `write_ahead` is full. Raises
        `TimeoutError`, with what fitted queued, `StaleError` once this is closed, `NoClock`. Cancelled,
        it leaves queued what was. Two at once are queued one after the other.
        """
        if timeout is None:
            return await self._write(data)
        async with asyncio.timeout(timeout):
            await self._write(data)

    async def _write(self, data: Samples) -> None:
        # As `async with` has it, with one coroutine in place of three.
        await self._writing.acquire()
        try:
            done = self.port.write(data, 0)
            # Released at the end, so that whoever gave an mmap or a bytearray can close or resize it.
            with memoryview(data) as whole, whole.cast("B") as view:  # type: ignore[arg-type]
                size = len(view)
                while done < size:
                    await self._waits.room(min(size - done, self._half))
                    with view[done:] as rest:
                        done += self.port.write(rest, 0)
        finally:
            self._writing.release()

    async def drain(self, timeout: float | None = None) -> None:
        """Returns when all that was written has been played, or cleared.

        Raises `TimeoutError`, `StaleError`, `Unheard` and `NoClock`.
        """
        self.port.drain(0)
        await self._waits.played(self.port.stats().written, timeout)

    async def wait_played(self, ms: float, timeout: float | None = None) -> None:
        """Returns when so many ms of all that was written have been played, or cleared; as `drain` does."""
        await self._waits.played(round(ms * self.clock_rate / 1000), timeout)

    def mark(self, name: str = "") -> asyncio.Future[PcmMark]:
        """Marks the end of what has been written so far; a future of when the bridge pulled that sample.

        Its result tells whether it was played, cleared before, or the stream closed, and how much had been
        played by then. `Unheard` and `NoClock` are raised in it, `TooMany` here: there may be 64 at a time.
        Cancelled, the place is told to nobody. `name` is for you, up to 64 bytes.
        """
        return self._waits.mark(name)

    def clear(self) -> float:
        """Drops what is queued and returns how many ms that was: none of it will be heard."""
        return self.port.clear()

    def pause(self) -> None:
        """Silence from the next frame on; what is queued stays."""
        self.port.pause()

    def resume(self) -> None:
        """Ends `pause`."""
        self.port.resume()

    @property
    def played_ms(self) -> float:
        """How much of what was written has been pulled by the bridge, ms."""
        return self.port.played_ms

    @property
    def queued_ms(self) -> float:
        """How much is still to be played, ms."""
        return self.port.queued_ms

    # -- what is heard

    async def read(self, size: int, timeout: float | None = None) -> bytes:
        """The next `size` bytes, waiting until they are there; silence too is something to read.

        Raises `StaleError` when this is closed before, `NoClock` and `TimeoutError`; what there is then
        stays to be read. `size` must fit into `read_behind`. Two at once get one after the other.
        """
        if timeout is None:
            return await self._read(size)
        async with asyncio.timeout(timeout):
            return await self._read(size)

    async def _read(self, size: int) -> bytes:
        await self._reading.acquire()
        try:
            if self._is_short_of(size):
                await self._waits.readable(size)
            data = self.port.read(size, 0)
            # The bridge may be about to put what it has just let the oldest go for.
            while (left := size - len(data)) > 0:
                if self._is_short_of(left):
                    await self._waits.readable(left)
                data += self.port.read(left, 0)
        finally:
            self._reading.release()
        return data

    async def readinto(self, buffer: Samples, timeout: float | None = None) -> int:
        """`read` into a writable buffer of bytes or int16, as much as it holds; how many bytes that is."""
        with memoryview(buffer) as view:  # type: ignore[arg-type]
            # What cannot be filled is refused by the port, and nothing is waited for.
            size = view.nbytes if not view.readonly and view.c_contiguous and view.itemsize <= 2 else 0
        async with asyncio.timeout(timeout), self._reading:
            if self._is_short_of(size):
                await self._waits.readable(size)
            done = self.port.readinto(buffer, 0)
            while done < size:
                if self._is_short_of(size - done):
                    await self._waits.readable(size - done)
                with memoryview(buffer) as whole, whole.cast("B") as view, view[done:] as rest:  # type: ignore[arg-type]
                    done += self.port.readinto(rest, 0)
        return done

    def _is_short_of(self, size: int) -> bool:
        """Whether so much is to be waited for."""
        if size > self._most:
            raise ValueError(f"size: {size} bytes are more than read_behind keeps, {self._most}")
        # What is not whole samples is refused by the port.
        return self.port.readable < size and not size % self._sample

    def skip(self) -> float:
        """Drops what there is to read and returns how many ms that was."""
        return self.port.skip()

    async def frames(self, ms: float = 20.0) -> AsyncIterator[bytes]:
        """Frames of `ms` milliseconds, until this is closed."""
        size = round(ms * self.clock_rate / 1000) * 2 * self.channel_count
        while True:
            try:
                frame = await self.read(size)
            except StaleError:
                return
            yield frame

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.frames()

    def detect_speech(self, level: float = 0.01, begin: float = 0.06, end: float = 0.5) -> None:
        """Looks for speech in what is heard, from the next frame on (`PcmPort.detect_speech`).

        Speech begins once `begin` seconds were at least as loud as `level` (root mean square, 1 is full
        scale; 0.01 is -40 dB), and ends once `end` seconds were not. Called again, it sets other values.
        """
        self._detecting = True
        self.port.detect_speech(level, begin, end)

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks in what is heard; False without `detect_speech`."""
        return self.port.speech_edges % 2 == 1

    async def wait_speech(self, timeout: float | None = None) -> float:
        """Returns once somebody speaks, at once if somebody does: where that began, ms of all that was heard.

        Begins to look for speech, as `detect_speech` without arguments, unless that was called before.
        Raises `TimeoutError`, `StaleError` when this is closed before, and `NoClock`.
        """
        return await self._speech(1, timeout)

    async def wait_silence(self, timeout: float | None = None) -> float:
        """Returns once nobody speaks, at once if nobody does: where that began; as `wait_speech` does."""
        return await self._speech(0, timeout)

    async def _speech(self, wanted: int, timeout: float | None) -> float:
        if not self._detecting:
            self.detect_speech()
        edges = self.port.speech_edges
        # At the next edge it was so, however short.
        await self._waits.speech(edges + (edges % 2 != wanted), timeout)
        return self.port.speech_ms

    def stats(self) -> PcmStats:
        """Counters, levels and how late the clock was; also after the end."""
        return self.port.stats()

    # -- life

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        self._closed = True
        self._forget()
        self.port.close()
        self._waits.look()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._closed and not self.closed:
            warnings.warn(f"{self!r} was never closed", ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"at slot {self.port.conf_port}"
        return f"<AudioStream {self.clock_rate} Hz {state}>"
