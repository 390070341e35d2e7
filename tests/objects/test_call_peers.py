"""Calls with peers that are late, lose messages, cross ours, or send nonsense; each on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Account, Call, Endpoint, InvState, PjsuaError
from pyjsua.pjsua import CallFlag, CallSetting, SipTimerUse

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]


def calls_us(hand: HandCall, endpoint: Endpoint, user: str = "alice") -> None:
    """Whom a call by hand goes to."""
    hand.to, hand.target = endpoint.address("udp"), direct_uri(endpoint, user)
    hand.remote = f"<{hand.target}>"


async def rings(hand: HandCall, account: Account, body: str = "") -> tuple[Call, tuple[int, str]]:
    """Calls an account by hand; our call, once the caller has heard it ring, and the INVITE's CSeq."""
    incoming = account.incoming()
    cseq = hand.send("INVITE", None, body)
    call = await anext(incoming)
    incoming.close()
    await call.ring()
    ringing = await asyncio.to_thread(
        hand.wire.wait_for, lambda m: m.status == 180 and m.call_id == hand.call_id
    )
    hand.remote = ringing.header("to") or ""
    return call, cseq


async def good_call(endpoint: Endpoint, alice: Account) -> None:
    bob = local_account(endpoint, "bob")
    async with call_between(alice, bob, direct_uri(endpoint, "bob")):
        pass


async def test_a_bye_before_the_answer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        hand = HandCall(wire)
        calls_us(hand, endpoint)
        call, cseq = await rings(hand, alice, audio_offer(wire.host, 40000))
        bye = await asyncio.to_thread(hand.request, "BYE")
        assert bye.status == 200
        assert (await asyncio.to_thread(hand.response, cseq)).status == 487
        end = await call.wait_ended(TIMEOUT)
        assert not end.by_us
        assert not end.answered
        with pytest.raises(PjsuaError):
            await call.answer()
        await good_call(endpoint, alice)


async def test_an_ack_that_is_lost(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """The answer is sent again until the ACK has come; hung up meanwhile, the call ends all the same."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        hand, other = HandCall(wire), HandCall(wire)
        calls_us(hand, endpoint)
        calls_us(other, endpoint)
        call, cseq = await rings(hand, alice, audio_offer(wire.host, 40000))
        answering = asyncio.create_task(call.answer())
        again = await asyncio.to_thread(
            wire.wait_for, lambda m: m.status == 200 and m.cseq == cseq and m.call_id == hand.call_id, 10, 2
        )
        assert not answering.done()
        hand.cseq = cseq[0]
        hand.ack(again)
        await asyncio.wait_for(answering, TIMEOUT)
        ending = asyncio.create_task(call.hangup())
        hand.respond(await asyncio.to_thread(hand.received, "BYE"), 200, "OK")
        assert (await ending).answered

        call, cseq = await rings(other, alice, audio_offer(wire.host, 40000))
        answering = asyncio.create_task(call.answer())
        answer = await asyncio.to_thread(other.response, cseq)
        await asyncio.wait_for(call.hangup(), TIMEOUT)
        with pytest.raises(PjsuaError):
            await answering
        other.ack(answer)
        other.respond(await asyncio.to_thread(other.received, "BYE"), 200, "OK")
        await until(lambda: call.bye_status == 200, "the BYE is answered")


async def test_an_invite_without_an_offer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """Ours is in the answer then, and theirs in the ACK."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        hand = HandCall(wire)
        calls_us(hand, endpoint)
        call, cseq = await rings(hand, alice)
        assert call.offered_codecs == ()
        answering = asyncio.create_task(call.answer())
        answer = await asyncio.to_thread(hand.response, cseq)
        assert "m=audio" in answer.body
        hand.send("ACK", None, audio_offer(wire.host, 40000))
        await answering
        await call.wait_media(TIMEOUT)
        assert call.codec is not None
        assert call.codec.name == "PCMU"
        call.abandon()
        hand.respond(await asyncio.to_thread(hand.received, "BYE"), 200, "OK")


async def test_our_invite_without_an_offer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        setting = CallSetting(flag=CallFlag.NO_SDP_OFFER)
        call = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}", setting=setting)
        hand = HandCall(wire)
        invite = await asyncio.to_thread(hand.wait_invite)
        assert invite.body == ""
        hand.respond(invite, 200, "OK", body=audio_offer(wire.host, 40000))
        ack = await asyncio.to_thread(hand.received, "ACK")
        assert "m=audio" in ack.body
        await call.wait_media(TIMEOUT)
        call.abandon()
        hand.respond(await asyncio.to_thread(hand.received, "BYE"), 200, "OK")


