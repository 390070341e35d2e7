"""What a call goes through: states, news, limits, redirections, each on the wire too."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import (
    Call,
    CallBusy,
    CallEventKind,
    CallRedirected,
    EndedHow,
    Endpoint,
    InvalidState,
    InvState,
    Message,
    pjsua as pj,
)
from pyjsua.pjsua import Rel100Use, SipTimerUse, TimerSetting

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]
Trace = Callable[[], list[Message]]


@pytest.fixture
def trace(caplog: pytest.LogCaptureFixture) -> Trace:
    """Every message so far, sent and received."""
    caplog.set_level(logging.DEBUG, "pyjsua.sip")
    return lambda: [vars(one)["sip_message"] for one in caplog.records if one.name == "pyjsua.sip"]


async def test_news_of_a_call_in_order(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        into = await anext(incoming)
        news = out.events()
        await into.ring()
        assert await out.wait_state(InvState.EARLY, InvState.CONFIRMED, timeout=TIMEOUT) is InvState.EARLY
        await into.answer()
        await out.wait_media(TIMEOUT)
        await out.hold()
        await out.unhold()
        await into.hangup()
        seen = [event async for event in news]
        late = [event async for event in into.events()]
        kinds = [event.kind for event in seen]
        assert kinds[0] is CallEventKind.RINGING
        assert seen[0].code == 180
        assert kinds.index(CallEventKind.ANSWERED) < kinds.index(CallEventKind.HELD)
        assert [event.held_by_us for event in seen if event.kind is CallEventKind.HELD] == [True, False]
        first = next(event for event in seen if event.kind is CallEventKind.MEDIA)
        assert first.active
        assert first.codec == out.codec
        assert kinds[-1] is CallEventKind.ENDED
        assert seen[-1].end == out.end
        assert [event.kind for event in seen[:-1] if event.end is not None] == []
        # Who asks after the end gets what nobody has read, and no more.
        assert late[-1].kind is CallEventKind.ENDED
        # He who answered has had no early media.
        assert CallEventKind.EARLY_MEDIA not in [event.kind for event in late]
        assert {CallEventKind.MEDIA, CallEventKind.ANSWERED} <= {event.kind for event in late}
        assert [event async for event in into.events()] == []


async def test_whose_media_is_told_is_answered(make_endpoint: MakeEndpoint) -> None:
    """PJSIP starts the media ahead of the ACK; before that the call can be neither held nor transferred."""
    async with make_endpoint(max_calls=24) as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        bob.on_incoming(Call.answer)

        async def told(out: Call) -> bool:
            async for event in out.events():
                if event.kind is CallEventKind.MEDIA:
                    return out.answered
            return False

        async def waited(out: Call) -> bool:
            await out.wait_media(TIMEOUT)
            return out.answered

        # The gap is the time PJSIP needs for one ACK: it takes many calls to see one in it.
        for _ in range(20):
            calls = [alice.start_call(bob.uri) for _ in range(10)]
            seen = await asyncio.gather(*map(told, calls), *map(waited, calls))
            assert all(seen), seen
            await asyncio.gather(*(call.hangup() for call in calls))
            await until(lambda: not endpoint.calls, "all have ended")


async def test_closed_between_the_answer_and_its_ack(make_endpoint: MakeEndpoint) -> None:
    """Whoever listens hears the end, though PJSIP never came to tell it."""
    between, closed = threading.Event(), threading.Event()

    def keep(event: pj.OnStreamPrecreate) -> None:
        if event.call_id == ours:
            between.set()
            closed.wait(TIMEOUT)

    config = pj.Config(hooks=pj.Hooks(timeout=5, on_stream_precreate=keep))
    # The library goes on for another one, and is not asked to end its calls first.
    async with make_endpoint(ua_config=config) as endpoint, make_endpoint():
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        bob.on_incoming(Call.answer)
        out = alice.start_call(bob.uri)
        ours = out.id
        news = out.events()
        assert await asyncio.to_thread(between.wait, TIMEOUT)
        await out.wait_state(InvState.CONNECTING, timeout=TIMEOUT)
        await endpoint.close(0.1)
        assert out.state is InvState.CONNECTING
        closed.set()
        async with asyncio.timeout(TIMEOUT):
            kinds = [event.kind async for event in news]
        assert kinds[-1] is CallEventKind.ENDED


async def test_a_state_that_never_comes(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        with pytest.raises(TimeoutError):
            await out.wait_state(InvState.CONFIRMED, timeout=0.05)
        with pytest.raises(TypeError, match="states"):
            await out.wait_state()
        with pytest.raises(TypeError, match=r"^timeout: float expected, not str$"):
            await out.wait_ended("5")  # type: ignore[arg-type]
        waiting = asyncio.create_task(out.wait_state(InvState.CONFIRMED))
        await (await anext(incoming)).reject(486)
        with pytest.raises(CallBusy):
            await waiting
        assert await out.wait_state(InvState.DISCONNECTED) is InvState.DISCONNECTED


async def test_a_call_lasts_as_long_as_it_may(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            for wrong in (0, -1.0, float("nan")):
                with pytest.raises(ValueError, match="max_duration"):
                    out.max_duration = wrong
            out.max_duration = 60
            out.max_duration = None
            into.max_duration = 0.2
            end = await out.wait_ended(TIMEOUT)
            assert not end.by_us
            assert (await into.wait_ended()).how is EndedHow.MAX_DURATION
            assert into.times.talking >= 0.2
        incoming = bob.incoming()
        answering = asyncio.create_task(anext(incoming))
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), max_duration=0.1))
        await (await answering).answer(max_duration=600)
        assert (await (await calling).wait_ended(TIMEOUT)).how is EndedHow.MAX_DURATION


async def test_a_caller_is_sent_elsewhere(make_endpoint: MakeEndpoint, trace: Trace) -> None:
    async with make_endpoint() as endpoint:
        alice, bob, carol = (local_account(endpoint, name) for name in ("alice", "bob", "carol"))
        target = direct_uri(endpoint, "carol")
        at_bob, at_carol = bob.incoming(), carol.incoming()

        async def send_on() -> None:
            async for call in at_bob:
                await call.redirect(f"<{target}>;q=0.9", headers=[("X-Why", "moved")])

        sending = asyncio.create_task(send_on())
        with pytest.raises(CallRedirected) as refused:
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT)
        assert refused.value.sip_code == 302
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), follow_redirects=True))
        into = await anext(at_carol)
        await into.answer()
        out = await calling
        assert out.redirected_to == (target,)
        with pytest.raises(InvalidState):
            await into.redirect(target)
        with pytest.raises(InvalidState):
            await out.redirect(target)
        with pytest.raises(ValueError, match="targets"):
            await into.redirect()
        with pytest.raises(ValueError, match="targets"):
            await into.redirect("nonsense")
        with pytest.raises(ValueError, match="code"):
            await into.redirect(target, code=486)
        for wrong, kind in ((-1, ValueError), ("yes", TypeError)):
            with pytest.raises(kind, match="follow_redirects"):
                alice.start_call(target, follow_redirects=wrong)  # type: ignore[arg-type]
        await out.hangup()
        sending.cancel()
        moved = [message for message in trace() if message.sent and message.status_code == 302]
        assert {message.header("Contact") for message in moved} == {f"<{target}>;q=0.9"}
        assert {message.header("X-Why") for message in moved} == {"moved"}


async def test_redirected_more_often_than_allowed(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        carol = local_account(endpoint, "carol")

        async def send(incoming: object, target: str) -> None:
            async for call in incoming:  # type: ignore[attr-defined]
                await call.redirect(target)

        tasks = [
            asyncio.create_task(send(one.incoming(), direct_uri(endpoint, other)))
            for one, other in ((bob, "carol"), (carol, "dave"))
        ]
        with pytest.raises(CallRedirected):
            await alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT, follow_redirects=1)
        for task in tasks:
            task.cancel()


async def test_reliable_provisional_responses(make_endpoint: MakeEndpoint, trace: Trace) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice", require_100rel=Rel100Use.MANDATORY)
        bob = local_account(endpoint, "bob", require_100rel=Rel100Use.OPTIONAL)
        incoming = bob.incoming()
        calling = asyncio.create_task(alice.call(direct_uri(endpoint, "bob"), timeout=TIMEOUT))
        into = await anext(incoming)
        await into.ring()
        await into.answer()
        await (await calling).hangup()
        messages = trace()
        ringing = next(message for message in messages if message.status_code == 180)
        assert ringing.header("RSeq")
        prack = next(message for message in messages if message.method == "PRACK" and message.is_request)
        assert prack.header("RAck").split()[0] == ringing.header("RSeq")


async def test_a_session_interval_that_is_too_small(make_endpoint: MakeEndpoint, trace: Trace) -> None:
    """422 names the least, and the call is made with it (RFC 4028)."""
    async with make_endpoint() as endpoint:
        timers = TimerSetting(min_se=90, sess_expires=100)
        alice = local_account(endpoint, "alice", use_timer=SipTimerUse.ALWAYS, timer_setting=timers)
        bob = local_account(endpoint, "bob", timer_setting=TimerSetting(min_se=300, sess_expires=600))
        async with call_between(alice, bob, direct_uri(endpoint, "bob")):
            messages = trace()
        refused = next(message for message in messages if message.status_code == 422)
        assert refused.header("Min-SE") == "300"
        invites = {one.header("CSeq"): one for one in messages if one.method == "INVITE" and one.is_request}
        assert [one.header("Session-Expires").split(";")[0] for one in invites.values()] == ["100", "300"]


async def test_two_answers_of_a_fork(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """The first makes the call; the second is acknowledged, and ended."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        calling = asyncio.create_task(alice.call(f"sip:bob@127.0.0.1:{wire.port}", timeout=TIMEOUT))
        first, second = HandCall(wire), HandCall(wire)
        invite = await asyncio.to_thread(first.wait_invite)
        second.to, second.call_id, second.remote = first.to, first.call_id, first.remote
        second.local = f"{invite.header('to')};tag=theotherone"
        body = audio_offer(wire.host, 40000)
        first.respond(invite, 200, "OK", body=body)
        second.respond(invite, 200, "OK", body=body)
        call = await calling
        bye = await asyncio.to_thread(
            wire.wait_for, lambda m: m.direction == "received" and m.is_request and m.method == "BYE"
        )
        assert "theotherone" in (bye.header("to") or "")
        second.respond(bye, 200, "OK")
        acks = [m for m in wire.messages if m.direction == "received" and m.method == "ACK"]
        assert {"theotherone" in (m.header("to") or "") for m in acks} == {True, False}
        assert not call.ended
        call.abandon()
        mine = await asyncio.to_thread(
            wire.wait_for,
            lambda m: m.is_request and m.method == "BYE" and "theotherone" not in (m.header("to") or ""),
        )
        first.respond(mine, 200, "OK")
        await call.wait_ended(TIMEOUT)


