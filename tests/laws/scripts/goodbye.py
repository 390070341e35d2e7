"""Ends with a live call that is being recorded. Arguments: whom to call, the file, how it ends."""

from __future__ import annotations

import sys

from laws import phone
from pyjsua import pjsua as pj

callee, recording, how = sys.argv[1:]
events = phone.Events()
line = phone.start(phone.handlers(events))
# SIPp answers with several codecs, and would not understand the re-INVITE that leaves one.
caller = pj.acc_add(phone.account("caller", line.port, lock_codec=0))
call = pj.call_make_call(caller, callee)
media = events.wait_for(pj.OnCallMediaState)
events.wait_state(call, pj.InvState.CONFIRMED)
recorder = pj.recorder_create(recording)
pj.conf_connect(media.info.conf_slot, pj.recorder_get_conf_port(recorder))
events.wait_for(pj.OnConfOpCompleted, lambda event: event.source == media.info.conf_slot and event.sink >= 0)
if how == "error":
    raise LookupError("the program's own")
if how == "exit":
    sys.exit(3)
