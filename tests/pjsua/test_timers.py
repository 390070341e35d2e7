"""Timers: PJSIP counts, the expiry is an event."""

from __future__ import annotations

import gc
import time
import weakref

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj


class Thing:
    """Something a weak reference can watch."""


def test_they_expire_in_order_with_what_they_were_given(phone: Phone) -> None:
    began = time.monotonic()
    ids = {delay: pj.schedule_timer(delay, ("after", delay)) for delay in (0.3, 0.1, 0.2, 0)}
    ids[0.4] = pj.schedule_timer2(400, ("after", 0.4))
    phone.wait(pj.OnTimer, count=5)
    events = phone.all(pj.OnTimer)
    assert [event.user_data for event in events] == [("after", delay) for delay in (0, 0.1, 0.2, 0.3, 0.4)]
    for event, delay in zip(events, (0, 0.1, 0.2, 0.3, 0.4), strict=True):
        assert event.timer_id == ids[delay]
        assert event.timer_id.serial == ids[delay].serial
        # PJSIP's ticks are milliseconds.
        assert event.time - began >= delay - 0.002


def test_a_cancelled_timer_does_not_come(phone: Phone) -> None:
    cancelled = pj.schedule_timer(0.1, "cancelled")
    pj.schedule_timer(0.2, "kept")
    assert pj.cancel_timer(cancelled) is True
    assert pj.cancel_timer(cancelled) is False
    phone.wait(pj.OnTimer)
    assert [event.user_data for event in phone.all(pj.OnTimer)] == ["kept"]


def test_an_expired_timer_is_nobodys_any_more(phone: Phone) -> None:
    first = pj.schedule_timer(0)
    phone.wait(pj.OnTimer)
    second = pj.schedule_timer(100)
    assert second == first, "the slot is expected to be reused"
    assert pj.cancel_timer(first) is False
    assert pj.cancel_timer(int(second)) is True, "a plain int means whoever is there"


def test_a_thousand_each_once(phone: Phone) -> None:
    ids = [pj.schedule_timer(0.05 + 0.0001 * (i % 100), i) for i in range(1000)]
    assert len({id.serial for id in ids}) == 1000
    cancelled = {i for i in range(0, 1000, 7) if pj.cancel_timer(ids[i])}
    left = set(range(1000)) - cancelled
    phone.wait(pj.OnTimer, count=len(left))
    end = pj.schedule_timer(0.1, "end")
    phone.wait(pj.OnTimer, lambda event: event.timer_id.serial == end.serial)
    got = [event.user_data for event in phone.all(pj.OnTimer)]
    assert len(got) == len(left) + 1
    assert set(got) == left | {"end"}


def test_what_a_timer_was_given_is_let_go(phone: Phone) -> None:
    things = [Thing(), Thing(), Thing()]
    watched = [weakref.ref(thing) for thing in things]
    pj.schedule_timer(0, things[0])
    cancelled = pj.schedule_timer(100, things[1])
    pj.schedule_timer(100, things[2])
    phone.wait(pj.OnTimer)
    pj.cancel_timer(cancelled)
    phone.events.clear()
    things.clear()
    gc.collect()
    assert [ref() is None for ref in watched] == [True, True, False]
    pj.destroy(timeout=0.0)
    pj.create()
    gc.collect()
    assert watched[2]() is None


def test_destroy_does_not_wait_for_timers(phone: Phone) -> None:
    for _ in range(100):
        pj.schedule_timer(3600)
    began = time.monotonic()
    pj.destroy()
    assert time.monotonic() - began < 5
    assert phone.all(pj.OnTimer) == []


def test_a_library_without_threads_counts_in_handle_events() -> None:
    got: list[pj.OnTimer] = []
    config = pj.Config(thread_cnt=0)
    config.cb.on_timer = got.append
    pj.create()
    pj.init(config)
    pj.schedule_timer(0.05, "mine")
    deadline = time.monotonic() + 10
    while not got and time.monotonic() < deadline:
        pj.handle_events(20)
    assert [event.user_data for event in got] == ["mine"]


@pytest.mark.parametrize("delay", [-1, float("nan"), float("inf"), 1e12])
def test_bad_delays(phone: Phone, delay: float) -> None:
    with pytest.raises(ValueError, match="delay"):
        pj.schedule_timer(delay)


def test_bad_arguments(phone: Phone) -> None:
    with pytest.raises(TypeError, match="delay"):
        pj.schedule_timer("1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="msec_delay"):
        pj.schedule_timer2(-1)
    with pytest.raises(ValueError, match="timer_id"):
        pj.cancel_timer(-1)
    with pytest.raises(ValueError, match="timer_id"):
        pj.cancel_timer(2**31)
    with pytest.raises(TypeError, match="timer_id"):
        pj.cancel_timer(pj.AccId(0, 1))
    assert pj.cancel_timer(5) is False
