"""Whoever waits is told, of what he waited for and by whom it went wrong; and nothing is kept for him."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from objects.phones import TIMEOUT, call_between, called_by_hand, direct_uri, local_account
from peers.message import Message as SipText
from peers.wire import WireClient
from pjsua.hand import HandCall
from pyjsua import (
    AudioStream,
    Buddy,
    CallEventKind,
    CallFailed,
    DtmfMethod,
    EndedHow,
    Endpoint,
    InvalidState,
    InvState,
    RequestFailed,
    RequestTimeout,
    SipError,
    Unheard,
    pjsua as pj,
)

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
                await one.write(bytes(3200))
                one.mark()
                with pytest.raises(TimeoutError):
                    await other.read(32000, timeout=0)

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


async def test_an_answer_that_comes_late_is_nobody_else_s(
    make_endpoint: MakeEndpoint, wire_client: Callable[..., WireClient]
) -> None:
    """Requests of one method, and digits, whose answers come in any order."""
    async with make_endpoint() as endpoint:
        call, far = await called_by_hand(local_account(endpoint, "alice"), wire_client())
        with pytest.raises(RequestTimeout):
            await call.request("INFO", timeout=0.1)
        # Given up before the loop has heard that it was sent.
        with pytest.raises(RequestTimeout):
            await call.request("INFO", timeout=0)
        asking = asyncio.create_task(call.request("INFO", timeout=TIMEOUT))
        await asyncio.to_thread(infos, far, 2)
        first, second = infos(far, 2)
        far.respond(first, 200, "First")
        third = (await asyncio.to_thread(infos, far, 3))[2]
        far.respond(second, 200, "Second")
        far.respond(third, 403, "Third")
        assert (await asking).reason == "Third"
        with pytest.raises(TimeoutError):
            await call.send_dtmf("1", method=DtmfMethod.SIP_INFO, timeout=0.1)
        sending = asyncio.create_task(call.send_dtmf("2", method=DtmfMethod.SIP_INFO, timeout=TIMEOUT))
        fourth, fifth = (await asyncio.to_thread(infos, far, 5))[3:]
        far.respond(fourth, 200, "Fourth")
        far.respond(fifth, 415, "Fifth")
        with pytest.raises(SipError, match="'2': 415 Fifth"):
            await sending
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


def infos(far: HandCall, count: int) -> list[SipText]:
    """The first of the INFOs that came, each once."""
    found: dict[str, SipText] = {}

    def enough(message: SipText) -> bool:
        if message.is_request and message.method == "INFO":
            found.setdefault(message.header("cseq") or "", message)
        return len(found) >= count

    far.wire.wait_for(enough)
    return list(found.values())[:count]


async def test_a_challenged_request_is_answered_by_its_second(
    make_endpoint: MakeEndpoint, wire_client: Callable[..., WireClient]
) -> None:
    async with make_endpoint() as endpoint:
        alice = endpoint.add_account(direct_uri(endpoint, "alice"), "secret", lock_codec=0)
        call, far = await called_by_hand(alice, wire_client())
        asking = asyncio.create_task(call.request("INFO", timeout=TIMEOUT))
        (first,) = await asyncio.to_thread(infos, far, 1)
        far.respond(first, 401, "Who", {"WWW-Authenticate": 'Digest realm="here", nonce="1"'})
        second = (await asyncio.to_thread(infos, far, 2))[1]
        assert second.header("authorization")
        far.respond(second, 200, "Known")
        assert (await asking).reason == "Known"
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


@pytest.fixture
def full_queue() -> Iterator[None]:
    cap = pj.queue_stats()["cap"]
    pj.queue_set_cap(0)
    yield
    pj.queue_set_cap(cap)


async def test_what_waits_is_told_though_the_queue_is_full(
    make_endpoint: MakeEndpoint, full_queue: None
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            dropped = pj.queue_stats()["dropped"]
            await asyncio.wait_for(out.hold(), TIMEOUT)
            await asyncio.wait_for(out.unhold(), TIMEOUT)
            assert (await asyncio.wait_for(out.request("INFO"), TIMEOUT)).method == "INFO"
            await out.send_dtmf("1", method=DtmfMethod.SIP_INFO, timeout=TIMEOUT)
            await asyncio.wait_for(into.update(), TIMEOUT)
            assert pj.queue_stats()["dropped"] > dropped
        incoming = bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob")))
        into = await anext(incoming)
        calling.cancel()
        assert (await into.wait_ended(TIMEOUT)).how is EndedHow.CANCEL


async def test_a_mark_nobody_asks_for(make_endpoint: MakeEndpoint) -> None:
    """asyncio has no complaint of it, though nobody listened."""
    async with make_endpoint():
        with AudioStream() as stream:
            await stream.write(bytes(3200))
            stream.mark()
            with pytest.raises(Unheard):
                await stream.drain(TIMEOUT)
            gc.collect()


async def test_what_came_too_late_says_that_the_call_has_ended(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            waiting = asyncio.create_task(out.wait_state(InvState.EARLY))
        for late in (waiting, out.wait_media()):
            with pytest.raises(CallFailed, match="the call has ended: 200"):
                await late


async def test_a_request_whose_answer_ends_the_call(
    make_endpoint: MakeEndpoint, wire_client: Callable[..., WireClient]
) -> None:
    async with make_endpoint() as endpoint:
        far = HandCall(wire_client())
        call = local_account(endpoint, "alice").start_call(f"sip:wire@127.0.0.1:{far.wire.port}")
        await asyncio.to_thread(far.wait_invite)
        asking = asyncio.create_task(call.request("INFO", timeout=TIMEOUT))
        far.respond((await asyncio.to_thread(infos, far, 1))[0], 481, "Gone")
        with pytest.raises(RequestFailed, match="INFO: 481") as failed:
            await asking
        assert failed.value.sip_code == 481
        assert call.ended


async def test_what_is_closed_while_the_endpoint_closes(
    make_endpoint: MakeEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes with it: by a verb of its own, or as the call ends that it belongs to."""
    endpoint = await make_endpoint().open()
    alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
    bob.on_incoming(lambda call: call.answer())
    call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
    recorders = [call.record(tmp_path / f"{number}.wav") for number in range(20)]
    tones = [endpoint.tone_generator() for _ in range(20)]
    conference = endpoint.conference()
    for tone in tones:
        conference.join(tone)
    closing = asyncio.create_task(endpoint.close())
    while not closing.done():
        if tones:
            conference.leave(tones[-1])
            tones.pop().close()
        await asyncio.sleep(0)
    for tone in tones:
        tone.close()
    assert all(recorder.closed for recorder in recorders)
    assert "raised" not in caplog.text
