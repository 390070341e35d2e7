"""A fork while another thread of the parent destroys: what that holds, nobody in the child lets go of."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading

from pyjsua import pjsua as pj

silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))
pj.create()
pj.init()
pj.transport_create(pj.TransportType.UDP)
pj.start()
pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", reg_uri=f"sip:127.0.0.1:{silent.getsockname()[1]}"))
# It waits for an answer to its REGISTER, and gets none.
threading.Thread(target=pj.destroy, kwargs={"timeout": 60.0}, daemon=True).start()
with contextlib.suppress(pj.InvalidState):
    while True:
        pj.acc_get_count()
for function in (pj.create, pj.init, pj.start, pj.stop_worker_threads, pj.destroy):
    child = os.fork()
    if not child:
        signal.alarm(10)
        try:
            function()
        except pj.ForkedError:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, function
os._exit(0)
