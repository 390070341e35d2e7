"""Transfers by way of Asterisk: blind and attended, of who called and who was called, and one that fails."""

from __future__ import annotations

import asyncio

import pytest

from objects.phones import TIMEOUT
from objects.switchboard import USERS, MakeAsterisk, MakeEndpoint, Sounds, between, phone, ringing
from pyjsua import Call, Endpoint, TransferFailed

pytestmark = [pytest.mark.asterisk, pytest.mark.hears, pytest.mark.timeout(60)]


async def assert_joined(sounds: Sounds, endpoint: Endpoint, one: Call, other: Call) -> None:
    """Both hear what the other says."""
    for call in (one, other):
        await call.wait_media(TIMEOUT)
    with sounds.said(endpoint, 600, one), sounds.said(endpoint, 1100, other):
        assert await sounds.heard(endpoint, one) == pytest.approx(1100, abs=5)
        assert await sounds.heard(endpoint, other) == pytest.approx(600, abs=5)


@pytest.mark.parametrize("held", [False, True], ids=["talking", "on hold"])
@pytest.mark.parametrize("by", ["caller", "callee"])
async def test_blind(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds, by: str, held: bool
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob, carol = [await phone(endpoint, server, user) for user in USERS]
        async with between(alice, bob, server.aor("bob")) as (call, other):
            leaving, staying = (call, other) if by == "caller" else (other, call)
            if held:
                await leaving.hold()
            answering = asyncio.create_task(ringing(carol))
            status = await leaving.transfer(server.aor("carol"))
            assert status.code == 200
            end = await leaving.wait_ended(TIMEOUT)
            assert end.code == 200
            async with await answering as third:
                await assert_joined(sounds, endpoint, staying, third)
                await third.hangup()
                assert (await staying.wait_ended(TIMEOUT)).code == 200


async def test_blind_to_nobody(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    """Asterisk says of an extension it does not have that the transfer failed, and the call is as it was."""
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob = await phone(endpoint, server, "alice"), await phone(endpoint, server, "bob")
        async with between(alice, bob, server.aor("bob")) as (call, other):
            with pytest.raises(TransferFailed) as failed:
                await call.transfer(server.aor("no-such-extension"))
            assert failed.value.sip_code == 404
            assert not call.ended
            assert not other.ended


@pytest.mark.parametrize("by", ["caller", "callee"])
async def test_attended(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds, by: str) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob, carol = [await phone(endpoint, server, user) for user in USERS]
        async with between(alice, bob, server.aor("bob")) as (call, other):
            leaving, staying, account = (call, other, alice) if by == "caller" else (other, call, bob)
            await leaving.hold()
            async with between(account, carol, server.aor("carol")) as (asking, third):
                await assert_joined(sounds, endpoint, asking, third)
                await asking.hold()
                status = await leaving.transfer_to(asking)
                assert status.code == 200
                await leaving.wait_ended(TIMEOUT)
                await asking.wait_ended(TIMEOUT)
                await assert_joined(sounds, endpoint, staying, third)
                await staying.hangup()
                assert (await third.wait_ended(TIMEOUT)).code == 200
