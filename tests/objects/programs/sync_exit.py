"""Ends as its second argument says, with a call up; says nothing. The first is the address of a SIP server.

1001 and 1002 of the server call each other; the password of both is "secret".
"""

from __future__ import annotations

import os
import sys
import threading

from pyjsua import ForkedError
from pyjsua.sync import Endpoint

domain, how = sys.argv[1:]
endpoint = Endpoint(bound_addr="127.0.0.1").open()
alice, bob = (endpoint.register(f"sip:{user}@{domain}", "secret") for user in ("1001", "1002"))
incoming = bob.incoming()
answering = threading.Thread(target=lambda: next(incoming).answer())
answering.start()
call = alice.call(f"sip:1002@{domain}")
answering.join()
call.wait_media(10)
if how == "waiting":
    # Two daemons that would wait for ever.
    for wait in (lambda: next(incoming), call.wait_ended):
        threading.Thread(target=wait, daemon=True).start()
elif how == "frames":
    frames = iter(call.audio.stream)
    next(frames)
elif how == "error":
    raise LookupError("the program's own")
elif how == "fork":
    if (child := os.fork()) == 0:
        try:
            call.hangup()
        except ForkedError:
            os._exit(7)
        os._exit(8)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
elif how == "exit":
    sys.exit(3)