async def test_messages_that_are_lost_and_sent_again(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """One call for an INVITE that comes three times; our INVITE and BYE are heard the second time."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        incoming = alice.incoming()
        hand = HandCall(wire)
        calls_us(hand, endpoint)
        hand.send("INVITE", None, audio_offer(wire.host, 40000))
        first = await asyncio.to_thread(
            wire.wait_for, lambda m: m.direction == "sent" and m.method == "INVITE"
        )
        wire.send(first.raw, hand.to, times=2, interval=0.0)
        call = await anext(incoming)
        assert len(endpoint.calls) == 1
        await call.reject(486)
        await asyncio.to_thread(wire.wait_for, lambda m: m.status == 486 and m.call_id == hand.call_id, 10, 2)
        assert len(alice.calls) == 0

        out = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        invite = await asyncio.to_thread(hand.wait_invite, 2)
        hand.respond(invite, 200, "OK", body=audio_offer(wire.host, 40000))
        await out.wait_answered(TIMEOUT)
        # The ACK was lost, they say: it is sent for each 200.
        hand.respond(invite, 200, "OK", body=audio_offer(wire.host, 40000))
        await asyncio.to_thread(hand.received, "ACK", 2)
        await out.hangup()
        hand.respond(await asyncio.to_thread(hand.received, "BYE", 2), 200, "OK")
        await until(lambda: out.bye_status == 200, "the second BYE is answered")


async def test_a_handler_that_blocks(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """Whatever the loop does, the other side is answered: PJSIP does not wait for Python."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice", use_timer=SipTimerUse.OPTIONAL)
        hand = HandCall(wire)
        calls_us(hand, endpoint)
        call, cseq = await rings(hand, alice, audio_offer(wire.host, 40000))
        answering = asyncio.create_task(call.answer())
        hand.ack(await asyncio.to_thread(hand.response, cseq))
        await answering
        async for event in call.events():
            if event.state is InvState.CONFIRMED:
                # Not in a thread: the loop stands until each of these has been answered.
                again = hand.request("INVITE", None, audio_offer(wire.host, 40000))
                assert again.status == 200
                hand.ack(again)
                timers = {"Supported": "timer", "Session-Expires": "1800;refresher=uac"}
                refreshed = hand.request("UPDATE", timers)
                assert refreshed.status == 200
                assert (refreshed.header("session-expires") or "").startswith("1800")
                assert hand.request("BYE").status == 200
                break
        assert not (await call.wait_ended(TIMEOUT)).by_us


async def test_two_telephones_that_ring(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """A fork: each rings in a dialog of its own, with media before the answer, and the second answers."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        call = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}")
        one, two = HandCall(wire), HandCall(wire)
        invite = await asyncio.to_thread(one.wait_invite)
        two.to, two.call_id, two.remote = one.to, one.call_id, one.remote
        two.local = f"{invite.header('to')};tag=two"
        one.respond(invite, 183, body=audio_offer(wire.host, 40000))
        await call.wait_media(TIMEOUT)
        two.respond(invite, 180)
        two.respond(invite, 200, "OK", body=audio_offer(wire.host, 40010))
        ack = await asyncio.to_thread(two.received, "ACK")
        assert "tag=two" in (ack.header("to") or "")
        await call.wait_answered(TIMEOUT)
        await until(lambda: call.audio.active, "audio flows with who answered")
        call.abandon()
        bye = await asyncio.to_thread(two.received, "BYE")
        assert "tag=two" in (bye.header("to") or "")
        two.respond(bye, 200, "OK")
        await call.wait_ended(TIMEOUT)


SESSION = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"

NONSENSE = {
    "no media": SESSION,
    "no SDP": "nonsense",
    "empty": "",
    "other media": f"{SESSION}m=image 9 udptl t38\r\n",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
async def test_an_answer_that_is_nonsense(make_endpoint: MakeEndpoint, wire_client: Wires, body: str) -> None:
    """It is acknowledged and ended; the next call is a good one. In a call that is up it changes nothing."""
    wire = wire_client()
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        call = alice.start_call(f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        invite = await asyncio.to_thread(hand.wait_invite)
        hand.respond(invite, 200, "OK", body=body)
        await asyncio.to_thread(hand.received, "ACK")
        call.abandon()
        hand.respond(await asyncio.to_thread(hand.received, "BYE"), 200, "OK")
        await call.wait_ended(TIMEOUT)

        up = HandCall(wire)
        calls_us(up, endpoint)
        call, cseq = await rings(up, alice, audio_offer(wire.host, 40000))
        answering = asyncio.create_task(call.answer())
        up.ack(await asyncio.to_thread(up.response, cseq))
        await (await answering).wait_media(TIMEOUT)
        if body:
            refused = await asyncio.to_thread(up.request, "INVITE", None, body)
            up.ack(refused)
            assert (refused.status or 0) >= 400
            assert not call.ended
            assert call.audio.active
        assert (await asyncio.to_thread(up.request, "BYE")).status == 200
        await call.wait_ended(TIMEOUT)
        await good_call(endpoint, alice)
