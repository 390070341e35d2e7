"""Recording both sides of a call, each in a channel of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from . import _core
from .audio_port import AudioPort
from .errors import StaleError
from .ids import ConfPortId

if TYPE_CHECKING:
    from .call import Call

__all__ = ["StereoRecorder"]

INTERVAL = 0.1
"""Seconds between two looks at what was heard; so much of a recording may be missing in the file."""
BLOCK = 1 << 18
CHANNELS = 2
WIDTH = 2 * CHANNELS
MOST = (0xFFFFFFFF - 36) // WIDTH * WIDTH
"""Bytes of sound a WAV file can tell of."""


class Side(AudioPort):
    """One channel of a `StereoRecorder`: connect to it what is to be recorded there."""

    def __init__(self, recorder: StereoRecorder, slot: ConfPortId, name: str) -> None:
        super().__init__()
        self._recorder = recorder
        self._slot = slot
        self._name = name

    @property
    def slot(self) -> ConfPortId | None:
        return None if self._recorder.closed else self._slot

    @property
    def gone(self) -> bool:
        return self._recorder.closed

    def __repr__(self) -> str:
        return f"<{self._name} of {self._recorder!r}>"


class StereoRecorder:
    """Records two channels, `left` and `right`, aligned to the sample: 16-bit PCM WAV at the bridge's rate.

    Both begin at the same tick of the bridge's clock and never drift (`StereoPort`). Of a call left is the
    far end and right our own side, whatever is connected to the call meanwhile, as loud as it is sent.
    The file is written by a thread, ten times a second with a header that fits: a program that dies leaves
    a whole recording, and it can be played while it grows. `close` it, or use ``with``; that of a call
    closes when the call ends. `max_duration` is in seconds. Raises `OSError` where the file cannot be
    written; what the disk says later ends the recording, and `finish` and ``with`` raise it.
    """

    def __init__(
        self, path: str | os.PathLike[str], call: Call | None = None, *, max_duration: float | None = None
    ) -> None:
        if max_duration is not None and not max_duration > 0:
            raise ValueError(f"max_duration: {max_duration} is not more than 0 seconds")
        if call is not None and call.ended:
            raise ValueError(f"call: {call!r} has ended")
        self.path = Path(path)
        self._closed = True
        self._error: OSError | None = None
        self._done = threading.Event()
        self._loop = running_loop()
        self._call = call
        self._written = self._size = 0
        _core.check_regular(self.path)
        with contextlib.ExitStack() as undo:
            self._file: BinaryIO = self.path.open("wb")
            undo.callback(self._close_file)
            self.port = _core.StereoPort()
            """The port at the low-level door; what it heard belongs to the thread that writes."""
            undo.callback(self.port.close)
            self._most = MOST
            if max_duration is not None:
                self._most = int(min(max_duration * self.clock_rate, MOST // WIDTH)) * WIDTH
            self._epoch = _core.epoch()
            self.left = Side(self, self.port.left, "left")
            self.right = Side(self, self.port.right, "right")
            self._write_header()
            self._closed = False
            undo.callback(self.close)
            if call is not None:
                call.audio.connect(self.left)
                call.audio._add_follower(self.right)
                call.audio._on_gone.append(self.close)
            writer.add(self)
            undo.pop_all()

    # -- what it is

    @property
    def closed(self) -> bool:
        """Whether it was closed, is full, or went with the library it belonged to."""
        return self._closed or self._epoch != _core.epoch() or _core.get_state() == 0

    @property
    def clock_rate(self) -> int:
        """Samples per second and channel, Hz."""
        return self.port.clock_rate

    @property
    def size(self) -> int:
        """Bytes of sound in the file."""
        return self._size

    @property
    def duration(self) -> float:
        """Seconds in the file."""
        return self._size / (self.clock_rate * WIDTH)

    @property
    def lost(self) -> float:
        """Seconds that could not be written in time: 0.0 unless the disk stood still for ten."""
        return self.port.stats()["lost"] / self.clock_rate

    # -- life

    def close(self) -> None:
        """Ends the recording; any number of times. What was heard is still written, see `finish`."""
        self._closed = True
        if self._call is not None:
            self._call.audio._no_longer(self.close)
        self.left._forget()
        self.right._forget()
        self.port.close()
        writer.wake()

    async def finish(self, timeout: float = 5.0) -> Path:
        """Closes it and waits until the file is whole. Raises `TimeoutError`, and `OSError` of the disk."""
        self.close()
        if not await asyncio.to_thread(self._done.wait, timeout):
            raise TimeoutError(f"{self.path} is not whole after {timeout} s")
        if self._error is not None:
            raise self._error
        return self.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._done.wait(5.0)
        if error is None and self._error is not None:
            raise self._error

    def __repr__(self) -> str:
        return f"<StereoRecorder {str(self.path)!r}{' closed' if self.closed else ''}>"

    # -- the thread that writes

    def _write(self) -> bool:
        """Writes what was heard; False when that was the last of it."""
        try:
            more = self._take()
            self._write_header()
        except OSError as error:
            self._error, more = error, False
        if not more:
            closed, self._closed = self._closed, True
            self.port.close()
            self._close_file()
            self._done.set()
            if not closed and self._loop is not None:
                # What it is connected with belongs to the loop; one that has ended has forgotten it.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self.close)
        return more

    def _close_file(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def _take(self) -> bool:
        while self._written < self._most:
            try:
                block = self.port.read(min(BLOCK, self._most - self._written))
            except StaleError:
                return False
            if not block:
                return True
            self._file.write(block)
            self._written += len(block)
        return False

    def _write_header(self) -> None:
        self._file.seek(0)
        self._file.write(header(self.clock_rate, self._written))
        self._file.seek(0, os.SEEK_END)
        self._file.flush()
        self._size = self._written


def running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


HEADER = 44


def header(rate: int, size: int) -> bytes:
    """Of a WAV file with `size` bytes of 16-bit PCM in two channels."""
    fields = ((16, 4), (1, 2), (CHANNELS, 2), (rate, 4), (rate * WIDTH, 4), (WIDTH, 2), (16, 2))
    form = b"".join(value.to_bytes(width, "little") for value, width in fields)
    return b"".join(
        (
            b"RIFF",
            (size + HEADER - 8).to_bytes(4, "little"),
            b"WAVEfmt ",
            form,
            b"data",
            size.to_bytes(4, "little"),
        )
    )


class Writer:
    """One thread that writes all recordings, as long as there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recorders: list[StereoRecorder] = []
        self._thread: threading.Thread | None = None
        self._woken = threading.Event()

    def add(self, recorder: StereoRecorder) -> None:
        with self._lock:
            self._recorders.append(recorder)
            if self._thread is None:
                # A forgotten recording is no reason for a program not to end.
                self._thread = threading.Thread(target=self._run, name="pyjsua-recorder", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.wait(INTERVAL)
            self._woken.clear()
            with self._lock:
                recorders = list(self._recorders)
            ended = {recorder for recorder in recorders if not recorder._write()}
            with self._lock:
                self._recorders = [recorder for recorder in self._recorders if recorder not in ended]
                if not self._recorders:
                    self._thread = None
                    return


writer = Writer()
