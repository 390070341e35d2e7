"""One address, two telephones: Kamailio rings both, and who comes second is told that the call was taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from objects.phones import TIMEOUT
from peers.baresip import Baresip
from peers.kamailio import Kamailio
from pyjsua import Account, EndedBy, EndedHow, Endpoint

MakeEndpoint = Callable[..., Endpoint]


async def register(endpoint: Endpoint, proxy: Kamailio, user: str) -> Account:
    return await endpoint.register(
        proxy.aor(user), proxy.users[user], proxy=[f"{proxy.uri};lr"], timeout=TIMEOUT, lock_codec=0
    )


async def test_the_first_to_answer_has_the_call(
    make_endpoint: MakeEndpoint, kamailio: Callable[..., Kamailio], baresip: Callable[..., Baresip]
) -> None:
    proxy = kamailio("a.test", {"1001": "secret-1001", "1002": "secret-1002"})
    other = baresip(proxy.aor("1002"), proxy.address, password="secret-1002")
    async with make_endpoint() as endpoint:
        alice = await register(endpoint, proxy, "1001")
        bob = await register(endpoint, proxy, "1002")
        assert len(proxy.contacts("1002")) == 2
        incoming = bob.incoming()

        # We are the ones who answer, and the other one is told to stop ringing.
        calling = asyncio.create_task(alice.call("sip:1002@a.test", timeout=TIMEOUT))
        into = await anext(incoming)
        await into.ring()
        await asyncio.to_thread(other.wait_event, "CALL_INCOMING", timeout=TIMEOUT)
        await into.answer()
        call = await calling
        await asyncio.to_thread(other.wait_event, "CALL_CLOSED", timeout=TIMEOUT)
        await call.hangup()
        await into.wait_ended(TIMEOUT)

        # The other one answers, and we are told.
        calling = asyncio.create_task(alice.call("sip:1002@a.test", timeout=TIMEOUT))
        into = await anext(incoming)
        await into.ring()
        await asyncio.to_thread(other.wait_event, "CALL_INCOMING", timeout=TIMEOUT, count=2)
        await asyncio.to_thread(other.answer)
        call = await calling
        end = await into.wait_ended(TIMEOUT)
        assert (end.by, end.how, end.answered) == (EndedBy.THEM, EndedHow.CANCEL, False)
        await call.hangup()
