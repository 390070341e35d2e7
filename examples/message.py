"""Sends one SIP MESSAGE at the low-level door, and says what became of it.

python message.py sip:1002@127.0.0.1:5060 "hello" [ADDRESS TO BIND]
"""

from __future__ import annotations

import sys

from pyjsua import pjsua as pj

if not 3 <= len(sys.argv) <= 4:
    raise SystemExit(__doc__)
to, text, bind = (*sys.argv[1:], "")[:3]

pj.create()
try:
    pj.init()
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=bind))
    pj.start()
    account = pj.acc_add_local(transport)
    pj.im_send(account, to, "text/plain", text, pj.MsgData(hdr_list=[("Subject", "an example")]))
    # With no handlers set the script reads its events itself. This one is the answer, or that there was none.
    for event in pj.events(timeout=40):
        if isinstance(event, pj.OnPagerStatus2):
            print(event.status, event.reason, flush=True)
            break
finally:
    pj.destroy()
