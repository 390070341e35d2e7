"""The program ends while a handler waits for ever."""

from __future__ import annotations

import threading

from pyjsua import pjsua as pj

inside = threading.Event()


def wait_for_ever(event: pj.OnConfOpCompleted) -> None:
    inside.set()
    threading.Event().wait()


cfg = pj.Config()
cfg.cb.on_conf_op_completed = wait_for_ever
pj.create()
pj.init(cfg)
pj.start()
pj.conf_connect(0, 0)
assert inside.wait(10)
