"""Calls to SIPp, which does what telephones seldom do; what it wants to see stands in its scenarios."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from objects.phones import TIMEOUT, local_account, until
from peers.sipp import Sipp
from pyjsua import Account, Call, Endpoint
from pyjsua.pjsua import Rel100Use, SipTimerUse, TimerSetting

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


def bye_of(peer: Sipp) -> list[str]:
    return [message.header("to") or "" for message in peer.messages if message.method == "BYE"]


async def call_out(account: Account, peer: Sipp) -> Call:
    return await account.call(peer.uri, timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("uas_100rel", {"require_100rel": Rel100Use.OPTIONAL}),
        (
            "uas_interval_too_small",
            {"use_timer": SipTimerUse.ALWAYS, "timer_setting": TimerSetting(min_se=90, sess_expires=100)},
        ),
        ("uas_forked", {}),
    ],
)
async def test_answered_and_ended(
    make_endpoint: MakeEndpoint, sipp: MakeSipp, scenario: str, options: dict[str, Any]
) -> None:
    peer = sipp(scenario)
    async with make_endpoint() as endpoint:
        call = await call_out(local_account(endpoint, "alice", **options), peer)
        if scenario == "uas_forked":
            # Only PJSIP knows of the second, and ends it.
            await until(lambda: any("tag=second" in log for log in bye_of(peer)), "the second was ended")
        await call.hangup()
        assert (await asyncio.to_thread(peer.wait, TIMEOUT)).ok


async def test_a_request_that_crosses_theirs_is_sent_again(
    make_endpoint: MakeEndpoint, sipp: MakeSipp
) -> None:
    peer = sipp("uas_glare")
    async with make_endpoint() as endpoint:
        call = await call_out(local_account(endpoint, "alice"), peer)
        await call.hold(timeout=TIMEOUT)
        assert call.held_by_us
        await call.hangup()
        assert (await asyncio.to_thread(peer.wait, TIMEOUT)).ok


async def test_sent_to_another(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    there = sipp("uas_answer")
    peer = sipp("uas_moved", keys={"target": there.uri})
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        call = await account.call(peer.uri, timeout=TIMEOUT, follow_redirects=True)
        assert call.redirected_to == (there.uri,)
        await call.hangup()
        for one in (peer, there):
            assert (await asyncio.to_thread(one.wait, TIMEOUT)).ok
