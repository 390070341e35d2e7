"""Recording files."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from . import _core
from .enums import FileWriterOption
from .errors import PjsuaError
from .ids import RecorderId
from .wav_port import WavPort

__all__ = ["Recorder"]


ENCODINGS = {
    "pcm": (FileWriterOption.WRITE_PCM, 2),
    "alaw": (FileWriterOption.WRITE_ALAW, 1),
    "ulaw": (FileWriterOption.WRITE_ULAW, 1),
}
"""What PJSIP calls it, and bytes per sample."""


class Recorder(WavPort):
    """Records what it hears in a WAV file, mono, at the bridge's rate (`pjsua_recorder_create`).

    `encoding` is ``"pcm"`` for 16-bit PCM, or ``"alaw"``, ``"ulaw"`` of half the size. Raises `OSError`
    where the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], *, encoding: str = "pcm") -> None:
        super().__init__(Path(path))
        if encoding not in ENCODINGS:
            raise ValueError(f"encoding: {encoding!r} is none of {', '.join(ENCODINGS)}")
        option, width = ENCODINGS[encoding]
        self.id: RecorderId = _core.recorder_create(path, options=option)
        self._slot = _core.recorder_get_conf_port(self.id)
        port = _core.conf_get_port_info(self._slot)
        self._second = port.clock_rate * port.channel_count * width
        self._size = 0
        self._whole = False

    @property
    def size(self) -> int:
        """Bytes of sound recorded so far; the file may be behind until `finish`."""
        # Stale: it was closed, or went with its library.
        with contextlib.suppress(PjsuaError):
            self._size = _core.recorder_get_pos(self.id)
        return self._size

    @property
    def duration(self) -> float:
        """Seconds recorded so far."""
        return self.size / self._second

    def close(self) -> None:
        self._size = self.size
        super().close()

    def _destroy(self) -> None:
        _core.recorder_destroy(self.id)

    async def finish(self, timeout: float = 2.0) -> Path:
        """Closes it and waits until the file is whole: the bridge lets go of it on its own clock.

        Raises `TimeoutError`.
        """
        self.close()
        async with asyncio.timeout(timeout):
            # Once whole the file is its owner's, to be moved or deleted.
            while not self._whole:
                self._whole = _wav_is_whole(self.path)
                if not self._whole:
                    await asyncio.sleep(0.01)
        return self.path


def _wav_is_whole(path: Path) -> bool:
    """Whether the RIFF header, which PJMEDIA writes last, agrees with the file's size."""
    with path.open("rb") as file:
        head = file.read(8)
    size = path.stat().st_size
    return head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") + 8 == size
