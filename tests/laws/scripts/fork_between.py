"""A fork between two runs of the library: what the child does with its library wakes nobody in the parent."""

from __future__ import annotations

import os
import threading

from pyjsua import _core, pjsua as pj


def run() -> None:
    happened = threading.Event()
    cfg = pj.Config()
    cfg.cb.on_conf_op_completed = lambda event: happened.set()
    pj.create()
    pj.init(cfg)
    pj.start()
    pj.conf_connect(0, 0)
    assert happened.wait(10), "the event was not delivered"
    pj.destroy()


run()
child = os.fork()
if not child:
    run()
    _core.queue_wake()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
_core.queue_ack()
child = os.fork()
if not child:
    _core.queue_wake()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert not _core.queue_wait(0.0), "woken by the child"
run()
