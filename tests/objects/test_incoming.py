"""Calls that come in: who hears of them, what can be answered, what the caller sees."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, registered, slots_free, until
from peers.message import Message
from peers.sipp import Sipp
from peers.wire import WireClient, audio_offer
from pyjsua import (
    CallBusy,
    CallCancelled,
    CallDeclined,
    CallFailed,
    CallNotFound,
    CallUnavailable,
    Endpoint,
    InvState,
    PjsuaError,
    StaleError,
    pjsua as pj,
)
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


def responses(messages: list[Message], method: str = "INVITE") -> list[int]:
    """Status codes SIPp got for its requests of that method, in order, without 100."""
    return [
        m.status for m in messages
        if m.direction == "received" and m.status is not None and m.status > 100 and m.cseq[1] == method
    ]  # fmt: skip


def response(peer: Sipp, status: int, method: str = "INVITE") -> Message:
    return next(m for m in peer.messages if m.status == status and m.cseq[1] == method)


async def test_nobody_listening_is_480(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        with pytest.raises(CallUnavailable) as caught:
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        assert caught.value.sip_code == 480
        assert endpoint.calls == ()
        assert bob.calls == set()


async def test_a_closed_listener_is_480(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        incoming.close()
        incoming.close()
        assert incoming.closed
        with pytest.raises(StopAsyncIteration):
            await anext(incoming)
        with pytest.raises(CallUnavailable):
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)


async def test_a_forgotten_listener_is_480(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        assert not incoming.closed
        del incoming
        gc.collect()
        with pytest.raises(CallUnavailable):
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)


@pytest.mark.parametrize("how", ["closed", "forgotten"])
async def test_a_call_nobody_took_is_refused_when_its_listener_goes(
    how: str, make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        await until(lambda: bob.calls, "the call has arrived")
        if how == "closed":
            incoming.close()
        del incoming
        gc.collect()
        with pytest.raises(CallUnavailable):
            await calling


async def test_every_listener_gets_the_call_and_closing_one_leaves_it_to_the_other(
    make_endpoint: MakeEndpoint,
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        first, second, third = bob.incoming(), bob.incoming(), bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        call = await anext(first)
        first.close()
        assert await anext(second) is call
        await call.answer()
        # The third never looked: its going does not touch a call that somebody has.
        third.close()
        far = await calling
        assert not call.ended
        await far.hangup()
        end = await call.wait_ended(TIMEOUT)
        assert (end.by_us, end.answered) == (False, True)


async def test_a_call_that_one_of_two_listeners_may_still_take_is_not_refused(
    make_endpoint: MakeEndpoint,
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        first, second = bob.incoming(), bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        await until(lambda: bob.calls, "the call has arrived")
        first.close()
        await (await anext(second)).answer()
        await (await calling).hangup()


@pytest.mark.parametrize("what", ["account", "endpoint"])
async def test_listening_ends_with_the_account_and_the_endpoint(
    what: str, make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        heard: list[object] = []

        async def listen() -> None:
            async for call in account.incoming():
                heard.append(call)

        async def listen_once() -> None:
            heard.extend([call] if (call := await anext(incoming, None)) else [])

        async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as group:
            group.create_task(listen())
            incoming = account.incoming()
            group.create_task(listen_once())
            group.create_task(listen_once())
            await asyncio.sleep(0)
            await (account if what == "account" else endpoint).close()
        assert heard == []


async def test_a_call_to_nobody_we_know_is_refused(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        with pytest.raises(CallFailed):
            await alice.call(direct_uri(endpoint, "nobody"), timeout=TIMEOUT)


async def test_rings_and_answers_with_headers(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        incoming = account.incoming()
        caller = sipp("uac_call", endpoint.address(), user="alice", hold=200)
        call = await anext(incoming)
        assert call.incoming
        assert call.state == InvState.INCOMING
        assert call.account is account
        assert "sipp" in call.remote_uri
        assert call.invite is not None
        assert call.invite.start_line.startswith("INVITE sip:alice@")
        assert endpoint.calls == (call,)
        await call.ring(headers=[("X-Floor", "3")])
        assert await call.answer(headers=[("X-Room", "305"), ("X-Room", "306")]) is call
        assert call.answered
        end = await call.wait_ended(TIMEOUT)
        assert (end.code, end.by_us, end.answered) == (200, False, True)
        await asyncio.to_thread(caller.wait)
        assert responses(caller.messages) == [180, 200]
        assert response(caller, 180).header("X-Floor") == "3"
        assert response(caller, 200).all("X-Room") == ["305", "306"]
        assert not endpoint.calls
        assert not account.calls


async def test_early_media_and_other_provisional_codes(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        incoming = account.incoming()
        caller = sipp("uac_call", endpoint.address(), user="alice", hold=100)
        call = await anext(incoming)
        await call.ring(183)
        await call.wait_media(TIMEOUT)
        assert call.audio.active
        assert not call.answered
        await call.answer()
        await call.wait_ended(TIMEOUT)
        await asyncio.to_thread(caller.wait)
        assert responses(caller.messages) == [183, 200]
        assert "m=audio" in response(caller, 183).body


@pytest.mark.parametrize(
    ("code", "error"),
    [(486, CallBusy), (600, CallBusy), (603, CallDeclined), (404, CallNotFound), (480, CallUnavailable)],
)
async def test_a_refusal_reaches_the_caller(
    code: int, error: type[CallFailed], make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        call = await anext(incoming)
        end = await call.reject(code)
        assert (end.code, end.by_us, end.answered) == (code, True, False)
        with pytest.raises(error) as caught:
            await calling
        assert caught.value.sip_code == code


async def test_a_refusal_has_its_reason_and_headers_on_the_wire(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        incoming = account.incoming()
        caller = sipp("uac_call", endpoint.address(), user="alice")
        call = await anext(incoming)
        await call.reject(488, "Not With Me", headers=[("Warning", '399 pyjsua "no"')])
        await asyncio.to_thread(caller.wait, check=False)
        refusal = response(caller, 488)
        assert refusal.start_line == "SIP/2.0 488 Not With Me"
        assert refusal.header("Warning") == '399 pyjsua "no"'


async def test_leaving_async_with_before_the_answer_declines(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        async with await anext(incoming) as call:
            assert not call.ended
        assert call.ended
        with pytest.raises(CallDeclined):
            await calling


async def test_a_caller_that_gives_up_is_told_to_who_was_to_answer(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        incoming = account.incoming()
        caller = sipp("uac_cancel", endpoint.address(), user="alice", hold=50)
        call = await anext(incoming)
        await call.ring()
        end = await call.wait_ended(TIMEOUT)
        assert (end.code, end.by_us, end.answered) == (487, False, False)
        with pytest.raises(CallCancelled):
            await call.answer()
        with pytest.raises(StaleError):
            await call.ring()
        assert await call.hangup() == end
        await asyncio.to_thread(caller.wait)
        assert responses(caller.messages) == [180, 487]


async def test_an_answer_after_the_caller_gave_up_unseen(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        call = await anext(incoming)
        await call.ring()
        await until(lambda: out.state == InvState.EARLY, "it rings")
        # The CANCEL is through before this loop hears of it.
        out.abandon()
        await until_in_core(lambda: call_gone(call.id))
        with pytest.raises(CallCancelled):
            await call.answer()
        assert (await call.wait_ended()).by_us is False


def call_gone(call_id: int) -> bool:
    return not pj.call_is_active(call_id)


async def until_in_core(condition: Callable[[], bool]) -> None:
    """Waits in the loop's own thread, so that no event is delivered meanwhile."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)  # noqa: ASYNC251


