"""The event queue: nothing lost, one total order, the cap respected, the counters true."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from laws import phone
from peers.gil import hold_gil
from pyjsua import _core, pjsua as pj

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "src" / "native"


@pytest.fixture(params=["plain", "portable", "thread", "address,undefined"])
def stress(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """queue.c and wake.c themselves, with the one function of message.c that it needs, and no PJSIP."""
    compiler = shutil.which("cc")
    assert compiler is not None, "cc is missing: apt install gcc"
    program = tmp_path / "stress"
    how = {"plain": [], "portable": ["-DPYJ_WAKE_PORTABLE"]}
    flags = how.get(request.param, [f"-fsanitize={request.param}"])
    command = [
        compiler, "-std=gnu11", "-O2", "-g", "-Wall", "-Werror", *flags, "-pthread", "-o", str(program),
        "-include", str(HERE / "stubs" / "message.h"), "-I", str(NATIVE),
        str(HERE / "queue_stress.c"), str(NATIVE / "queue.c"), str(NATIVE / "wake.c"),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return program


@pytest.mark.parametrize("producers", [1, 8])
def test_stress(stress: Path, producers: int) -> None:
    done = subprocess.run(
        [stress, str(producers), "40000"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


@pytest.fixture
def events() -> phone.Events:
    return phone.Events()


def test_counters_of_a_call(events: phone.Events) -> None:
    start = pj.queue_stats()
    with phone.phone(phone.auto_answer(events)) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_hangup(call)
        events.wait_state(call, pj.InvState.DISCONNECTED)
    stats = pj.queue_stats()
    delivered = len(events.all)
    assert delivered > 10
    # Log lines pass through it too.
    assert stats["pushed"] - start["pushed"] >= delivered
    assert stats["popped"] == stats["pushed"]
    assert stats["depth"] == 0
    assert (stats["dropped"], stats["starved"]) == (start["dropped"], start["starved"])
    assert 1 <= stats["high_water"] <= stats["pushed"]
    # One wake for a batch, not for an event.
    assert 0 < stats["wakes"] - start["wakes"] <= stats["pushed"] - start["pushed"] + 2
    numbers = [event.seq for event in events.all if not isinstance(event, pj.OlderEvent)]
    times = [event.time for event in events.all]
    assert numbers == sorted(set(numbers))
    assert times[0] <= times[-1]


@pytest.fixture
def small_cap() -> Iterator[None]:
    cap = pj.queue_stats()["cap"]
    pj.queue_set_cap(1)
    yield
    pj.queue_set_cap(cap)


def test_cap_drops_what_may_be_dropped(events: phone.Events, small_cap: None) -> None:
    """A deaf consumer: transaction events are dropped and counted, call events never."""
    before = pj.queue_stats()["dropped"]
    with phone.phone(phone.auto_answer(events)) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_reinvite(call)
        pj.call_hangup_all()
        hold_gil(1.0)
        events.wait_state(call, pj.InvState.DISCONNECTED)
        other = events.of(pj.OnIncomingCall)[0].call_id
        events.wait_state(other, pj.InvState.DISCONNECTED)
        phone.wait_until(lambda: pj.call_get_count() == 0, "hung up")
    assert pj.queue_stats()["dropped"] > before


def test_script_loop() -> None:
    with phone.phone() as line:
        reader = pj.events(timeout=10)
        call = line.call()
        kinds = []
        for event in reader:
            kinds.append(type(event))
            if isinstance(event, pj.OnIncomingCall):
                pj.call_answer(event.call_id, 200)
            if isinstance(event, pj.OnCallState) and phone.is_same(event.call_id, call):
                if event.info.state is pj.InvState.CONFIRMED:
                    pj.call_hangup(call)
                if event.info.state is pj.InvState.DISCONNECTED:
                    break
        assert pj.OnIncomingCall in kinds
        # Whoever breaks off finds the rest in the next loop.
        rest = list(pj.events(timeout=0.5))
        assert any(
            isinstance(event, pj.OnCallState) and event.info.state is pj.InvState.DISCONNECTED
            for event in rest
        )


def test_script_loop_ends_with_the_library() -> None:
    told: list[pj.Event] = []
    with phone.phone():
        thread = threading.Thread(target=lambda: told.extend(pj.events()))
        thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_handlers_and_events_exclude_each_other(events: phone.Events) -> None:
    with phone.phone(phone.auto_answer(events)), pytest.raises(RuntimeError, match="handlers"):
        pj.events()
    with phone.phone():
        first = pj.events(timeout=0.0)
        assert list(first) is not None
        busy = pj.events(timeout=5)
        reading = threading.Thread(target=lambda: list(busy))
        reading.start()
        phone.wait_until(lambda: _raises_busy(), "the other reader")
        _core.queue_wake()
    reading.join(10)


def _raises_busy() -> bool:
    try:
        list(pj.events(timeout=0.0))
    except RuntimeError as error:
        return "another thread" in str(error)
    return False


def test_descriptor_is_for_any_loop() -> None:
    """What a consumer of one's own needs: a descriptor that is readable once there is something."""
    import select

    with phone.phone() as line:
        for _ in pj.events(timeout=0.1):
            pass
        poller = select.poll()
        poller.register(_core.queue_fd(), select.POLLIN)
        while not _core.queue_may_sleep():
            _core.queue_drain()
        _core.queue_ack()
        assert poller.poll(0) == []
        line.call()
        assert poller.poll(5000) != []
        _core.queue_ack()
        assert _core.queue_drain() != []
