"""The life of an Endpoint: opening, closing, forgetting, failing, again and again, in any loop."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from objects.phones import (
    TIMEOUT,
    call_between,
    direct_uri,
    local_account,
    registered,
    slots_free,
)
from pyjsua import (
    AddressInUse,
    Endpoint,
    InvalidState,
    PjsuaError,
    State,
    library,
    pjsua as pj,
)
from pyjsua.testing import Drop, SipServer
from whole_sound import whole_sound

MakeEndpoint = Callable[..., Endpoint]


def threads() -> set[str]:
    """Names of this process's threads as the kernel has them: PJSIP's own included."""
    return {(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}


async def a_call(endpoint: Endpoint) -> None:
    alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
    async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
        assert out.answered
        assert into.answered
    await slots_free()


async def test_one_that_wants_pjsip_alone(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint(share=False) as first:
        assert first.running
        second = make_endpoint()
        with pytest.raises(InvalidState, match="alone"):
            await second.open()
        assert not second.running
        await second.close()
        await a_call(first)
        assert await first.open() is first
    async with second:
        await a_call(second)
    assert not first.running


async def test_several_that_open_and_close_at_once(make_endpoint: MakeEndpoint) -> None:
    endpoints = [make_endpoint() for _ in range(4)]
    await asyncio.gather(*(endpoint.open() for endpoint in endpoints))
    await a_call(endpoints[2])
    await asyncio.gather(*(endpoint.close() for endpoint in endpoints))
    assert pj.get_state() == State.NULL


async def test_one_endpoint_opened_again_and_again(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    endpoint = make_endpoint()
    for _ in range(20):
        async with endpoint:
            await registered(endpoint, sip_server, "1001")
            assert len(endpoint.accounts) == 1
        assert not endpoint.running
        assert not endpoint.accounts
        assert sip_server.registrations_of("1001") == ()
    async with endpoint:
        await a_call(endpoint)


async def test_closing_any_number_of_times(make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    await endpoint.close()
    await endpoint.open()
    await asyncio.gather(endpoint.close(), endpoint.close(), endpoint.close())
    await endpoint.close()
    assert pj.get_state() == State.NULL


async def test_opened_twice_at_once(make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    for opened in await asyncio.gather(endpoint.open(), endpoint.open()):
        assert opened is endpoint
    await a_call(endpoint)
    await endpoint.close()
    assert pj.get_state() == State.NULL
    # Who waits for one that fails tries by himself.
    pj.create()
    failed = await asyncio.gather(endpoint.open(), endpoint.open(), return_exceptions=True)
    assert [type(error) for error in failed] == [InvalidState, InvalidState]
    pj.destroy()


async def test_opened_while_it_closes_and_closed_while_it_opens(make_endpoint: MakeEndpoint) -> None:
    endpoint = await make_endpoint().open()
    closing = asyncio.create_task(endpoint.close())
    await asyncio.sleep(0)
    await endpoint.open()
    assert closing.done()
    assert endpoint.running
    await a_call(endpoint)
    await endpoint.close()
    opening = asyncio.create_task(endpoint.open())
    await asyncio.sleep(0)
    await endpoint.close()
    assert await opening is endpoint
    assert not endpoint.running
    assert pj.get_state() == State.NULL


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_closed_in_another_loop_once_its_own_stands_still(ended: bool, closed: bool) -> None:
    endpoint, loop = Endpoint(bound_addr="127.0.0.1"), asyncio.new_event_loop()
    try:
        loop.run_until_complete(endpoint.open())
        if closed:
            loop.run_until_complete(endpoint.close())
        if ended:
            loop.close()
        asyncio.run(asyncio.wait_for(endpoint.close(), TIMEOUT))
        assert not endpoint.running
        assert pj.get_state() == State.NULL
    finally:
        pj.destroy(timeout=0.5)
        loop.close()


async def test_a_closed_endpoint_says_so(make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    for _ in range(2):
        with pytest.raises(InvalidState, match="not open"):
            await endpoint.register("sip:1001@127.0.0.1", "secret")
        with pytest.raises(InvalidState, match="not open"):
            endpoint.add_account("sip:1001@127.0.0.1")
        with pytest.raises(InvalidState, match="not open"):
            endpoint.address()
        assert endpoint.limits.max_calls >= 1024
        assert "closed" in repr(endpoint)
        async with endpoint:
            account = local_account(endpoint, "alice")
    assert account.closed
    await account.close()
    with pytest.raises(InvalidState):
        account.start_call("sip:bob@127.0.0.1")
    with pytest.raises(InvalidState):
        account.incoming()


@pytest.mark.parametrize("times", [1, 2])
async def test_a_cancelled_open_leaves_nothing_running(times: int, make_endpoint: MakeEndpoint) -> None:
    for steps in range(1, 4):
        endpoint = make_endpoint()
        opening = asyncio.create_task(endpoint.open())
        for _ in range(steps):
            await asyncio.sleep(0)
        for _ in range(times):
            opening.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert not endpoint.running
        # Cancelled twice it does not wait, but what was started is stopped all the same.
        await open_soon(endpoint)
        await a_call(endpoint)
        await endpoint.close()


async def open_soon(endpoint: Endpoint) -> None:
    """Opens as soon as PJSIP is free."""
    async with asyncio.timeout(TIMEOUT):
        while not endpoint.running:
            try:
                await endpoint.open()
            except InvalidState:
                await asyncio.sleep(0.001)


async def test_one_opens_in_the_moment_another_closes(make_endpoint: MakeEndpoint) -> None:
    for _ in range(5):
        first, second = make_endpoint(), make_endpoint()
        await first.open()
        async with asyncio.TaskGroup() as group:
            group.create_task(open_soon(second))
            await asyncio.sleep(0.01)
            group.create_task(first.close())
        await a_call(second)
        await second.close()


async def test_a_close_does_not_touch_what_was_created_after_it(
    make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    destroy = library.destroy

    def destroy_and_create(flags: int = 0, timeout: float = 4.0) -> None:
        destroy(flags, timeout)
        monkeypatch.undo()
        # In the thread that closes: nobody could be faster.
        pj.create()

    endpoint = await make_endpoint().open()
    monkeypatch.setattr(library, "destroy", destroy_and_create)
    await endpoint.close()
    assert pj.get_state() == State.CREATED
    pj.destroy()


async def test_a_cancelled_close_goes_on(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    endpoint = make_endpoint()
    await endpoint.open()
    await registered(endpoint, sip_server, "1001")
    closing = asyncio.create_task(endpoint.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await endpoint.close()
    assert not endpoint.running
    assert sip_server.registrations_of("1001") == ()
    assert pj.get_state() == State.NULL


async def test_close_keeps_its_time(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    endpoint = make_endpoint()
    await endpoint.open()
    await registered(endpoint, sip_server, "1001")
    sip_server.faults.set("REGISTER", Drop())
    before = asyncio.get_running_loop().time()
    await endpoint.close(timeout=0.3)
    # A silent registrar holds it 32 s otherwise.
    assert asyncio.get_running_loop().time() - before < 10


def test_a_loop_that_ends_while_an_endpoint_opens() -> None:
    endpoint = Endpoint(bound_addr="127.0.0.1")

    async def leave() -> None:
        opening = asyncio.create_task(endpoint.open())
        await asyncio.sleep(0)
        assert not opening.done()

    try:
        asyncio.run(leave())
        assert pj.get_state() == State.NULL
        assert not endpoint.running
    finally:
        pj.destroy(timeout=0.5)


def test_an_endpoint_in_the_loop_of_another_thread() -> None:
    outcome: list[BaseException | str] = []

    async def main() -> None:
        async with Endpoint(bound_addr="127.0.0.1") as endpoint:
            await a_call(endpoint)
            outcome.append(threading.current_thread().name)

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="elsewhere")
    thread.start()
    thread.join(30)
    assert outcome == ["elsewhere"]
    assert pj.get_state() == State.NULL


def test_an_endpoint_in_uvloop(sip_server: SipServer) -> None:
    async def main() -> None:
        assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
        async with Endpoint(bound_addr="127.0.0.1") as endpoint:
            account = await registered(endpoint, sip_server, "1001")
            assert account.registered
            await a_call(endpoint)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    assert sip_server.registrations_of("1001") == ()
    assert pj.get_state() == State.NULL


def forget(things: list[Endpoint]) -> None:
    things.clear()
    gc.collect()


async def test_a_forgotten_endpoint_is_warned_of(make_endpoint: MakeEndpoint) -> None:
    kept = [await make_endpoint().open()]
    with pytest.warns(ResourceWarning, match="Endpoint.*never closed"):
        forget(kept)
    pj.destroy(timeout=0.5)


async def test_an_endpoint_whose_account_is_used_is_not_forgotten(
    make_endpoint: MakeEndpoint, recwarn: pytest.WarningsRecorder
) -> None:
    account = local_account(await make_endpoint().open(), "alice")
    gc.collect()
    assert not [w for w in recwarn if w.category is ResourceWarning]
    assert account.endpoint.running
    await account.endpoint.close()


LEFT_OPEN = """
import asyncio, warnings, pyjsua
async def main():
    endpoint = await pyjsua.Endpoint(bound_addr="127.0.0.1").open()
    alice = endpoint.add_account("sip:alice@127.0.0.1:%d" % endpoint.address()[1])
    {how}
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("how", "code", "error"),
    [
        ("return", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise RuntimeError('mine')", 1, "RuntimeError: mine"),
    ],
)
def test_a_program_that_ends_without_closing(how: str, code: int, error: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LEFT_OPEN.format(how=how)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1:] == ([error] if error else [])


