"""Tasks that begin to run as they are made (`asyncio.eager_task_factory`): the same things in the same order.

A handler of `Account.on_incoming` then begins within the delivery of the call, not after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, until
from pyjsua import Call, CallBusy, CallDeclined, CallEventKind, CallFailed, Endpoint, State, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]
Run = Callable[[Callable[[], Awaitable[None]]], None]


def eager_loop() -> asyncio.AbstractEventLoop:
    if not hasattr(asyncio, "eager_task_factory"):
        pytest.skip("asyncio.eager_task_factory came with Python 3.12")
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    return loop


@pytest.fixture(params=[asyncio.new_event_loop, eager_loop], ids=["as ever", "eager"])
def run(request: pytest.FixtureRequest) -> Run:
    def runs(main: Callable[[], Awaitable[None]]) -> None:
        async def limited() -> None:
            async with asyncio.timeout(40):
                await main()

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(limited())
        assert pj.get_state() == State.NULL

    return runs


def test_who_waits_is_told_in_turn(make_endpoint: MakeEndpoint, run: Run) -> None:
    """Watchers in the order in which they began to wait, news in the order in which it came."""

    async def main() -> None:
        async with make_endpoint() as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            incoming = bob.incoming()
            out = alice.start_call(direct_uri(endpoint, "bob"))
            told: list[object] = []

            async def wait(number: int) -> None:
                await out.wait_answered(TIMEOUT)
                told.append(number)
                await out.wait_ended(TIMEOUT)
                told.append(-number)

            async def read() -> list[CallEventKind]:
                return [news.kind async for news in out.events()]

            waiting = [asyncio.create_task(wait(number)) for number in (1, 2, 3)]
            reading = asyncio.create_task(read())
            into = await anext(incoming)
            await into.ring()
            await into.answer()
            await out.wait_media(TIMEOUT)
            await into.hangup()
            await asyncio.gather(*waiting)
            assert told == [1, 2, 3, -1, -2, -3]
            kinds = await reading
            assert kinds[0] is CallEventKind.RINGING
            assert kinds.index(CallEventKind.RINGING) < kinds.index(CallEventKind.ANSWERED)
            assert kinds[-1] is CallEventKind.ENDED

    run(main)


def test_calls_are_served_in_turn(make_endpoint: MakeEndpoint, run: Run) -> None:
    """Each handler has begun before word of anything later comes, and is known to its account."""

    async def main() -> None:
        async with make_endpoint() as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            served: list[str] = []

            async def serve(call: Call) -> None:
                served.append(call.sip_call_id)
                assert call in bob.calls
                assert call in endpoint.calls
                assert not call.ended
                # A method's own timeout wants the task to be the current one already.
                with pytest.raises(TimeoutError):
                    await call.wait_ended(0.01)
                await call.reject(486)

            bob.on_incoming(serve)
            calls = [alice.start_call(direct_uri(endpoint, "bob")) for _ in range(5)]
            for call in calls:
                with pytest.raises(CallBusy):
                    await call.wait_answered(TIMEOUT)
            assert sorted(served) == sorted(call.sip_call_id for call in calls)
            await until(lambda: not bob.calls, "each is over")

    run(main)


def test_a_closed_account_has_no_calls(make_endpoint: MakeEndpoint, run: Run) -> None:
    """Also where closing it has nothing to wait for."""

    async def main() -> None:
        async with make_endpoint() as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")

            async def serve(call: Call) -> None:
                await call.answer()

            bob.on_incoming(serve)
            calls = [await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT) for _ in range(3)]
            await alice.close()
            assert all(call.ended for call in calls)
            assert not alice.calls

    run(main)


def test_a_handler_that_never_waits(
    make_endpoint: MakeEndpoint, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """It is over before the call's delivery is: it refuses, raises, or closes what it is called by."""

    async def main() -> None:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: told.append(context["exception"])
        )
        async with make_endpoint() as endpoint:
            alice, bob, carol = (local_account(endpoint, name) for name in ("alice", "bob", "carol"))
            uri = direct_uri(endpoint, "bob")

            async def refuse(call: Call) -> None:
                call.abandon(486)

            async def fail(call: Call) -> None:
                raise LookupError("mine")

            handler = bob.on_incoming(refuse)
            with pytest.raises(CallBusy):
                await alice.call(uri, timeout=TIMEOUT)
            handler.close()
            assert not bob._serving
            with caplog.at_level(logging.ERROR, "pyjsua"):
                handler = bob.on_incoming(fail)
                with pytest.raises(CallFailed) as caught:
                    await alice.call(uri, timeout=TIMEOUT)
            assert caught.value.sip_code == 500
            assert [type(error) for error in told] == [LookupError]
            handler.close()

            async def close(call: Call) -> None:
                await bob.close()

            bob.on_incoming(close)
            with pytest.raises(CallDeclined):
                await alice.call(uri, timeout=TIMEOUT)
            await until(lambda: bob.closed and bob not in endpoint.accounts, "Bob has gone")

            async def close_all(call: Call) -> None:
                await endpoint.close()

            carol.on_incoming(close_all)
            call = alice.start_call(direct_uri(endpoint, "carol"))
            await call.wait_ended(TIMEOUT)
            await endpoint.close()

    run(main)
