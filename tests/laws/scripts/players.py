"""Four threads use and close the players a fifth makes, by their ids, for as many seconds as it is told."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

from pyjsua import pjsua as pj

path = Path(tempfile.mkdtemp()) / "silence.wav"
with wave.open(str(path), "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(8000)
    file.writeframes(bytes(16000))

current: pj.PlayerId | None = None
stopping = False
failures: list[BaseException] = []


def use(player: pj.PlayerId) -> None:
    pj.player_get_pos(player)
    pj.player_set_pos(player, 10)
    pj.conf_connect(pj.player_get_conf_port(player), 0)


def repeat(what: Callable[[pj.PlayerId], None]) -> None:
    while not stopping:
        if (player := current) is not None:
            try:
                what(player)
            except pj.StaleError:
                continue
            except BaseException as error:
                failures.append(error)
                return


sys.setswitchinterval(1e-5)
pj.create()
pj.init()
pj.start()
threads = [
    threading.Thread(target=repeat, args=(what,)) for what in (use, use, pj.player_destroy, pj.player_destroy)
]
for thread in threads:
    thread.start()
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    current = pj.player_create(path)
    with contextlib.suppress(pj.StaleError):
        pj.player_destroy(current)
stopping = True
for thread in threads:
    thread.join()
assert not failures, failures
pj.destroy()
