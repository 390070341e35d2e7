"""DTMF digits, both ways, against baresip, SIPp and ourselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.baresip import Baresip
from peers.kamailio import Kamailio
from pyjsua import Call, DtmfMethod, Endpoint

MakeEndpoint = Callable[..., Endpoint]
MakeBaresip = Callable[..., Baresip]


async def digits(call: Call, count: int) -> str:
    return "".join([await call.read_digit(TIMEOUT) for _ in range(count)])


async def test_both_ways_with_baresip(make_endpoint: MakeEndpoint, baresip: MakeBaresip) -> None:
    peer = await asyncio.to_thread(baresip, answer="auto")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(peer.uri, timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        await call.send_dtmf("12#")
        events = [
            await asyncio.to_thread(peer.wait_event, "CALL_DTMF_START", TIMEOUT, count) for count in (1, 2, 3)
        ]
        assert [event["param"] for event in events] == ["1", "2", "#"]
        await asyncio.to_thread(peer.dtmf, "59*")
        assert await digits(call, 3) == "59*"
        await call.hangup()
        await asyncio.to_thread(peer.wait_event, "CALL_CLOSED")


async def test_through_kamailio_with_baresip(
    make_endpoint: MakeEndpoint, baresip: MakeBaresip, kamailio: Callable[..., Kamailio]
) -> None:
    server = await asyncio.to_thread(kamailio, "a.test", {"1001": "secret", "1002": "secret"})
    peer = await asyncio.to_thread(
        baresip, "sip:1002@a.test", server.address, password="secret", answer="auto"
    )
    async with make_endpoint() as endpoint:
        account = await endpoint.register(
            server.aor("1001"), "secret", proxy=[f"{server.uri};lr"], timeout=TIMEOUT
        )
        call = await account.call(server.aor("1002"), timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        await call.send_dtmf("4")
        assert (await asyncio.to_thread(peer.wait_event, "CALL_DTMF_START", TIMEOUT))["param"] == "4"
        # The other way round: baresip hangs up.
        await asyncio.to_thread(peer.hangup)
        end = await call.wait_ended(TIMEOUT)
        assert (end.by_us, end.answered) == (False, True)


@pytest.mark.parametrize("method", [DtmfMethod.RFC2833, DtmfMethod.SIP_INFO])
async def test_every_digit_arrives_once_and_in_order(method: DtmfMethod, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            await out.send_dtmf("0123", method=method, duration=100)
            assert await digits(into, 4) == "0123"
            with pytest.raises(TimeoutError):
                await into.read_digit(0.1)


async def test_reading_a_digit_ends_with_the_call(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            await out.send_dtmf("7")
            readers = [asyncio.create_task(into.read_digit()) for _ in range(3)]
            await until(lambda: readers[0].done(), "the digit is read")
            assert readers[0].result() == "7"
            await out.hangup()
            for reader in readers[1:]:
                with pytest.raises(EOFError):
                    await reader


async def test_digits_that_came_before_the_end_can_be_read_after_it(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            await out.send_dtmf("42")
            assert await into.read_digit(TIMEOUT) == "4"
            await until(lambda: len(into._digits) > 0, "the second digit is there")
        assert await into.read_digit() == "2"
        with pytest.raises(EOFError):
            await into.read_digit()


@pytest.mark.parametrize("wrong", ["", "12x", "1 2", "é"])
async def test_digits_that_are_none(wrong: str, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _into):
            with pytest.raises(ValueError, match="digits"):
                await out.send_dtmf(wrong)
            with pytest.raises(ValueError, match="method"):
                await out.send_dtmf("1", method=99)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="duration"):
                await out.send_dtmf("1", duration=-1)
