"""Challenges within a call, and what becomes of it after its end: the answer to its BYE, its memory."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, registered, until
from pyjsua import Call, DtmfMethod, Endpoint, SipError
from pyjsua.testing import Respond, SipServer


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


async def test_a_challenge_is_not_the_answer_to_a_bye(sip_server: SipServer) -> None:
    async with Endpoint(bound_addr="127.0.0.1") as endpoint:
        alice = await registered(endpoint, sip_server, "1001")
        bob = await registered(endpoint, sip_server, "1002")
        async with call_between(alice, bob, sip_server.aor("1002")) as (caller, _):
            challenge = 'Digest realm="r", nonce="n", algorithm=MD5'
            sip_server.faults.set(
                "BYE", Respond(407, "Who Are You", (("Proxy-Authenticate", challenge),)), times=1
            )
            await caller.hangup()
            await until(lambda: caller.bye_status == 200, "the second BYE was answered")
    byes = [message for message in sip_server.trace if message.is_request("BYE")]
    assert len(byes) >= 2


async def test_a_challenge_within_a_call_is_an_answer_only_when_we_have_none(sip_server: SipServer) -> None:
    fault = Respond(
        407, "Who Are You", (("Proxy-Authenticate", 'Digest realm="r", nonce="n", algorithm=MD5'),)
    )
    async with Endpoint(bound_addr="127.0.0.1") as endpoint:
        alice = await registered(endpoint, sip_server, "1001")
        bob = await registered(endpoint, sip_server, "1002")
        async with call_between(alice, bob, sip_server.aor("1002")) as (caller, _):
            for times in (1, 2):
                for method, asking in (
                    ("INFO", lambda: caller.send_dtmf("1", method=DtmfMethod.SIP_INFO, timeout=TIMEOUT)),
                    ("INVITE", lambda: caller.reinvite(timeout=TIMEOUT)),
                ):
                    sip_server.faults.set(method, fault, times=times)
                    if times == 1:
                        await asking()
                    else:
                        with pytest.raises(SipError, match="407 Who Are You"):
                            await asking()


async def test_ended_calls_are_forgotten() -> None:
    async with Endpoint(bound_addr="127.0.0.1") as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        gone: list[weakref.ref[Call]] = []
        for _ in range(2):
            async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (caller, callee):
                gone += [weakref.ref(caller), weakref.ref(callee)]
                await callee.hangup()
                await caller.wait_ended(TIMEOUT)
            del caller, callee

        def forgotten() -> bool:
            gc.collect()
            return not [call for call in gone if call() is not None]

        await until(forgotten, "nobody holds them")
