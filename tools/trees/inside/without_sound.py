"""What a machine without ALSA is told: no devices, a line in the log, an error that names the cause."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pyjsua


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def loaded() -> bool:
    return "asound" in Path("/proc/self/maps").read_text()


async def main() -> None:
    kept = Kept()
    logger = logging.getLogger("pyjsua.pjsip")
    logger.addHandler(kept)
    logger.setLevel(logging.DEBUG)
    async with pyjsua.Endpoint(bound_addr="127.0.0.1") as endpoint:
        assert not loaded()
        assert not [line for line in kept.lines if "sound devices" in line], "nobody has asked yet"
        assert endpoint.sound.devices() == []
        try:
            endpoint.sound.open()
        except pyjsua.SoundDeviceError as error:
            said = str(error)
        else:
            raise AssertionError("a device was opened")
    (line,) = [line for line in kept.lines if "No sound devices" in line]
    assert "libasound.so.2" in line, line
    print(f"log: {line.strip()}")
    print(f"sound.open(): {said}")


asyncio.run(main())