# -- what the constructor and open() are given


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"transports": ["sctp"]}, ValueError, "'sctp' is none of udp, tcp"),
        ({"transports": "udp"}, TypeError, "transports: a sequence of str expected, not str"),
        ({"transports": []}, ValueError, "at least one"),
        ({"transports": "udp"}, (TypeError, ValueError), "transports"),
        ({"transports": None}, TypeError, None),
        ({"transports": [5]}, (TypeError, ValueError), "transports"),
        ({"port": -1}, ValueError, "port"),
        ({"port": 70_000}, ValueError, "port"),
        ({"port": "5060"}, TypeError, "port"),
        ({"bound_addr": "no.such.host.invalid"}, (ValueError, PjsuaError), None),
        ({"bound_addr": 5}, TypeError, "bound_addr"),
        ({"max_calls": 0}, ValueError, "max_calls"),
        ({"max_calls": -5}, ValueError, "max_calls"),
        ({"max_calls": 1_000_000}, ValueError, "max_calls"),
        ({"max_calls": "many"}, TypeError, "max_calls"),
        ({"user_agent": 5}, TypeError, "user_agent"),
        ({"ua_config": "yes"}, TypeError, "ua_config"),
        ({"media_config": 5}, TypeError, "media_c"),
        ({"bogus": 1}, TypeError, "bogus"),
    ],
)
async def test_arguments_that_make_no_sense(
    arguments: dict[str, Any], error: type[Exception], match: str | None, make_endpoint: MakeEndpoint
) -> None:
    with pytest.raises(error, match=match):
        await make_endpoint(**arguments).open()
    assert pj.get_state() == State.NULL
    # And the next one opens.
    async with make_endpoint() as endpoint:
        assert endpoint.running


