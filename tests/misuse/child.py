"""Runs one batch of cases in a process of its own: argv is a JSON object, stdout has a JSON object a line.

The case under way is in the file `case`, for whoever finds the process dead.
"""

from __future__ import annotations

import faulthandler
import itertools
import json
import os
import random
import signal
import sys
import threading
import time
from typing import Any

from misuse.cases import Case, cases
from misuse.world import World
from pyjsua import pjsua as pj

faulthandler.enable()
# A case that hangs ends the process, and says where each thread was.
faulthandler.register(signal.SIGALRM, all_threads=True, chain=True)

ENDING = {"create", "init", "destroy", "destroy2", "stop_worker_threads"}
"""Would leave nothing to misuse."""

order: dict[str, Any] = json.loads(sys.argv[1])
patience = int(order["patience"])
note = os.open("case", os.O_WRONLY | os.O_CREAT)
lock = threading.Lock()


def tell(**said: Any) -> None:
    with lock:
        print(json.dumps(said, default=repr), flush=True)


def announce(index: int, case: Case) -> None:
    signal.alarm(patience)
    os.pwrite(note, f"{index} {case}".ljust(300)[:300].encode(errors="replace"), 0)


def one_by_one(world: World, start: int) -> None:
    world.build()
    count, slow = 0, 0.0
    slowest = ""
    share, shares = order.get("share", (0, 1))
    for index, case in enumerate(itertools.islice(cases(order["functions"], world), start, None), start):
        if index % shares != share:
            continue
        announce(index, case)
        began = time.monotonic()
        wrong, result = case.run(world)
        took = time.monotonic() - began
        if took > slow:
            slow, slowest = took, str(case)
        if not wrong and took > 6.0:
            wrong = f"took {took:.1f} s"
        if not isinstance(result, (TypeError, ValueError)) or isinstance(result, pj.PjsuaError):
            wrong = world.put_right(case.function, result) or wrong
        if wrong:
            tell(case=str(case), wrong=wrong)
        count += 1
    signal.alarm(patience)
    tell(cases=count, slowest=slowest, seconds=slow)


def at_once(world: World, threads: int) -> None:
    """A sample of all of them from many threads, until the time is over; then one thread destroys."""
    world.build()
    every = [case for case in cases(order["functions"], world) if case.function not in ENDING]
    stop = time.monotonic() + order["seconds"]
    counts = [0] * threads

    def run(number: int) -> None:
        choice = random.Random(order["seed"] + number)
        while time.monotonic() < stop:
            case = choice.choice(every)
            os.pwrite(note, f"{case}".ljust(200)[:200].encode(errors="replace"), number * 200)
            try:
                wrong, _ = case.run(world)
            except pj.InvalidState:
                # Of a good argument, made when the library was gone already.
                if not order.get("destroy"):
                    raise
                wrong = ""
            counts[number] += 1
            if wrong and "accepted" not in wrong:
                tell(case=str(case), wrong=wrong)

    signal.alarm(patience + order["seconds"])
    workers = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(threads)]
    for worker in workers:
        worker.start()
    if order.get("destroy"):
        time.sleep(order["seconds"] / 2)
        pj.destroy(timeout=0.1)
    for worker in workers:
        worker.join()
    tell(cases=sum(counts), slowest="", seconds=0.0)


world = World(order["state"])
if order.get("threads"):
    at_once(world, order["threads"])
    signal.alarm(patience)
    world.state = "running"
    world.build()
else:
    one_by_one(world, order["start"])
wrong = world.check()
if wrong:
    tell(case="afterwards", wrong=wrong)
signal.alarm(patience)
world.close()
tell(done=True)
