"""One thread destroys the library, another makes it anew as soon as it may; the new one delivers events."""

from __future__ import annotations

import faulthandler
import threading

from pyjsua import pjsua as pj

happened = threading.Event()


def make() -> None:
    cfg = pj.Config()
    cfg.cb.on_conf_op_completed = lambda event: happened.set()
    while True:
        try:
            pj.create()
            break
        except pj.InvalidState:
            continue
    pj.init(cfg)
    pj.start()


faulthandler.enable()
make()
for _ in range(10):
    destroyer = threading.Thread(target=pj.destroy)
    destroyer.start()
    make()
    destroyer.join()
    happened.clear()
    pj.conf_connect(0, 0)
    assert happened.wait(10), "the event was not delivered"
pj.destroy()
