"""Whoever waits is told, of what he waited for and by whom it went wrong; and nothing is kept for him."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account
from peers.wire import WireClient
from pyjsua import AudioStream, Buddy, CallEventKind, Endpoint, InvalidState, InvState, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]


def stand_still_until(condition: Callable[[], bool]) -> None:
    """Keeps the loop from running meanwhile."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_a_state_that_was_over_before_who_waited_ran(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        into = await anext(incoming)
        waiting = asyncio.create_task(out.wait_state(InvState.EARLY))
        await asyncio.sleep(0)
        pj.call_answer(into.id, 180)
        pj.call_answer(into.id, 200)
        stand_still_until(lambda: pj.call_get_info(out.id).state is InvState.CONFIRMED)
        assert await waiting is InvState.EARLY
        assert out.state is InvState.CONFIRMED
        await out.hangup()


async def test_a_condition_that_raises(
    make_endpoint: MakeEndpoint, wire_client: Callable[..., WireClient]
) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        async with alice.add_buddy(f"sip:bob@127.0.0.1:{wire_client().port}") as buddy:
            asked = 0

            def condition(buddy: Buddy) -> bool:
                nonlocal asked
                asked += 1
                if asked > 1:
                    raise KeyError(buddy.uri)
                return False

            waiting = [
                asyncio.create_task(buddy.wait(each))
                for each in (condition, lambda each: each.subscription == pj.EvsubState.SENT)
            ]
            await asyncio.sleep(0)
            with contextlib.suppress(TimeoutError):
                await buddy.subscribe(timeout=0.1)
            with pytest.raises(KeyError, match="sip:bob"):
                await asyncio.wait_for(waiting[0], TIMEOUT)
            assert await asyncio.wait_for(waiting[1], TIMEOUT) is buddy


async def test_a_device_of_an_endpoint_that_is_closed(make_endpoint: MakeEndpoint) -> None:
    """Also where another runs on."""
    async with make_endpoint(), make_endpoint() as endpoint:
        waiting = asyncio.create_task(endpoint.sound.wait_lost())
        await asyncio.sleep(0)
        await endpoint.close()
        with pytest.raises(InvalidState, match="was closed"):
            await asyncio.wait_for(waiting, TIMEOUT)


def test_loops_that_ended_are_let_go() -> None:
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        async with Endpoint(bound_addr="127.0.0.1") as endpoint:
            with AudioStream() as one, AudioStream() as other:
                async with endpoint.conference() as conference:
                    conference.join(one)
                    conference.join(other)

    for _ in range(2):
        asyncio.run(main())
    gc.collect()
    assert [loop() for loop in loops] == [None, None]


async def test_a_recorder_that_was_destroyed_elsewhere(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            recorder = out.record(tmp_path / "call.wav")
            pj.recorder_destroy(recorder.id)
            recorder.close()


def fail() -> None:
    raise KeyError("mine")


async def test_an_end_whose_audio_fails(
    make_endpoint: MakeEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The call is over all the same, for all who wait, and the endpoint has it no more."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            out.audio._on_gone.append(fail)
            recorder = out.record(tmp_path / "call.wav")
            news = out.events()
            await out.hangup()
            assert [event.kind async for event in news][-1] is CallEventKind.ENDED
            assert recorder.closed
            assert out not in endpoint.calls
            assert out not in alice.calls
    assert "KeyError: 'mine'" in caplog.text
