"""Events that wait are seen: in the counters, and by the watchdog, which says where every thread is."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from laws import phone
from objects.phones import TIMEOUT, direct_uri, local_account
from pyjsua import Endpoint, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]

SECONDS = 0.5


class Told(logging.Handler):
    """What the watchdog says, and events for its two kinds of records."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.stalled = threading.Event()
        self.over = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.threadName == "pyjsua-watchdog":
            self.records.append(record)
            (self.stalled if hasattr(record, "stalled_ms") else self.over).set()


@contextmanager
def told() -> Iterator[Told]:
    handler = Told()
    logging.getLogger("pyjsua").addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger("pyjsua").removeHandler(handler)


def watchdogs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "pyjsua-watchdog"]


def sleeps_in_c(until: threading.Event) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not until.is_set() and time.monotonic() < deadline:
        time.sleep(0.05)


def keeps_python_busy(until: threading.Event) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not until.is_set() and time.monotonic() < deadline:
        pass


@pytest.mark.parametrize("block", [sleeps_in_c, keeps_python_busy])
def test_a_handler_that_blocks(block: Callable[[threading.Event], None]) -> None:
    events = phone.Events()
    callbacks = phone.auto_answer(events)
    seen: list[pj.EventStats] = []

    with told() as log:

        def blocks_once(event: pj.OnCallState) -> None:
            if not seen:
                block(log.stalled)
                seen.append(pj.event_stats())
            events(event)

        callbacks.on_call_state = blocks_once
        pj.set_watchdog(SECONDS)
        try:
            with phone.phone(callbacks) as line:
                call = line.call()
                events.wait_state(call, pj.InvState.CONFIRMED)
                assert log.over.wait(TIMEOUT)
                pj.call_hangup(call)
                events.wait_state(call, pj.InvState.DISCONNECTED)
                after = pj.event_stats()
        finally:
            pj.set_watchdog(None)
    stall, over = log.records[:2]
    assert stall.name == over.name == "pyjsua"
    assert stall.levelno == logging.WARNING
    assert vars(stall)["stalled_event"] == "OnCallState"
    assert vars(stall)["stalled_ms"] > SECONDS * 1000
    text = stall.getMessage()
    assert "OnCallState" in text
    # The stack of the thread that blocks, and of one that waits.
    assert "Thread pyjsua-dispatcher:" in text
    assert f"in {block.__name__}" in text
    assert "Thread MainThread:" in text
    assert "again" in over.getMessage()
    (during,) = seen
    assert during.handling == "OnCallState"
    assert during.oldest_ms > SECONDS * 1000
    assert after.longest_event == "OnCallState"
    assert after.longest_ms > SECONDS * 900
    for thread in watchdogs():
        thread.join(TIMEOUT)
    assert not watchdogs()


async def test_a_loop_that_is_blocked(make_endpoint: MakeEndpoint) -> None:
    with told() as log:
        async with make_endpoint(watchdog=SECONDS) as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            incoming = bob.incoming()
            call = alice.start_call(direct_uri(endpoint, "bob"))
            theirs = await anext(incoming)
            pj.call_answer(theirs.id, 200)
            # The answer's events come, and nobody takes them.
            sleeps_in_c(log.stalled)
            during = endpoint.event_stats
            await call.wait_answered(TIMEOUT)
            assert await asyncio.to_thread(log.over.wait, TIMEOUT)
            after = endpoint.event_stats
            await call.hangup()
    stall, _ = log.records[:2]
    assert vars(stall)["stalled_event"] is None
    assert "in test_a_loop_that_is_blocked" in stall.getMessage()
    assert during.depth > 0
    assert during.high_water >= during.depth
    assert during.oldest_ms > SECONDS * 1000
    assert during.handling == ""
    assert after.oldest_ms < during.oldest_ms
    assert after.longest_ms > 0
    assert hasattr(pj, after.longest_event)
    for thread in watchdogs():
        await asyncio.to_thread(thread.join, TIMEOUT)
    assert not watchdogs()


async def test_nobody_watches_unasked(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        assert not watchdogs()
        assert endpoint.event_stats.oldest_ms >= 0
    with pytest.raises(pj.InvalidState):
        _ = endpoint.event_stats


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_no_number_of_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="watchdog"):
        Endpoint(watchdog=seconds)
    with pytest.raises(ValueError, match="seconds"):
        pj.set_watchdog(seconds)


@pytest.mark.parametrize("seconds", ["1", True])
def test_no_number(seconds: object) -> None:
    with pytest.raises(TypeError, match="watchdog"):
        Endpoint(watchdog=seconds)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="seconds"):
        pj.set_watchdog(seconds)  # type: ignore[arg-type]
