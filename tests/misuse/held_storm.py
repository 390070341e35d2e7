"""Requests held while calls end, are transferred and replaced, and the library is destroyed in the middle.

The arguments say how many lives of the library, and how many seconds each. Prints what happened, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import queue
import random
import sys
import threading
import time

from pyjsua import pjsua as pj

EVERYTHING = (
    pj.HeldRequest.TRANSFER
    | pj.HeldRequest.REPLACE
    | pj.HeldRequest.UPDATE
    | pj.HeldRequest.SUBSCRIBE
    | pj.HeldRequest.REINVITE
)
DECIDERS = 3


class Storm:
    """Both ends of every call are here: who asks for a transfer and who decides about it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        # A SimpleQueue of CPython 3.11 may wait for ever with a short timeout.
        self.held: queue.Queue[pj.OnHeldRequest] = queue.Queue()
        self.stop = threading.Event()
        self.counts = dict.fromkeys(("held", "decided", "ended", "transferred", "replaced", "calls"), 0)
        self.uri = ""

    def on_incoming_call(self, event: pj.OnIncomingCall) -> None:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_answer(event.call_id, 200)

    def on_call_state(self, event: pj.OnCallState) -> None:
        if event.info.state is not pj.InvState.CONFIRMED:
            return
        self.counts["calls"] += 1
        with contextlib.suppress(pj.PjsuaError, ValueError):
            for other in self.rng.sample(pj.enum_calls(), 2):
                if other != event.call_id:
                    pj.call_xfer_replaces(event.call_id, other)
            for target in self.uri, "sip:x@127.0.0.1:9":
                pj.call_xfer(event.call_id, target)
            self.rng.choice((pj.call_update, pj.call_reinvite))(event.call_id)

    def on_held_request(self, event: pj.OnHeldRequest) -> None:
        self.counts["held"] += 1
        self.counts[str(event.kind.name)] = self.counts.get(str(event.kind.name), 0) + 1
        self.held.put(event)

    def on_held_request_end(self, event: pj.OnHeldRequestEnd) -> None:
        self.counts["ended"] += 1

    def on_call_transferred(self, event: pj.OnCallTransferred) -> None:
        self.counts["transferred"] += 1

    def on_call_replaced(self, event: pj.OnCallReplaced) -> None:
        self.counts["replaced"] += 1

    def decide(self, seed: int) -> None:
        rng = random.Random(seed)
        while not self.stop.is_set():
            try:
                event = self.held.get(timeout=0.01)
            except queue.Empty:
                continue
            # Some are left to their deadline, some to the end of their call.
            if (choice := rng.random()) < 0.1:
                continue
            with contextlib.suppress(pj.PjsuaError):
                if choice < 0.2 and event.call_id >= 0:
                    pj.call_hangup(event.call_id)
                refused = pj.MsgData(hdr_list=[("X-Why", "x" * rng.randrange(1, 500))])
                if choice < 0.4:
                    pj.held_request_respond(event.request, 480, "Later", None, refused)
                else:
                    pj.held_request_respond(event.request, 202 if choice < 0.9 else 200)
                self.counts["decided"] += 1


def life(seed: int, seconds: float) -> dict[str, int]:
    storm = Storm(seed)
    config = pj.Config(max_calls=24, policy=pj.Policy(held_requests=EVERYTHING, later_ms=100))
    for name in vars(Storm):
        if name.startswith("on_"):
            setattr(config.cb, name, getattr(storm, name))
    pj.create()
    pj.init(config)
    local = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    transport = pj.transport_create(pj.TransportType.UDP, local)
    pj.start()
    pj.set_max_pending(6)
    storm.uri = f"sip:a@127.0.0.1:{pj.transport_get_info(transport).local_name.port}"
    account = pj.acc_add(pj.AccConfig(id=storm.uri, rtp_cfg=local))
    deciders = [threading.Thread(target=storm.decide, args=(seed + i,)) for i in range(DECIDERS)]
    for thread in deciders:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_make_call(account, storm.uri)
        with contextlib.suppress(pj.PjsuaError):
            pj.acc_send_request(account, storm.uri, "SUBSCRIBE")
        if storm.rng.random() < 0.2:
            with contextlib.suppress(pj.PjsuaError, ValueError):
                pj.call_hangup(storm.rng.choice(pj.enum_calls() or [0]))
        time.sleep(0.005)
    # In the middle of it all.
    pj.destroy(storm.rng.choice((0, 0, pj.DestroyFlag.NO_TX_MSG)), 0.5)
    storm.stop.set()
    for thread in deciders:
        thread.join()
    return storm.counts


def main(lives: int, seconds: float) -> None:
    total: dict[str, int] = {}
    for seed in range(lives):
        for name, count in life(seed, seconds).items():
            total[name] = total.get(name, 0) + count
    print(json.dumps(total))


main(int(sys.argv[1]), float(sys.argv[2]))
