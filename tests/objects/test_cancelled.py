"""A task cancelled at each of its turns, in every asynchronous method: it goes, and nothing of it stays."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import itertools
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from objects.call_states import (
    ARGUMENTS,
    BOUND,
    Scene,
    State,
    answered,
    calling,
    clean,
    early_media,
    held_by_us,
    incoming,
    methods,
    scene_of,
)
from objects.phones import TIMEOUT, local_account, registered, slots_free, until
from objects.turns import Start, at_each_turn
from peers.signals import tone, write_wav
from peers.wire import WireClient
from pyjsua import Account, AudioStream, Call, Endpoint, PjsuaError, ToneGenerator, pjsua as pj
from pyjsua.aio import Watchers
from pyjsua.answers import Unanswered
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

WAITS = 0.2
"""Seconds after which the other side hangs up on who waits for what it does not do."""


async def outcome_of(task: asyncio.Task[Any]) -> None:
    """Errors of ours are no concern here; anything else is."""
    with contextlib.suppress(asyncio.CancelledError, PjsuaError, ValueError, EOFError, TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), BOUND)
    assert task.done(), task


def waiting() -> list[object]:
    """Whoever still waits for something in one of ours, and locks that nobody will let go of."""
    found: list[object] = []
    for one in gc.get_objects():
        # Not isinstance, which asks a proxy for the class of what has gone.
        if type(one) is Watchers or type(one) is Unanswered:
            found += one._waiting
        elif type(one) is asyncio.Lock and one.locked():
            found.append(one)
    return found


def in_pjsip() -> list[int]:
    """Timers, transactions, dialogs."""
    dump = pj.dump()
    patterns = r"Timer heap has (\d+)", r"Total (\d+) transactions", r"Number of dialog sets: (\d+)"
    return [int(found[1]) for pattern in patterns if (found := re.search(pattern, dump))]


@contextlib.asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """What there is after it is what there was before: slots, accounts, bridge ports, tasks, who waits, and
    what PJSIP has."""
    await slots_free()
    tasks, ports, accounts = asyncio.all_tasks(), len(pj.enum_conf_ports()), pj.acc_get_count()
    before = in_pjsip()
    yield
    await slots_free()
    await until(lambda: len(pj.enum_conf_ports()) == ports, "the bridge has the ports it had")
    await until(lambda: asyncio.all_tasks() == tasks, "no task is left")
    assert pj.acc_get_count() == accounts
    assert waiting() == []
    try:
        await until(lambda: all(now <= then for now, then in zip(in_pjsip(), before, strict=True)), "over")
    except AssertionError:
        # What is left says it best.
        raise AssertionError(f"{before} timers, transactions, dialogs before\n{pj.dump(True)}") from None


@pytest.fixture(autouse=True)
def _short_transactions() -> Iterator[None]:
    """Who is sure that an answer came keeps it for half a minute otherwise."""
    before = pj.cfg()
    pj.set_cfg(pj.Cfg(t1=50, t2=200, t4=250, td=3200))
    yield
    pj.set_cfg(before)


# -- calls

STATES: list[State] = [calling, incoming, early_media, answered, held_by_us]


def patient(scene: Scene, name: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with which it waits for an answer; where none comes it waits no longer than it has to."""
    positional, keywords = ARGUMENTS[name](scene)
    if "timeout" in keywords and name != "collect":
        keywords = {**keywords, "timeout": TIMEOUT}
    return positional, keywords


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_a_call(make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path, state: State) -> None:
    names = [name for name in methods() if inspect.iscoroutinefunction(getattr(Call, name))]
    turns: dict[str, int] = {}
    # What waits for a decision has a timer that goes on for so long, decided or not.
    config = pj.Config(policy=pj.Policy(later_ms=2000))
    settings: dict[str, Any] = {"max_calls": 100, "ua_config": config}
    async with scene_of(make_endpoint, wire_client(), tmp_path, **settings) as scene, nothing_left():

        async def every_turn(name: str) -> None:
            async def attempt(start: Start) -> None:
                async with state(scene) as call:
                    positional, keywords = patient(scene, name)
                    task = await start(getattr(call, name)(*positional, **keywords))
                    await asyncio.wait({task}, timeout=WAITS)
                    for other in scene.endpoint.calls:
                        if other is not call and other.sip_call_id == call.sip_call_id and not task.done():
                            other.abandon()
                    await outcome_of(task)
                    # Before the end of the call, with which whoever waits is told.
                    assert not call._watchers._waiting
                    assert not call._digits._watchers._waiting
                    async with asyncio.timeout(BOUND):
                        assert await call.hangup() is call.end

            turns[name] = await at_each_turn(attempt)

        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(every_turn(name))
        await clean(scene)
    # It did some work, or there was nothing to cancel.
    assert sum(turns.values()) > 5, turns


# -- accounts

Method = Callable[[Account], Coroutine[Any, Any, Any]]

