"""The low-level door: pjsua.h name for name, with handlers in the dispatcher thread.

python low_level.py 127.0.0.1:5060 1001 PASSWORD 1002 [ADDRESS TO BIND]
"""

from __future__ import annotations

import sys
import threading

from pyjsua import pjsua as pj

if not 5 <= len(sys.argv) <= 6:
    raise SystemExit(__doc__)
server, user, password, callee, bind = (*sys.argv[1:], "")[:5]
registered, over = threading.Event(), threading.Event()


def on_reg_state2(ev: pj.OnRegState2) -> None:
    print(ev.info.code, ev.info.reason, ev.info.expiration, flush=True)
    registered.set()


def on_call_state(ev: pj.OnCallState) -> None:
    print(ev.info.state.name, ev.info.last_status, flush=True)
    if ev.info.state is pj.InvState.DISCONNECTED:
        over.set()


def on_call_media_state(ev: pj.OnCallMediaState) -> None:
    if ev.info.media_status is pj.CallMediaStatus.ACTIVE:
        pj.conf_connect(ev.info.conf_slot, 0)
        pj.conf_connect(0, ev.info.conf_slot)


pj.create()
try:
    cfg = pj.Config()
    cfg.cb.on_reg_state2 = on_reg_state2
    cfg.cb.on_call_state = on_call_state
    cfg.cb.on_call_media_state = on_call_media_state
    pj.init(cfg)  # slot 0 is the null device until pj.set_snd_dev()
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=bind))
    pj.start()
    acc = pj.acc_add(
        pj.AccConfig(
            id=f"sip:{user}@{server}",
            reg_uri=f"sip:{server}",
            cred_info=[pj.CredInfo(realm="*", username=user, data=password)],
            rtp_cfg=pj.TransportConfig(port=4000, bound_addr=bind),
        )
    )
    registered.wait(32)
    call = pj.call_make_call(acc, f"sip:{callee}@{server}")
    over.wait(5)
    pj.call_hangup_all()
    over.wait(5)
    pj.acc_del(acc)
finally:
    pj.destroy()
