"""Places in what is written are told once each, and no wait goes on where nothing will come of it."""

from __future__ import annotations

import mmap
import select
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pjsua.phone import Phone, until
from pyjsua import pjsua as pj
from whole_sound import whole_sound


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


@pytest.fixture
def pair(phone: Phone) -> Iterator[tuple[pj.PcmPort, pj.PcmPort]]:
    source, sink = pj.PcmPort(16000, write_ahead=10), pj.PcmPort(16000, read_behind=10)
    pj.conf_connect(source.conf_port, sink.conf_port)
    yield source, sink
    source.close()
    sink.close()


def marks_of(phone: Phone, port: pj.PcmPort) -> list[tuple[str, pj.PcmMarkOutcome]]:
    return [
        (event.name, event.outcome) for event in phone.all(pj.OnPcmMark) if event.port == port.conf_port.owner
    ]


def test_each_is_told_when_the_bridge_has_pulled_it(
    phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]
) -> None:
    source, _ = pair
    places = [0, 1, 320, 320, 5000, 8000]
    before = 0
    for number, place in enumerate(places):
        source.write(np.full(place - before, 1000, np.int16), 1)
        before = place
        assert source.mark(f"Nº {number}") == number + 1
    assert source.drain(5)
    until(lambda: len(marks_of(phone, source)) == len(places), "all are told")
    assert marks_of(phone, source) == [(f"Nº {n}", pj.PcmMarkOutcome.PLAYED) for n in range(len(places))]
    told = [event for event in phone.all(pj.OnPcmMark) if event.port == source.conf_port.owner]
    assert [event.played_ms for event in told] == [place / 16 for place in places]
    times = [event.time for event in told]
    assert times == sorted(times)
    assert times[-1] > times[1]
    assert source.marks() == [], "nobody asked to keep them"


def test_what_clear_drops_is_told_as_cleared(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, _ = pair
    source.pause()
    source.mark("begin", keep=True)
    source.write(bytes(3200), 1)
    source.mark("said", keep=True)
    source.write(bytes(160000), 1)
    source.mark("not said", keep=True)
    source.resume()
    until(lambda: source.played_ms > 100, "the second is past")
    dropped = source.clear()
    # Told before clear() returns; what comes now is a new beginning.
    kept = source.marks()
    assert [(mark.name, mark.outcome.name) for mark in kept] == [
        ("begin", "PLAYED"),
        ("said", "PLAYED"),
        ("not said", "CLEARED"),
    ]
    assert [mark.number for mark in kept] == [1, 2, 3]
    assert kept[1].played_ms == 100
    assert kept[2].played_ms + dropped == pytest.approx(5100)
    source.mark("after", keep=True)
    until(lambda: [mark.name for mark in source.marks()] == ["after"], "nothing is before it")
    until(lambda: len(marks_of(phone, source)) == 4, "the events say so too")


def test_close_tells_what_was_not_reached(phone: Phone) -> None:
    source = pj.PcmPort()
    source.write(bytes(640), 0)
    source.mark("never", keep=True)
    source.close()
    assert [(mark.name, mark.outcome.name) for mark in source.marks()] == [("never", "CLOSED")]
    until(lambda: marks_of(phone, source) == [("never", pj.PcmMarkOutcome.CLOSED)], "the event says so too")
    with pytest.raises(pj.StaleError):
        source.mark("late")


def test_no_more_marks_than_there_is_room_for(phone: Phone) -> None:
    source = pj.PcmPort()
    source.write(bytes(640), 0)
    for _ in range(64):
        source.mark()
    with pytest.raises(pj.TooMany, match="name"):
        source.mark()
    source.clear()
    source.mark()
    for bad, error in ((1, TypeError), ("x" * 65, ValueError), ("\udc80", ValueError)):
        with pytest.raises(error):
            source.mark(bad)  # type: ignore[arg-type]
    source.close()


def test_where_nobody_listens_nothing_is_waited_for(
    phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]
) -> None:
    source, sink = pair
    alone = pj.PcmPort()
    alone.write(bytes(640), 0)
    with pytest.raises(pj.Unheard, match="conf_port"):
        alone.drain()
    assert alone.stats().unheard_ms > 1000
    alone.close()
    # The one that listened goes while somebody waits.
    source.write(bytes(160000), 0)
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            source.drain()
        except BaseException as error:
            raised.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: source.played_ms > 0, "it is being heard")
    assert source.stats().unheard_ms <= 20
    sink.close()
    waiting.join(20)
    assert [type(error) for error in raised] == [pj.Unheard]
    # It stays queued, for whoever listens next.
    other = pj.PcmPort()
    pj.conf_connect(source.conf_port, other.conf_port)
    played = source.played_ms
    until(lambda: source.played_ms > played, "it goes on")
    other.close()


