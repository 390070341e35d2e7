"""Audio between an asyncio program and the conference bridge."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import _core
from .audio_port import AudioPort
from .errors import StaleError
from .ids import ConfPortId

if TYPE_CHECKING:
    from .samples import Samples

__all__ = ["AudioStream"]

SHORTEST, LONGEST = 0.005, 0.1
"""Seconds between two looks at what the clock of the bridge has done."""


class AudioStream(AudioPort):
    """Samples in and out, s16le, at a rate of your choice (`PcmPort`); PJSIP resamples.

    What is written is heard by whatever this port is connected to; what is connected to it can be
    read. `call.audio.open()` gives one that is connected with a call both ways. Nothing of Python
    runs on the bridge's clock: `write_ahead` seconds at most are queued to be played, and
    `read_behind` seconds kept to be read, of which the oldest go first. Use it in the loop of its
    `Endpoint`; close it, or use ``with``.
    """

    def __init__(
        self,
        clock_rate: int = 16000,
        channel_count: int = 1,
        *,
        write_ahead: float = 0.5,
        read_behind: float = 2.0,
    ) -> None:
        super().__init__()
        self._closed = True
        self.port = _core.PcmPort(clock_rate, channel_count, write_ahead, read_behind)
        """The port at the low-level door, which may also be used from threads."""
        self._closed = False
        self._epoch = _core.epoch()

    @property
    def slot(self) -> ConfPortId | None:
        return None if self.closed else self.port.conf_port

    @property
    def closed(self) -> bool:
        """Whether it was closed, or went with the library it belonged to."""
        return self._closed or self._epoch != _core.epoch() or _core.get_state() == 0

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
        `TimeoutError`, with what fitted queued, and `StaleError` once this is closed. Cancelled, it
        leaves queued what was.
        """
        done = self.port.write(data, 0)
        view = memoryview(data).cast("B")  # type: ignore[arg-type]

        def missing() -> float:
            nonlocal done
            if done < len(view):
                done += self.port.write(view[done:], 0)
            return self._seconds(len(view) - done)

        await self._until(missing, timeout)

    async def drain(self, timeout: float | None = None) -> None:
        """Returns when all that was written has been played, or cleared. Raises `TimeoutError`, `StaleError`.

        Nothing is played while nobody listens, and then only `timeout` ends this.
        """
        self.port.drain(0)
        place = self.port.stats()["written"]

        def left() -> float:
            stats = self.port.stats()
            return (place - stats["played"] - stats["cleared"]) / self.clock_rate

        await self._until(left, timeout)

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

        Raises `StaleError` when this is closed before, and `TimeoutError`; what there is then stays to
        be read. `size` must fit into `read_behind`.
        """
        most = int(self.port.read_behind * self.clock_rate) * 2 * self.channel_count
        if size > most:
            raise ValueError(f"size: {size} bytes are more than read_behind keeps, {most}")
        # Refuses what is not whole samples, before anything is waited for.
        if size <= 0 or size % (2 * self.channel_count):
            return self.port.read(size, 0)
        await self._until(lambda: self._seconds(size - self.port.readable), timeout)
        return self.port.read(size, 0)

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

    def stats(self) -> dict[str, int]:
        """Counters, also after the end; see `PcmPort.stats`."""
        return self.port.stats()

    # -- life

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        self._closed = True
        self._forget()
        self.port.close()

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

    def _seconds(self, size: int) -> float:
        return size / (2 * self.channel_count * self.clock_rate)

    async def _until(self, left: Callable[[], float], timeout: float | None) -> None:
        """Returns once `left`, the seconds of audio still missing, is 0; the bridge's clock tells nobody."""
        async with asyncio.timeout(timeout):
            while (seconds := left()) > 0:
                if self.closed:
                    self.port.read(2 * self.channel_count, 0)
                    self.port.write(b"", 0)
                await asyncio.sleep(min(max(seconds, SHORTEST), LONGEST))
