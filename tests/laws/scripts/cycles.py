"""Creates, starts, registers and destroys again and again. Arguments: how often, how many of these
warm up, registrar's URI.

Prints as JSON the resident memory and the open descriptors after each cycle, and the threads at the end.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import logging
import os
import sys
import threading
from pathlib import Path

from laws import phone
from pyjsua import pjsua as pj

faulthandler.enable()
cycles, warm_up, registrar = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
# The queue hands out its nodes in turn, so the kernel gives it the pages of its pool one after the other
# until all were used once: thousands of log lines see to that beforehand.
log = logging.getLogger("pyjsua.pjsip")
log.propagate = False
log.addHandler(logging.NullHandler())
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
memory: list[int] = []
descriptors: list[int] = []
for cycle in range(cycles):
    log.setLevel(logging.DEBUG if cycle < warm_up else logging.WARNING)
    events = phone.Events()
    line = phone.start(phone.handlers(events), users=())
    account = phone.account("1001", line.port, reg_uri=registrar)
    account.id = f"sip:1001@{registrar.removeprefix('sip:')}"
    account.cred_info = [pj.CredInfo(realm="*", username="1001", data="secret")]
    acc = pj.acc_add(account)
    assert events.wait_for(pj.OnRegState2).info.code == 200
    pj.destroy()
    unregistered = events.of(pj.OnRegState2)[-1]
    assert (unregistered.info.code, unregistered.info.renew) == (200, False), events.all
    gc.collect()
    memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB)
    descriptors.append(len(os.listdir("/proc/self/fd")))
threads = len(os.listdir("/proc/self/task")), threading.active_count()
json.dump({"memory_kb": memory, "descriptors": descriptors, "threads": threads}, sys.stdout)
