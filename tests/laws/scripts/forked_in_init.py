"""A fork while another thread of the parent is on its way into PJSIP, and holds what keeps others out."""

from __future__ import annotations

import os
import signal
import threading

from pyjsua import pjsua as pj

inside, never = threading.Event(), threading.Event()


class Slow(pj.Config):
    @property
    def max_calls(self) -> int:
        if threading.current_thread() is not threading.main_thread():
            inside.set()
            never.wait(60)
        return 4

    @max_calls.setter
    def max_calls(self, calls: int) -> None:
        pass


pj.create()
threading.Thread(target=pj.init, args=(Slow(),), daemon=True).start()
inside.wait(20)
for function in (pj.create, pj.init, pj.start, pj.destroy):
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
