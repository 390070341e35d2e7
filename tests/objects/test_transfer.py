"""Transfers at the objects: asked for and followed, refused, failing, never told; calls that are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, until
from peers.message import select
from peers.sipp import Sipp
from peers.wire import WireClient
from pjsua.hand import HandCall
from pyjsua import (
    Account,
    Call,
    EndedHow,
    Endpoint,
    InvalidState,
    StaleError,
    TransferFailed,
    TransferRequest,
    TransferStatus,
)

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


def answering(account: Account, got: list[Call]) -> asyncio.Task[None]:
    async def answer() -> None:
        async for call in account.incoming():
            got.append(await call.answer())

    return asyncio.create_task(answer())


@asynccontextmanager
async def three(
    make_endpoint: MakeEndpoint,
) -> AsyncIterator[tuple[Endpoint, Account, list[Call], list[Call]]]:
    """Alice, who calls; Bob and Carol, who answer: the endpoint, Alice, Bob's calls and Carol's."""
    async with make_endpoint() as endpoint:
        alice, bob, carol = (local_account(endpoint, name) for name in ("alice", "bob", "carol"))
        at_bob: list[Call] = []
        at_carol: list[Call] = []
        tasks = answering(bob, at_bob), answering(carol, at_carol)
        await asyncio.sleep(0)
        try:
            yield endpoint, alice, at_bob, at_carol
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def follow(call: Call, got: list[TransferRequest], made: list[Call]) -> None:
    async for request in call.transfer_requests():
        got.append(request)
        made.append(await request.accept())


async def test_a_blind_transfer_followed_by_one_of_ours(make_endpoint: MakeEndpoint) -> None:
    async with three(make_endpoint) as (endpoint, alice, at_bob, at_carol):
        call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        await until(lambda: at_bob, "Bob has the call")
        got: list[TransferRequest] = []
        made: list[Call] = []
        following = asyncio.create_task(follow(at_bob[0], got, made))
        await asyncio.sleep(0)
        target = direct_uri(endpoint, "carol")
        transfer = call.transfer(target, headers=[("X-Why", "busy")])
        status = await transfer
        assert status.code == 200
        assert status.final
        assert transfer.confirmed
        assert [one.code async for one in transfer] == [one.code for one in transfer.progress]
        assert transfer.progress[0].code == 100
        (request,) = got
        assert target in request.target
        assert alice.uri in request.referred_by
        assert request.replaces is None
        assert request.message is not None
        assert request.message.header("X-Why") == "busy"
        assert not request.waiting
        # Bob's new call is an object like any other.
        (new,) = made
        assert new in endpoint.calls
        await new.wait_answered(TIMEOUT)
        assert at_bob[0].transferred_to is new
        assert new.referred_from is at_bob[0]
        assert "carol" in new.remote_uri
        await new.wait_media(TIMEOUT)
        # Our own leg is hung up.
        assert (await call.wait_ended(TIMEOUT)).by_us
        await at_bob[0].wait_ended(TIMEOUT)
        await asyncio.wait_for(following, TIMEOUT)
        with pytest.raises(StaleError):
            await request.reject()
        with pytest.raises(StaleError):
            call.transfer(target)
        await new.hangup()
        await at_carol[0].wait_ended(TIMEOUT)


async def test_nobody_listening_refuses_a_transfer(make_endpoint: MakeEndpoint) -> None:
    async with three(make_endpoint) as (endpoint, alice, at_bob, at_carol):
        call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        with pytest.raises(TransferFailed, match="603") as caught:
            await call.transfer(direct_uri(endpoint, "carol"))
        assert caught.value.sip_code == 603
        # The call goes on, and may be transferred again; this time somebody says why not.
        assert not call.ended
        await until(lambda: at_bob, "Bob has the call")
        requests = at_bob[0].transfer_requests()
        transfer = call.transfer(direct_uri(endpoint, "carol"))
        with pytest.raises(InvalidState, match="transferred already"):
            call.transfer(direct_uri(endpoint, "carol"))
        request = await asyncio.wait_for(anext(requests), TIMEOUT)
        with pytest.raises(ValueError, match=r"^code: 200 "):
            await request.reject(200)
        await request.reject(480, "Later", headers=[("X-Why", "tired")])
        with pytest.raises(TransferFailed) as caught:
            await transfer
        assert (caught.value.sip_code, caught.value.title) == (480, "Later")
        # What a closed listener leaves is refused too.
        transfer = call.transfer(direct_uri(endpoint, "carol"))
        await until(lambda: requests._requests.requests, "the request is there")
        requests.close()
        with pytest.raises(StopAsyncIteration):
            await anext(requests)
        with pytest.raises(TransferFailed, match="603"):
            await transfer
        assert not at_carol
        await call.hangup()


async def test_a_transfer_to_who_sends_it_on(make_endpoint: MakeEndpoint) -> None:
    """What nobody follows is the end of it, and told."""
    async with make_endpoint() as endpoint:
        alice, bob, carol = (local_account(endpoint, name) for name in ("alice", "bob", "carol"))
        at_bob: list[Call] = []
        at_carol = carol.incoming()
        answering_bob = answering(bob, at_bob)
        call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        await until(lambda: at_bob, "Bob has the call")
        got: list[TransferRequest] = []
        following = asyncio.create_task(follow(at_bob[0], got, []))
        await asyncio.sleep(0)
        transfer = call.transfer(direct_uri(endpoint, "carol"), timeout=TIMEOUT)
        await (await anext(at_carol)).redirect(direct_uri(endpoint, "alice"))
        with pytest.raises(TransferFailed) as caught:
            await transfer
        # PJSIP's own for whatever 3xx nobody follows.
        assert caught.value.sip_code == 487
        await call.hangup()
        await asyncio.wait_for(following, TIMEOUT)
        answering_bob.cancel()


async def test_a_transfer_to_nobody_leaves_the_call_as_it_was(make_endpoint: MakeEndpoint) -> None:
    async with three(make_endpoint) as (endpoint, alice, at_bob, _):
        call = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        await until(lambda: at_bob, "Bob has the call")
        got: list[TransferRequest] = []
        made: list[Call] = []
        following = asyncio.create_task(follow(at_bob[0], got, made))
        await asyncio.sleep(0)
        await call.hold()
        with pytest.raises(TransferFailed) as caught:
            await call.transfer(direct_uri(endpoint, "nobody"))
        assert caught.value.sip_code in (404, 480)
        assert not call.ended
        assert call.held_by_us
        assert at_bob[0].held_by_them
        assert not at_bob[0].ended
        await made[0].wait_ended(TIMEOUT)
        for bad in ("", "nonsense", "sip:a@b\r\nX: y"):
            with pytest.raises(ValueError, match=r"^(dest|uri): "):
                call.transfer(bad)
        await call.hangup()
        await asyncio.wait_for(following, TIMEOUT)


async def test_an_attended_transfer_among_ours(make_endpoint: MakeEndpoint) -> None:
    async with three(make_endpoint) as (endpoint, alice, at_bob, at_carol):
        to_bob = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        to_carol = await alice.call(direct_uri(endpoint, "carol"), timeout=TIMEOUT)
        await until(lambda: at_bob and at_carol, "both have their calls")
        requests = at_bob[0].transfer_requests()
        replacements = at_carol[0].replace_requests()
        transfer = to_bob.transfer_to(to_carol)
        request = await asyncio.wait_for(anext(requests), TIMEOUT)
        assert request.replaces is not None
        assert request.replaces.call_id == to_carol.sip_call_id
        new_at_bob = await request.accept()
        replacing = await asyncio.wait_for(anext(replacements), TIMEOUT)
        assert replacing.call is at_carol[0]
        assert replacing.replaces == request.replaces
        assert "bob" in replacing.caller
        new_at_carol = await replacing.accept()
        assert (await transfer).code == 200
        assert transfer.other is to_carol
        assert at_carol[0].replaced_by is new_at_carol
        assert new_at_carol.replaces is at_carol[0]
        assert new_at_carol.incoming
        for old in (to_bob, to_carol, at_carol[0]):
            await old.wait_ended(TIMEOUT)
        assert to_carol.end is not None
        assert to_carol.end.how is EndedHow.HANGUP
        # Both hang up, whoever comes first.
        assert at_carol[0].end is not None
        assert at_carol[0].end.how in (EndedHow.REPLACED, EndedHow.HANGUP)
        for new in (new_at_bob, new_at_carol):
            await new.wait_answered(TIMEOUT)
            await new.wait_media(TIMEOUT)
        await new_at_carol.hangup()
        await new_at_bob.wait_ended(TIMEOUT)


async def test_a_replacement_is_let_in_or_refused(make_endpoint: MakeEndpoint) -> None:
    async with three(make_endpoint) as (endpoint, alice, at_bob, at_carol):
        to_bob = await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        to_carol = await alice.call(direct_uri(endpoint, "carol"), timeout=TIMEOUT)
        await until(lambda: at_bob and at_carol, "both have their calls")
        requests, replacements = at_bob[0].transfer_requests(), at_carol[0].replace_requests()
        transfer = to_bob.transfer_to(to_carol)
        await (await asyncio.wait_for(anext(requests), TIMEOUT)).accept()
        await (await asyncio.wait_for(anext(replacements), TIMEOUT)).reject(486)
        with pytest.raises(TransferFailed, match="486"):
            await transfer
        assert not to_bob.ended
        assert not to_carol.ended
        # Without a listener it may, and the new call is there all the same.
        replacements.close()
        # Alice does not hang up, or her BYE might come before.
        transfer = to_bob.transfer_to(to_carol, hang_up=False)
        await (await asyncio.wait_for(anext(requests), TIMEOUT)).accept()
        await transfer
        assert (await at_carol[0].wait_ended(TIMEOUT)).how is EndedHow.REPLACED
        new = at_carol[0].replaced_by
        assert new is not None
        await new.wait_answered(TIMEOUT)
        await new.hangup()


async def test_what_cannot_be_transferred(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        call = alice.start_call(sipp("uas_no_answer").uri)
        other = alice.start_call(sipp("uas_no_answer").uri)
        with pytest.raises(InvalidState, match="not answered"):
            call.transfer("sip:c@127.0.0.1:9")
        with pytest.raises(InvalidState, match="not answered"):
            call.transfer_to(other)
        await call.hangup()
        with pytest.raises(StaleError):
            call.transfer("sip:c@127.0.0.1:9")
        requests = call.transfer_requests()
        with pytest.raises(StopAsyncIteration):
            await anext(requests)
        await other.hangup()


async def test_peculiar_peers(make_endpoint: MakeEndpoint) -> None:
    """A REFER that is not known, a NOTIFY that never comes, one that tells a failure, a BYE in between."""
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        with WireClient() as wire:

            async def up() -> tuple[Call, HandCall]:
                far = HandCall(wire)
                count = 1 + len(select(wire.messages, direction="received", method="INVITE"))
                calling = asyncio.create_task(alice.call(f"sip:w@{wire.host}:{wire.port}", timeout=TIMEOUT))
                far.accept(await asyncio.to_thread(far.wait_invite, count))
                return await calling, far

            async def refer(far: HandCall, count: int, status: int) -> None:
                request = await asyncio.to_thread(far.received, "REFER", count)
                far.respond(request, status)

            def notify(far: HandCall, line: str, state: str) -> None:
                headers = {
                    "Event": "refer",
                    "Subscription-State": state,
                    "Content-Type": "message/sipfrag;version=2.0",
                }
                far.send("NOTIFY", headers, line)

            call, far = await up()
            transfer = call.transfer("sip:c@127.0.0.1:9")
            await refer(far, 1, 405)
            with pytest.raises(TransferFailed) as caught:
                await transfer
            assert caught.value.sip_code == 405
            # Agreed, and then nothing.
            transfer = call.transfer("sip:c@127.0.0.1:9", timeout=0.5)
            await refer(far, 2, 202)
            with pytest.raises(TransferFailed) as caught:
                await transfer
            assert caught.value.sip_code == 408
            assert [one.code for one in transfer.progress] == [100]
            assert not call.ended
            await call.hangup()
            # One whose new call is busy.
            call, far = await up()
            transfer = call.transfer("sip:c@127.0.0.1:9")
            await refer(far, 1, 202)
            notify(far, "SIP/2.0 180 Ringing\r\n", "active;expires=60")
            seen: list[TransferStatus] = []
            async for status in transfer:
                seen.append(status)
                if status.code == 180:
                    notify(far, "SIP/2.0 486 Busy Here\r\n", "terminated;reason=noresource")
            assert [status.code for status in seen] == [100, 180, 486]
            assert transfer.error is not None
            with pytest.raises(TransferFailed, match="486"):
                await transfer
            assert not call.ended
            # It agrees and hangs up: done, as far as can be known.
            transfer = call.transfer("sip:c@127.0.0.1:9")
            await refer(far, 2, 202)
            far.send("BYE")
            assert (await transfer).code == 100
            assert not transfer.confirmed
            # A task that is cancelled while it waits leaves the transfer alone.
            call, far = await up()
            transfer = call.transfer("sip:c@127.0.0.1:9", hang_up=False)
            waiting = asyncio.ensure_future(transfer)
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await refer(far, 1, 202)
            notify(far, "SIP/2.0 200 OK\r\n", "terminated;reason=noresource")
            assert (await transfer).code == 200
            assert not call.ended
            # The call ends before the REFER is answered.
            transfer = call.transfer("sip:c@127.0.0.1:9")
            far.send("BYE")
            with pytest.raises(TransferFailed) as caught:
                await transfer
            assert caught.value.sip_code == 481
            await call.wait_ended(TIMEOUT)
