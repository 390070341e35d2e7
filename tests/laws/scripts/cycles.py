"""Creates, starts, registers and destroys again and again. Arguments: how often, registrar's URI.

Prints as JSON the resident memory and the open descriptors after each cycle, and the threads at the end.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
import threading
from pathlib import Path

from laws import phone
from pyjsua import pjsua as pj

faulthandler.enable()
cycles, registrar = int(sys.argv[1]), sys.argv[2]
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
memory: list[int] = []
descriptors: list[int] = []
for _ in range(cycles):
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
