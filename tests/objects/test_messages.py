"""Messages, typing, real-time text and requests of any method, outside of calls and within them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, slots_free
from peers.kamailio import two_kamailios
from peers.wire import WireClient
from pjsua.notifier import Notifier
from pyjsua import (
    AuthenticationFailed,
    Endpoint,
    InvalidState,
    MessageFailed,
    MessageTimeout,
    RequestTimeout,
    StaleError,
    pjsua as pj,
)
from pyjsua.testing import Drop, SipServer

MakeEndpoint = Callable[..., Endpoint]
WITH_TEXT = pj.CallSetting(txt_cnt=1)


@pytest.fixture
def far(wire_client: Callable[..., WireClient]) -> Notifier:
    """A peer written by hand."""
    return Notifier(wire_client())


async def test_a_message_is_delivered_and_replied_to(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        to_alice, to_bob = alice.messages(), bob.messages()
        sent = await alice.send_message(
            direct_uri(endpoint, "bob"), "Grüße", content_type="text/html", headers=[("Subject", "tea")]
        )
        assert (sent.code, sent.reason) == (200, "OK")
        message = await anext(to_bob)
        assert (message.body, message.content_type, message.call) == ("Grüße", "text/html", None)
        assert message.account is bob
        assert "alice" in message.from_uri
        assert message.request is not None
        assert message.request.header("Subject") == "tea"
        assert not message.waits
        with pytest.raises(InvalidState, match="answered"):
            message.answer()
        assert (await message.reply("and to you")).code == 200
        assert (await anext(to_alice)).body == "and to you"
        await alice.close()
        with pytest.raises(StopAsyncIteration):
            await anext(to_alice)
        with pytest.raises(InvalidState, match="closed"):
            await alice.send_message(direct_uri(endpoint, "bob"), "late")
        with pytest.raises(InvalidState, match="closed"):
            alice.messages()


async def test_the_program_answers_itself(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        bob = local_account(endpoint, "bob", auto_repond_sip_message=False)
        uri = direct_uri(endpoint, "bob")
        # Nobody listens.
        with pytest.raises(MessageFailed, match="480"):
            await alice.send_message(uri, "unheard", timeout=TIMEOUT)
        messages = bob.messages()
        sending = asyncio.create_task(alice.send_message(uri, "spam", timeout=TIMEOUT))
        message = await anext(messages)
        assert message.waits
        assert not sending.done()
        message.answer(403, "Not Today")
        assert not message.waits
        with pytest.raises(MessageFailed, match="403 Not Today") as caught:
            await sending
        assert (caught.value.sip_code, caught.value.title) == (403, "Not Today")
        sending = asyncio.create_task(alice.send_message(uri, "for later", timeout=TIMEOUT))
        (await anext(messages)).answer(202)
        assert (await sending).code == 202


async def test_what_becomes_of_a_message_that_is_not_delivered(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await endpoint.register(sip_server.aor("1001"), "secret", timeout=TIMEOUT)
        with pytest.raises(MessageFailed, match="404") as caught:
            await account.send_message(sip_server.aor("nobody"), "hello")
        assert caught.value.sip_code == 404
        sip_server.faults.set("MESSAGE", Drop())
        with pytest.raises(MessageTimeout) as timed_out:
            await account.send_message(sip_server.aor("1002"), "hello", timeout=0.2)
        assert isinstance(timed_out.value, TimeoutError)
        sending = asyncio.create_task(account.send_message(sip_server.aor("1002"), "hello"))
        await sip_server.wait_for_async(lambda message: message.is_request("MESSAGE"))
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        waiting = asyncio.create_task(account.send_message(sip_server.aor("1002"), "hello"))
        await asyncio.sleep(0)
        await account.close()
        with pytest.raises(InvalidState, match="closed"):
            await waiting
        stranger = endpoint.add_account(sip_server.aor("1001"), "wrong")
        sip_server.faults.clear()
        sip_server.trace.clear()
        with pytest.raises(AuthenticationFailed, match=r"40[17]"):
            await stranger.send_message(sip_server.aor("1002"), "hello", timeout=TIMEOUT)
        assert sum(message.is_request("MESSAGE") for message in sip_server.trace) == 2


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"uri": "nonsense"}, "to"),
        ({"uri": ""}, "to"),
        ({"content_type": "no type\r\n"}, "mime_type"),
        ({"headers": [("Bad Name", "x")]}, "headers"),
    ],
)
async def test_bad_messages_name_what_is_wrong(
    arguments: dict[str, object], name: str, make_endpoint: MakeEndpoint
) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        good: dict[str, object] = {"uri": direct_uri(endpoint, "alice"), "body": "x"}
        with pytest.raises(ValueError, match=name):
            await alice.send_message(**{**good, **arguments})  # type: ignore[arg-type]


async def test_a_hostile_body_is_handed_over_as_it_is(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        bob = local_account(endpoint, "bob")
        messages = bob.messages()
        bodies = ["<isComposing>\x00\r\n\r\n\r\n", "%s%n" * 200, "SIP/2.0 200 OK\r\n\r\n", "\u202e\U0001f4a3"]
        for number, body in enumerate(bodies, 1):
            headers = {"Content-Type": "text/plain"}
            text = far.wire.request("MESSAGE", direct_uri(endpoint, "bob"), headers=headers, body=body)
            far.wire.send(text, endpoint.address())
            await asyncio.to_thread(far.wire.wait_for, lambda answer: answer.status == 200, TIMEOUT, number)
            assert (await anext(messages)).body == body


async def test_a_reader_that_does_not_read_fills_no_memory(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        idle, keen = bob.messages(), bob.messages()
        uri = direct_uri(endpoint, "bob")
        for start in range(0, 1040, 80):
            await asyncio.gather(*(alice.send_message(uri, str(start + number)) for number in range(80)))
            for _ in range(80):
                await anext(keen)
        assert (idle.dropped, keen.dropped) == (16, 0)
        idle.close()
        assert len([message async for message in idle]) == 1024


async def test_messages_typing_and_requests_within_a_call(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        to_account, typing = bob.messages(), bob.typing()
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (ours, theirs):
            assert (await ours.send_message("in the call", headers=[("X-A", "1")])).code == 200
            # What came before anybody asked is there.
            messages = theirs.messages()
            message = await anext(messages)
            assert (message.body, message.call) == ("in the call", theirs)
            assert message.request is not None
            assert message.request.header("X-A") == "1"
            assert message.request.call_id == ours.sip_call_id
            assert (await anext(to_account)) is message
            back = ours.messages()
            await message.reply("and back")
            assert (await anext(back)).body == "and back"
            heard = theirs.typing()
            ours.send_typing()
            alice.send_typing(direct_uri(endpoint, "bob"), False)
            assert (await anext(heard)).is_typing
            seen = {((news := await anext(typing)).call, news.is_typing) for _ in range(2)}
            assert seen == {(theirs, True), (None, False)}

            digit = "Signal=5\r\nDuration=160\r\n"
            info = await ours.request("INFO", body=digit, content_type="application/dtmf-relay")
            assert (info.status_code, info.method) == (200, "INFO")
            assert await theirs.read_digit(TIMEOUT) == "5"
            # Whatever PJSIP knows nothing of within a call.
            odd, other = await asyncio.gather(ours.request("FOO"), ours.request("PUBLISH"))
            assert (odd.status_code, odd.method, other.method) == (500, "FOO", "PUBLISH")
            assert odd.call_id == ours.sip_call_id
            with pytest.raises(ValueError, match="method"):
                await ours.request("BYE")
            with pytest.raises(ValueError, match="method"):
                await ours.request("no method")
        await ours.wait_ended(TIMEOUT)
        with pytest.raises(StopAsyncIteration):
            await anext(messages)
        for late in (ours.send_message("late"), ours.request("INFO"), ours.send_text("late")):
            with pytest.raises(StaleError):
                await late
        with pytest.raises(StaleError):
            ours.send_typing()
        await slots_free()


async def test_a_request_within_a_call_nobody_answers(
    make_endpoint: MakeEndpoint, sipp: Callable[..., object]
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (ours, theirs):
            asking = asyncio.create_task(ours.request("INFO"))
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert (await ours.request("FOO", timeout=TIMEOUT)).method == "FOO"
            waiting = asyncio.create_task(ours.request("MESSAGE", body="x"))
            await asyncio.sleep(0)
            theirs.abandon()
            await asyncio.wait([waiting])
            # Answered before the BYE, or given up with the call.
            assert waiting.exception() is None or isinstance(waiting.exception(), InvalidState)


async def test_real_time_text_both_ways(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        ours = alice.start_call(direct_uri(endpoint, "bob"), setting=WITH_TEXT)
        theirs = await anext(incoming)
        await theirs.answer(setting=WITH_TEXT)
        await ours.wait_answered(TIMEOUT)
        for call in (ours, theirs):
            await call.wait_media(TIMEOUT)
        text = "Überall " * 12
        await ours.send_text(text, timeout=TIMEOUT)
        heard = ""
        feed = theirs.text()
        async for piece in feed:
            heard += piece
            if len(heard) >= len(text):
                break
        assert heard == text
        await theirs.send_text("ja")
        assert await anext(ours.text()) == "ja"
        for wrong in ("",):
            with pytest.raises(ValueError, match="text"):
                await ours.send_text(wrong)
        await ours.hangup()
        await theirs.wait_ended(TIMEOUT)
        assert [piece async for piece in feed] == []


async def test_text_in_a_call_without_a_text_line(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (ours, _):
            with pytest.raises(pj.PjsuaError):
                await ours.send_text("nobody reads this", timeout=TIMEOUT)


async def test_requests_of_any_method_outside_of_calls(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        options = await alice.request("OPTIONS", direct_uri(endpoint, "alice"))
        assert options.status_code == 200
        assert "INVITE" in options.header("Allow")
        asking = asyncio.create_task(
            alice.request(
                "PUBLISH", far.uri("x"), body="<a/>", content_type="text/xml", headers=[("Event", "own")]
            )
        )
        request = await asyncio.to_thread(far.wait, "PUBLISH")
        assert (request.header("event"), request.header("content-type")) == ("own", "text/xml")
        assert "alice" in (request.header("from") or "")
        far.answer(request, 489, "Bad Event", Allow_Events="presence")
        response = await asking
        assert (response.status_code, response.reason) == (489, "Bad Event")
        assert response.header("Allow-Events") == "presence"
        with pytest.raises(RequestTimeout):
            await alice.request("FOO", far.uri("x"), timeout=0.1)
        for wrong in (("no method", far.uri("x")), ("ACK", far.uri("x")), ("FOO", "nonsense")):
            with pytest.raises(ValueError, match=r"method|dest_uri"):
                await alice.request(*wrong)
        with pytest.raises(TypeError, match="body"):
            await alice.request("FOO", far.uri("x"), body=b"x")  # type: ignore[arg-type]


async def test_a_challenged_request_is_sent_again_with_credentials(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    ha1 = hashlib.md5(f"1001:{sip_server.domain}:secret".encode()).hexdigest()
    async with make_endpoint() as endpoint:
        target = await endpoint.register(sip_server.aor("1002"), "secret", timeout=TIMEOUT)
        by_password = endpoint.add_account(sip_server.aor("1001"), "secret")
        by_ha1 = endpoint.add_account(sip_server.aor("1001"), ha1=ha1, realm=sip_server.domain)
        for account in (by_password, by_ha1):
            sip_server.trace.clear()
            answer = await account.request("OPTIONS", sip_server.aor("1002"), headers=[("X-A", "1")])
            assert answer.status_code == 200
            sent = [
                m.message for m in sip_server.trace if m.is_request("OPTIONS") and m.direction == "received"
            ]
            assert [message is not None and message.headers.get("X-A") for message in sent] == ["1", "1"]
        wrong = endpoint.add_account(sip_server.aor("1001"), "wrong")
        assert (await wrong.request("OPTIONS", sip_server.aor("1002"))).status_code in (401, 407)
        assert target.registered


async def test_a_hostile_challenge_is_an_answer_like_any_other(
    make_endpoint: MakeEndpoint, far: Notifier
) -> None:
    challenges = [
        'Digest realm="x", nonce="n", qop="auth-int"',
        'Digest realm="x", nonce="n", algorithm=ROT13',
        'Digest nonce="n"',
    ]
    async with make_endpoint() as endpoint:
        alice = endpoint.add_account(direct_uri(endpoint, "alice"), "secret")
        for number, challenge in enumerate(challenges, 1):
            asking = asyncio.create_task(alice.request("FOO", far.uri("x"), timeout=TIMEOUT))
            request = await asyncio.to_thread(far.wait, "FOO", number)
            far.answer(request, 401, "Who", WWW_Authenticate=challenge)
            assert (await asking).status_code == 401
        assert len(far.requests("FOO")) == len(challenges)


async def test_messages_between_two_domains(make_endpoint: MakeEndpoint) -> None:
    with ExitStack() as stack:
        first, second = two_kamailios()
        for server in (first, second):
            await asyncio.to_thread(stack.enter_context, server)
        async with make_endpoint() as endpoint:
            one, two = [
                await endpoint.register(
                    server.aor(user), password, proxy=[f"{server.uri};lr"], timeout=TIMEOUT
                )
                for server in (first, second)
                for user, password in list(server.users.items())[:1]
            ]
            messages = two.messages()
            assert (await one.send_message(two.uri, "over there")).code in (200, 202)
            message = await anext(messages)
            assert message.from_uri == f"<{one.uri}>"
            back = one.messages()
            assert (await message.reply("and back")).code in (200, 202)
            assert (await anext(back)).body == "and back"
