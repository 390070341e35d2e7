"""What a call was, after it ended: who ended it and how, why, when, and how it sounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, slots_free, until
from peers.sipp import Sipp
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Call, CallEnd, EndedBy, Endpoint, InvalidState, InvState, Mos, Reason, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]
MakeWire = Callable[..., WireClient]


def what(end: CallEnd) -> tuple[int, str, str, bool]:
    return end.code, end.by.value, end.how.value, end.answered


async def pair(endpoint: Endpoint, callee: str = "bob") -> tuple[Call, Call]:
    """A call of ours to a new account of ours, that rings."""
    alice, bob = local_account(endpoint, "alice"), local_account(endpoint, callee)
    incoming = bob.incoming()
    out = alice.start_call(direct_uri(endpoint, callee))
    into = await anext(incoming)
    await into.ring()
    await until(lambda: out.state == InvState.EARLY, "it rings")
    return out, into


async def test_both_sides_know_who_hung_up(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        out, into = await pair(endpoint)
        assert out.mos is None
        await into.answer()
        ours = await out.hangup(cause=[Reason("Q.850", 16, "Normal"), Reason("SIP", 200, 'so "it" is')])
        theirs = await into.wait_ended(TIMEOUT)
        assert what(ours) == (200, "us", "hangup", True)
        assert what(theirs) == (200, "them", "hangup", True)
        assert ours.reasons == theirs.reasons
        assert ours.reasons == (Reason("Q.850", 16, "Normal"), Reason("SIP", 200, 'so "it" is'))
        assert theirs.message is not None
        assert theirs.message.header_values("Reason") == (
            'Q.850;cause=16;text="Normal"',
            'SIP;cause=200;text="so \\"it\\" is"',
        )
        assert ours.message is None
        await slots_free()


async def test_a_caller_that_gives_up(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        out, into = await pair(endpoint)
        ours = await out.hangup(cause=Reason("SIP", 200, "Call completed elsewhere"))
        theirs = await into.wait_ended(TIMEOUT)
        assert what(ours) == (487, "us", "cancel", False)
        assert what(theirs) == (487, "them", "cancel", False)
        assert theirs.reasons == (Reason("SIP", 200, "Call completed elsewhere"),)
        assert theirs.message is not None
        assert theirs.message.method == "CANCEL"
        await slots_free()


async def test_a_call_we_have_accepted_is_hung_up_and_not_refused(
    make_endpoint: MakeEndpoint, wire_client: MakeWire
) -> None:
    """Our 200 has left, and the ACK is still to come."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        bob = local_account(endpoint, "bob")
        incoming = bob.incoming()
        far = HandCall(wire)
        far.to, far.target = endpoint.address(), bob.uri
        far.remote = f"<{bob.uri}>"
        await asyncio.to_thread(far.send, "INVITE", None, audio_offer(wire.host, 40000))
        call = await anext(incoming)
        answering = asyncio.create_task(call.answer())
        answer = await asyncio.to_thread(far.response, (1, "INVITE"))
        assert answer.status == 200
        far.remote = answer.header("to") or ""
        for refusing in (call.reject(486), call.redirect("sip:c@127.0.0.1:9")):
            with pytest.raises(InvalidState):
                await refusing
        ended = asyncio.create_task(call.hangup())
        await asyncio.sleep(0)
        # RFC 3261, 15: a BYE of who was called has to wait for the ACK.
        far.send("ACK")
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)
        assert what(await ended) == (200, "us", "hangup", True)
        await asyncio.gather(answering, return_exceptions=True)


