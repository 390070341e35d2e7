"""Transfers with other user agents and a proxy in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account
from peers.baresip import Baresip
from peers.kamailio import Kamailio
from pyjsua import Endpoint, TransferFailed

MakeEndpoint = Callable[..., Endpoint]
MakeBaresip = Callable[..., Baresip]


async def test_baresip_both_ways(make_endpoint: MakeEndpoint, baresip: MakeBaresip) -> None:
    peer = await asyncio.to_thread(baresip, answer="auto")
    async with make_endpoint() as endpoint:
        alice, carol = local_account(endpoint, "alice"), local_account(endpoint, "carol")
        incoming = carol.incoming()
        call = await alice.call(peer.uri, timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        transfer = call.transfer(direct_uri(endpoint, "carol"))
        at_carol = await asyncio.wait_for(anext(incoming), TIMEOUT)
        await at_carol.answer()
        assert (await asyncio.wait_for(transfer, TIMEOUT)).code in (100, 200)
        await call.wait_ended(TIMEOUT)
        await at_carol.wait_media(TIMEOUT)
        # Now it has us call somebody else: Carol calls Alice.
        requests, at_alice = at_carol.transfer_requests(), alice.incoming()
        # Version 1.1.0 does not take a call that it made for a transfer for its current one.
        made = await asyncio.to_thread(peer.wait_event, "CALL_ESTABLISHED", TIMEOUT, 2)
        await asyncio.to_thread(peer.do, "callfind", made["id"])
        await asyncio.to_thread(peer.do, "transfer", direct_uri(endpoint, "alice"))
        request = await asyncio.wait_for(anext(requests), TIMEOUT)
        assert direct_uri(endpoint, "alice") in request.target
        new = await request.accept()
        assert new.account is carol
        await (await asyncio.wait_for(anext(at_alice), TIMEOUT)).answer()
        await new.wait_answered(TIMEOUT)
        await new.wait_media(TIMEOUT)
        # It hangs up when it is told that the new call was answered.
        await at_carol.wait_ended(TIMEOUT)
        await new.hangup()


async def test_through_kamailio(
    make_endpoint: MakeEndpoint, baresip: MakeBaresip, kamailio: Callable[..., Kamailio]
) -> None:
    users = {"1001": "secret", "1002": "secret", "1003": "secret", "1004": "secret"}
    server = await asyncio.to_thread(kamailio, "a.test", users)
    peer = await asyncio.to_thread(
        baresip, "sip:1002@a.test", server.address, password="secret", answer="auto"
    )
    async with make_endpoint() as endpoint:
        proxy = [f"{server.uri};lr"]
        alice, bob, carol = [
            await endpoint.register(server.aor(user), "secret", proxy=proxy, timeout=TIMEOUT)
            for user in ("1001", "1003", "1004")
        ]
        call = await alice.call(server.aor("1002"), timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        with pytest.raises(TransferFailed) as caught:
            await asyncio.wait_for(call.transfer(server.aor("nobody")), TIMEOUT)
        assert caught.value.sip_code == 404
        assert not call.ended
        # Alice asks Carol first, and Bob takes her place.
        at_bob, at_carol = bob.incoming(), carol.incoming()
        to_bob, to_carol = alice.start_call(server.aor("1003")), alice.start_call(server.aor("1004"))
        bobs = await (await asyncio.wait_for(anext(at_bob), TIMEOUT)).answer()
        carols = await (await asyncio.wait_for(anext(at_carol), TIMEOUT)).answer()
        await to_bob.wait_answered(TIMEOUT)
        await to_carol.wait_answered(TIMEOUT)
        requests = bobs.transfer_requests()
        transfer = to_bob.transfer_to(to_carol)
        new = await (await asyncio.wait_for(anext(requests), TIMEOUT)).accept()
        assert (await asyncio.wait_for(transfer, TIMEOUT)).code == 200
        for old in (to_bob, to_carol, carols):
            await old.wait_ended(TIMEOUT)
        assert carols.replaced_by is not None
        assert "1003" in carols.replaced_by.remote_uri
        await new.wait_media(TIMEOUT)
        await new.hangup()
        await call.hangup()
        await asyncio.to_thread(peer.wait_event, "CALL_CLOSED")
