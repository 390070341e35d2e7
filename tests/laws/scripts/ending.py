"""Ends in one of the ways a program ends, with a live call and a playing WAV file, and says nothing itself.

Arguments: how it ends (`return`, `exit`, `error`, `interrupt`, `interrupt_events`, `exit_in_handler`,
`thread`, `fork`), and who
consumes the events (`handlers`, `events`, `nobody`).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
import wave
from pathlib import Path
from typing import Any

from laws import phone
from pyjsua import pjsua as pj

how, consumer = sys.argv[1:]
folder = Path(tempfile.mkdtemp())
tone = folder / "tone.wav"
with wave.open(str(tone), "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(bytes(64000))

in_handler, told_later = threading.Event(), threading.Event()


def connected(call: pj.CallId) -> bool:
    return pj.call_get_info(call).media_status is pj.CallMediaStatus.ACTIVE


def exit_in_handler(event: pj.Event) -> None:
    if in_handler.is_set():
        told_later.set()
    in_handler.set()
    sys.exit(9)


def live_call() -> pj.CallId:
    """A call between two accounts of this process, one of them played a file."""
    if consumer == "handlers":
        events = phone.Events()
        others: dict[str, Any] = {"on_conf_op_completed": exit_in_handler} if how == "exit_in_handler" else {}
        line = phone.start(phone.handlers(events, on_incoming_call=answer, **others))
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
    else:
        line = phone.start()
        reader = pj.events(timeout=10) if consumer == "events" else None
        call = line.call()
        if reader is None:
            # Incoming calls get 480 then; calling is as much of a live call as there can be.
            return call
        for event in reader:
            if isinstance(event, pj.OnIncomingCall):
                answer(event)
            if isinstance(event, pj.OnCallState) and event.info.state is pj.InvState.CONFIRMED:
                break
    phone.wait_until(lambda: connected(call), "media")
    player = pj.player_create(tone)
    recorder = pj.recorder_create(folder / "heard.wav")
    pj.conf_connect(pj.player_get_conf_port(player), pj.call_get_conf_port(call))
    pj.conf_connect(pj.call_get_conf_port(call), pj.recorder_get_conf_port(recorder))
    return call


def answer(event: pj.OnIncomingCall) -> None:
    pj.call_answer(event.call_id, 200)


def use_forever() -> None:
    try:
        while True:
            pj.enum_calls()
    except pj.InvalidState:
        # The interpreter ends, and PJSIP before it.
        return


call = live_call()
match how:
    case "exit":
        sys.exit(3)
    case "error":
        raise LookupError("the program's own")
    case "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(10)
    case "interrupt_events":
        os.kill(os.getpid(), signal.SIGINT)
        for _ in pj.events():
            pass
    case "exit_in_handler":
        # It ends that handler and no more: the dispatcher is not the program.
        logging.getLogger("pyjsua").setLevel(logging.CRITICAL)
        assert told_later.wait(10)
    case "thread":
        # Another thread is inside the library when the interpreter ends.
        threading.Thread(target=use_forever, daemon=True).start()
    case "fork":
        child = os.fork()
        if not child:
            try:
                pj.call_hangup(call)
            except pj.ForkedError:
                sys.exit(5)
            sys.exit(6)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        # The child's exit hung up nothing: the call is as it was.
        assert status == 5, status
        assert consumer == "nobody" or connected(call)
        assert pj.get_state() is pj.State.RUNNING
        if consumer != "nobody":
            pj.call_hangup(call)
