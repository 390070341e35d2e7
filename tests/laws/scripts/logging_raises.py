"""A logging handler that raises at every line of PJSIP's log: events come all the same."""

from __future__ import annotations

import logging
import threading

from pyjsua import pjsua as pj


class Broken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise ValueError("this handler is broken")


logger = logging.getLogger("pyjsua.pjsip")
logger.addHandler(Broken())
logger.setLevel(logging.DEBUG)
happened = threading.Event()
cfg = pj.Config()
cfg.cb.on_conf_op_completed = lambda event: happened.set()
pj.create()
pj.init(cfg)
pj.start()
pj.conf_connect(0, 0)
assert happened.wait(10), "the event was not delivered"
pj.destroy()
