"""Every method of a call from inside each kind of handler: it does what it does in the state the call is in.

The methods are those of `call_states.py`; what a program may listen to is found by looking at `Call`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from objects.call_states import (
    ARGUMENTS,
    BOUND,
    LOOKS,
    Scene,
    clean,
    methods,
    outcome,
    ringing,
    scene_of,
    table,
    up,
)
from objects.phones import TIMEOUT, local_account, until
from peers.wire import WireClient
from pyjsua import Account, Call, CallEventKind, DtmfMethod, Endpoint, PjsuaError, Transfer
from pyjsua.pjsua import CallSetting

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

Act = Callable[[Call], Awaitable[None]]
"""What is done in the handler."""
Handler = Callable[[Scene, Act], Awaitable[None]]
"""Makes a call, has `Act` done in a handler of it, and ends the call after that."""


def feeds() -> list[str]:
    """Methods of a call that give what one can listen to."""
    kinds = ("Feed[", "Requests[", "SipMessages", "AsyncGenerator[")
    return [
        name
        for name in methods()
        if str(inspect.signature(getattr(Call, name)).return_annotation).startswith(kinds)
    ]


async def heard(feed: AsyncIterable[Any], wanted: Callable[[Any], bool], call: Call, act: Act) -> None:
    """Acts when the feed tells what is wanted, and hears the rest of it then."""
    async for news in feed:
        if wanted(news):
            await act(call)
            return
    raise AssertionError("it was never told")


async def anyway(what: Awaitable[object]) -> None:
    """The other side does something, which fails where the handler has ended the call meanwhile."""
    with contextlib.suppress(PjsuaError, ValueError):
        await what


def another_account(scene: Scene) -> Account:
    scene.number += 1
    return local_account(scene.endpoint, f"number-{scene.number}")


# -- the handlers


async def on_incoming(scene: Scene, act: Act) -> None:
    """`Account.on_incoming`, a coroutine function."""
    account = another_account(scene)
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(call: Call) -> None:
        await act(call)
        done.set_result(None)

    with contextlib.closing(account.on_incoming(serve)):
        out = scene.alice.start_call(account.uri)
        await done
    out.abandon()


async def hold(into: Call) -> None:
    await into.answer()
    await into.wait_media(TIMEOUT)
    await into.hold()


OTHER_SIDE: dict[CallEventKind, Callable[[Call], Awaitable[object]]] = {
    CallEventKind.RINGING: Call.ring,
    CallEventKind.EARLY_MEDIA: Call.progress,
    CallEventKind.ANSWERED: Call.answer,
    CallEventKind.MEDIA: Call.answer,
    CallEventKind.HELD: hold,
    CallEventKind.ENDED: Call.reject,
}
"""What it does to have us told."""

STATES = {
    CallEventKind.RINGING: ["early"],
    CallEventKind.EARLY_MEDIA: ["early", "early media"],
    CallEventKind.ANSWERED: ["answered"],
    CallEventKind.MEDIA: ["answered"],
    CallEventKind.HELD: ["held by them", "renegotiating"],
    CallEventKind.ENDED: ["never answered"],
}
"""What the call is in then, as `docs/call-states.md` names it."""


def events(kind: CallEventKind) -> Handler:
    async def handler(scene: Scene, act: Act) -> None:
        out, into = await ringing(scene)
        hearing = asyncio.create_task(heard(out.events(), lambda news: news.kind is kind, out, act))
        await anyway(OTHER_SIDE[kind](into))
        await hearing
        out.abandon()

    return handler


@dataclass
class News:
    """Something to listen to in a call, and what the other side does to be heard there."""

    say: Callable[[Scene, Call, Call], Awaitable[object]]
    """Given both sides, ours first."""
    wanted: Callable[[Any], bool] = lambda news: True
    setting: CallSetting | None = None
    state: str = "answered"
    """The column of the table it is heard in."""


async def type_(into: Call) -> None:
    into.send_typing()


async def take_its_place(scene: Scene, out: Call) -> None:
    """Somebody else calls us, to be put through to where the call is."""
    assert out.response is not None
    ours, theirs = (
        out.response.header(name).partition(";tag=")[2].partition(";")[0] for name in ("From", "To")
    )
    where = f"{out.sip_call_id};to-tag={ours};from-tag={theirs}"
    await scene.bob.call(scene.alice.uri, headers=[("Replaces", where)], timeout=TIMEOUT)


NEWS: dict[str, News] = {
    "dtmf": News(lambda scene, out, into: into.send_dtmf("1", method=DtmfMethod.SIP_INFO)),
    "messages": News(lambda scene, out, into: into.send_message("hello")),
    "offers": News(lambda scene, out, into: into.reinvite(), state="renegotiating"),
    "replace_requests": News(lambda scene, out, into: take_its_place(scene, out)),
    "sip_messages": News(lambda scene, out, into: into.request("INFO"), lambda one: one.method == "INFO"),
    "text": News(lambda scene, out, into: into.send_text("hello"), setting=CallSetting(txt_cnt=1)),
    "transfer_requests": News(lambda scene, out, into: until_told(into.transfer("sip:nobody@127.0.0.1:9"))),
    "typing": News(lambda scene, out, into: type_(into)),
}
"""For each of `feeds`, but the events of a call."""


async def until_told(transfer: Transfer) -> None:
    await transfer


def news(name: str) -> Handler:
    async def handler(scene: Scene, act: Act) -> None:
        out, into = await up(scene)
        hearing = asyncio.create_task(heard(getattr(out, name)(), NEWS[name].wanted, out, act))
        saying = asyncio.create_task(anyway(NEWS[name].say(scene, out, into)))
        await hearing
        out.abandon()
        into.abandon()
        await saying

    return handler


# -- the tests


def test_every_feed_is_among_the_handlers() -> None:
    assert sorted([*NEWS, "events"]) == feeds()


@pytest.mark.parametrize("kind", CallEventKind, ids=lambda kind: kind.name.lower())
async def test_at_an_event(
    make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path, kind: CallEventKind
) -> None:
    await try_every_method(make_endpoint, wire_client, tmp_path, events(kind), STATES[kind])


@pytest.mark.parametrize("name", NEWS)
async def test_at_news(make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path, name: str) -> None:
    setting = NEWS[name].setting
    # The end of a call with text takes PJSIP up to 0.3 s, in which no other call ends: one has to do.
    names = None if setting is None else [*LOOKS, "send_text"]
    await try_every_method(
        make_endpoint, wire_client, tmp_path, news(name), [NEWS[name].state], names, setting
    )


async def test_in_on_incoming(make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path) -> None:
    await try_every_method(make_endpoint, wire_client, tmp_path, on_incoming, ["incoming"])


async def test_as_a_plain_handler(
    make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`Account.on_incoming`, a function that returns what a method gives, which is awaited there."""
    told: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
    calls: dict[str, Call] = {}
    async with scene_of(make_endpoint, wire_client(), tmp_path, max_calls=100) as scene:
        scene.other, _ = await up(scene)

        async def one(name: str) -> None:
            def serve(call: Call) -> Any:
                calls[name] = call
                positional, keywords = ARGUMENTS[name](scene)
                return getattr(call, name)(*positional, **keywords)

            account = another_account(scene)
            handler = account.on_incoming(serve)
            out = scene.alice.start_call(account.uri)
            await until(lambda: name in calls, "it is served")
            handler.close()
            await until(lambda: not account._serving, "it was served")
            out.abandon()

        async with asyncio.timeout(2 * BOUND), asyncio.TaskGroup() as group:
            for name in methods():
                group.create_task(one(name))
        await clean(scene)
    raised = {
        record.args[0]: record.exc_info[1]
        for record in caplog.records
        if record.name == "pyjsua" and record.exc_info and isinstance(record.args, tuple)
    }
    said = table()
    wrong = {}
    for name, call in calls.items():
        error = raised.get(call)
        # Nobody comes for what the method waits for: that is raised here.
        what = "ok" if error is None or isinstance(error, TimeoutError) else type(error).__name__
        if what not in said[name, "incoming"]:
            wrong[name] = what, said[name, "incoming"]
    assert not wrong, f"got, and what docs/call-states.md says: {wrong}"
    assert sorted(calls) == methods()
    assert len(told) == len(raised)


