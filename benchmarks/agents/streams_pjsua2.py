#!/usr/bin/env python3
"""`streams.py ports` and `streams.py spin` by PJSIP's SWIG binding: its Python runs on the bridge's clock.

streams_pjsua2.py COUNT SECONDS SPINNING
"""

from __future__ import annotations

import json
import sys
import threading
import time

import pjsua2

RATE, FRAME = 16000, 640


class Port(pjsua2.AudioMediaPort):  # type: ignore[misc]
    """Gives the same frame each time and looks at what it hears: less than a program would do."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.asked = 0
        self.heard = 0
        self.silence = pjsua2.ByteVector(bytes(FRAME))
        form = pjsua2.MediaFormatAudio()
        form.init(pjsua2.PJMEDIA_FORMAT_PCM, RATE, 1, 20000, 16)
        self.createPort(name, form)

    def onFrameRequested(self, frame: pjsua2.MediaFrame) -> None:
        frame.type = pjsua2.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = self.silence
        self.asked += 1

    def onFrameReceived(self, frame: pjsua2.MediaFrame) -> None:
        self.heard += frame.buf.size()


def main(count: int, seconds: float, spinning: int) -> None:
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    config = pjsua2.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.medConfig.maxMediaPorts = count + 16
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    endpoint.libStart()
    ports = [Port(f"p{n}") for n in range(count)]
    for one, other in zip(ports[::2], ports[1::2], strict=True):
        one.startTransmit(other)
        other.startTransmit(one)
    for _ in range(spinning):
        threading.Thread(target=spin, daemon=True).start()
    time.sleep(1.5)
    began, used = time.monotonic(), time.process_time()
    before = sum(port.asked for port in ports)
    time.sleep(seconds)
    took, used = time.monotonic() - began, time.process_time() - used
    frames = sum(port.asked for port in ports) - before
    print(
        json.dumps(
            {
                "ports": count,
                "frames": frames,
                "kept": frames / (took * 50 * count),
                "core": used / took,
                "core_per_port": used / took / count,
            }
        ),
        flush=True,
    )
    # Its threads and ours would not come to an end together.
    import os

    os._exit(0)


def spin() -> None:
    while True:
        pass


main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