@pytest.mark.parametrize("stage", ["nothing", "100", "180", "183"])
async def test_cancelled_at_every_stage(make_endpoint: MakeEndpoint, wire_client: Wires, stage: str) -> None:
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        call = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        invite = await asyncio.to_thread(hand.wait_invite)
        if stage != "nothing":
            body = audio_offer(wire.host, 40000) if stage == "183" else ""
            hand.respond(invite, int(stage), body=body)
        if stage in ("180", "183"):
            await call.wait_state(InvState.EARLY, timeout=TIMEOUT)
        call.abandon()
        if stage == "nothing":
            # RFC 3261 9.1: a CANCEL waits for a provisional response.
            hand.respond(invite, 180)
        cancel = await asyncio.to_thread(hand.received, "CANCEL")
        hand.respond(cancel, 200, "OK")
        hand.respond(invite, 487, "Request Terminated")
        await asyncio.to_thread(hand.received, "ACK")
        end = await call.wait_ended(TIMEOUT)
        assert (end.how, end.by_us) == (EndedHow.CANCEL, True)


async def test_an_answer_that_crosses_the_cancel(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        call = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        invite = await asyncio.to_thread(hand.wait_invite)
        hand.respond(invite, 180)
        await call.wait_state(InvState.EARLY, timeout=TIMEOUT)
        call.abandon()
        await asyncio.to_thread(hand.received, "CANCEL")
        hand.respond(invite, 200, "OK", body=audio_offer(wire.host, 40000))
        # It is acknowledged, and ended at once.
        await asyncio.to_thread(hand.received, "ACK")
        bye = await asyncio.to_thread(hand.received, "BYE")
        hand.respond(bye, 200, "OK")
        assert (await call.wait_ended(TIMEOUT)).by_us
        await until(lambda: not endpoint.calls, "it is over")
