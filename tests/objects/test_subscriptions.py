"""Subscriptions to packages pjsua knows nothing of, against a notifier written by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from objects.phones import TIMEOUT, local_account, until
from peers.message import Message
from peers.wire import WireClient
from pjsua.notifier import Notifier
from pyjsua import (
    Account,
    AuthenticationFailed,
    Endpoint,
    EvsubState,
    InvalidState,
    StaleError,
    Subscription,
    SubscriptionFailed,
    pjsua as pj,
)

MakeEndpoint = Callable[..., Endpoint]
REGINFO = "application/reginfo+xml"
CHALLENGE = 'Digest realm="here", nonce="n1", algorithm=MD5'


@pytest.fixture
def far(wire_client: Callable[..., WireClient]) -> Notifier:
    """A peer written by hand."""
    return Notifier(wire_client())


def asked(far: Notifier, event: str) -> Message:
    """The SUBSCRIBE to that package."""
    return far.wire.wait_for(lambda m: f"Event: {event}\r" in m.head)


async def standing(account: Account, far: Notifier, event: str = "reg", **options: Any) -> Any:
    """A subscription that was accepted, and its SUBSCRIBE."""
    count = len(far.requests("SUBSCRIBE")) + 1
    subscription = account.subscribe(far.uri("bob"), event, **options)
    request = await asyncio.to_thread(far.accept, count)
    assert await asyncio.wait_for(subscription, TIMEOUT) is subscription
    return subscription, request


async def test_from_its_beginning_to_its_end(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        accept = (REGINFO, "text/plain")
        options: dict[str, Any] = {"accept": accept, "expires": 600, "headers": [("X-Why", "so")]}
        subscription, request = await standing(alice, far, **options)
        assert request.header("event") == "reg"
        assert request.all("accept") == [f"{REGINFO}, text/plain"]
        # What we can be subscribed to, not what we subscribe to.
        assert request.all("allow-events") == ["presence"]
        assert (request.header("expires"), request.header("x-why")) == ("600", "so")
        assert (subscription.state, subscription.code) == (EvsubState.ACCEPTED, 200)
        assert alice.event_subscriptions == (subscription,)

        assert await asyncio.to_thread(far.notify, request, "<reginfo/>", REGINFO) == 200
        told = await asyncio.wait_for(anext(subscription), TIMEOUT)
        assert (told.event, told.content_type, told.body) == ("reg", REGINFO, "<reginfo/>")
        assert (told.state, told.final) == ("active", False)
        assert told.message is not None
        assert told.message.method == "NOTIFY"

        subscription.refresh(120)
        again = await asyncio.to_thread(far.accept, 2)
        assert again.call_id == request.call_id
        assert far.tag in (again.header("to") or "")
        assert (again.header("expires"), again.header("x-why")) == ("120", "so")
        assert again.all("accept") == [f"{REGINFO}, text/plain"]

        closing = asyncio.create_task(subscription.close(TIMEOUT))
        last = await asyncio.to_thread(far.accept, 3)
        assert last.header("expires") == "0"
        state = "terminated;reason=timeout"
        assert await asyncio.to_thread(far.notify, request, "bye", "text/plain", state=state) == 200
        await closing
        assert (subscription.state, subscription.reason) == (EvsubState.TERMINATED, "timeout")
        rest = [(notify.body, notify.final) async for notify in subscription]
        assert rest == [("bye", True)]
        await subscription.close()
        with pytest.raises(InvalidState, match="ended"):
            subscription.refresh()
        with pytest.raises(StaleError):
            pj.subscription_end(subscription.id)
        assert not alice.event_subscriptions
        # A NOTIFY for what has ended is told so.
        assert await asyncio.to_thread(far.notify, request, "late", "text/plain") == 481


async def test_it_was_refused(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        credentials = [pj.CredInfo(username="alice", data="secret", realm="*")]
        alice = local_account(endpoint, "alice", cred_info=credentials)
        for count, code in enumerate((489, 481, 603), 1):
            subscription = alice.subscribe(far.uri("bob"), "x.y-package")
            far.answer(await asyncio.to_thread(far.wait, "SUBSCRIBE", count), code, "Because")
            with pytest.raises(SubscriptionFailed, match=str(code)) as caught:
                await asyncio.wait_for(subscription, TIMEOUT)
            assert caught.value.sip_code == code
            assert subscription.ended
        # A challenge is answered once.
        subscription = alice.subscribe(far.uri("bob"), "reg")
        for count in (4, 5):
            request = await asyncio.to_thread(far.wait, "SUBSCRIBE", count)
            far.answer(request, 401, "Who", WWW_Authenticate=CHALLENGE)
        assert 'username="alice"' in (request.header("authorization") or "")
        with pytest.raises(AuthenticationFailed) as refused:
            await asyncio.wait_for(subscription, TIMEOUT)
        assert refused.value.sip_code == 401
        # And the answer may be right.
        subscription = alice.subscribe(far.uri("bob"), "reg")
        far.answer(await asyncio.to_thread(far.wait, "SUBSCRIBE", 6), 401, "Who", WWW_Authenticate=CHALLENGE)
        await asyncio.to_thread(far.accept, 7)
        await asyncio.wait_for(subscription, TIMEOUT)
        # A subscription that stood ends where it is renewed in vain.
        subscription.refresh()
        far.answer(await asyncio.to_thread(far.wait, "SUBSCRIBE", 8), 481, "Gone")
        await subscription.wait_ended(TIMEOUT)
        assert (subscription.code, [notify async for notify in subscription]) == (481, [])
        for wrong in ("", "a b", "x\r\ny", "a;b", "e" * 65):
            with pytest.raises(ValueError, match="event"):
                alice.subscribe(far.uri("bob"), wrong)
        for media in ("text", "text/", "a/b\r\nX: y", "a/b;c"):
            with pytest.raises(ValueError, match="accept"):
                alice.subscribe(far.uri("bob"), "reg", accept=(media,))
        with pytest.raises(ValueError, match="uri"):
            alice.subscribe("nonsense", "reg")
        with pytest.raises(ValueError, match="expires"):
            alice.subscribe(far.uri("bob"), "reg", expires=-1)
        assert alice.event_subscriptions == ()


async def test_notify_before_the_answer_and_one_of_60_kilobytes(
    make_endpoint: MakeEndpoint, far: Notifier
) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        subscription = alice.subscribe(far.uri("bob"), "conference")
        request = await asyncio.to_thread(far.wait, "SUBSCRIBE")
        assert request.all("accept") == []
        assert await asyncio.to_thread(far.notify, request, "early", "text/plain") == 200
        assert await asyncio.wait_for(subscription, TIMEOUT) is subscription
        assert subscription.state == EvsubState.ACTIVE
        far.answer(request, 200, "OK", Expires="3600")
        assert (await anext(subscription)).body == "early"
        # What PJSIP has no room for in a packet it cuts, and goes on.
        for size in (15_000, 60_000):
            assert await asyncio.to_thread(far.notify, request, "x" * size, "text/plain") == 200
            body = (await asyncio.wait_for(anext(subscription), TIMEOUT)).body
            assert body == "x" * len(body)
            assert min(size, 15_000) <= len(body) <= min(size, pj.limits().max_pkt_len)
        # What is no NOTIFY of ours, or says nothing of its state, is refused and not told.
        assert await asyncio.to_thread(far.notify, request, "stranger", "text/plain", event="reg") == 481
        odd = await asyncio.to_thread(far.notify, request, "odd", "text/plain", state="sleeping")
        assert odd == 200
        told = await asyncio.wait_for(anext(subscription), TIMEOUT)
        assert (told.body, told.state) == ("odd", "sleeping")
        await until(lambda: str(subscription).endswith("UNKNOWN>"), "the state, told after the NOTIFY")
        await endpoint.close(0.2)


async def test_it_ends_with_its_account_and_endpoint(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        first, _ = await standing(alice, far)
        reading = asyncio.create_task(anext(first, None))
        closing = asyncio.create_task(alice.close(0.2))
        last = await asyncio.to_thread(far.wait, "SUBSCRIBE", 2)
        assert last.header("expires") == "0"
        await closing
        assert first.ended
        assert await reading is None
        with pytest.raises(InvalidState, match="closed"):
            alice.subscribe(far.uri("bob"), "reg")

        # Deleted underneath it.
        second, request = await standing(bob, far)
        pj.acc_del(bob.id)
        gone = await asyncio.to_thread(far.accept, 4)
        assert gone.header("expires") == "0"
        await asyncio.to_thread(far.notify, request, state="terminated")
        await second.wait_ended(TIMEOUT)

        carol = local_account(endpoint, "carol")
        third, _ = await standing(carol, far)
        waiting = carol.subscribe(far.uri("silent"), "reg")
        task = asyncio.ensure_future(waiting)
        await asyncio.to_thread(far.wait, "SUBSCRIBE", 6)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Whom nobody waits for is ended.
        assert (await asyncio.to_thread(far.wait, "SUBSCRIBE", 7)).header("expires") == "0"
        await endpoint.close(0.2)
    assert third.ended
    assert isinstance(third, Subscription)


async def test_many_packages_at_once(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        # More than the headers PJSIP lists them in have room for.
        for n in range(1, 35):
            subscription = alice.subscribe(far.uri("bob"), f"package-{n}")
            request = await asyncio.to_thread(asked, far, f"package-{n}")
            far.answer(request, 200, "OK", Expires="3600")
            await asyncio.wait_for(subscription, TIMEOUT)
        assert len(alice.event_subscriptions) == 34
        # Destroyed with all of them alive.
        await asyncio.to_thread(pj.destroy2, pj.DestroyFlag.NO_NETWORK)
    assert subscription.ended
