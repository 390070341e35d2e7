"""Tones, ring-back and early media between calls, judged by what the other side hears."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import numpy as np
import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, prefer_g711, until
from peers.signals import Samples, decode_dtmf, goertzel, strongest_tone, tone, trim
from pyjsua import (
    COUNTRIES,
    AudioStream,
    Endpoint,
    InvState,
    StaleError,
    ToneDesc,
    ToneGenerator,
    _core,
    country_tones,
)

pytestmark = pytest.mark.hears

MakeEndpoint = Callable[..., Endpoint]


def samples_of(data: bytes) -> Samples:
    return np.frombuffer(data, np.int16)


def is_tone(heard: Samples, frequency: float) -> bool:
    found = strongest_tone(heard, 16000)
    return found.purity > 0.9 and abs(found.frequency - frequency) < 10


async def hears(stream: AudioStream, frequency: float) -> None:
    """Returns once a stream at 16 kHz has heard 100 ms of that tone and nothing else."""
    async with asyncio.timeout(TIMEOUT):
        while not is_tone(samples_of(await stream.read(3200)), frequency):
            pass


async def hears_silence(stream: AudioStream) -> None:
    async with asyncio.timeout(TIMEOUT):
        while np.abs(samples_of(await stream.read(6400))).max() > 200:
            pass


async def test_tones_of_its_own(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with endpoint.tone_generator() as tones, AudioStream(16000, read_behind=10) as sink:
            tones.connect(sink)
            assert not tones.busy
            tones.play_digits("42#D", on_msec=80, off_msec=60)
            assert tones.busy
            await tones.wait_end(TIMEOUT)
            tones.play([ToneDesc(freq1=440, freq2=480, on_msec=300, volume=8000)])
            await tones.wait_end(TIMEOUT)
            # What was pulled comes a frame later.
            await until(lambda: sink.stats().received > 16000 * 0.9, "it was heard")
            heard = trim(samples_of(sink.port.read(sink.port.readable)))
            assert decode_dtmf(heard[: 4 * 140 * 16], 16000) == "42#D"
            both = heard[-3200:-160]
            assert goertzel(both, 440, 16000) == pytest.approx(goertzel(both, 480, 16000), abs=2)
            # One that loops has no end but stop.
            tones.play(country_tones("de").dial, loop=True)
            with pytest.raises(ValueError, match="loops"):
                await tones.wait_end()
            sink.skip()
            await hears(sink, 425)
            tones.stop()
            await tones.wait_end(TIMEOUT)
            await hears_silence(sink)
            waiting = asyncio.create_task(_digits(tones))
            await until(lambda: tones.busy, "it plays")
            tones.close()
            await asyncio.wait_for(waiting, TIMEOUT)
            with pytest.raises(StaleError):
                tones.play_digits("1")
        assert tones.closed
    made, destroyed = _core.tonegen_census()
    assert made == destroyed


async def _digits(tones: ToneGenerator) -> None:
    tones.play_digits("1" * 31)
    await tones.wait_end()


@pytest.mark.parametrize("country", COUNTRIES)
def test_what_countries_sound_like(country: str) -> None:
    tones = country_tones(country)
    for each in (tones.dial, tones.ringback, tones.busy, tones.congestion):
        assert all(300 <= part.freq1 <= 620 and part.on_msec > 0 for part in each)
    assert sum(part.on_msec + part.off_msec for part in tones.ringback) >= 3000
    with pytest.raises(ValueError, match=r"country: 'xx' is none of at, ch"):
        country_tones("xx")


async def test_early_media_both_ways(make_endpoint: MakeEndpoint) -> None:
    """183 with media: both sides speak and hear before the 200 and after it."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        prefer_g711()
        with contextlib.closing(bob.incoming()) as incoming, AudioStream(16000, read_behind=10) as ear:
            out = alice.start_call(direct_uri(endpoint, "bob"))
            out.ring_back(ear, "gb")
            into = await anext(incoming)
            await into.ring()
            # Our own ring-back first: nobody sends any.
            await until(lambda: np.abs(samples_of(ear.port.read(640, 1))).max() > 2000, "ring-back is heard")
            assert out.state is InvState.EARLY
            assert not out.audio.active
            await into.progress(ring_back="de")
            await out.wait_media(TIMEOUT)
            assert not out.answered
            ear.skip()
            await hears(out.audio.open(16000, read_behind=10), 425)
            await hears_silence(ear)
            into.stop_ring_back()
            for one, other, frequency in ((out, into, 700), (into, out, 1100)):
                other.audio.open(16000, read_behind=10).skip()
                await one.audio.write(tone(frequency, 0.5, 16000))
                await hears(other.audio.stream, frequency)
            assert out.state is InvState.EARLY
            await into.answer()
            await out.wait_answered(TIMEOUT)
            out.audio.stream.skip()
            await into.audio.write(tone(900, 0.5, 16000))
            await hears(out.audio.stream, 900)
            await out.hangup()


async def test_ring_back_ends_with_the_answer_or_the_call(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        with contextlib.closing(bob.incoming()) as incoming, AudioStream(16000) as ear:
            for answered in (True, False):
                out = alice.start_call(direct_uri(endpoint, "bob"))
                out.ring_back(ear, [ToneDesc(freq1=600, on_msec=500)])
                into = await anext(incoming)
                await into.ring()
                await hears(ear, 600)
                if answered:
                    await into.answer()
                    with pytest.raises(ValueError, match="is not ours"):
                        into.ring_back(ear)
                else:
                    await into.reject()
                    await out.wait_ended(TIMEOUT)
                await out.wait_media(TIMEOUT) if answered else None
                await hears_silence(ear)
                await out.hangup()
    made, destroyed = _core.tonegen_census()
    assert made == destroyed


async def test_digits_as_tones_reach_the_far_end_only(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            mine = out.audio.open(16000, read_behind=10)
            theirs = into.audio.open(16000, read_behind=10)
            assert await out.send_dtmf("159#D", method="inband", duration=90, gap=70) == "inband"
            heard = b""
            async with asyncio.timeout(TIMEOUT):
                while decode_dtmf(samples_of(heard), 16000) != "159#D":
                    heard += await theirs.read(3200)
            assert np.abs(samples_of(mine.port.read(mine.port.readable))).max() < 200
            with pytest.raises(ValueError, match="'R', a hook flash, is no tone"):
                await out.send_dtmf("1R", method="inband")
            sending = asyncio.create_task(out.send_dtmf("1" * 31, method="inband"))
            await asyncio.sleep(0)
            await into.hangup()
            with pytest.raises(StaleError):
                await sending
    made, destroyed = _core.tonegen_census()
    assert made == destroyed