def test_a_clock_that_stands_still_ends_every_wait(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    outcomes: list[str] = []

    def wait(work: Any) -> None:
        try:
            work()
        except pj.PjsuaError as error:
            outcomes.append(type(error).__name__)

    pj.set_no_snd_dev()
    sink.skip()
    try:
        while source.write(bytes(64000), 0):
            pass
        works: list[Any] = [
            lambda: source.write(bytes(64000)),
            lambda: sink.read(6400000),
            lambda: source.drain(),
        ]
        threads = [threading.Thread(target=wait, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert outcomes == ["NoClock"] * 3
    finally:
        pj.set_null_snd_dev()
    played = source.played_ms
    until(lambda: source.played_ms > played, "it goes on")
    assert sink.read(640, 20)


def test_a_loop_of_ones_own_is_woken(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    mine = {source.conf_port.owner.serial: source, sink.conf_port.owner.serial: sink}  # type: ignore[union-attr]
    ready: set[int] = set()

    def named(port: pj.PcmPort) -> bool:
        select.select([pj.pcm_ready_fd()], [], [], 5)
        ready.update(pj.pcm_ready())
        return any(mine.get(serial) is port for serial in ready)

    sink.skip()
    assert not sink.when_readable(32000)
    until(lambda: named(sink), "it can be read")
    assert sink.readable >= 32000
    assert sink.when_readable(32000)
    while source.write(bytes(64000), 0):
        pass
    assert not source.when_room(32000)
    ready.clear()
    until(lambda: named(source), "there is room")
    assert source.room >= 32000
    ready.clear()
    assert not source.when_played(source.stats().written)
    sink.close()
    source.close()
    until(lambda: named(source), "it has gone")
    with pytest.raises(ValueError, match="size"):
        source.when_room(1 << 40)


def test_playing_waits_for_its_prefill(phone: Phone) -> None:
    source, sink = pj.PcmPort(prefill=0.2), pj.PcmPort(read_behind=5)
    pj.conf_connect(source.conf_port, sink.conf_port)
    source.write(bytes(3200), 1)
    frames = source.stats().frames
    until(lambda: source.stats().frames > frames + 5, "the bridge asks for it")
    assert source.played_ms == 0
    source.write(bytes(3200), 1)
    until(lambda: source.stats().underruns == 1, "both are played, and then there is no more")
    assert source.played_ms == 200
    source.write(bytes(3200), 1)
    frames = source.stats().frames
    until(lambda: source.stats().frames > frames + 5, "it is waited for again")
    assert source.played_ms == 200
    assert source.drain(5)
    assert source.played_ms == 300
    with pytest.raises(ValueError, match="prefill: 1 seconds are more than write_ahead"):
        pj.PcmPort(prefill=1)
    source.close()
    sink.close()


def test_a_mark_within_the_prefill_is_told_though_more_comes(phone: Phone) -> None:
    source, sink = pj.PcmPort(prefill=0.2), pj.PcmPort()
    pj.conf_connect(source.conf_port, sink.conf_port)
    # Between two ticks; where one comes between, the mark begins the playing itself.
    source.write(bytes(1600), 1)
    source.mark("said", keep=True)
    source.write(bytes(640), 1)
    until(lambda: [mark.outcome.name for mark in source.marks()] == ["PLAYED"], "it is told")
    source.close()
    sink.close()


def test_levels_and_the_clock(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    square = np.repeat(np.tile(np.array([8192, -8192], np.int16), 5000), 16)
    source.write(square, 1)
    until(lambda: sink.stats().level_in > 0.2, "it is heard")
    out, heard = source.stats(), sink.stats()
    assert (out.level_out, out.peak_out) == pytest.approx((0.25, 0.25), abs=1e-4)
    assert (heard.level_in, heard.peak_in) == pytest.approx((0.25, 0.25), abs=1e-3)
    source.clear()
    until(lambda: source.stats().level_out == 0, "and is over")
    stats = source.stats()
    assert stats.clock_ms > 0
    assert 0 <= stats.late_p50_ms <= stats.late_p99_ms * 1.13
    assert stats.late_p99_ms <= stats.late_max_ms * 1.13 + 0.01
    source.close()
    assert source.stats().written == len(square)


def test_a_gigabyte_is_taken_as_far_as_it_fits(pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    with mmap.mmap(-1, 1 << 30) as huge:
        assert 0 < source.write(huge, 0) <= 320000
        assert sink.readinto(huge, 0) < 1 << 20
    assert source.clear() > 0


def test_floats_are_refused_with_the_way_out(pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    with pytest.raises(TypeError, match=r"data: .*format 'f'; scale floats of -1 to 1 by 32767"):
        pair[0].write(np.zeros(4, np.float32))
