"""Every method of a call, and every state it can be in: two lists, for the tests that go through both.

The methods are checked against those of `Call` in `test_call_matrix.py`. What comes of each in each state
stands in `docs/call-states.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, slots_free, until
from peers.message import Message as WireMessage
from peers.ports import free_port
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Account, AudioStream, Call, CallAudio, Endpoint, InvState, PjsuaError
from pyjsua.pjsua import CallSetting, TransportConfig

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

PAGE = Path(__file__).parents[2] / "docs" / "call-states.md"

MOMENT = 0.05
"""Seconds a method may wait for what never comes."""
BOUND = 10.0
"""Seconds after which one hangs."""


@dataclass
class Scene:
    """Where the calls of one state are made."""

    endpoint: Endpoint
    alice: Account
    bob: Account
    wire: WireClient
    directory: Path
    port: AudioStream
    other: Call | None = None
    setting: CallSetting | None = None
    """Of every call, at both ends."""
    number: int = 0

    def path(self) -> Path:
        self.number += 1
        return self.directory / f"{self.number}.wav"


# -- the methods

Arguments = Callable[[Scene], tuple[tuple[Any, ...], dict[str, Any]]]


def given(*positional: Any, **keywords: Any) -> Arguments:
    return lambda scene: (positional, keywords)


ARGUMENTS: dict[str, Arguments] = {
    "abandon": given(),
    "answer": given(),
    "collect": given(1, timeout=MOMENT),
    "drop_digits": given(),
    "dtmf": given(),
    "dump": given(),
    "events": given(),
    "hangup": given(),
    "hold": given(timeout=MOMENT),
    "messages": given(),
    "offers": given(),
    "progress": given(),
    "read_digit": given(MOMENT),
    "record": lambda scene: ((scene.path(),), {}),
    "redirect": given("sip:nobody@127.0.0.1:9"),
    "reinvite": given(timeout=MOMENT),
    "reject": given(),
    "replace_requests": given(),
    "request": given("INFO", timeout=MOMENT),
    "ring": given(),
    "ring_back": lambda scene: ((scene.port,), {}),
    "send_dtmf": given("1", method="inband", timeout=MOMENT),
    "send_message": given("hello", timeout=MOMENT),
    "send_text": given("hello", timeout=MOMENT),
    "send_typing": given(),
    "set_headers": given("BYE", [("X-Any", "thing")]),
    "sip_messages": given(),
    "stop_ring_back": given(),
    "text": given(),
    "transfer": given("sip:nobody@127.0.0.1:9", timeout=MOMENT),
    "transfer_requests": given(),
    "transfer_to": lambda scene: ((scene.other,), {"timeout": MOMENT}),
    "typing": given(),
    "unhold": given(timeout=MOMENT),
    "update": given(timeout=MOMENT),
    "wait_answered": given(MOMENT),
    "wait_ended": given(MOMENT),
    "wait_media": given(MOMENT),
    "wait_state": given(InvState.CONFIRMED, timeout=MOMENT),
}
"""Good arguments for every public method of `Call`, by its name; what takes a timeout is given `MOMENT`."""


def methods() -> list[str]:
    return [name for name, _ in inspect.getmembers(Call, inspect.isfunction) if not name.startswith("_")]


LOOKS = {
    "collect",
    "drop_digits",
    "dtmf",
    "dump",
    "events",
    "messages",
    "offers",
    "read_digit",
    "replace_requests",
    "set_headers",
    "sip_messages",
    "stop_ring_back",
    "text",
    "transfer_requests",
    "typing",
    "wait_answered",
    "wait_ended",
    "wait_media",
    "wait_state",
}
"""Methods that leave a call as it is: one call is enough for all of them."""


# -- the states

State = Callable[[Scene], AbstractAsyncContextManager[Call]]


async def ringing(scene: Scene) -> tuple[Call, Call]:
    """Both sides of a new call, among others that come at the same time."""
    incoming = scene.bob.incoming()
    out = scene.alice.start_call(direct_uri(scene.endpoint, "bob"), setting=scene.setting)
    async with asyncio.timeout(TIMEOUT):
        while (into := await anext(incoming)).sip_call_id != out.sip_call_id:
            pass
    incoming.close()
    return out, into


async def up(scene: Scene) -> tuple[Call, Call]:
    out, into = await ringing(scene)
    await into.answer(setting=scene.setting)
    await out.wait_media(TIMEOUT)
    await into.wait_media(TIMEOUT)
    return out, into


@asynccontextmanager
async def calling(scene: Scene) -> AsyncIterator[Call]:
    yield (await ringing(scene))[0]


@asynccontextmanager
async def early(scene: Scene) -> AsyncIterator[Call]:
    out, into = await ringing(scene)
    await into.ring()
    await out.wait_state(InvState.EARLY, timeout=TIMEOUT)
    yield out


@asynccontextmanager
async def incoming(scene: Scene) -> AsyncIterator[Call]:
    yield (await ringing(scene))[1]


@asynccontextmanager
async def early_media(scene: Scene) -> AsyncIterator[Call]:
    _, into = await ringing(scene)
    yield await into.progress()


@asynccontextmanager
async def answered(scene: Scene) -> AsyncIterator[Call]:
    yield (await up(scene))[0]


@asynccontextmanager
async def answered_by_us(scene: Scene) -> AsyncIterator[Call]:
    yield (await up(scene))[1]


@asynccontextmanager
async def held_by_us(scene: Scene) -> AsyncIterator[Call]:
    yield await (await up(scene))[0].hold()


@asynccontextmanager
async def held_by_them(scene: Scene) -> AsyncIterator[Call]:
    out, into = await up(scene)
    await into.hold()
    await until(lambda: out.held_by_them, "held")
    yield out


async def _by_hand(scene: Scene) -> tuple[Call, HandCall, WireMessage]:
    """A call to the wire, where nothing answers by itself."""
    hand = HandCall(scene.wire)
    before = len(scene.wire.messages)
    out = scene.alice.start_call(f"sip:wire@127.0.0.1:{scene.wire.port}", follow_redirects=True)
    await until(lambda: out.sip_call_id, "it is sent")
    invite = await asyncio.to_thread(
        scene.wire.wait_for,
        lambda m: m.is_request and m.method == "INVITE" and m.call_id == out.sip_call_id,
    )
    assert before < len(scene.wire.messages)
    assert invite.source is not None
    hand.to, hand.call_id = invite.source, invite.call_id
    hand.remote, hand.local = invite.header("from") or "", f"{invite.header('to')};tag=wire"
    return out, hand, invite


@asynccontextmanager
async def renegotiating(scene: Scene) -> AsyncIterator[Call]:
    """A re-INVITE of ours is not answered, and then refused."""
    out, hand, invite = await _by_hand(scene)
    hand.respond(invite, 200, "OK", body=audio_offer(scene.wire.host, 40000))
    await out.wait_answered(TIMEOUT)
    task = asyncio.create_task(out.reinvite())
    again = await asyncio.to_thread(hand.received, "INVITE", 2)
    try:
        yield out
    finally:
        hand.respond(again, 488)
        await asyncio.gather(task, return_exceptions=True)
        out.abandon()
        bye = await asyncio.to_thread(hand.received, "BYE")
        hand.respond(bye, 200, "OK")


@asynccontextmanager
async def redirect_pending(scene: Scene) -> AsyncIterator[Call]:
    """PJSIP has asked where to go, and the loop does not know of it yet."""
    out, hand, invite = await _by_hand(scene)
    hand.respond(invite, 302, "Moved", {"Contact": f"<{direct_uri(scene.endpoint, 'bob')}>"})
    # In the loop's own thread: what is told of meanwhile waits.
    hand.received("ACK")
    yield out


@asynccontextmanager
async def hanging_up(scene: Scene) -> AsyncIterator[Call]:
    out, _ = await up(scene)
    out.abandon()
    yield out


@asynccontextmanager
async def ended(scene: Scene) -> AsyncIterator[Call]:
    out, _ = await up(scene)
    await out.hangup()
    yield out


@asynccontextmanager
async def never_answered(scene: Scene) -> AsyncIterator[Call]:
    out, into = await ringing(scene)
    await into.reject()
    await out.wait_ended(TIMEOUT)
    yield out


STATES: list[State] = [
    calling,
    early,
    incoming,
    early_media,
    answered,
    answered_by_us,
    held_by_us,
    held_by_them,
    renegotiating,
    redirect_pending,
    hanging_up,
    ended,
    never_answered,
]

MOVING = {hanging_up, redirect_pending}
"""States that are over before long, whatever is done."""

SOON = {
    "ok",
    "CallFailed",
    "CallUnavailable",
    "EOFError",
    "InvalidState",
    "NotFound",
    "StaleError",
    "TransferFailed",
}
"""What may come of a method in a state that is over before it is."""

GONE = {"InvalidState", "StaleError"}
"""A call that has ended: the one while its BYE is not answered, the other from then on."""


# -- what comes of it


async def outcome(method: Callable[..., Any], arguments: Any) -> str:
    """``"ok"``, also of what waits, or the name of what it raised; ``"hangs"`` where it goes on for ever."""
    positional, keywords = arguments
    generates = inspect.isasyncgenfunction(method)
    limit = asyncio.timeout(MOMENT if generates else BOUND / 2)
    try:
        async with limit:
            result = method(*positional, **keywords)
            if inspect.isasyncgen(result):
                async with contextlib.aclosing(result):
                    await anext(result, None)
            elif isinstance(result, Awaitable):
                await result
            elif hasattr(result, "close"):
                result.close()
    except (PjsuaError, ValueError, EOFError) as error:
        # It waited for what takes longer; a peer that has not answered in time is the same.
        return "ok" if isinstance(error, TimeoutError) else type(error).__name__
    except TimeoutError:
        return "hangs" if limit.expired() and not generates else "ok"
    return "ok"


async def clean(scene: Scene) -> None:
    for call in list(scene.endpoint.calls):
        call.abandon()
    await until(lambda: not scene.endpoint.calls, "every call is over")


@asynccontextmanager
async def scene_of(
    make_endpoint: MakeEndpoint, wire: WireClient, directory: Path, **settings: Any
) -> AsyncIterator[Scene]:
    async with make_endpoint(**settings) as endpoint:
        # Of its own: other programs on the machine call, too, from PJSIP's first port on.
        alice, bob = (
            local_account(endpoint, name, rtp_cfg=TransportConfig(port=free_port(count=200, even=True)))
            for name in ("alice", "bob")
        )
        with AudioStream() as port:
            yield Scene(endpoint, alice, bob, wire, directory, port)
            await slots_free()
            # Whatever was done, the next call is a good one.
            async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
                assert isinstance(out.audio, CallAudio)
                await into.hold()
                await into.unhold()


def table() -> dict[tuple[str, str], set[str]]:
    """What the page says of each method in each state."""
    rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    if not rows:
        return {}
    names = rows[0][1:]
    return {
        (row[0], state): {one.strip().strip("`") for one in cell.split(",")}
        for row in rows[2:]
        for state, cell in zip(names, row[1:], strict=True)
    }