async def test_a_call_cancelled_while_it_waited_is_not_handed_out(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        alice = await registered(endpoint, sip_server, "1001")
        bob = await registered(endpoint, sip_server, "1002")
        incoming = bob.incoming()
        first = alice.start_call(sip_server.aor("1002"))
        await until(lambda: bob.calls, "the call has arrived")
        await first.hangup()
        await until(lambda: not bob.calls, "the call was cancelled")
        second = alice.start_call(sip_server.aor("1002"))
        call = await anext(incoming)
        assert not call.ended
        await call.answer()
        await second.wait_answered(TIMEOUT)
        await second.hangup()


async def test_a_cancelled_answer_leaves_no_call(
    make_endpoint: MakeEndpoint, wire_client: Callable[..., WireClient]
) -> None:
    client = wire_client()
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        incoming = account.incoming()
        offer = audio_offer("127.0.0.1", client.port + 1)
        invite = client.request(
            "INVITE", account.uri, call_id="no-ack", headers={"Content-Type": "application/sdp"}, body=offer
        )
        client.send(invite, endpoint.address())
        call = await anext(incoming)
        # Without an ACK the call is not up.
        answering = asyncio.create_task(call.answer())
        await asyncio.to_thread(client.wait_for, lambda m: m.status == 200)
        assert not answering.done()
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        assert (await call.wait_ended(TIMEOUT)).by_us
        ok = next(m for m in client.messages if m.status == 200)
        tag = (ok.header("To") or "").partition("tag=")[2]
        ack = client.request("ACK", account.uri, call_id="no-ack", to_tag=tag)
        client.send(ack, endpoint.address())
        bye = await asyncio.to_thread(client.wait_for, lambda m: m.method == "BYE" and m.is_request)
        via = bye.all("Via")[0]
        client.send(
            "\r\n".join(
                ["SIP/2.0 200 OK", f"Via: {via}", f"From: {bye.header('From')}", f"To: {bye.header('To')}",
                 f"Call-ID: {bye.call_id}", f"CSeq: {bye.header('CSeq')}", "Content-Length: 0", "", ""]
            ),
            endpoint.address(),
        )  # fmt: skip
        await until(lambda: call.bye_status == 200, "the BYE was answered")
        await slots_free()


async def test_verbs_of_the_callee_on_an_outgoing_call(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_no_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = account.start_call(callee.uri)
        await until(lambda: call.state == InvState.EARLY, "it rings")
        with pytest.raises(PjsuaError):
            await call.ring()
        with pytest.raises(PjsuaError):
            await call.answer()
        await call.hangup()
    await asyncio.to_thread(callee.wait)


async def test_codes_that_make_no_sense_are_refused(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        call = await anext(incoming)
        for code in (100, 200, 99):
            with pytest.raises(ValueError, match="provisional"):
                await call.ring(code)
        for code in (180, 486):
            with pytest.raises(ValueError, match="does not accept"):
                await call.answer(code)
        for code in (200, 700, -1):
            with pytest.raises(ValueError, match="does not refuse"):
                await call.reject(code)
        assert not call.ended
        await call.answer()
        await out.wait_answered(TIMEOUT)
        await out.hangup()


async def test_an_exception_in_a_task_of_the_user_does_not_stop_delivery(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()

        async def fail_once() -> None:
            await anext(incoming)
            raise RuntimeError("a user's mistake")

        failing = asyncio.create_task(fail_once())
        lost = alice.start_call(direct_uri(endpoint, "bob"))
        with pytest.raises(RuntimeError, match="mistake"):
            await failing
        out = alice.start_call(direct_uri(endpoint, "bob"))
        await (await anext(incoming)).answer()
        await out.wait_answered(TIMEOUT)
        await out.hangup()
        await lost.hangup()
