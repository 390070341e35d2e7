"""Recording files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from . import _core
from .ids import RecorderId
from .wav_port import WavPort

__all__ = ["Recorder"]


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
