"""Event packages an account serves: those who subscribe do it with this library, and by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, registered, until
from peers.wire import WireClient
from pjsua.subscriber import Subscriber as WireSubscriber
from pyjsua import (
    Account,
    Endpoint,
    EvsubState,
    InvalidState,
    Notifier,
    StaleError,
    Subscriber,
    Subscription,
    SubscriptionFailed,
    SubscriptionTimeout,
    pjsua as pj,
)
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]
MWI = "application/simple-message-summary"


async def pair(
    watching: Account, notifier: Notifier, uri: str, **options: Any
) -> tuple[Subscription, Subscriber]:
    """A subscription of ours, and the other end of it, which waits for a decision."""
    subscription = watching.subscribe(uri, notifier.event, **options)
    return subscription, await asyncio.wait_for(anext(notifier), TIMEOUT)


@pytest.fixture
def far(wire_client: Callable[..., WireClient]) -> Callable[[Endpoint, str], WireSubscriber]:
    wire = wire_client()

    def make(endpoint: Endpoint, event: str) -> WireSubscriber:
        return WireSubscriber(wire, direct_uri(endpoint, "bob"), endpoint.address(), event)

    return make


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_from_its_beginning_to_its_end(make_endpoint: MakeEndpoint, transport: str) -> None:
    async with make_endpoint(transports=("udp", "tcp")) as endpoint:
        alice, bob = (local_account(endpoint, name, transport) for name in ("alice", "bob"))
        async with bob.notifier("message-summary", accept=(MWI,)) as notifier:
            assert bob.notifiers == (notifier,)
            uri = direct_uri(endpoint, "bob", transport)
            theirs, ours = await pair(alice, notifier, uri, accept=(MWI,), headers=[("X-Why", "so")])
            assert ours.waiting
            assert (ours.expires, ours.fetch, ours.event_id) == (3600, False, "")
            assert "alice@" in ours.uri
            assert ours.request is not None
            assert ours.request.header("X-Why") == "so"
            refreshes = ours.refreshes()

            answer = await ours.notify("Messages-Waiting: yes\r\n", state="pending")
            assert answer is not None
            assert answer.status_code == 200
            assert await asyncio.wait_for(theirs, TIMEOUT) is theirs
            assert notifier.subscribers == (ours,)
            told = await asyncio.wait_for(anext(theirs), TIMEOUT)
            assert (told.state, told.content_type, told.body) == ("pending", MWI, "Messages-Waiting: yes\r\n")
            await until(lambda: ours.state == EvsubState.PENDING, "pending")

            # One after another, however many are asked for at once.
            await asyncio.gather(*(ours.notify(f"Messages-Waiting: {n}\r\n") for n in range(5)))
            told_all = [(await asyncio.wait_for(anext(theirs), TIMEOUT)).body for _ in range(5)]
            assert told_all == [f"Messages-Waiting: {n}\r\n" for n in range(5)]

            theirs.refresh(120)
            again = await asyncio.wait_for(anext(refreshes), TIMEOUT)
            assert again.header("Expires") == "120"
            assert ours.expires == 120
            assert (await asyncio.wait_for(anext(theirs), TIMEOUT)).body == "Messages-Waiting: 4\r\n"

            await theirs.close(TIMEOUT)
            assert theirs.reason == "timeout"
            await ours.wait_ended(TIMEOUT)
            assert (ours.code, ours.reason) == (0, "timeout")
            assert [one.header("Expires") async for one in refreshes] == ["0"]
            assert not notifier.subscribers
            with pytest.raises(InvalidState, match="ended"):
                await ours.notify("late")
            ours.terminate()
        assert not bob.notifiers
        refused = alice.subscribe(direct_uri(endpoint, "bob", transport), "message-summary")
        with pytest.raises(SubscriptionFailed, match="489"):
            await asyncio.wait_for(refused, TIMEOUT)


async def test_a_fetch_a_refusal_and_a_termination(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        uri = direct_uri(endpoint, "bob")
        notifier = bob.notifier("x-weather", expires=600)
        theirs, ours = await pair(alice, notifier, uri, expires=0)
        assert ours.fetch
        assert await ours.notify("sunny", "text/plain") is None
        await theirs.wait_ended(TIMEOUT)
        assert [(one.body, one.final) async for one in theirs] == [("sunny", True)]
        await ours.wait_ended(TIMEOUT)

        theirs, ours = await pair(alice, notifier, uri)
        assert ours.expires == 600
        ours.refuse(403, "Not you", headers=[("X-Why", "so")])
        assert (ours.ended, ours.code, ours.reason) == (True, 403, "Not you")
        with pytest.raises(SubscriptionFailed, match="403 Not you"):
            await asyncio.wait_for(theirs, TIMEOUT)
        for verb in (ours.accept, ours.refuse):
            with pytest.raises(InvalidState, match="decision"):
                verb()

        theirs, ours = await pair(alice, notifier, uri)
        async with ours:
            assert ours.state == EvsubState.ACCEPTED
            await ours.notify("cloudy", "text/plain")
            ours.terminate("probation", "gone", "text/plain", retry_after=30)
            assert ours.ended
        await theirs.wait_ended(TIMEOUT)
        assert theirs.reason == "probation"
        rest = [one async for one in theirs]
        assert [one.body for one in rest] == ["cloudy", "gone"]
        assert rest[1].message is not None
        assert "retry-after=30" in rest[1].message.header("Subscription-State")


async def test_behind_a_proxy(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    """It challenges who subscribes, and stays on the way: NOTIFYs and refreshes go through it."""
    async with make_endpoint() as endpoint:
        alice, bob = [await registered(endpoint, sip_server, name) for name in ("1001", "1002")]
        async with bob.notifier("dialog", accept=("application/dialog-info+xml",)) as notifier:
            theirs, ours = await pair(alice, notifier, sip_server.aor("1002"), expires=300)
            await ours.notify("<dialog-info/>")
            assert await asyncio.wait_for(theirs, TIMEOUT) is theirs
            assert (await asyncio.wait_for(anext(theirs), TIMEOUT)).body == "<dialog-info/>"
            theirs.refresh(200)
            assert (await asyncio.wait_for(anext(theirs), TIMEOUT)).body == "<dialog-info/>"
            assert ours.expires == 200
            through = [one for one in sip_server.trace if one.is_request("NOTIFY")]
            assert len(through) >= 2
        await theirs.wait_ended(TIMEOUT)
        assert theirs.reason == "noresource"


async def test_all_are_told(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        bob = local_account(endpoint, "bob")
        notifier = bob.notifier("conference", accept=("application/conference-info+xml",))
        watching = [local_account(endpoint, f"w{n}") for n in range(4)]
        theirs = [one.subscribe(direct_uri(endpoint, "bob"), "conference") for one in watching]
        ours = [(await asyncio.wait_for(anext(notifier), TIMEOUT)).accept(202) for _ in theirs]
        for one in theirs:
            await asyncio.wait_for(one, TIMEOUT)
            assert one.code == 202
        await notifier.notify("<conference-info/>")
        for one in theirs:
            assert (await asyncio.wait_for(anext(one), TIMEOUT)).body == "<conference-info/>"
        assert set(notifier.subscribers) == set(ours)
        assert str(notifier).endswith("4 subscribers>")
        notifier.close()
        notifier.close()
        for one in theirs:
            await one.wait_ended(TIMEOUT)
            assert one.reason == "noresource"
        assert all(one.ended for one in ours)
        assert [one async for one in notifier] == []
        with pytest.raises(InvalidState, match="closed"):
            await notifier.notify("<conference-info/>")
        # It can be served again.
        bob.notifier("conference").close()


async def test_a_notify_that_is_refused(
    make_endpoint: MakeEndpoint, far: Callable[[Endpoint, str], WireSubscriber]
) -> None:
    async with make_endpoint() as endpoint:
        bob = local_account(endpoint, "bob")
        notifier = bob.notifier("x-weather")

        async def subscribed() -> tuple[WireSubscriber, Subscriber]:
            wire = far(endpoint, "x-weather;id=7")
            wire.send()
            one = (await asyncio.wait_for(anext(notifier), TIMEOUT)).accept()
            await asyncio.to_thread(wire.response)
            return wire, one

        wire, one = await subscribed()
        assert one.event_id == "7"
        # It stands, since it may be told again.
        telling = asyncio.create_task(one.notify())
        wire.answer(await asyncio.to_thread(wire.notify), 503, "Busy", Retry_After="5")
        with pytest.raises(SubscriptionFailed, match="503"):
            await asyncio.wait_for(telling, TIMEOUT)
        assert not one.ended
        first, second = asyncio.create_task(one.notify()), asyncio.create_task(one.notify())
        wire.answer(await asyncio.to_thread(wire.notify, 2), 481, "Gone")
        with pytest.raises(SubscriptionFailed, match="481 Gone") as caught:
            await asyncio.wait_for(first, TIMEOUT)
        assert caught.value.sip_code == 481
        with pytest.raises(InvalidState, match="ended"):
            await asyncio.wait_for(second, TIMEOUT)
        await one.wait_ended(TIMEOUT)
        assert (one.code, one.reason) == (481, "Gone")

        # One who never answers holds up nobody else.
        before = pj.cfg()
        wire, one = await subscribed()
        pj.set_cfg(pj.Cfg(t1=10, t2=40, td=640))
        try:
            await asyncio.wait_for(notifier.notify(), TIMEOUT)
            assert (one.ended, one.code) == (True, 408)
            wire, one = await subscribed()
            with pytest.raises(SubscriptionTimeout):
                await asyncio.wait_for(one.notify(), TIMEOUT)
        finally:
            pj.set_cfg(before)


async def test_it_ends_with_its_account_and_endpoint(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob, carol = (local_account(endpoint, name) for name in ("alice", "bob", "carol"))
        theirs, ours = await pair(alice, bob.notifier("x-a"), direct_uri(endpoint, "bob"))
        await ours.notify()
        waiting = alice.subscribe(direct_uri(endpoint, "bob"), "x-a")
        undecided = await asyncio.wait_for(anext(bob.notifiers[0]), TIMEOUT)
        await bob.close(0.2)
        await theirs.wait_ended(TIMEOUT)
        assert theirs.reason == "noresource"
        with pytest.raises(SubscriptionFailed, match="480"):
            await asyncio.wait_for(waiting, TIMEOUT)
        assert ours.ended
        assert (undecided.ended, undecided.code) == (True, 480)
        with pytest.raises(InvalidState, match="closed"):
            bob.notifier("x-a")

        # Deleted underneath it.
        theirs, ours = await pair(alice, carol.notifier("x-a"), direct_uri(endpoint, "carol"))
        await ours.notify()
        waiting = alice.subscribe(direct_uri(endpoint, "carol"), "x-a")
        undecided = await asyncio.wait_for(anext(carol.notifiers[0]), TIMEOUT)
        pj.acc_del(carol.id)
        with pytest.raises(StaleError):
            undecided.accept()
        await ours.wait_ended(TIMEOUT)
        await undecided.wait_ended(TIMEOUT)

        dave = local_account(endpoint, "dave")
        notifier = dave.notifier("x-a")
        theirs, ours = await pair(alice, notifier, direct_uri(endpoint, "dave"))
        ours.accept()
        reading = asyncio.create_task(anext(notifier, None))
        await endpoint.close(0.5)
        assert await reading is None
    assert ours.ended
    assert notifier.closed


async def test_bad_arguments(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        for event in ("presence", "", "a b"):
            with pytest.raises(ValueError, match="event"):
                bob.notifier(event)
        with pytest.raises(ValueError, match="expires"):
            bob.notifier("dialog", expires=601)
        with pytest.raises(ValueError, match="accept"):
            bob.notifier("x-a", accept=("text",))
        assert bob.notifiers == ()
        notifier = bob.notifier("x-a")
        with pytest.raises(InvalidState, match="served"):
            bob.notifier("X-A")
        theirs, ours = await pair(alice, notifier, direct_uri(endpoint, "bob"))
        with pytest.raises(ValueError, match="code"):
            ours.accept(201)
        with pytest.raises(ValueError, match="code"):
            ours.refuse(200)
        with pytest.raises(ValueError, match="content_type"):
            await ours.notify("a body")
        with pytest.raises(TypeError, match="body"):
            await ours.notify(b"a body", "text/plain")  # type: ignore[arg-type]
        assert ours.waiting
        with pytest.raises(ValueError, match="reason"):
            await ours.notify(reason="timeout")
        with pytest.raises(ValueError, match="state"):
            await ours.notify(state="fast asleep")
        with pytest.raises(ValueError, match="headers"):
            await ours.notify(headers=[("X", "a\r\nb")])
        await ours.notify("asleep", "text/plain", state="sleeping")
        await asyncio.wait_for(theirs, TIMEOUT)
        assert (await asyncio.wait_for(anext(theirs), TIMEOUT)).state == "sleeping"
