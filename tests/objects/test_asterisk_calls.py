"""Asterisk as the telephone system: registration, calls, what it says of failures, sound, digits, hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from objects.phones import TIMEOUT, record, until
from peers import signals
from peers.asterisk import MUSIC_HZ, Asterisk
from pyjsua import Account, AuthenticationFailed, Call, Endpoint, Player

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

MakeEndpoint = Callable[..., Endpoint]
MakeAsterisk = Callable[..., Asterisk]

USERS = {"alice": "alice's", "bob": "bob's"}


@asynccontextmanager
async def between(caller: Account, callee: Account, uri: str) -> AsyncIterator[tuple[Call, Call]]:
    """A call through Asterisk, both of its legs up with media."""
    incoming = callee.incoming()
    call = caller.start_call(uri)
    other = await asyncio.wait_for(anext(incoming), TIMEOUT)
    await other.answer()
    await call.wait_answered(TIMEOUT)
    async with call, other:
        await call.wait_media(TIMEOUT)
        await other.wait_media(TIMEOUT)
        yield call, other


def tone_of(samples: signals.Samples, rate: int) -> float:
    return signals.strongest_tone(samples[-rate // 2 :], rate).frequency


@pytest.fixture
def tones(tmp_path: Path) -> Callable[[float], Path]:
    def make(frequency: float) -> Path:
        path = tmp_path / f"tone{frequency:.0f}.wav"
        return signals.write_wav(path, signals.tone(frequency, 2.0, 16000, amplitude=0.3), 16000)

    return make


def play(endpoint: Endpoint, path: Path, call: Call) -> Player:
    player = endpoint.player(path, loop=True)
    player.connect(call.audio)
    return player


async def test_registration(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint(transports=["udp", "tcp"]) as endpoint:
        with pytest.raises(AuthenticationFailed):
            await endpoint.register(server.aor("alice"), "wrong", timeout=TIMEOUT)
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
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
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, tones: Callable[[float], Path], tmp_path: Path
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        bob = await endpoint.register(server.aor("bob"), "bob's", timeout=TIMEOUT)
        async with between(alice, bob, server.aor("bob")) as (call, other):
            assert other.remote_address is not None
            assert other.remote_address.uri.user == "alice"
            with play(endpoint, tones(500), call), play(endpoint, tones(900), other):
                heard, rate = await record(call.audio, endpoint, tmp_path / "caller.wav", 1.5)
                assert tone_of(heard, rate) == pytest.approx(900, abs=5)
                heard, rate = await record(other.audio, endpoint, tmp_path / "callee.wav", 1.5)
                assert tone_of(heard, rate) == pytest.approx(500, abs=5)
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
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        end = await alice.start_call(server.aor(extension)).wait_ended(TIMEOUT)
        assert end.code == code
        assert [reason.cause for reason in end.reasons if reason.protocol == "Q.850"] == [cause]


async def test_refused_by_the_callee(make_endpoint: MakeEndpoint, asterisk: MakeAsterisk) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        bob = await endpoint.register(server.aor("bob"), "bob's", timeout=TIMEOUT)
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
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, tmp_path: Path
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        early = alice.start_call(server.aor("early"))
        await early.wait_media(TIMEOUT)
        heard, rate = await record(early.audio, endpoint, tmp_path / "early.wav", 1.0)
        assert tone_of(heard, rate) == pytest.approx(MUSIC_HZ, abs=5)
        assert (await early.wait_ended(TIMEOUT)).code == 486


@pytest.mark.hears
async def test_echo_comes_back_and_is_recorded_there(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, tmp_path: Path
) -> None:
    """What we write is what Asterisk records, and what its Echo sends back is what we read."""
    server = await asyncio.to_thread(asterisk, USERS, codecs="ulaw")
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
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
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        async with await alice.call(server.aor("digits"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            await call.send_dtmf("1947")
            assert (await call.collect(max_digits=4, timeout=TIMEOUT)).digits == "1947"


@pytest.mark.hears
async def test_hold_with_music(
    make_endpoint: MakeEndpoint, asterisk: MakeAsterisk, tones: Callable[[float], Path], tmp_path: Path
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT)
        bob = await endpoint.register(server.aor("bob"), "bob's", timeout=TIMEOUT)
        async with between(alice, bob, server.aor("bob")) as (call, other):
            with play(endpoint, tones(500), call):
                for _ in range(2):
                    await call.hold()
                    assert call.held_by_us
                    heard, rate = await record(other.audio, endpoint, tmp_path / "held.wav", 1.5)
                    assert tone_of(heard, rate) == pytest.approx(MUSIC_HZ, abs=5)
                    await call.unhold()
                    await call.wait_media(TIMEOUT)
                    assert not call.held_by_us
                    heard, rate = await record(other.audio, endpoint, tmp_path / "again.wav", 1.5)
                    assert tone_of(heard, rate) == pytest.approx(500, abs=5)


@pytest.mark.hears
@pytest.mark.parametrize("codec", ["PCMU/8000", "PCMA/8000", "G722/16000", "GSM/8000", "opus/48000/2"])
async def test_every_codec_it_has(
    make_endpoint: MakeEndpoint,
    asterisk: MakeAsterisk,
    codec: str,
    tones: Callable[[float], Path],
    tmp_path: Path,
) -> None:
    server = await asyncio.to_thread(asterisk, USERS)
    async with make_endpoint() as endpoint:
        alice = await endpoint.register(server.aor("alice"), "alice's", timeout=TIMEOUT, codecs=[codec])
        async with await alice.call(server.aor("echo"), timeout=TIMEOUT) as call:
            await call.wait_media(TIMEOUT)
            assert call.codec is not None
            assert call.codec.name.lower() == codec.split("/")[0].lower()
            with play(endpoint, tones(600), call):
                heard, rate = await record(call.audio, endpoint, tmp_path / "echo.wav", 1.5)
        assert tone_of(heard, rate) == pytest.approx(600, abs=5)
