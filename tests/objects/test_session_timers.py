"""Session timers (RFC 4028) to their end: refreshed by us in both ways, and by nobody.

PJSIP takes no interval under 90 seconds. We refresh after half of it, and end a call the other side was to
refresh after two thirds: all are under way beside each other, and it takes a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, local_account
from peers.message import Message
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Account, Call, EndedBy, EndedHow, Endpoint
from pyjsua.pjsua import SipTimerUse, TimerSetting

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

INTERVAL = 90


async def called(alice: Account, wire: WireClient, refresher: str, allow: str) -> tuple[Call, HandCall]:
    """A call that is up, the other side of which says who is to refresh the session, and what it knows."""
    hand = HandCall(wire)
    calling = asyncio.create_task(alice.call(f"sip:{refresher}@127.0.0.1:{wire.port}", timeout=TIMEOUT))
    invite = await asyncio.to_thread(hand.wait_invite)
    assert (invite.header("session-expires") or "").startswith(str(INTERVAL))
    hand.respond(invite, 200, "OK", timers(refresher, allow), audio_offer(wire.host, 40000))
    return await calling, hand


def timers(refresher: str, allow: str) -> dict[str, str]:
    return {
        "Session-Expires": f"{INTERVAL};refresher={refresher}",
        "Require": "timer",
        "Supported": "timer",
        "Allow": allow,
    }


async def next_request(hand: HandCall) -> Message:
    """The first request in the call but its INVITE and ACK, however long it takes."""
    first = hand.received("INVITE").cseq

    def wanted(message: Message) -> bool:
        return message.direction == "received" and message.is_request and message.method != "ACK"

    return await asyncio.to_thread(hand.wire.wait_for, lambda m: wanted(m) and m.cseq != first, INTERVAL)


async def refreshed(alice: Account, wire: WireClient, method: str, allow: str) -> None:
    """By us, with this method, which has the same interval and us as who refreshes; the call goes on."""
    call, hand = await called(alice, wire, "uac", allow)
    request = await next_request(hand)
    assert request.method == method
    assert request.header("session-expires") == f"{INTERVAL};refresher=uac"
    body = audio_offer(wire.host, 40000) if request.body else ""
    hand.respond(request, 200, "OK", timers("uac", allow), body)
    if method == "INVITE":
        await asyncio.to_thread(hand.received, "ACK", 2)
    else:
        assert not request.body
    assert not call.ended
    ending = asyncio.create_task(call.hangup())
    hand.respond(await asyncio.to_thread(hand.received, "BYE"), 200, "OK")
    assert (await ending).how is EndedHow.HANGUP


async def refreshed_by_nobody(alice: Account, wire: WireClient) -> None:
    """The other side was to: we hang up, and say why."""
    call, hand = await called(alice, wire, "uas", "INVITE, ACK, BYE")
    bye = await next_request(hand)
    assert bye.method == "BYE"
    hand.respond(bye, 200, "OK")
    end = await call.wait_ended(TIMEOUT)
    assert (end.how, end.by, end.answered) == (EndedHow.SESSION_TIMER, EndedBy.NOBODY, True)
    assert end.code == 408
    assert "refresh" in end.reason


@pytest.mark.timeout(110)
async def test_to_their_end(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(
            endpoint,
            "alice",
            use_timer=SipTimerUse.ALWAYS,
            timer_setting=TimerSetting(min_se=INTERVAL, sess_expires=INTERVAL),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(refreshed(alice, wire_client(), "INVITE", "INVITE, ACK, BYE"))
            group.create_task(refreshed(alice, wire_client(), "UPDATE", "INVITE, ACK, BYE, UPDATE"))
            group.create_task(refreshed_by_nobody(alice, wire_client()))