ACCOUNT: dict[str, Method] = {
    "call": lambda account: account.call(account.endpoint.accounts[0].uri, timeout=TIMEOUT),
    "close": lambda account: account.close(),
    "modify": lambda account: account.modify(reg_timeout=200),
    "register": lambda account: account.register(),
    "request": lambda account: account.request("OPTIONS", account.endpoint.accounts[0].uri),
    "send_message": lambda account: account.send_message(account.endpoint.accounts[0].uri, "hello"),
    "unregister": lambda account: account.unregister(),
    "wait_registered": lambda account: account.wait_registered(),
}
OF_ACCOUNTS = {"pyjsua.account", "pyjsua.registration", "pyjsua.requests", "pyjsua.messages"}
"""Where they are; presence and subscriptions have tests of their own."""


def test_every_method_of_an_account() -> None:
    found = {
        name
        for name, function in inspect.getmembers(Account, inspect.iscoroutinefunction)
        if not name.startswith("_") and function.__module__ in OF_ACCOUNTS
    }
    assert found == set(ACCOUNT)


async def test_an_account(make_endpoint: MakeEndpoint) -> None:
    turns: dict[str, int] = {}
    async with make_endpoint() as endpoint, SipServer(users={"nobody": "secret"}) as server:
        other = local_account(endpoint, "other")
        other.on_incoming(lambda call: call.reject())

        async def every_turn(name: str, method: Method | None) -> None:
            server.add_user(name, "secret")

            async def attempt(start: Start) -> None:
                if method is None:
                    task = await start(registered(endpoint, server, name))
                else:
                    account = await registered(endpoint, server, name)
                    task = await start(method(account))
                await outcome_of(task)
                for account in endpoint.accounts:
                    if f":{name}@" in account.uri:
                        assert not account._watchers._waiting
                        async with asyncio.timeout(BOUND):
                            await account.close()
                await until(lambda: not server.registrations_of(name), f"{name} is not registered")

            turns[name] = await at_each_turn(attempt)

        async with nothing_left(), asyncio.TaskGroup() as group:
            for name, method in {**ACCOUNT, "endpoint-register": None}.items():
                group.create_task(every_turn(name, method))
        assert endpoint.accounts == (other,)
    assert all(turns[name] for name in turns if name != "wait_registered"), turns


# -- media

PCM = bytes(2 * 16000 // 4)
"""A quarter of a second."""


async def and_drain(stream: AudioStream) -> None:
    await stream.write(PCM * 4)
    await stream.drain()


MEDIA: dict[str, Callable[[AudioStream], Coroutine[Any, Any, Any]]] = {
    "drain": and_drain,
    "read": lambda stream: stream.read(len(PCM)),
    "readinto": lambda stream: stream.readinto(bytearray(len(PCM))),
    "wait_played": lambda stream: stream.wait_played(20, TIMEOUT),
    "wait_silence": lambda stream: stream.wait_silence(WAITS),
    "wait_speech": lambda stream: stream.wait_speech(WAITS),
    "write": lambda stream: stream.write(PCM * 4),
}


def test_every_method_of_a_stream() -> None:
    found = inspect.getmembers(AudioStream, inspect.iscoroutinefunction)
    assert {name for name, _ in found if not name.startswith("_")} == set(MEDIA)


async def test_a_stream(make_endpoint: MakeEndpoint) -> None:
    """One says what the other hears, and both go on afterwards."""
    turns: dict[str, int] = {}

    async def every_turn(name: str) -> None:
        async def attempt(start: Start) -> None:
            with AudioStream() as says, AudioStream() as hears:
                says.connect(hears)
                says.detect_speech()
                hears.connect(says)
                saying = says if name in ("drain", "wait_played", "write") else hears
                await says.write(PCM)
                await outcome_of(await start(MEDIA[name](saying)))
                says.clear()
                await says.write(PCM)
                async with asyncio.timeout(BOUND):
                    await says.drain()
                    await hears.read(3200)

        turns[name] = await at_each_turn(attempt)

    async with make_endpoint(), nothing_left(), asyncio.TaskGroup() as group:
        for name in MEDIA:
            group.create_task(every_turn(name))
    # There is silence from the start.
    assert [name for name, count in turns.items() if not count] == ["wait_silence"]


async def test_what_plays_and_records(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    """The end of a file, of tones, and of a recording."""
    path = tmp_path / "said.wav"
    write_wav(path, tone(500, 0.1, 16000), 16000)
    files = (tmp_path / f"heard-{number}.wav" for number in itertools.count())

    async def play(start: Start) -> None:
        with endpoint.player(path) as player, AudioStream() as hears:
            player.connect(hears)
            await outcome_of(await start(player.wait_end(TIMEOUT)))

    async def sound(start: Start) -> None:
        with ToneGenerator() as tones, AudioStream() as hears:
            tones.connect(hears)
            tones.play_digits("1", on_msec=40, off_msec=40)
            await outcome_of(await start(tones.wait_end(TIMEOUT)))

    async def record(start: Start) -> None:
        with AudioStream() as says, endpoint.recorder(next(files)) as recorder:
            says.connect(recorder)
            await says.write(PCM)
            await outcome_of(await start(recorder.finish()))

    async with make_endpoint() as endpoint, nothing_left():
        turns = await asyncio.gather(*(at_each_turn(attempt) for attempt in (play, sound, record)))
    # A recording is whole as soon as it is closed.
    assert sum(turns) >= 2