async def try_every_method(
    make_endpoint: MakeEndpoint,
    wire_client: Wires,
    directory: Path,
    handler: Handler,
    states: Iterable[str],
    together: Iterable[str] | None = None,
    setting: CallSetting | None = None,
) -> None:
    """Each in a call of its own, all calls at once; those that only look share one. Or some `together`."""
    alone = [] if together else [name for name in methods() if name not in LOOKS]
    found: dict[str, str] = {}
    async with scene_of(make_endpoint, wire_client(), directory, max_calls=100) as scene:
        scene.other, _ = await up(scene)
        scene.setting = setting

        async def one(names: Iterable[str]) -> None:
            async def act(call: Call) -> None:
                for name in names:
                    found[name] = await outcome(getattr(call, name), ARGUMENTS[name](scene))

            await handler(scene, act)

        async with asyncio.timeout(2 * BOUND), asyncio.TaskGroup() as group:
            for names in [together or LOOKS, *([name] for name in alone)]:
                group.create_task(one(names))
        await clean(scene)
    assert set(found) == {*alone, *(together or LOOKS)}
    said = table()
    wrong = {}
    for name, what in found.items():
        allowed = set().union(*(said[name, state] for state in states))
        if what not in allowed and not (setting is not None and (name, what) == ("send_text", "ok")):
            wrong[name] = what, allowed
    assert not wrong, f"got, and what docs/call-states.md says: {wrong}"
