"""What Asterisk does besides calls: a queue, voice mail and its lamp, messages, who is on the telephone."""

from __future__ import annotations

import asyncio

import pytest

from objects.phones import TIMEOUT
from objects.switchboard import USERS, MakeAsterisk, MakeEndpoint, Sounds, between, phone
from peers.asterisk import MUSIC_HZ
from pyjsua import DialogState, MessageFailed

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]


@pytest.mark.hears
async def test_queue(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds) -> None:
    """Music until a member answers, then the two talk; the next waits until the first has gone."""
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob, carol = [await phone(endpoint, server, user) for user in USERS]
        await asyncio.to_thread(server.tell, "queue add member PJSIP/bob to support")
        calls = bob.incoming()
        async with await alice.call(server.aor("queue"), timeout=TIMEOUT) as waiting:
            await waiting.wait_media(TIMEOUT)
            offered = await asyncio.wait_for(anext(calls), TIMEOUT)
            assert await sounds.heard(endpoint, waiting) == pytest.approx(MUSIC_HZ, abs=5)
            await offered.answer()
            await offered.wait_media(TIMEOUT)
            with sounds.said(endpoint, 600, waiting), sounds.said(endpoint, 1100, offered):
                assert await sounds.heard(endpoint, waiting) == pytest.approx(1100, abs=5)
                assert await sounds.heard(endpoint, offered) == pytest.approx(600, abs=5)
            async with await carol.call(server.aor("queue"), timeout=TIMEOUT) as second:
                await second.wait_media(TIMEOUT)
                assert await sounds.heard(endpoint, second) == pytest.approx(MUSIC_HZ, abs=5)
                await waiting.hangup()
                await offered.wait_ended(TIMEOUT)
                next_one = await asyncio.wait_for(anext(calls), TIMEOUT)
                assert next_one.remote_address is not None
                assert next_one.remote_address.uri.user == "carol"
                await next_one.answer()
                await next_one.hangup()
                await second.wait_ended(TIMEOUT)


async def test_voice_mail_lights_a_lamp(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice", mwi_enabled=True)
        bob = await phone(endpoint, server, "bob")
        box = await alice.mwi.wait(lambda mwi: mwi.last is not None, TIMEOUT)
        assert not box.waiting
        async with await bob.call(server.aor("mail-alice"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            with sounds.said(endpoint, 600, call):
                await sounds.heard(endpoint, call, 3.0)
        box = await alice.mwi.wait(lambda mwi: mwi.waiting, TIMEOUT)
        assert box.last is not None
        assert (box.last.voice.new, box.last.voice.old) == (1, 0)


async def test_messages(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob = await phone(endpoint, server, "alice"), await phone(endpoint, server, "bob")
        inbox = bob.messages()
        text = "Kommst du? 7 € & «Grüße»\r\nzweite Zeile"
        delivery = await alice.send_message(server.aor("bob"), text, timeout=TIMEOUT)
        assert 200 <= delivery.code < 300
        message = await asyncio.wait_for(anext(inbox), TIMEOUT)
        assert message.body == text
        assert "alice" in message.from_uri
        answers = alice.messages()
        await bob.send_message(server.aor("alice"), "ja", timeout=TIMEOUT)
        assert (await asyncio.wait_for(anext(answers), TIMEOUT)).body == "ja"
        # In a call.
        async with between(alice, bob, server.aor("bob")) as (call, other):
            in_call = other.messages()
            await call.send_message("im Gespräch", timeout=TIMEOUT)
            assert (await asyncio.wait_for(anext(in_call), TIMEOUT)).body == "im Gespräch"
        with pytest.raises(MessageFailed):
            await alice.send_message(server.aor("UPPER"), "nobody", timeout=TIMEOUT)


async def test_who_is_on_the_telephone(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    """Hints, as dialog-info for a lamp and as presence."""
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob, carol = [await phone(endpoint, server, user) for user in USERS]
        async with (
            carol.add_buddy(server.aor("bob"), calls=True) as lamp,
            carol.add_buddy(server.aor("bob")) as buddy,
        ):
            await lamp.subscribe(TIMEOUT)
            await buddy.subscribe(TIMEOUT)
            assert not lamp.call.busy
            await buddy.wait(lambda one: one.presence.online, TIMEOUT)
            incoming = bob.incoming()
            async with alice.start_call(server.aor("bob")) as call:
                other = await asyncio.wait_for(anext(incoming), TIMEOUT)
                await other.ring()
                await lamp.wait(lambda one: one.call.ringing, TIMEOUT)
                await other.answer()
                await call.wait_answered(TIMEOUT)
                await lamp.wait(lambda one: one.call.state is DialogState.CONFIRMED, TIMEOUT)
            await lamp.wait(lambda one: not one.call.busy, TIMEOUT)
            await bob.close()
            await buddy.wait(lambda one: not one.presence.online, TIMEOUT)


async def test_the_queue_ends_with_who_waits(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    """Who gives up while a member's telephone rings ends its ringing."""
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice, bob = await phone(endpoint, server, "alice"), await phone(endpoint, server, "bob")
        await asyncio.to_thread(server.tell, "queue add member PJSIP/bob to support")
        calls = bob.incoming()
        call = await alice.call(server.aor("queue"), timeout=TIMEOUT)
        offered = await asyncio.wait_for(anext(calls), TIMEOUT)
        await offered.ring()
        await call.hangup()
        assert (await offered.wait_ended(TIMEOUT)).code == 487
