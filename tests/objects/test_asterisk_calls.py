"""Asterisk as the telephone system: registration, calls, what it says of failures, sound, digits, hold."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from objects.phones import TIMEOUT, until
from objects.switchboard import USERS, MakeAsterisk, MakeEndpoint, Sounds, between, phone
from peers import signals
from peers.asterisk import MUSIC_HZ
from pyjsua import AuthenticationFailed

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]


async def test_registration(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint(transports=["udp", "tcp"]) as endpoint:
        with pytest.raises(AuthenticationFailed):
            await endpoint.register(server.aor("alice"), "wrong", timeout=TIMEOUT)
        alice = await phone(endpoint, server, "alice")
        bob = await endpoint.register(f"{server.aor('bob')};transport=tcp", "bob's", timeout=TIMEOUT)
        shown = await asyncio.to_thread(server.tell, "pjsip show contacts")
        assert "alice/sip:alice@127.0.0.1" in shown
        assert "bob/sip:bob@127.0.0.1" in shown
        await alice.close()
        shown = await asyncio.to_thread(server.tell, "pjsip show contacts")
        assert "alice/" not in shown
        assert "bob/" in shown
        await bob.close()


@pytest.mark.hears
async def test_each_hears_the_other(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        bob = await phone(endpoint, server, "bob")
        async with between(alice, bob, server.aor("bob")) as (call, other):
            assert other.remote_address is not None
            assert other.remote_address.uri.user == "alice"
            with sounds.said(endpoint, 500, call), sounds.said(endpoint, 900, other):
                assert await sounds.heard(endpoint, call) == pytest.approx(900, abs=5)
                assert await sounds.heard(endpoint, other) == pytest.approx(500, abs=5)
            await other.hangup()
            end = await call.wait_ended(TIMEOUT)
            assert end.code == 200


@pytest.mark.parametrize(
    ("extension", "code", "cause"), [("busy", 486, 17), ("congested", 503, 34), ("nobody", 404, 1)]
)
async def test_a_failure_says_why(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, extension: str, code: int, cause: int
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        end = await alice.start_call(server.aor(extension)).wait_ended(TIMEOUT)
        assert end.code == code
        assert [reason.cause for reason in end.reasons if reason.protocol == "Q.850"] == [cause]


async def test_refused_by_the_callee(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        bob = await phone(endpoint, server, "bob")
        incoming = bob.incoming()
        call = alice.start_call(server.aor("bob"))
        await (await asyncio.wait_for(anext(incoming), TIMEOUT)).reject(486)
        assert (await call.wait_ended(TIMEOUT)).code == 486
        # A caller that gives up while it rings.
        call = alice.start_call(server.aor("bob"))
        other = await asyncio.wait_for(anext(incoming), TIMEOUT)
        await other.ring()
        await call.hangup()
        assert (await other.wait_ended(TIMEOUT)).code == 487


@pytest.mark.hears
async def test_early_media_and_music(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        early = alice.start_call(server.aor("early"))
        await early.wait_media(TIMEOUT)
        assert await sounds.heard(endpoint, early) == pytest.approx(MUSIC_HZ, abs=5)
        assert (await early.wait_ended(TIMEOUT)).code == 486


@pytest.mark.hears
async def test_echo_comes_back_and_is_recorded_there(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, tmp_path: Path
) -> None:
    """What we write is what Asterisk records, and what its Echo sends back is what we read."""
    server = await asyncio.to_thread(asterisk, USERS, codecs="ulaw")
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        async with await alice.call(server.aor("recorded"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            stream = call.audio.open(8000, write_ahead=4.0, read_behind=8.0)
            said = signals.chirp(400, 2400, 2.0, 8000, amplitude=0.4)
            await stream.write(said.tobytes(), TIMEOUT)
            await stream.drain(TIMEOUT)
            heard = await stream.read(2 * 8000 * 3, TIMEOUT)
            stream.close()
        await call.wait_ended(TIMEOUT)
    samples = signals.trim(np.frombuffer(heard, dtype=np.int16))
    assert len(samples) / 8000 == pytest.approx(2.0, abs=0.06)
    assert signals.longest_gap(samples, 8000).length <= 0.02
    await until(lambda: (server.recordings / "theirs.wav").exists(), "the recording is there")
    await asyncio.to_thread(server.stop)
    for name in ("theirs.wav", "ours.wav"):
        recorded, rate = signals.read_wav(server.recordings / name)
        recorded = signals.trim(recorded)
        assert len(recorded) / rate == pytest.approx(2.0, abs=0.06), name
        assert signals.longest_gap(recorded, rate).length <= 0.02, name


async def test_digits_both_ways(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        async with await alice.call(server.aor("digits"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            await call.send_dtmf("1947")
            assert (await call.collect(max_digits=4, timeout=TIMEOUT)).digits == "1947"


@pytest.mark.hears
@pytest.mark.parametrize("by", ["caller", "callee"])
async def test_hold_with_music(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, sounds: Sounds, by: str
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice")
        bob = await phone(endpoint, server, "bob")
        async with between(alice, bob, server.aor("bob")) as (call, other):
            holding, waiting = (call, other) if by == "caller" else (other, call)
            with sounds.said(endpoint, 500, holding):
                # A callee that holds at once crosses the UPDATE by which the caller settles on a codec.
                assert await sounds.heard(endpoint, waiting) == pytest.approx(500, abs=5)
                for _ in range(2):
                    await holding.hold()
                    assert holding.held_by_us
                    assert await sounds.heard(endpoint, waiting) == pytest.approx(MUSIC_HZ, abs=5)
                    await holding.unhold()
                    await holding.wait_media(TIMEOUT)
                    assert not holding.held_by_us
                    assert await sounds.heard(endpoint, waiting) == pytest.approx(500, abs=5)


@pytest.mark.hears
@pytest.mark.parametrize("codec", ["PCMU/8000", "PCMA/8000", "G722/16000", "GSM/8000", "opus/48000/2"])
async def test_every_codec_it_has(
    make_endpoint: MakeEndpoint,
    asterisk: MakeAsterisk,
    codec: str,
    sounds: Sounds,
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await phone(endpoint, server, "alice", codecs=[codec])
        async with await alice.call(server.aor("echo"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            assert call.codec is not None
            assert call.codec.name.lower() == codec.split("/")[0].lower()
            with sounds.said(endpoint, 600, call):
                assert await sounds.heard(endpoint, call) == pytest.approx(600, abs=5)
