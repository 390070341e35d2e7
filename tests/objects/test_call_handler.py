"""Calls served by a function: `Account.on_incoming`."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from objects.phones import TIMEOUT, direct_uri, local_account, until
from pyjsua import (
    Call,
    CallBusy,
    CallFailed,
    CallTimeout,
    CallUnavailable,
    Endpoint,
    InvalidState,
    State,
    pjsua as pj,
)

MakeEndpoint = Callable[..., Endpoint]

who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


def eager() -> asyncio.AbstractEventLoop:
    if not hasattr(asyncio, "eager_task_factory"):
        pytest.skip("eager tasks came with Python 3.12")
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    return loop


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop, eager])
def test_a_slow_one_delays_nobody(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], make_endpoint: MakeEndpoint
) -> None:
    async def main() -> None:
        async with make_endpoint() as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            served: list[tuple[str, Call]] = []
            go_on = asyncio.Event()

            async def serve(call: Call) -> None:
                served.append((who.get(), call))
                who.set("somebody served")
                if len(served) == 1:
                    await go_on.wait()
                async with await call.answer():
                    await call.wait_ended()

            who.set("who registered")
            bob.on_incoming(serve)
            gc.collect()
            who.set("somebody else")
            uri = direct_uri(endpoint, "bob")
            slow = asyncio.create_task(alice.call(uri, timeout=TIMEOUT))
            while not served:
                await asyncio.sleep(0.01)
            for _ in range(2):
                await (await alice.call(uri, timeout=TIMEOUT)).hangup()
            assert not slow.done()
            go_on.set()
            await (await slow).hangup()
            assert [name for name, _ in served] == ["who registered"] * 3
            for _, call in served:
                await call.wait_ended(TIMEOUT)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main())
    assert pj.get_state() == State.NULL


async def test_one_that_raises_is_told_and_its_call_refused(
    make_endpoint: MakeEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        uri = direct_uri(endpoint, "bob")

        def plain(call: Call) -> None:
            raise LookupError("a plain function")

        async def later(call: Call) -> None:
            await call.answer()
            raise LookupError("after the answer")

        with caplog.at_level(logging.ERROR, "pyjsua"):
            handler = bob.on_incoming(plain)
            with pytest.raises(CallFailed) as caught:
                await alice.call(uri, timeout=TIMEOUT)
            assert caught.value.sip_code == 500
            handler.close()
            bob.on_incoming(later)
            call = await alice.call(uri, timeout=TIMEOUT)
            end = await call.wait_ended(TIMEOUT)
            assert (end.by_us, end.answered) == (False, True)
        assert [str(context["exception"]) for context in told] == ["a plain function", "after the answer"]
        raised = [record for record in caplog.records if record.name == "pyjsua" and record.exc_info]
        assert [str(record.exc_info[1]) for record in raised if record.exc_info] == [
            "a plain function",
            "after the answer",
        ]


async def test_a_caller_who_gave_up_is_no_error(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        calls: asyncio.Queue[Call] = asyncio.Queue()

        async def serve(call: Call) -> None:
            calls.put_nowait(call)
            await call.wait_ended()
            await call.wait_answered()

        bob.on_incoming(serve)
        with pytest.raises(CallTimeout):
            await alice.call(direct_uri(endpoint, "bob"), timeout=0.3)
        await (await calls.get()).wait_ended(TIMEOUT)
        # The fixture fails this where anything is told to the loop.


async def test_a_call_that_ends_while_it_is_served_is_no_error(
    make_endpoint: MakeEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the handler was at: a prompt, a digit, a verb; or the endpoint closed before it answered."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

    async def prompt(call: Call) -> None:
        with call.account.endpoint.tone_generator() as tones:
            tones.connect(call.audio)
            tones.play([pj.ToneDesc(freq1=440, on_msec=20000)])
            await tones.wait_end(TIMEOUT)

    async def digit(call: Call) -> None:
        await call.read_digit(TIMEOUT)

    async def verb(call: Call) -> None:
        await call.wait_ended(TIMEOUT)
        await call.send_dtmf("1")

    async def wrong(call: Call) -> None:
        await call.wait_ended(TIMEOUT)
        raise LookupError("of its own")

    with caplog.at_level(logging.INFO, "pyjsua"):
        async with make_endpoint() as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            works = iter((prompt, digit, verb, wrong))
            began, ringing = asyncio.Event(), asyncio.Event()

            async def serve(call: Call) -> None:
                work = next(works, None)
                if work is None:
                    ringing.set()
                    await call.wait_answered()
                    return
                await call.answer()
                began.set()
                await work(call)

            bob.on_incoming(serve)
            for _ in range(4):
                began.clear()
                call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
                await began.wait()
                await call.hangup()
                await until(lambda: not bob.calls, "its end is known")
            alice.start_call(direct_uri(endpoint, "bob"))
            await ringing.wait()
    assert [str(context["exception"]) for context in told] == ["of its own"]
    said = [record.getMessage() for record in caplog.records if "while it was served" in record.getMessage()]
    assert len(said) == 4


async def test_closed_it_serves_no_more_and_ends_nothing(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        uri = direct_uri(endpoint, "bob")
        with pytest.raises(TypeError, match="handler"):
            bob.on_incoming("nonsense")  # type: ignore[arg-type]
        go_on = asyncio.Event()

        async def serve(call: Call) -> None:
            await go_on.wait()
            await call.reject(486)

        handler = bob.on_incoming(serve)
        calling = asyncio.create_task(alice.call(uri, timeout=TIMEOUT))
        while not bob.calls:
            await asyncio.sleep(0.01)
        handler.close()
        handler.close()
        with pytest.raises(CallUnavailable):
            await alice.call(uri, timeout=TIMEOUT)
        go_on.set()
        with pytest.raises(CallBusy):
            await calling
        await bob.close()
        with pytest.raises(InvalidState):
            bob.on_incoming(serve)


async def test_cancelled_it_leaves_no_call(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        tasks: list[asyncio.Task[Any] | None] = []

        async def serve(call: Call) -> None:
            tasks.append(asyncio.current_task())
            await asyncio.Event().wait()

        bob.on_incoming(serve)
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        while not tasks:
            await asyncio.sleep(0.01)
        assert tasks[0] is not None
        tasks[0].cancel()
        with pytest.raises(CallUnavailable):
            await calling


async def test_a_task_that_iterates_has_its_own_context(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()

        async def iterate() -> str:
            who.set("who iterates")
            async for call in incoming:
                await call.reject(486)
                break
            return who.get()

        iterating = asyncio.create_task(iterate())
        with pytest.raises(CallBusy):
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        assert await iterating == "who iterates"
        assert who.get() == "nobody"
