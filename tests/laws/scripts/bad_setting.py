"""More media lines than an SDP holds raise ValueError wherever a call takes settings; the call goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from laws import phone
from pyjsua import pjsua as pj

setting = pj.CallSetting(**{sys.argv[1]: int(sys.argv[2])})  # type: ignore[arg-type]
events = phone.Events()
with phone.phone(phone.auto_answer(events)) as line:
    call = line.call()
    events.wait_state(call, pj.InvState.CONFIRMED)
    attempts: list[Callable[[], object]] = [
        lambda: pj.call_make_call(line.accounts[0], line.uri("bob"), setting),
        lambda: pj.call_reinvite(call, setting),
        lambda: pj.call_answer2(call, setting),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError, match=r"^opt\."):
            attempt()
    pj.call_hangup(call)
    events.wait_state(call, pj.InvState.DISCONNECTED)