async def test_handlers_belong_to_the_other_door(make_endpoint: MakeEndpoint) -> None:
    config = pj.Config(max_calls=4)
    config.cb.on_call_state = print
    with pytest.raises(ValueError, match="low-level door"):
        make_endpoint(ua_config=config)


async def test_a_port_in_use(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    endpoint = make_endpoint(port=sip_server.port)
    with pytest.raises(AddressInUse, match="in use") as caught:
        await endpoint.open()
    assert isinstance(caught.value, OSError)
    assert not endpoint.running
    assert pj.get_state() == State.NULL


async def test_a_port_of_ones_choice(make_endpoint: MakeEndpoint, free_port: Callable[..., int]) -> None:
    port = free_port()
    async with make_endpoint(port=port) as endpoint:
        assert endpoint.address() == ("127.0.0.1", port)
        assert endpoint.address("tcp") == ("127.0.0.1", port)
        with pytest.raises(ValueError, match="tls"):
            endpoint.address("tls")
    # It is free again at once.
    async with make_endpoint(port=port):
        pass


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("", ValueError), ("1001", ValueError), ("1001@127.0.0.1", ValueError), ("sip:", ValueError),
        ("sip:1001@", ValueError), ("tel:+1234", ValueError), ("<sip:1001@127.0.0.1", ValueError),
        ("sip:1001@[::1", ValueError), ("sip:1001@127.0.0.1:port", ValueError),
        ("sip:1001@127.0.0.1\r\nX: y", ValueError), ("sip:" + "1" * 10_000 + "@127.0.0.1", ValueError),
        (None, TypeError), (1001, TypeError), (b"sip:1001@127.0.0.1", TypeError),
    ],
)  # fmt: skip
async def test_addresses_of_record_that_are_none(
    uri: Any, error: type[Exception], make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        with pytest.raises(error):
            await endpoint.register(uri, "secret", timeout=0.1)
        with pytest.raises(error):
            endpoint.add_account(uri)
        assert endpoint.accounts == ()
        assert pj.enum_accs() == []


@pytest.mark.parametrize(
    ("uri", "username"),
    [
        ("sip:us%40er@127.0.0.1", "us@er"),
        ('"a < b" <sip:1001:pin@127.0.0.1;transport=udp>', "1001"),
    ],
)
async def test_the_digest_username_is_the_uris(uri: str, username: str, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        (credentials,) = endpoint.add_account(uri, "secret").config.cred_info
        assert credentials.username == username


async def test_what_is_said_twice_must_agree(make_endpoint: MakeEndpoint) -> None:
    config = pj.Config(max_calls=5, user_agent="ours/1")
    for arguments in ({"max_calls": 6}, {"user_agent": "theirs/1"}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            make_endpoint(ua_config=config, **arguments)
    async with make_endpoint(ua_config=config, max_calls=5):
        assert pj.call_get_max_count() == 5
    async with make_endpoint(ua_config=pj.Config(), max_calls=3):
        assert pj.call_get_max_count() == 3
    async with make_endpoint(ua_config=pj.Config()):
        assert pj.call_get_max_count() == 32


def test_an_interrupt_costs_no_event(sip_server: SipServer) -> None:
    """One that ends a loop in the middle of a batch, as Ctrl-C does; the program goes on with the loop."""
    loop = asyncio.new_event_loop()
    endpoint = Endpoint(bound_addr="127.0.0.1", media_config=whole_sound())
    armed = False

    def interrupt(record: logging.LogRecord) -> bool:
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt
        return True

    async def go_on() -> None:
        await calling
        await registered(endpoint, sip_server, "1001")
        await endpoint.close()

    logger = logging.getLogger("pyjsua.pjsip")
    logger.addFilter(interrupt)
    # Read when PJSIP starts.
    logger.setLevel(logging.DEBUG)
    try:
        loop.run_until_complete(endpoint.open())
        armed = True
        calling = loop.create_task(a_call(endpoint))
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(calling)
        loop.run_until_complete(go_on())
    finally:
        logger.removeFilter(interrupt)
        logger.setLevel(logging.NOTSET)
        loop.close()


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"registrar": "nowhere"}, ValueError, "reg_uri"),
        ({"proxy": ["nowhere"]}, ValueError, "proxy"),
        ({"proxy": "sip:127.0.0.1"}, (TypeError, ValueError), "proxy"),
        ({"bogus": 1}, TypeError, "bogus"),
        ({"expires": "soon"}, TypeError, "reg_timeout"),
        ({"expires": -1}, ValueError, "reg_timeout"),
        ({"expires": 60, "reg_timeout": 61}, TypeError, "reg_timeout"),
    ],
)
async def test_arguments_of_register_that_make_no_sense(
    arguments: dict[str, Any], error: type[Exception], match: str, make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        with pytest.raises(error, match=match):
            await endpoint.register("sip:1001@127.0.0.1", "secret", timeout=0.1, **arguments)
        assert endpoint.accounts == ()
        assert pj.enum_accs() == []


async def test_what_runs_and_what_does_not(make_endpoint: MakeEndpoint) -> None:
    before = threads()
    async with make_endpoint() as endpoint:
        # The loop is the consumer: no dispatcher's thread beside it.
        assert "pyjsua-dispatcher" not in {thread.name for thread in threading.enumerate()}
        assert endpoint.queue_stats["depth"] >= 0
    # Of the loop's executor there may be more than one.
    begun = {name.partition("_")[0] for name in threads() - before}
    assert begun <= {"python", "python3", "pytest", "asyncio"}