async def test_a_callee_that_refuses(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        out, into = await pair(endpoint)
        ours = await into.reject(486, cause=17)
        theirs = await out.wait_ended(TIMEOUT)
        assert what(ours) == (486, "us", "refused", False)
        assert what(theirs) == (486, "them", "refused", False)
        assert theirs.reasons == ours.reasons == (Reason("Q.850", 17),)
        assert theirs.message is out.response
        await slots_free()


async def test_nobody_ends_what_the_network_ends(
    make_endpoint: MakeEndpoint, wire_client: MakeWire, free_port: Callable[..., int]
) -> None:
    """Nothing listens at a TCP port; an UDP port says nothing; a call dies with the endpoint."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        before = pj.cfg()
        pj.set_cfg(pj.Cfg(t1=10, t2=40, t4=50, td=640))
        try:
            account = local_account(endpoint, "alice")
            call = account.start_call(f"sip:bob@127.0.0.1:{free_port()};transport=tcp")
            assert what(await call.wait_ended(TIMEOUT)) == (503, "nobody", "transport", False)
            call = account.start_call(f"sip:bob@127.0.0.1:{wire.port}")
            assert what(await call.wait_ended(TIMEOUT)) == (408, "nobody", "timeout", False)
        finally:
            pj.set_cfg(before)
        far = HandCall(wire_client())
        call = account.start_call(f"sip:bob@127.0.0.1:{far.wire.port}")
        far.respond(await asyncio.to_thread(far.wait_invite), 180)
        await until(lambda: call.state == InvState.EARLY, "it rings")
    assert call.end is not None
    assert what(call.end) == (487, "us", "closed", False)


async def test_a_call_that_lasts_as_long_as_it_may(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        out, into = await pair(endpoint)
        for bad in (0, -1, float("nan"), float("inf"), True, "1"):
            with pytest.raises((TypeError, ValueError), match="max_duration"):
                out.max_duration = bad  # type: ignore[assignment]
        assert out.max_duration is None
        out.max_duration, into.max_duration = 0.3, 60
        await into.answer()
        ours, theirs = await out.wait_ended(TIMEOUT), await into.wait_ended(TIMEOUT)
        assert what(ours) == (200, "nobody", "maximum duration", True)
        assert ours.by_us
        assert what(theirs) == (200, "them", "hangup", True)
        assert out.times.talking >= 0.3
        # Nothing comes of it any more.
        out.max_duration = 1
        await slots_free()
        out, into = await pair(endpoint, "carol")
        await into.answer()
        await out.wait_answered(TIMEOUT)
        out.max_duration = 30
        out.max_duration = None
        # It has lasted that long already.
        into.max_duration = 0.001
        assert what(await into.wait_ended(TIMEOUT)) == (200, "nobody", "maximum duration", True)
        assert (await out.wait_ended(TIMEOUT)).by is EndedBy.THEM
        await slots_free()


async def test_times_and_sound_stay(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        before = datetime.now(UTC)
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            assert out.times.answered is not None
            assert out.times.ended is None
            await until(lambda: out.audio.stats().rtcp.rx.pkt > 5, "packets")
            first = out.audio.stats().rtcp.rx.pkt
            # Another codec is another stream: what the first heard is not forgotten.
            await out.reinvite(codecs=["PCMA"])
            await until(lambda: out.final_stats is not None, "the first stream ended")
            await out.wait_media(TIMEOUT)
            await until(lambda: out.codec is not None and out.codec.name == "PCMA", "the other codec")
            await until(lambda: out.audio.stats().rtcp.rx.pkt > 5, "packets again")
            then = out.audio.stats().rtcp.rx.pkt
            mos = out.mos
        for call in (out, into):
            times = call.times
            assert before - timedelta(seconds=1) < times.started
            assert times.answered is not None
            assert times.ended is not None
            assert times.started <= times.answered < times.ended < datetime.now(UTC) + timedelta(seconds=1)
            assert times.talking == pytest.approx((times.ended - times.answered).total_seconds(), abs=0.01)
            assert times.ringing == pytest.approx((times.answered - times.started).total_seconds(), abs=0.01)
            talking = times.talking
            assert times.talking == talking
            assert call.final_stats is not None
            assert call.codec is not None
        assert out.final_stats is not None
        assert out.final_stats.codec == "PCMA"
        assert out.final_stats.rtcp.rx.pkt >= first + then
        assert mos is not None
        assert isinstance(out.mos, Mos)
        assert 3.5 < out.mos.value < 4.5
        assert out.mos.loss <= 0.1
        assert out.mos.codec == "PCMA"
        await slots_free()


@pytest.mark.parametrize("cause", [-1, 128, True, "16", [16], b"x", Reason], ids=repr)
async def test_what_is_no_cause(cause: object, make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        out, into = await pair(endpoint)
        with pytest.raises((TypeError, ValueError), match="cause"):
            await out.hangup(cause=cause)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="text"):
            await out.hangup(cause=Reason("SIP", 200, "two\r\nlines"))
        with pytest.raises(ValueError, match=r"^headers\[1\] name: Via"):
            await out.hangup(headers=[("X", "1"), ("Via", "2")])
        assert not out.ended
        await into.reject()


def test_reasons_are_read() -> None:
    assert Reason.parse('Q.850 ;cause=16 ;text="Terminated"') == Reason("Q.850", 16, "Terminated")
    assert Reason.parse("SIP;text=gone;cause=600;x=y") == Reason("SIP", 600, "gone")
    assert Reason.parse("preemption") == Reason("preemption")
    for reason in (
        Reason("Q.850", 0),
        Reason("FreeSWITCH", None, 'a;b,c"d\\e'),
        Reason("SIP", 699, "\u00e9"),
    ):
        assert Reason.parse(str(reason)) == reason
    for bad in ("", ";cause=16", "Q.850;cause=x", "Q.850;cause=999", 'SIP;text="open', "a b;cause=1"):
        with pytest.raises(ValueError, match=r"protocol|cause|quoted"):
            Reason.parse(bad)


def test_the_formula() -> None:
    """Figures of G.107 and of its simplified form."""
    best = Mos.estimate("PCMU", 0.0, 0.0, 0)
    assert best.r == pytest.approx(92.72)
    assert best.value == pytest.approx(4.40, abs=0.01)
    assert Mos.estimate("G729/8000/1", 0.0, 0.0, 0).value == pytest.approx(4.1, abs=0.05)
    late = Mos.estimate("PCMU", 0.0, 600.0, 60)
    assert late.delay_ms == pytest.approx(380.0)
    assert late.r == pytest.approx(93.2 - 9.12 - 22.297)
    lossy = Mos.estimate("PCMU", 0.02, 0.0, 0)
    assert best.r - lossy.r == pytest.approx(95 * 2 / (2 + 25.1))
    values = [Mos.estimate("opus", loss / 100, 100.0, 40).value for loss in range(101)]
    assert values == sorted(values, reverse=True)
    assert all(1.0 <= value <= 4.5 for value in values)
    assert Mos.estimate("never heard of", 1.0, 10000.0, 10000).value == 1.0
