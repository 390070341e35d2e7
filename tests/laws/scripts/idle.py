"""Stays in a call where nothing happens. Prints the ids of Python's threads, then waits for a line of input.

Arguments: who consumes the events (`handlers` or `events`), and a WAV file to play.
"""

from __future__ import annotations

import json
import sys
import threading

from laws import phone
from pyjsua import pjsua as pj

events = phone.Events()


def answer(event: pj.Event) -> None:
    if isinstance(event, pj.OnIncomingCall):
        pj.call_answer(event.call_id, 200)


def read_all() -> None:
    for event in pj.events():
        events(event)
        answer(event)


if sys.argv[1] == "handlers":
    line = phone.start(phone.auto_answer(events))
else:
    line = phone.start()
    threading.Thread(target=read_all, daemon=True).start()
    phone.wait_until(lambda: threading.active_count() == 2, "reader")
# Only then are incoming calls the script's: events() says so when its thread has come to it.
while True:
    call = line.call()
    state = events.wait_for(
        pj.OnCallState,
        lambda event: (
            phone.is_same(event.call_id, call)  # noqa: B023
            and event.info.state in (pj.InvState.CONFIRMED, pj.InvState.DISCONNECTED)
        ),
    )
    if state.info.state is pj.InvState.CONFIRMED:
        break
events.wait_for(pj.OnCallMediaState, count=2)
for each in pj.enum_calls():
    # Each end hears itself: media flows without a pause.
    pj.conf_connect(pj.call_get_conf_port(each), pj.call_get_conf_port(each))
    pj.conf_connect(pj.player_get_conf_port(pj.player_create(sys.argv[2])), pj.call_get_conf_port(each))
events.wait_for(pj.OnConfOpCompleted, count=8)
phone.wait_until(lambda: pj.queue_stats()["depth"] == 0, "everything told")
print(json.dumps([thread.native_id for thread in threading.enumerate()]), flush=True)
sys.stdin.readline()
print(json.dumps(pj.call_get_stream_stat(call).rtcp.rx.pkt), flush=True)
pj.destroy()
