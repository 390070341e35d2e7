"""Presence with objects: buddies, watchers, our own state, calls of others, waiting messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account
from peers.kamailio import Kamailio
from peers.presence import presence
from peers.wire import WireClient
from pjsua.notifier import DIALOG_INFO, PIDF, SUMMARY, Notifier, dialog_info
from pyjsua import (
    Account,
    BuddyStatus,
    DialogState,
    Endpoint,
    EvsubState,
    InvalidState,
    MessageCount,
    RpidActivity,
    SubscriptionFailed,
    SubscriptionTimeout,
    pjsua as pj,
)

MakeEndpoint = Callable[..., Endpoint]


@pytest.fixture
def far(wire_client: Callable[..., WireClient]) -> Notifier:
    """A peer written by hand."""
    return Notifier(wire_client())


async def test_each_sees_the_other_come_and_go(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        watching = bob.subscriptions()
        async with alice.add_buddy(direct_uri(endpoint, "bob")) as buddy:
            assert (buddy.presence.status, buddy.subscribed) == (BuddyStatus.UNKNOWN, False)
            changes = buddy.presences()
            assert await buddy.subscribe(TIMEOUT) is buddy
            assert buddy.subscribed
            assert alice.buddies == (buddy,)
            watcher = await anext(watching)
            assert "alice" in watcher.uri
            assert bob.watchers == (watcher,)
            assert watcher.state is EvsubState.ACTIVE
            bob.set_presence(True)
            await buddy.wait(lambda b: b.presence.online, TIMEOUT)
            assert buddy.presence.note == "Online"
            bob.set_presence(True, activity=RpidActivity.BUSY, note="im Gespräch <&>")
            await buddy.wait(lambda b: b.presence.note == "im Gespräch <&>", TIMEOUT)
            assert buddy.presence.activity is RpidActivity.BUSY
            bob.set_presence(False)
            await buddy.wait(lambda b: not b.presence.online, TIMEOUT)
            await buddy.unsubscribe(TIMEOUT)
            assert not buddy.subscribed
            await watcher.wait_ended(TIMEOUT)
            assert bob.watchers == ()
            with pytest.raises(InvalidState, match="ended"):
                watcher.accept()
            watcher.refuse()
        assert buddy.closed
        buddy.close()
        seen = [change.status async for change in changes]
        assert BuddyStatus.ONLINE in seen
        assert alice.buddies == ()
        assert pj.enum_buddies() == []
        with pytest.raises(InvalidState, match="closed"):
            await buddy.subscribe()
        with pytest.raises(InvalidState, match="closed"):
            await buddy.wait(lambda b: True)


async def test_those_who_ask_are_let_or_refused(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        bob.subscribe_policy = "ask"
        bob.set_presence(True, note="here")
        asking = bob.subscriptions()
        buddy = alice.add_buddy(direct_uri(endpoint, "bob"))
        await buddy.subscribe(TIMEOUT)
        await buddy.wait(lambda b: b.subscription == EvsubState.PENDING, TIMEOUT)
        # Nothing is told before somebody agreed.
        assert buddy.presence.status is not BuddyStatus.ONLINE
        watcher = await anext(asking)
        assert watcher.pending
        watcher.accept()
        await buddy.wait(lambda b: b.subscribed and b.presence.online, TIMEOUT)
        assert buddy.presence.note == "here"
        watcher.refuse("rejected")
        await buddy.wait(lambda b: b.subscription == EvsubState.TERMINATED, TIMEOUT)
        assert (buddy.presence.reason, watcher.ended) == ("rejected", True)
        buddy.close()

        bob.subscribe_deadline = 0.05
        late = alice.add_buddy(direct_uri(endpoint, "bob"))
        await late.subscribe(TIMEOUT)
        await late.wait(lambda b: b.subscription == EvsubState.TERMINATED, TIMEOUT)
        assert late.presence.reason == "giveup"
        late.close()

        bob.subscribe_policy = "refuse"
        assert bob.subscribe_policy == "refuse"
        refused = alice.add_buddy(direct_uri(endpoint, "bob"))
        with pytest.raises(SubscriptionFailed, match="403") as caught:
            await refused.subscribe(TIMEOUT)
        assert caught.value.sip_code == 403
        refused.close()

        bob.subscribe_policy = None
        with pytest.raises(ValueError, match="subscribe_policy"):
            bob.subscribe_policy = "maybe"  # type: ignore[assignment]
        again = alice.add_buddy(direct_uri(endpoint, "bob"))
        await again.subscribe(TIMEOUT)
        assert again.subscribed
        await alice.close()
        assert again.closed


async def test_a_buddy_that_does_not_answer(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        buddy = alice.add_buddy(far.uri("silent"))
        with pytest.raises(SubscriptionTimeout) as caught:
            await buddy.subscribe(0.2)
        assert isinstance(caught.value, TimeoutError)
        waiting = asyncio.create_task(buddy.wait(lambda b: b.subscribed))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        waiting = asyncio.create_task(buddy.wait(lambda b: b.subscribed))
        await asyncio.sleep(0)
        buddy.close()
        with pytest.raises(InvalidState, match="closed"):
            await waiting
        for wrong in ("", "nonsense", "http://a.test"):
            with pytest.raises(ValueError, match="uri"):
                alice.add_buddy(wrong)
        assert alice.buddies == ()
        await alice.close()
        for late in (
            lambda: alice.add_buddy(far.uri("x")),
            lambda: alice.set_presence(True),
            alice.subscriptions,
        ):
            with pytest.raises(InvalidState, match="closed"):
                late()


async def test_somebodys_calls_are_watched(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        desk = alice.add_buddy(far.uri("desk"), calls=True)
        states = desk.call_states()
        subscribing = asyncio.create_task(desk.subscribe(TIMEOUT))
        request = await asyncio.to_thread(far.accept)
        assert request.header("event") == "dialog"

        async def told(state: str, extra: str = "") -> None:
            body = dialog_info(f'<dialog id="1" direction="recipient"><state>{state}</state>{extra}</dialog>')
            assert await asyncio.to_thread(far.notify, request, body, DIALOG_INFO) == 200

        remote = '<remote><identity display="Bob &amp; Co">sip:bob@a.test</identity></remote>'
        await told("early", remote)
        await subscribing
        await desk.wait(lambda b: b.call.ringing, TIMEOUT)
        assert (desk.call.state, desk.call.direction) == (DialogState.EARLY, "recipient")
        assert (desk.call.remote_uri, desk.call.remote_name) == ("sip:bob@a.test", "Bob & Co")
        await told("confirmed")
        await desk.wait(lambda b: b.call.state is DialogState.CONFIRMED, TIMEOUT)
        assert desk.call.busy
        await told("strange")
        await desk.wait(lambda b: b.call.state is DialogState.OTHER, TIMEOUT)
        for hostile in ("<dialog-info", "<a>" * 500, "\x01\x02", '<dialog-info xmlns="x"/>'):
            await asyncio.to_thread(far.notify, request, hostile, DIALOG_INFO)
        await told("terminated")
        await desk.wait(lambda b: b.call.state is DialogState.TERMINATED, TIMEOUT)
        assert not desk.call.busy
        assert await asyncio.to_thread(far.notify, request, state="terminated;reason=noresource") == 200
        await desk.wait(lambda b: b.subscription == EvsubState.TERMINATED, TIMEOUT)
        assert desk.call.reason == "noresource"
        desk.close()
        seen = [news.state async for news in states]
        assert [s for s in seen if s in (DialogState.EARLY, DialogState.CONFIRMED)][:1] == [DialogState.EARLY]


async def test_hostile_presence_documents_change_nothing(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        buddy = local_account(endpoint, "alice").add_buddy(far.uri("bob"))
        subscribing = asyncio.create_task(buddy.subscribe(TIMEOUT))
        request = await asyncio.to_thread(far.accept)
        await asyncio.to_thread(far.notify, request, "", "")
        await subscribing
        for hostile in ("<presence", "<" * 3000, "\x00\xff", "<presence><tuple/></presence>"):
            await asyncio.to_thread(far.notify, request, hostile, PIDF)
        assert not buddy.presence.online


async def test_waiting_messages(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        registrar = f"sip:127.0.0.1:{far.wire.port}"
        adding = asyncio.create_task(
            endpoint.register(far.uri("alice"), registrar=registrar, mwi_enabled=True, timeout=TIMEOUT)
        )
        request = await asyncio.to_thread(far.wait, "REGISTER")
        far.answer(request, 200, "OK", Contact=f"{request.header('contact')};expires=300")
        alice = await adding
        assert alice.mwi.last is None
        subscribe = await asyncio.to_thread(far.accept)
        assert subscribe.header("event") == "message-summary"
        changes = alice.mwi.changes()
        summary = (
            "Messages-Waiting: yes\r\nMessage-Account: sip:vm@127.0.0.1\r\n"
            "Voice-Message: 2/8 (0/2)\r\nFax-Message: 1/0\r\nX-Rubbish: 9/y\r\nBig: 99999999999/1\r\n"
        )
        assert await asyncio.to_thread(far.notify, subscribe, summary, SUMMARY) == 200
        mwi = await alice.mwi.wait(lambda box: box.waiting, TIMEOUT)
        assert mwi.last is not None
        assert mwi.last.voice == MessageCount(2, 8, 0, 2)
        assert mwi.last.counts == {"voice-message": mwi.last.voice, "fax-message": MessageCount(1, 0)}
        assert (mwi.last.account, mwi.last.solicited) == ("sip:vm@127.0.0.1", True)
        await mwi.wait(lambda box: box.subscription == EvsubState.ACTIVE, TIMEOUT)
        assert await asyncio.to_thread(far.notify, subscribe, "Messages-Waiting: no\r\n", SUMMARY) == 200
        await mwi.wait(lambda box: not box.waiting, TIMEOUT)
        assert [(await anext(changes)).waiting for _ in range(2)] == [True, False]
        far.wire.stop()
        await alice.close(0.1)
        with pytest.raises(EOFError):
            await mwi.wait(lambda box: False)
        with pytest.raises(StopAsyncIteration):
            await anext(changes)


async def test_published_presence_by_way_of_kamailio(
    make_endpoint: MakeEndpoint, kamailio: Callable[..., Kamailio], tmp_path: Path
) -> None:
    users = {"alice": "a-secret", "bob": "b-secret"}
    server = await asyncio.to_thread(kamailio, **presence(tmp_path, users))
    async with make_endpoint() as endpoint:

        def account(user: str, **options: Any) -> Account:
            proxy = [f"{server.uri};lr"]
            return endpoint.add_account(server.aor(user), users[user], proxy=proxy, **options)

        alice, bob = account("alice"), account("bob", publish_enabled=True)
        buddy = alice.add_buddy(server.aor("bob"))
        await buddy.subscribe(TIMEOUT)
        bob.set_presence(True, activity=RpidActivity.AWAY, note="at tea")
        await buddy.wait(lambda b: b.presence.online and b.presence.note == "at tea", TIMEOUT)
        assert buddy.presence.activity is RpidActivity.AWAY
        assert any(m.method == "PUBLISH" and m.is_request for m in server.messages)
        await bob.close()
        await buddy.wait(lambda b: not b.presence.online, TIMEOUT)
