"""Ends while a hook runs: at exit, by destroy, with a hook that never returns, in a fork."""

import logging
import os
import sys
import threading
import time

from pjsua.phone import Phone
from pyjsua import pjsua as pj

how = sys.argv[1]
logging.getLogger("pyjsua").addHandler(logging.NullHandler())
logging.getLogger("pyjsua").propagate = False
running = threading.Event()


def hook(event: object) -> None:
    running.set()
    if how == "stuck":
        time.sleep(3600)
    while True:
        time.sleep(0.01)


phone = Phone(config=pj.Config(max_calls=4, hooks=pj.Hooks(on_acc_find_for_incoming=hook, timeout=2.0)))
phone.__enter__()
account = phone.account("alice")
call = pj.call_make_call(account, phone.uri("alice"))
assert running.wait(10)
start = time.monotonic()
if how == "destroy":
    pj.destroy()
    assert time.monotonic() - start < 8
elif how == "fork":
    child = os.fork()
    if child == 0:
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
