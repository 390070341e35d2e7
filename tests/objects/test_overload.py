"""Calls that are not let in: too many that wait for an answer, and a library that drains."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, slots_free, until
from peers.message import select
from peers.sipp import Sipp
from peers.wire import WireClient
from pjsua.hand import HandCall
from pyjsua import CallUnreachable, Endpoint, InvalidState, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


async def test_more_calls_than_may_wait(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    """A storm: as many as may wait get a slot, the others 503, and who talks goes on talking."""
    async with make_endpoint(max_pending=3) as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (near, far):
            incoming = bob.incoming()
            assert endpoint.admission.pending == 0
            target = endpoint.address()
            storm = sipp("uac_churn", target=target, user="bob", calls=60, rate=120, limit=60, hold=50)
            waiting = [await asyncio.wait_for(anext(incoming), TIMEOUT) for _ in range(3)]
            await until(lambda: endpoint.admission.refused_pending == 57, "all others were refused")
            # Three that wait and the two legs that talk; the others cost no slot.
            assert pj.call_get_count() == 5
            assert endpoint.admission.pending == 3
            await far.reinvite(timeout=TIMEOUT)
            for one in waiting:
                await one.answer()
            assert endpoint.admission.pending == 0
            for one in waiting:
                await one.wait_ended(TIMEOUT)
            refusals = select(storm.messages, direction="received", status=503)
            assert len({message.call_id for message in refusals}) == 57
            assert {message.header("Retry-After") for message in refusals} == {"10"}
            assert not near.ended
            assert not far.ended
            # There is room again.
            async with call_between(bob, alice, direct_uri(endpoint, "alice")):
                pass
        await slots_free()


async def test_a_refused_call_stays_refused_and_its_ack_is_absorbed(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        local_account(endpoint, "bob")
        with WireClient() as wire:
            endpoint_address = endpoint.address()
            draining = asyncio.create_task(endpoint.drain(code=480, retry_after=7))
            await asyncio.sleep(0)
            # Nobody is talking: drained at once, and it goes on refusing.
            assert await draining
            assert endpoint.draining
            far = HandCall(wire)
            answer = await asyncio.to_thread(far.invite, direct_uri(endpoint, "bob"), endpoint_address)
            assert answer.status == 480
            assert answer.header("Retry-After") == "7"
            endpoint.undrain()
            assert not endpoint.draining
            invite = select(wire.messages, direction="sent", method="INVITE")[0]
            wire.send(invite.raw, endpoint_address)
            again = await asyncio.to_thread(
                wire.wait_for, lambda m: m.status == 480 and m.direction == "received", count=2
            )
            assert again.header("to") == answer.header("to")
            # A new one is let in, and nobody listens. Its answer is the next thing that came: the ACK of the
            # first had none.
            other = HandCall(wire)
            answer = await asyncio.to_thread(other.invite, direct_uri(endpoint, "bob"), endpoint_address)
            assert answer.status == 480
            assert answer.header("Retry-After") is None
            statuses = [m.status for m in wire.messages if m.direction == "received"]
            assert statuses == [480, 480, 100, 480]
            assert endpoint.admission.refused_draining == 1


async def test_draining_waits_for_the_last_call(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        uri = direct_uri(endpoint, "bob")
        async with call_between(alice, bob, uri) as (near, far):
            with pytest.raises(TimeoutError):
                await endpoint.drain(0.05)
            assert endpoint.draining
            with pytest.raises(CallUnreachable) as caught:
                await alice.call(uri, timeout=TIMEOUT)
            assert caught.value.sip_code == 503
            await near.reinvite(timeout=TIMEOUT)
            draining = asyncio.create_task(endpoint.drain())
            await asyncio.sleep(0)
            endpoint.undrain()
            assert not await draining
            incoming = bob.incoming()
            ringing = alice.start_call(uri)
            rung = await asyncio.wait_for(anext(incoming), TIMEOUT)
            draining = asyncio.create_task(endpoint.drain())
            await asyncio.sleep(0)
            # One that rings already may be answered.
            await rung.answer()
            await ringing.hangup()
            await rung.wait_ended(TIMEOUT)
            assert not draining.done()
            await far.hangup()
        assert await asyncio.wait_for(draining, TIMEOUT)
        assert endpoint.calls == ()
        with pytest.raises(ValueError, match=r"^code: 200 "):
            await endpoint.drain(code=200)
    with pytest.raises(InvalidState):
        endpoint.undrain()
    with pytest.raises(InvalidState):
        await endpoint.drain()
