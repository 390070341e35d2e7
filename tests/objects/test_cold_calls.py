"""A call whose both ends are in this process: each knows its own side of it."""

from __future__ import annotations

import asyncio

from pyjsua import Endpoint


async def test_the_answer_to_a_bye_is_known_to_who_sent_it() -> None:
    async with Endpoint(bound_addr="127.0.0.1") as endpoint:
        alice = endpoint.add_account("sip:alice@127.0.0.1")
        bob = endpoint.add_account("sip:bob@127.0.0.1")
        incoming = bob.incoming()
        host, port = endpoint.address()
        calling = asyncio.create_task(alice.call(f"sip:bob@{host}:{port}"))
        callee = await anext(incoming)
        await callee.answer()
        caller = await calling
        await caller.hangup()
        assert not (await callee.wait_ended(10)).by_us
        async with asyncio.timeout(10):
            while caller.bye_status is None:
                await asyncio.sleep(0.01)
        assert caller.bye_status == 200
        assert callee.bye_status is None
