"""DTMF digits, both ways, against baresip, SIPp and ourselves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.baresip import Baresip
from peers.kamailio import Kamailio
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pyjsua import (
    Call,
    Collected,
    CollectEnd,
    DtmfMethod,
    Endpoint,
    SipError,
    StaleError,
    pjsua as pj,
)

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
        for count, digit in enumerate(peer.hears("12#"), start=1):
            event = await asyncio.to_thread(peer.wait_event, "CALL_DTMF_START", TIMEOUT, count)
            assert event["param"] == digit
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


async def test_what_was_sent_has_been_sent(
    make_endpoint: MakeEndpoint, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    """Hung up at once, and yet every digit is on the wire; those of a second task wait for their turn."""
    watcher = await asyncio.to_thread(rtp_watcher)
    peer = await asyncio.to_thread(sipp, "uas_answer", rtp_port=watcher.port)
    async with make_endpoint() as endpoint:
        call = await local_account(endpoint, "alice").call(peer.uri, timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        used = await asyncio.gather(
            call.send_dtmf("5" * 20, duration=40),
            call.send_dtmf("#1", duration=60, gap=40),
        )
        await call.hangup()
    assert set(used) == {DtmfMethod.RFC2833}
    assert watcher.recording().digits == "5" * 20 + "#1"


async def test_info_where_there_are_no_events(make_endpoint: MakeEndpoint, sipp: Callable[..., Sipp]) -> None:
    peer = await asyncio.to_thread(sipp, "uas_no_events")
    async with make_endpoint() as endpoint:
        call = await local_account(endpoint, "alice").call(peer.uri, timeout=TIMEOUT)
        await call.wait_media(TIMEOUT)
        with pytest.raises(pj.PjsuaError, match=r"pjsua_call_send_dtmf: call_id \d+: .*2833"):
            await call.send_dtmf("7", method=DtmfMethod.RFC2833)
        assert await call.send_dtmf("7", timeout=TIMEOUT) is DtmfMethod.SIP_INFO
        with pytest.raises(SipError, match="INFO with digit '8': 415 Unsupported") as refused:
            await call.send_dtmf("89", timeout=TIMEOUT)
        assert refused.value.sip_code == 415
        await call.hangup()
    assert (await asyncio.to_thread(peer.wait)).ok


async def test_an_info_that_fails_while_another_has_not_ended(make_endpoint: MakeEndpoint) -> None:
    """Over UDP an answered one ends five seconds later."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            await out.send_dtmf("1", method=DtmfMethod.SIP_INFO, timeout=TIMEOUT)
            sending = asyncio.create_task(out.send_dtmf("2", method=DtmfMethod.SIP_INFO, timeout=TIMEOUT))
            await asyncio.sleep(0)
            assert out._dtmf_sender._request is not None
            cseq = out._dtmf_sender._request._cseq
            for status_code, number in ((503, cseq), (200, cseq - 1)):
                out._on_tsx(
                    pj.OnCallTsxState(
                        seq=0,
                        time=0.0,
                        call_id=out.id,
                        acc_id=alice.id,
                        method="INFO",
                        role=pj.Role.UAC,
                        state=pj.TsxState.TERMINATED,
                        status_code=status_code,
                        cseq=number,
                        message=None,
                    )
                )
            with pytest.raises(SipError, match="INFO with digit '2': 503"):
                await sending


@pytest.mark.hears
async def test_collecting_and_iterating(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            collecting = asyncio.create_task(into.collect(4, timeout=TIMEOUT))
            await out.send_dtmf("12#34", duration=60)
            assert await collecting == Collected("12", CollectEnd.TERMINATOR, "#")
            assert await into.collect(2, timeout=TIMEOUT) == Collected("34", CollectEnd.MAX_DIGITS)
            assert await into.collect(2, timeout=0) == Collected("", CollectEnd.TIMEOUT)
            await out.send_dtmf("6", method=DtmfMethod.SIP_INFO, duration=250)
            got = await into.collect(timeout=0.1, first_timeout=TIMEOUT)
            assert got == Collected("6", CollectEnd.TIMEOUT)
            # Typed ahead, and forgotten.
            await out.send_dtmf("77", method=DtmfMethod.SIP_INFO)
            await until(lambda: len(into._digits) == 2, "they came")
            assert into.drop_digits() == "77"
            heard = []
            ended = asyncio.create_task(out.send_dtmf("A", duration=120, method=DtmfMethod.RFC2833))
            async with contextlib.aclosing(into.dtmf()) as digits_of_call:
                async for digit in digits_of_call:
                    heard.append(digit)
                    if len(heard) == 2:
                        break
                    await ended
                    await out.send_dtmf("9", method=DtmfMethod.SIP_INFO, duration=333)
            assert [(each.digit, each.method) for each in heard] == [
                ("A", DtmfMethod.RFC2833),
                ("9", DtmfMethod.SIP_INFO),
            ]
            # Packets of 20 ms: how many, the bridge's clock says.
            assert 60 <= heard[0].duration <= 200
            assert heard[1].duration == 333
            collecting = asyncio.create_task(into.collect(timeout=None))
            await out.send_dtmf("5")
            await out.hangup()
            assert await collecting == Collected("5", CollectEnd.CALL_ENDED)
            assert [digit async for digit in into.dtmf()] == []
            with pytest.raises(StaleError):
                await out.send_dtmf("5")
        for wrong, message in (
            ({"max_digits": 0}, "max_digits: 0 is less than 1"),
            ({"terminator": "x"}, "terminator: 'x': 'x' is none of"),
        ):
            with pytest.raises(ValueError, match=message):
                await into.collect(**wrong)


async def test_a_digit_nobody_waited_the_end_of(make_endpoint: MakeEndpoint) -> None:
    """Whoever comes next has it."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            sending = asyncio.create_task(out.send_dtmf("57", duration=1000))
            digits = asyncio.create_task(anext(into.dtmf()))
            await until(lambda: into._digits._last, "it has begun")
            await asyncio.sleep(0)
            assert not into._digits._waiting
            digits.cancel()
            with pytest.raises(asyncio.CancelledError):
                await digits
            await sending
            assert await into.read_digit(TIMEOUT) == "5"
            assert await into.read_digit(TIMEOUT) == "7"


async def test_each_digit_counts_once(make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent both ways at once, and however far apart the two come on a busy machine."""
    monkeypatch.setattr("pyjsua.dtmf.BOTH_WAYS", TIMEOUT)
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            for _ in "55":
                pj.call_send_dtmf(out.id, "5", DtmfMethod.RFC2833, 60)
                await out.send_dtmf("5", method=DtmfMethod.SIP_INFO)
                await until(lambda: not pj.call_get_queued_dtmf_digits(out.id), "it is sent")
            await out.send_dtmf("1")
            assert (await into.collect(terminator="1", timeout=TIMEOUT)).digits == "55"
