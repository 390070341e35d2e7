"""Any thread may call: those Python just made, and ten at once until a destroy ends it."""

from __future__ import annotations

import json
import os
import random
import threading

import pytest

from laws import child, phone
from pyjsua import _core, pjsua as pj

SECONDS = float(os.environ.get("PYJSUA_STORM_SECONDS", "60"))
SEED = int(os.environ.get("PYJSUA_STORM_SEED", random.randrange(1_000_000)))


@pytest.mark.parametrize("threads", ["thread", "executor", "asyncio"])
def test_every_public_function_from_a_new_thread(threads: str) -> None:
    ended = child.run("public_functions", threads, timeout=60).expect()
    assert ended.stderr == b"", ended


@pytest.mark.timeout(SECONDS + 120)
def test_storm() -> None:
    print(f"PYJSUA_STORM_SEED={SEED}")
    ended = child.run("storm", SECONDS, SEED, timeout=SECONDS + 90).expect()
    assert ended.stderr == b"", ended
    during, at_end = (json.loads(line) for line in ended.stdout.splitlines())
    print(during, at_end)
    # It is no storm unless calls came up, and the threads were there when the destroy came.
    assert during["states"]["CONFIRMED"] > SECONDS
    assert during["done"] > 50 * SECONDS
    assert any("InvalidState PYJ_ESTATE" in refused for refused in at_end["refused"])
    assert during["queue"]["starved"] == 0
    # A lock that nobody gives back shows as PJSIP's own time-out of two seconds.
    assert not [refused for refused in at_end["refused"] if "PJ_ETIMEDOUT" in refused], at_end["refused"]


def test_destroy_waits_for_who_is_inside() -> None:
    """PJSIP's own destroy would pull the memory away under a thread that polls it."""
    inside = threading.Thread(target=lambda: pj.handle_events(1500))
    with phone.phone():
        inside.start()
        phone.wait_until(lambda: _core.entrants() == 1, "a thread inside")
        pj.destroy()
        assert _core.entrants() == 0
    inside.join(10)
    assert not inside.is_alive()
