"""Ports and observers of another module come and go while calls are made and the library is destroyed.

Run as a program, under AddressSanitizer, in a folder that has storm_ports.c built. The arguments say how many
lives of the library, how many seconds each, and a seed. Prints what was counted, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import threading
import time

sys.path.insert(0, "")

import storm_ports  # type: ignore[import-not-found]

from pyjsua import pjsua as pj

WORKERS = 3
RATES = (8000, 16000, 24000, 32000, 44100, 48000)
Port = tuple[int, pj.ConfPortId, int]
GONE = (-3, -4)
"""PYJSUA_ESTATE and PYJSUA_ESTALE: the library, or the port with it."""


class Storm:
    def __init__(self) -> None:
        self.stop = threading.Event()
        self.failed: list[str] = []
        self.calls = 0
        self.ended = threading.Semaphore(0)

    def guarded(self, what: object, *arguments: object) -> None:
        try:
            what(self, *arguments)  # type: ignore[operator]
        except BaseException as error:
            self.failed.append(repr(error))

    def on_incoming_call(self, event: pj.OnIncomingCall) -> None:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_answer(event.call_id, 200)

    def on_call_state(self, event: pj.OnCallState) -> None:
        if event.info.state is pj.InvState.CONFIRMED:
            self.calls += 1
            with contextlib.suppress(pj.PjsuaError):
                pj.call_hangup(event.call_id)
        elif event.info.state is pj.InvState.DISCONNECTED:
            self.ended.release()


def churn_ports(storm: Storm, seed: int) -> None:
    rng = random.Random(seed)
    mine: list[Port] = []
    while not storm.stop.is_set():
        rate, channels = rng.choice(RATES), rng.choice((1, 2))
        try:
            port: Port = storm_ports.add_port(rate, channels, rate * rng.choice((10, 20, 60)) // 1000)
        except pj.PjsuaError:  # gone before its ConfPortId was made
            continue
        if port[0] < 0:
            assert port[0] in GONE, port
            time.sleep(0.001)
            continue
        mine.append(port)
        with contextlib.suppress(pj.PjsuaError):
            for other in (
                *(each[1] for each in rng.sample(mine, min(2, len(mine)))),
                0,
                *pj.enum_conf_ports()[:6],
            ):
                pj.conf_connect(port[1], other)
                pj.conf_connect(other, port[1])
        while len(mine) > rng.randrange(1, 10):
            gone = mine.pop(rng.randrange(len(mine)))
            if rng.random() < 0.5:
                with contextlib.suppress(pj.PjsuaError):
                    pj.native_port_destroy(gone[1])
            else:
                outcome = storm_ports.remove_port(gone[0], gone[2])
                assert outcome == 0 or outcome in GONE, outcome


def churn_observers(storm: Storm, seed: int) -> None:
    rng = random.Random(seed)
    mine: list[int] = []
    while not storm.stop.is_set():
        leaves = rng.choice((0, 0, 1, 3))
        outcome, number = storm_ports.add_observer(leaves)
        assert outcome in (0, -2), outcome  # all 16 places taken
        if outcome == 0 and not leaves:
            mine.append(number)
        time.sleep(rng.choice((0, 0.001)))
        while len(mine) > rng.randrange(4):
            assert storm_ports.remove_observer(mine.pop(rng.randrange(len(mine)))) == 0
    for number in mine:
        assert storm_ports.remove_observer(number) == 0


def live(storm: Storm, seconds: float) -> None:
    """One life of the library, with a call at a time to itself; ports are in it when it ends."""
    pj.create()
    config = pj.Config(max_calls=8)
    config.cb.on_incoming_call, config.cb.on_call_state = storm.on_incoming_call, storm.on_call_state
    pj.init(config)
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    account = pj.acc_add(pj.AccConfig(id="sip:storm@127.0.0.1"))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_make_call(account, f"sip:storm@127.0.0.1:{port}")
            storm.ended.acquire(timeout=2)
    pj.destroy()


def main(lives: int, seconds: float, seed: int) -> None:
    storm = Storm()
    work = [
        *((churn_ports, seed + n) for n in range(WORKERS)),
        *((churn_observers, seed - n) for n in (1, 2)),
    ]
    threads = [threading.Thread(target=storm.guarded, args=each) for each in work]
    for thread in threads:
        thread.start()
    for _ in range(lives):
        live(storm, seconds)
    # One more to bring messages to the observers that leave by themselves.
    storm.stop.set()
    for thread in threads:
        thread.join(30)
    live(storm, seconds / 2)
    print(json.dumps(storm_ports.counts() | {"calls": storm.calls, "failed": storm.failed}))
    sys.exit(any(thread.is_alive() for thread in threads))


main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
