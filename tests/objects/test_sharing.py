"""Several endpoints in one process: in one loop, and in loops of different threads."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, registered, slots_free
from pyjsua import Account, Endpoint, ForkedError, InvalidState, State, pjsua as pj
from pyjsua.testing import SipServer
from whole_sound import whole_sound

MakeEndpoint = Callable[..., Endpoint]


class OtherLoop:
    """A loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture
def other_loop() -> Any:
    other = OtherLoop()
    yield other
    other.stop()


async def answer_one(account: Account, told: asyncio.Future[None]) -> Any:
    incoming = account.incoming()
    told.get_loop().call_soon_threadsafe(told.set_result, None)
    call = await anext(incoming)
    await call.answer()
    return await call.wait_ended(TIMEOUT)


async def test_two_in_one_loop_call_each_other(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as host, make_endpoint() as library:
        assert host.address() == library.address()
        alice, bob = local_account(host, "alice"), local_account(library, "bob")
        assert (host.accounts, library.accounts) == ((alice,), (bob,))
        async with call_between(alice, bob, direct_uri(library, "bob")) as (out, into):
            assert (host.calls, library.calls) == ((out,), (into,))


async def test_each_registers_and_hears_of_its_own(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as first:
        one = await registered(first, sip_server, "1001")
        async with make_endpoint() as second:
            two = await registered(second, sip_server, "1002")
            assert one.registered
            assert two.registered
        # Who closed took only its own along.
        assert sip_server.registrations_of("1002") == ()
        assert len(sip_server.registrations_of("1001")) == 1
        assert one.registered
        assert pj.get_state() == State.RUNNING
    assert sip_server.registrations_of("1001") == ()


async def test_closing_one_leaves_the_calls_of_the_other(make_endpoint: MakeEndpoint) -> None:
    first, second = await make_endpoint().open(), await make_endpoint().open()
    alice, bob = local_account(second, "alice"), local_account(second, "bob")
    carol = local_account(first, "carol")
    async with call_between(alice, bob, direct_uri(second, "bob")) as (out, into):
        await first.close()
        assert carol.closed
        assert not out.ended
        assert not into.ended
        await out.hangup()
        assert (await into.wait_ended(TIMEOUT)).code == 200
    await second.close()


async def test_loops_of_two_threads(make_endpoint: MakeEndpoint, other_loop: OtherLoop) -> None:
    theirs = make_endpoint()
    async with make_endpoint() as ours:
        await other_loop.submit(theirs.open())
        alice, bob = local_account(ours, "alice"), local_account(theirs, "bob")
        listening = asyncio.get_running_loop().create_future()
        answering = other_loop.submit(answer_one(bob, listening))
        await listening
        call = await alice.call(direct_uri(theirs, "bob"), timeout=TIMEOUT)
        await call.hangup()
        assert (await answering).code == 200
        await other_loop.submit(theirs.close())
        assert ours.running
        # And the one that is left goes on.
        carol = local_account(ours, "carol")
        async with call_between(alice, carol, direct_uri(ours, "carol")):
            pass


async def test_a_blocked_loop_delays_nobody_else(make_endpoint: MakeEndpoint, other_loop: OtherLoop) -> None:
    theirs = make_endpoint()
    go_on, blocked = threading.Event(), threading.Event()

    async def block() -> bool:
        blocked.set()
        return go_on.wait(TIMEOUT)

    async with make_endpoint() as ours:
        await other_loop.submit(theirs.open())
        try:
            bob = local_account(theirs, "bob")
            blocking = other_loop.submit(block())
            await asyncio.to_thread(blocked.wait, TIMEOUT)
            alice, carol = local_account(ours, "alice"), local_account(ours, "carol")
            async with call_between(alice, carol, direct_uri(ours, "carol")):
                # Nobody refuses meanwhile what is not his.
                late = alice.start_call(direct_uri(theirs, "bob"))
            assert not late.ended
            go_on.set()
            assert await blocking
            # Its loop comes to it now: nobody listens there.
            assert (await late.wait_ended(TIMEOUT)).code == 480
            assert not bob.closed
        finally:
            go_on.set()
            await other_loop.submit(theirs.close())


async def test_closed_from_another_loop(make_endpoint: MakeEndpoint, other_loop: OtherLoop) -> None:
    theirs = make_endpoint()
    await other_loop.submit(theirs.open())
    with pytest.raises(InvalidState, match="another loop"):
        await theirs.open()
    await asyncio.gather(theirs.close(), theirs.close(), other_loop.submit(theirs.close()))
    assert not theirs.running
    assert pj.get_state() == State.NULL


def test_a_loop_that_ended_without_closing(make_endpoint: MakeEndpoint) -> None:
    left = make_endpoint()
    asyncio.run(left.open())

    async def main() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            async with make_endpoint() as endpoint:
                alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
                async with call_between(alice, bob, direct_uri(endpoint, "bob")):
                    pass
        assert any(issubclass(w.category, ResourceWarning) for w in caught)
        await left.close()

    asyncio.run(main())
    assert pj.get_state() == State.NULL


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ({}, {"max_calls": 33}, "max_calls"),
        ({}, {"max_pending": 7}, "max_pending"),
        ({}, {"media_config": pj.MediaConfig(clock_rate=8000)}, "media_config"),
        ({"user_agent": "a/1"}, {"user_agent": "b/1"}, "user_agent"),
        ({}, {"ua_config": pj.Config(max_calls=3)}, "ua_config"),
        ({}, {"share": False}, "share"),
        ({"share": False}, {}, "share"),
    ],
)
async def test_settings_the_second_cannot_have(
    first: dict[str, Any], second: dict[str, Any], name: str, make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint(**first) as running:
        endpoint = make_endpoint(**second)
        with pytest.raises(InvalidState, match=name):
            await endpoint.open()
        assert not endpoint.running
        await endpoint.close()
        assert running.running
        assert pj.get_state() == State.RUNNING


async def test_a_port_of_the_seconds_own(make_endpoint: MakeEndpoint, free_port: Callable[..., int]) -> None:
    port = free_port()
    async with make_endpoint(transports=["udp"]) as first:
        async with make_endpoint(port=port, max_calls=4) as second:
            assert second.address("udp") == second.address("tcp") == ("127.0.0.1", port)
            assert first.address() != second.address()
            alice, bob = local_account(first, "alice"), local_account(second, "bob")
            async with call_between(alice, bob, direct_uri(second, "bob")):
                pass
        assert len(pj.enum_transports()) == 1


async def test_a_script_has_it(make_endpoint: MakeEndpoint) -> None:
    pj.create()
    with pytest.raises(InvalidState, match="script"):
        await make_endpoint().open()
    pj.destroy()
    async with make_endpoint():
        with pytest.raises(InvalidState):
            pj.create()


async def test_open_and_close_overlapping(make_endpoint: MakeEndpoint) -> None:
    endpoints = [make_endpoint(transports=["udp"]) for _ in range(4)]
    await endpoints[0].open()
    for turn in range(200):
        await endpoints[(turn + 1) % 4].open()
        await endpoints[turn % 4].close()
        assert pj.get_state() == State.RUNNING
        assert len(pj.enum_transports()) == 1
    await endpoints[200 % 4].close()


async def test_cancelled_while_it_joins(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as first:
        cancelled = 0
        for steps in range(1, 4):
            second = make_endpoint(port=0)
            opening = asyncio.create_task(second.open())
            for _ in range(steps):
                await asyncio.sleep(0)
            if not opening.cancel():
                # On a busy machine its thread was done by then.
                await second.close()
                continue
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert not second.running
            cancelled += 1
        assert cancelled
        alice, bob = local_account(first, "alice"), local_account(first, "bob")
        async with call_between(alice, bob, direct_uri(first, "bob")):
            pass
    await slots_free() if pj.get_state() != State.NULL else None


def close_soon(endpoint: Endpoint) -> None:
    asyncio.run(asyncio.wait_for(endpoint.close(), TIMEOUT / 2))


async def test_a_fork_with_two(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint(), make_endpoint() as second:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            told = 0
            try:
                for use in (lambda: second.add_account("sip:a@127.0.0.1"), lambda: close_soon(second)):
                    try:
                        use()
                    except ForkedError:
                        told += 1
            finally:
                os._exit(2 - told)
        async with asyncio.timeout(TIMEOUT):
            assert await asyncio.to_thread(os.waitpid, child, 0) == (child, 0)


def forget(things: list[Endpoint]) -> None:
    things.clear()
    gc.collect()


async def test_a_forgotten_second_is_warned_of(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as first:
        kept = [await make_endpoint().open()]
        with pytest.warns(ResourceWarning, match="never closed"):
            forget(kept)
        alice, bob = local_account(first, "alice"), local_account(first, "bob")
        async with call_between(alice, bob, direct_uri(first, "bob")):
            pass


def test_two_threads_open_and_close_at_once() -> None:
    failures: list[BaseException] = []

    async def once() -> None:
        async with Endpoint(bound_addr="127.0.0.1", media_config=whole_sound()) as endpoint:
            alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
            assert endpoint.accounts == (alice, bob)

    def run() -> None:
        try:
            for _ in range(5):
                asyncio.run(once())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert pj.get_state() == State.NULL


def test_messages_are_read_in_two_loops_that_come_and_go(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()

    async def come_and_go() -> None:
        async with Endpoint(bound_addr="127.0.0.1") as endpoint:
            while not done.is_set():
                for _ in range(100):
                    with endpoint.sip_messages():
                        pass
                await asyncio.sleep(0)

    async def read() -> int:
        async with Endpoint(bound_addr="127.0.0.1") as endpoint:
            host, port = endpoint.address()
            alice = local_account(endpoint, "alice")
            kept = [endpoint.sip_messages() for _ in range(300)]
            for _ in range(300):
                await alice.request("OPTIONS", f"sip:alice@{host}:{port}")
            done.set()
            return min(each._messages.qsize() for each in kept)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=lambda: asyncio.run(come_and_go()))
    thread.start()
    try:
        assert asyncio.run(read()) >= 600
    finally:
        done.set()
        thread.join(60)
        sys.setswitchinterval(interval)
    assert "OnSipMessage" not in caplog.text
