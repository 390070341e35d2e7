"""The SIP trace says whose each message is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from objects.phones import call_between, direct_uri, local_account, registered
from pyjsua import Endpoint
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]


def traced(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.name == "pyjsua.sip"]


async def test_the_accounts_of_a_call(make_endpoint: MakeEndpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "pyjsua.sip")
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (ours, theirs):
            sip_call_id = ours.sip_call_id
            ids = {alice.uri: ours.id, bob.uri: theirs.id}
        for call in (ours, theirs):
            await call.wait_ended()
    records = [each for each in traced(caplog) if each["sip_call_id"] == sip_call_id]
    seen = {(each["sip_message"].method, each["sip_message"].is_request) for each in records}
    assert {("INVITE", True), ("INVITE", False), ("ACK", True), ("BYE", True), ("BYE", False)} <= seen
    for each in records:
        message = each["sip_message"]
        # From is of whoever sends the request and gets what answers it.
        is_sender = message.sent is message.is_request
        is_alices = "alice@" in message.header("From" if is_sender else "To")
        assert each["sip_account"] == (alice if is_alices else bob).uri, message
        if message.method in ("ACK", "BYE"):
            assert each["sip_call"] == ids[each["sip_account"]]


async def test_the_account_of_a_registration_and_of_a_stranger(
    make_endpoint: MakeEndpoint, sip_server: SipServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pyjsua.sip")
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        other = await registered(endpoint, sip_server, "1002")
        registers = traced(caplog)
        by_account = {
            uri: [each["sip_message"] for each in registers if each["sip_account"] == uri]
            for uri in (account.uri, other.uri)
        }
        local = local_account(endpoint, "1003")
        # PJSIP takes what is for nobody as its default account's; by its address it is nobody's.
        await local.send_message(direct_uri(endpoint, "nobody-here"), "hello")
    for uri, messages in by_account.items():
        # Challenged, and then accepted.
        assert [message.status_code for message in messages] == [0, 401, 0, 200]
        user = uri.partition("@")[0]
        assert all(f"{user}@" in message.header("From") for message in messages)
    assert sum(map(len, by_account.values())) == len(registers)
    records = [each for each in traced(caplog) if each["sip_message"].method == "MESSAGE"]
    assert {each["sip_call"] for each in records} == {None}
    ways = {
        (each["sip_message"].sent is each["sip_message"].is_request, each["sip_account"]) for each in records
    }
    assert ways == {(True, local.uri), (False, None)}
