"""Calls that go out: how they fail, how they end, and what a task that is cancelled leaves behind."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable

import pytest

from objects.phones import (
    TIMEOUT,
    call_between,
    direct_uri,
    local_account,
    registered,
    slots_free,
    until,
)
from peers.message import Message
from peers.sipp import Sipp
from pyjsua import (
    AuthenticationFailed,
    CallBusy,
    CallCancelled,
    CallDeclined,
    CallFailed,
    CallNotFound,
    CallTimeout,
    CallUnavailable,
    CallUnreachable,
    Endpoint,
    InvalidState,
    InvState,
    SipError,
    StaleError,
    pjsua as pj,
)
from pyjsua.testing import Respond, SipServer

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


def requests(peer: Sipp) -> list[str]:
    """Methods of the requests SIPp received, in order, without retransmissions of the same."""
    found: list[str] = []
    for message in peer.messages:
        if message.direction == "received" and message.is_request and found[-1:] != [message.method]:
            found.append(message.method)
    return found


def request(peer: Sipp, method: str) -> Message:
    return next(m for m in peer.messages if m.is_request and m.method == method)


@pytest.mark.parametrize(
    ("scenario", "error", "code"),
    [
        ("uas_busy", CallBusy, 486),
        ("uas_decline", CallDeclined, 603),
        ("uas_not_found", CallNotFound, 404),
    ],
)
async def test_a_refused_call_has_a_type(
    scenario: str, error: type[CallFailed], code: int, make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp(scenario)
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(error, match=str(code)) as caught:
            await account.call(callee.uri, timeout=TIMEOUT)
        assert caught.value.sip_code == code
        assert caught.value.title
        assert endpoint.calls == ()
        await slots_free()
    await asyncio.to_thread(callee.wait)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, AuthenticationFailed), (403, CallDeclined), (408, CallTimeout), (410, CallNotFound),
        (480, CallUnavailable), (484, CallNotFound), (488, CallFailed), (500, CallUnreachable),
        (503, CallUnreachable), (504, CallTimeout), (600, CallBusy), (604, CallNotFound), (699, CallFailed),
    ],
)  # fmt: skip
async def test_every_status_has_a_type(
    code: int, error: type[SipError], make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("INVITE", Respond(code, "As Told"))
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(error, match=f"{code} As Told") as caught:
            await account.call(sip_server.aor("1001"), timeout=TIMEOUT)
        assert type(caught.value) is error
        assert caught.value.sip_code == code
        assert isinstance(caught.value, TimeoutError) is (error is CallTimeout)
        assert isinstance(caught.value, ConnectionError) is (error is CallUnreachable)


async def test_a_user_who_is_not_there(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        with pytest.raises(CallNotFound):
            await account.call(sip_server.aor("9999"), timeout=TIMEOUT)


async def test_a_port_where_nobody_is(make_endpoint: MakeEndpoint, free_port: Callable[..., int]) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice", "tcp")
        for _ in range(20):
            with pytest.raises(CallUnreachable) as caught:
                await account.call(f"sip:bob@127.0.0.1:{free_port()};transport=tcp", timeout=TIMEOUT)
            assert isinstance(caught.value, ConnectionError)
        assert endpoint.calls == ()
        await slots_free()


@pytest.mark.parametrize("host", ["nosuch.invalid", "255.255.255.255"])
async def test_what_cannot_be_sent_is_unreachable(host: str, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(CallUnreachable):
            await account.call(f"sip:bob@{host}", timeout=TIMEOUT)
        assert endpoint.calls == ()


async def test_nobody_answers_in_time(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_no_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(CallTimeout, match=r"0\.3 s") as caught:
            await account.call(callee.uri, timeout=0.3)
        assert caught.value.sip_code == 408
        await until(lambda: endpoint.calls == (), "no call is left")
        await slots_free()
    await asyncio.to_thread(callee.wait)
    assert requests(callee) == ["INVITE", "CANCEL", "ACK"]


async def test_a_callee_that_says_nothing_at_all(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_silent")
    endpoint = make_endpoint()
    async with endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(CallTimeout):
            await account.call(callee.uri, timeout=0.3)
        await until(lambda: endpoint.calls == (), "no call is left")
        # A CANCEL may not be sent before a provisional response (RFC 3261, 9.1).
        assert requests(callee) == ["INVITE"]
        await endpoint.close(timeout=0.2)


async def test_cancelling_the_task_that_calls_cancels_the_call(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp("uas_no_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        calling = asyncio.create_task(account.call(callee.uri))
        await until(lambda: any(c.state == InvState.EARLY for c in endpoint.calls), "it rings")
        (call,) = endpoint.calls
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        end = await call.wait_ended(TIMEOUT)
        assert (end.code, end.by_us, end.answered) == (487, True, False)
        assert endpoint.calls == ()
        assert account.calls == set()
        await slots_free()
    await asyncio.to_thread(callee.wait)
    assert requests(callee) == ["INVITE", "CANCEL", "ACK"]


async def test_cancelling_while_the_answer_arrives_hangs_up(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp("uas_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        calling = asyncio.create_task(account.call(callee.uri))
        await until(lambda: any(c.answered for c in endpoint.calls), "it was answered")
        calling.cancel()
        await asyncio.wait([calling])
        if not calling.cancelled():
            # The answer was faster than the cancellation: the call is the caller's.
            await calling.result().hangup()
        await slots_free()
    await asyncio.to_thread(callee.wait)
    assert requests(callee) == ["INVITE", "ACK", "BYE"]


async def test_hanging_up_what_rings_ends_the_wait_of_who_called(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp("uas_no_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        calling = asyncio.create_task(account.call(callee.uri))
        await until(lambda: any(c.state == InvState.EARLY for c in endpoint.calls), "it rings")
        await endpoint.calls[0].hangup()
        with pytest.raises(CallCancelled):
            await calling
        await slots_free()
    await asyncio.to_thread(callee.wait)


async def test_a_call_from_its_making_to_its_end(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_answer_media", rtp_echo=False)
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(callee.uri, timeout=TIMEOUT, headers=[("X-Ticket", "4711")])
        assert call.answered
        assert not call.ended
        assert not call.incoming
        assert call.state == InvState.CONFIRMED
        assert call.end is None
        assert call.bye_status is None
        assert call.audio.stats().codec == "PCMU"
        assert "confirmed" in repr(call)
        assert "PCMU" in call.dump()
        end = await call.hangup(headers=[("X-Why", "done")])
        assert (end.code, end.by_us, end.answered) == (200, True, True)
        await until(lambda: call.bye_status is not None, "the BYE was answered")
        assert call.bye_status == 200
        await slots_free()
        # What it was stays readable.
        assert call.ended
        assert call.state == InvState.DISCONNECTED
        assert call.info.connect_duration >= 0
        assert callee.uri in call.remote_uri
        assert call.final_stats is not None
        assert call.audio.stats() is call.final_stats
        assert call.final_stats.codec == "PCMU"
        assert "ended 200" in repr(call)
    assert call.sip_call_id == request(callee, "INVITE").call_id
    assert request(callee, "INVITE").header("X-Ticket") == "4711"
    assert request(callee, "BYE").header("X-Why") == "done"
    await asyncio.to_thread(callee.wait)


async def test_the_far_end_hangs_up(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_bye_first", hold=50)
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(callee.uri, timeout=TIMEOUT)
        end = await call.wait_ended(TIMEOUT)
        assert (end.code, end.by_us, end.answered) == (200, False, True)
        # Hanging up after that changes nothing, and says the same.
        assert await call.hangup() == end
        assert await call.hangup(486, "Busy") == end
        assert endpoint.calls == ()
    await asyncio.to_thread(callee.wait)


async def test_a_hangup_before_word_of_the_far_ends_is_not_ours(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            pj.call_hangup(out.id)
            # In the loop's own thread: no event is delivered before the next await.
            deadline = asyncio.get_running_loop().time() + TIMEOUT
            while pj.call_is_active(into.id):
                assert asyncio.get_running_loop().time() < deadline
            end = await into.hangup()
            assert end.by_us is False


async def test_hanging_up_from_two_tasks_sends_one_bye(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(callee.uri, timeout=TIMEOUT)
        ends = await asyncio.gather(call.hangup(), call.hangup(), call.wait_ended(TIMEOUT))
        assert ends[0] == ends[1] == ends[2]
        assert ends[0].by_us
        await slots_free()
    await asyncio.to_thread(callee.wait)
    assert requests(callee) == ["INVITE", "ACK", "BYE"]


async def test_async_with_hangs_up_also_after_an_error(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_answer", calls=2)
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        async with await account.call(callee.uri, timeout=TIMEOUT) as first:
            assert not first.ended
        assert first.ended
        with pytest.raises(RuntimeError, match="mistake"):
            async with await account.call(callee.uri, timeout=TIMEOUT) as second:
                raise RuntimeError("a user's mistake")
        assert second.ended
        await slots_free()
    await asyncio.to_thread(callee.wait)


async def test_closing_the_endpoint_hangs_up(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_answer")
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(callee.uri, timeout=TIMEOUT)
        waiting = asyncio.create_task(call.wait_ended())
    end = await waiting
    assert (end.by_us, end.answered) == (True, True)
    assert endpoint.calls == ()
    await asyncio.to_thread(callee.wait)
    assert requests(callee) == ["INVITE", "ACK", "BYE"]
    # Afterwards a call tells what it was, and can do nothing.
    assert await call.hangup() == end
    with pytest.raises((InvalidState, StaleError)):
        await call.send_dtmf("1")
    with pytest.raises(EOFError):
        await call.read_digit()


async def test_closing_the_account_hangs_up_its_calls_only(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp("uas_answer", calls=2)
    async with make_endpoint() as endpoint:
        alice, carol = local_account(endpoint, "alice"), local_account(endpoint, "carol")
        call = await alice.call(callee.uri, timeout=TIMEOUT)
        other = await carol.call(callee.uri, timeout=TIMEOUT)
        await alice.close()
        assert call.ended
        assert alice.id not in pj.enum_accs()
        assert not other.ended
        await other.hangup()
        await slots_free()
    await asyncio.to_thread(callee.wait)


async def test_an_account_whose_calls_do_not_end_is_closed_in_time(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    callee = sipp("uas_answer")
    endpoint = make_endpoint()
    async with endpoint:
        account = local_account(endpoint, "alice")
        await account.call(callee.uri, timeout=TIMEOUT)
        await asyncio.to_thread(callee.stop)
        # Nobody answers the BYE: the slot, and the account in PJSIP, stay for a while.
        await account.close(timeout=0.2)
        assert account.closed
        assert endpoint.accounts == ()
        await account.close()
        await endpoint.close(timeout=0.2)


async def test_a_stale_call_never_touches_the_one_that_has_its_slot(make_endpoint: MakeEndpoint) -> None:
    # Four slots: two for a long call with ourselves, two for the calls that come and go.
    async with make_endpoint(max_calls=4) as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        uri = direct_uri(endpoint, "bob")
        async with call_between(alice, bob, uri) as (long_out, long_in):
            async with call_between(alice, bob, uri) as (old_out, old_in):
                pass
            await until(lambda: pj.call_get_count() == 2, "the slots are free")
            async with call_between(alice, bob, uri) as (new_out, new_in):
                assert {int(new_out.id), int(new_in.id)} == {int(old_out.id), int(old_in.id)}
                for stale in (old_out, old_in):
                    end = stale.end
                    assert await stale.hangup() == end
                    stale.abandon()
                    with pytest.raises(StaleError):
                        await stale.send_dtmf("1")
                    with pytest.raises(StaleError):
                        await stale.ring()
                    with pytest.raises(StaleError):
                        await stale.answer()
                    with pytest.raises(StaleError):
                        stale.dump()
                    assert not stale.audio.active
                    assert stale.audio.level == (0, 0)
                    with pytest.raises(StaleError):
                        stale.audio.connect(new_out.audio)
                    stale.audio.disconnect(new_out.audio)
                    assert await stale.reject() == end
                for call in (new_out, new_in, long_out, long_in):
                    assert not call.ended
                    assert pj.call_is_active(call.id)


async def test_more_calls_than_there_are_slots(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    callee = sipp("uas_answer", calls=2)
    async with make_endpoint(max_calls=1) as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(callee.uri, timeout=TIMEOUT)
        with pytest.raises(pj.TooMany):
            await account.call(callee.uri, timeout=TIMEOUT)
        assert endpoint.calls == (call,)
        await call.hangup()
        await slots_free()
        await (await account.call(callee.uri, timeout=TIMEOUT)).hangup()
        await slots_free()
    await asyncio.to_thread(callee.wait)


@pytest.mark.parametrize(
    "uri", ["", "bob", "sip:", "sip:bob@", "http://bob", "sip:bob@[::1", "sip:" + "b" * 10_000]
)
async def test_a_uri_that_is_none_is_a_value_error(uri: str, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(ValueError, match=r"uri: "):
            await account.call(uri)
        assert endpoint.calls == ()
        assert pj.call_get_count() == 0


async def test_a_number_alone_is_told_what_it_would_be(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        account = endpoint.add_account('"Al" <sips:alice@example.com:5071;transport=tls>')
        for given, meant in {
            "1002": "sips:1002@example.com:5071",
            "bob@example.org": "sips:bob@example.org",
            "49 30": "sips:49%2030@example.com:5071",
        }.items():
            said = re.escape(f"uri: {given!r} is not a SIP URI; {meant!r} is one")
            with pytest.raises(ValueError, match=f"^{said}$"):
                account.start_call(given)


@pytest.mark.parametrize("uri", [None, 5, b"sip:bob@127.0.0.1"])
async def test_a_uri_of_another_type_is_a_type_error(uri: object, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        with pytest.raises(TypeError, match="dst_uri"):
            await account.call(uri)  # type: ignore[arg-type]
        assert endpoint.calls == ()


async def test_calls_that_fail_while_they_are_made(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    """Refused before this thread has the GIL again, a call is busy and not stale."""
    callee = sipp("uas_busy", calls=0)
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            pass

    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        spinning = [threading.Thread(target=spin) for _ in range(2)]
        for thread in spinning:
            thread.start()
        try:
            calls = [account.call(callee.uri, timeout=TIMEOUT) for _ in range(20)]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
        finally:
            stop.set()
            for thread in spinning:
                thread.join()
        assert [type(outcome) for outcome in outcomes] == [CallBusy] * 20, outcomes
        assert not endpoint.calls
