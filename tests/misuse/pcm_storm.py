"""Ports made, connected, written, read, marked and closed by several threads, while their clock stops.

Run as a program, under AddressSanitizer: the library is destroyed in the middle of it. Prints how many
ports it made and how many of them were given back, as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time

from pyjsua import _core, pjsua as pj

WORKERS = 4


def churn(seed: int, steady: list[pj.PcmPort], failed: list[BaseException]) -> None:
    rng = random.Random(seed)
    data = bytes(6400)
    mine: list[pj.PcmPort] = []
    try:
        while True:
            one = pj.PcmPort(
                rng.choice(_core.PCM_CLOCK_RATES), rng.choice((1, 2)), 0.2, 0.2, rng.choice((0, 0.1))
            )
            mine.append(one)
            for other in rng.sample(steady, 2) + rng.sample(mine, 1):
                pj.conf_connect(one.conf_port, other.conf_port)
                pj.conf_connect(other.conf_port, one.conf_port)
            for _ in range(rng.randrange(4)):
                one.write(data, rng.choice((0, 0, 0.01)))
                one.mark("here", rng.random() < 0.5)
                one.when_readable(320)
                one.when_played(rng.randrange(6400))
                one.read(1280, rng.choice((0, 0, 0.02)))
            rng.choice((one.clear, one.marks, one.stats, one.pause, one.skip))()
            if len(mine) > rng.randrange(12):
                mine.pop(rng.randrange(len(mine))).close()
    except (pj.InvalidState, pj.StaleError):
        # The library was destroyed, and every port with it.
        for one in mine:
            one.close()
            one.stats()
    except BaseException as error:
        failed.append(error)


def waiting(port: pj.PcmPort, failed: list[BaseException]) -> None:
    """Sleeps in a port that another thread closes, or whose clock stops."""
    try:
        while True:
            try:
                port.read(3200)
            except pj.NoClock:
                continue
    except (pj.InvalidState, pj.StaleError):
        pass
    except BaseException as error:
        failed.append(error)


def main(seconds: float, seed: int) -> None:
    failed: list[BaseException] = []
    pj.create()
    pj.init()
    pj.start()
    steady = [pj.PcmPort(16000) for _ in range(4)]
    threads = [threading.Thread(target=churn, args=(seed + n, steady, failed)) for n in range(WORKERS)]
    threads += [threading.Thread(target=waiting, args=(port, failed)) for port in steady]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(seconds / 16)
        pj.set_no_snd_dev()
        time.sleep(seconds / 40)
        pj.set_null_snd_dev()
        _core.pcm_ready()
    # The last ports are given back without a clock.
    pj.set_no_snd_dev()
    time.sleep(seconds / 40)
    pj.destroy()
    for thread in threads:
        thread.join(30)
    _core.pcm_ready()
    made, destroyed = _core.pcm_census()
    print(json.dumps({"made": made, "destroyed": destroyed, "failed": [repr(error) for error in failed]}))
    sys.exit(any(thread.is_alive() for thread in threads))


main(float(sys.argv[1]), int(sys.argv[2]))
