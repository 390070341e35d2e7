"""Headers at the object door: on every verb and on what has none; and whatever came in, read."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace

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
from peers.sipp import Sipp
from pyjsua import DtmfMethod, Endpoint, Message, SipMessages, StaleError
from pyjsua.sip_messages import _open
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]
MakeSipp = Callable[..., Sipp]


def own(message: Message) -> list[tuple[str, str]]:
    """The headers of a message that PJSIP has no part in."""
    return [(name, value) for name, value in message.headers if name.startswith("X-") or name == "Reason"]


async def of(messages: SipMessages) -> list[Message]:
    """Whatever comes until the call is over."""
    return [message async for message in messages]


def brief(messages: list[Message]) -> list[str]:
    """Without 100, which may have come before anybody could ask."""
    return [
        message.method if message.is_request else f"{message.status_code} {message.method}"
        for message in messages
        if message.status_code != 100
    ]


async def test_every_verb_and_every_message(make_endpoint: MakeEndpoint) -> None:
    """Each side says what it has to say with its verbs, and reads what the other said."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        alice.set_headers("*", [("X-Tenant", "7")])
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"), headers=[("X-Ticket", "1"), ("X-Ticket", "2")])
        reading_out = out.sip_messages()
        into = await anext(incoming)
        reading_in = into.sip_messages()
        assert into.invite is not None
        assert own(into.invite) == [("X-Ticket", "1"), ("X-Ticket", "2"), ("X-Tenant", "7")]
        caller = into.remote_address
        assert caller is not None
        assert (caller.uri.user, caller.display, caller.tag) == ("alice", "", None)
        assert into.invite.address("From") == replace(caller, params=into.invite.addresses("f")[0].params)
        assert into.invite.address("Refer-To") is None
        out.set_headers("ACK", [("X-Ack", "yes")])
        into.set_headers("200 BYE", [("X-Bye-Seen", "yes")])
        await into.ring(headers=[("X-Floor", "3")])
        await until(lambda: out.response is not None, "it rings")
        assert out.response is not None
        assert own(out.response) == [("X-Floor", "3")]
        await into.answer(headers=[("X-Room", "305")])
        await out.wait_answered(TIMEOUT)
        assert (out.response.status_code, own(out.response)) == (200, [("X-Room", "305")])
        assert into.ack is not None
        assert own(into.ack) == [("X-Tenant", "7"), ("X-Ack", "yes")]
        await out.wait_media(TIMEOUT)
        await out.send_dtmf("12", method=DtmfMethod.SIP_INFO, headers=[("X-Digit", "yes")])
        await into.reinvite(headers=[("X-Again", "yes")])
        end = await out.hangup(headers=[("X-Why", "done")])
        assert end.message is None
        heard, said = await of(reading_in), await of(reading_out)
        assert brief(heard) == ["ACK", "INFO", "INFO", "200 INVITE", "BYE"]
        assert own(heard[1]) == own(heard[2]) == [("X-Tenant", "7"), ("X-Digit", "yes")]
        assert own(heard[-1]) == [("X-Tenant", "7"), ("X-Why", "done")]
        gone = await into.wait_ended(TIMEOUT)
        assert gone.message is not None
        assert own(gone.message) == own(heard[-1])
        assert brief(said) == [
            "180 INVITE", "200 INVITE", "200 INFO", "200 INFO", "INVITE", "ACK", "200 BYE",
        ]  # fmt: skip
        assert own(next(message for message in said if message.is_request)) == [("X-Again", "yes")]
        assert own(said[-1]) == [("X-Bye-Seen", "yes")]
        with pytest.raises(StaleError):
            out.set_headers("BYE", [("X", "1")])
        assert await of(out.sip_messages()) == []


async def test_a_call_that_is_cancelled_or_refused(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        into = await anext(incoming)
        reading = into.sip_messages()
        await into.ring()
        await until(lambda: out.response is not None, "it rings")
        reading_out = out.sip_messages()
        await out.hangup(headers=[("X-Why", "lunch")])
        end = await into.wait_ended(TIMEOUT)
        assert end.message is not None
        assert (end.message.method, own(end.message)) == ("CANCEL", [("X-Why", "lunch")])
        assert "CANCEL" in brief(await of(reading))
        assert brief(await of(reading_out)) == ["200 CANCEL", "487 INVITE"]
        out = alice.start_call(direct_uri(endpoint, "bob"))
        await (await anext(incoming)).reject(486, headers=[("X-Back", "at noon"), ("X-Back", "or one")])
        end = await out.wait_ended(TIMEOUT)
        assert end.message is not None
        assert end.message is out.response
        assert own(end.message) == [("X-Back", "at noon"), ("X-Back", "or one")]
        await slots_free()


async def test_every_register_of_an_account(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    def devices() -> list[tuple[str, ...]]:
        registers = (m.message for m in sip_server.trace if m.is_request("REGISTER"))
        return [tuple(message.headers.get_all("X-Device")) for message in registers if message]

    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001", reg_hdr_list=[("X-Device", "desk")])
        assert set(devices()) == {("desk",)}
        response = account.registration_response
        assert response is not None
        assert (response.status_code, response.method) == (200, "REGISTER")
        assert [address.uri.user for address in response.addresses("Contact")] == ["1001"]
        await account.register(headers=[("X-Device", "again")])
        assert devices()[-1] == ("desk", "again")
        await account.register()
        assert devices()[-1] == ("desk", "again")
        await account.unregister()
        assert devices()[-1] == ("desk", "again")
        await account.register(headers=())
        assert devices()[-1] == ("desk",)
        with pytest.raises(ValueError, match="headers"):
            await account.register(headers=[("Via", "x")])


async def test_messages_of_no_call(make_endpoint: MakeEndpoint, sipp: MakeSipp) -> None:
    async with make_endpoint() as endpoint:
        local_account(endpoint, "alice")
        with endpoint.sip_messages() as messages, endpoint.sip_messages(received=False, sent=True) as answers:
            sipp("uac_message", endpoint.address(), user="alice")
            message = await anext(messages)
            assert (message.method, message.sent) == ("MESSAGE", False)
            answer = await anext(answers)
            assert (answer.method, answer.sent) == ("MESSAGE", True)
        assert messages.closed
        assert [one async for one in messages] == []
        with pytest.raises(ValueError, match="neither"):
            endpoint.sip_messages(received=False)
        # A forgotten one keeps nothing.
        endpoint.sip_messages()
        gc.collect()
        assert not _open
        last = endpoint.sip_messages()
    assert [one async for one in last if one.method == "NONE"] == []
    messages.close()


async def test_nobody_reading_copies_nothing(make_endpoint: MakeEndpoint) -> None:
    """The event of every message is there for who asks, and costs nobody else."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        seen: list[Message] = []
        with endpoint.sip_messages() as messages:
            async with call_between(alice, bob, direct_uri(endpoint, "bob")):
                pass
            await slots_free()
        seen += [message async for message in messages]
        assert brief(seen)[:1] == ["INVITE"]
        before = endpoint.queue_stats["pushed"]
        async with call_between(alice, bob, direct_uri(endpoint, "bob")):
            pass
        await slots_free()
        without = endpoint.queue_stats["pushed"] - before
        with endpoint.sip_messages(sent=True) as messages:
            before = endpoint.queue_stats["pushed"]
            async with call_between(alice, bob, direct_uri(endpoint, "bob")):
                pass
            await slots_free()
            # Each of its fourteen messages or so, less what transactions told of besides.
            assert endpoint.queue_stats["pushed"] - before >= without + 5
