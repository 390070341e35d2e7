"""Audio of a call in Python's hands: what one end writes the other reads, and every wait has an end."""

from __future__ import annotations

import array
import asyncio
import contextlib
import mmap
from collections.abc import Callable

import numpy as np
import pytest

from objects.phones import call_between, direct_uri, local_account, prefer_g711, until
from peers.signals import Samples, find, strongest_tone, tone, trim
from pyjsua import AudioStream, Endpoint, InvalidState, NoClock, StaleError, Unheard, _core, stream_waits

pytestmark = pytest.mark.hears

MakeEndpoint = Callable[..., Endpoint]


def samples_of(data: bytes) -> Samples:
    return np.frombuffer(data, np.int16)


async def test_a_call_echoes(make_endpoint: MakeEndpoint) -> None:
    """One end says a tone at 8 kHz, the other gives back at 48 kHz whatever it hears."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        prefer_g711()
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            echoing = into.audio.open(48000)

            async def echo() -> None:
                # Python may wake late by as much as is queued ahead of what it repeats.
                await into.audio.write(bytes(48000 * 2 * 3 // 10))
                with contextlib.suppress(StaleError):
                    async for frame in echoing:
                        await into.audio.write(frame)

            repeating = asyncio.create_task(echo())
            mine = out.audio.open(8000, read_behind=5)
            await out.audio.write(tone(700, 0.5, 8000).tobytes())
            await mine.drain(5)
            heard = samples_of(await out.audio.read(16000 * 2, 10))
            await out.hangup()
            await into.wait_ended(5)
            # The stream ends with the call, and with it who reads from it.
            await asyncio.wait_for(repeating, 5)
        found = strongest_tone(trim(heard, threshold=-30)[800:3200], 8000)
        assert found.frequency == pytest.approx(700, abs=5)
        assert found.purity > 0.9
        assert mine.stats().played == 4000
        with pytest.raises(StaleError):
            await out.audio.write(b"ab")


async def test_streams_of_their_own(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream(16000) as source, AudioStream(16000, read_behind=5) as sink:
            source.connect(sink)
            signal = tone(500, 0.7, 16000)
            await source.write(signal)
            assert source.queued_ms <= 500
            await source.drain(5)
            heard = samples_of(await sink.read(sink.port.readable // 2 * 2, 1))
            assert find(signal[:8000], heard, 16000).similarity > 0.999
            assert source.played_ms == 700
        assert source.closed
        assert endpoint.running


async def test_what_the_caller_interrupts_is_not_said(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream(24000, write_ahead=5) as source, AudioStream(24000) as sink:
            source.connect(sink)
            await source.write(bytes(24000 * 2 * 3))
            assert source.queued_ms > 2000
            await until(lambda: source.played_ms >= 100, "it is being said")
            dropped = source.clear()
            assert dropped + source.played_ms == pytest.approx(3000)
            await source.drain(1)
            source.pause()
            await source.write(bytes(4800))
            with pytest.raises(TimeoutError):
                await source.drain(0.1)
            source.resume()
            await source.drain(5)
        assert endpoint.running


async def test_waiting_ends(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        stream = AudioStream(8000, write_ahead=0.1)
        with pytest.raises(TimeoutError):
            await stream.write(bytes(8000), 0.1)
        assert stream.queued_ms == 100
        writing = asyncio.create_task(stream.write(bytes(8000)))
        draining = asyncio.create_task(stream.drain())
        reading = asyncio.create_task(stream.read(8000))
        await asyncio.sleep(0)
        with contextlib.suppress(asyncio.CancelledError):
            reading.cancel()
            await reading
        reading = asyncio.create_task(stream.read(32000))
        await asyncio.sleep(0)
        stream.close()
        stream.close()
        for task in (writing, draining, reading):
            with pytest.raises(StaleError):
                await task
        with pytest.raises(StaleError):
            await stream.write(b"")
        # What was heard before the end can be read after it.
        assert len([frame async for frame in stream]) == stream.stats().read // 160
        stream.skip()
        with pytest.raises(StaleError):
            await stream.read(2)
        assert endpoint.running


async def test_bad_input(make_endpoint: MakeEndpoint) -> None:
    with pytest.raises(InvalidState):
        AudioStream()
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with pytest.raises(ValueError, match="clock_rate: 7 is none of"):
                out.audio.open(7)
            assert out.audio.open(8000) is out.audio.open(8000)
            with pytest.raises(ValueError, match="clock_rate: 16000, but it is open at 8000"):
                out.audio.open(16000)
            out.audio.open(8000).close()
            with pytest.raises(StaleError):
                await out.audio.write(b"ab")
            assert out.audio.open(16000).clock_rate == 16000
            with pytest.raises(ValueError, match="data: 3 bytes are not whole samples"):
                await out.audio.write(b"abc")
            with pytest.raises(ValueError, match="size: 3 bytes are not whole samples"):
                await out.audio.read(3)
            with pytest.raises(ValueError, match="more than read_behind keeps"):
                await out.audio.read(1 << 20)
            with pytest.raises(TypeError, match="data: bytes or a buffer"):
                await out.audio.write("hello")  # type: ignore[arg-type]
            await out.hangup()
        with pytest.raises(StaleError):
            into.audio.open()


async def test_one_left_open_warns_and_is_given_back(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        stream = AudioStream()
        with pytest.warns(ResourceWarning, match="was never closed"):
            del stream
        assert endpoint.running
    made, destroyed = _core.pcm_census()
    assert made == destroyed


async def test_marks_are_awaited(make_endpoint: MakeEndpoint) -> None:
    """How a voice agent knows what was heard when the caller broke in."""
    async with make_endpoint() as endpoint:
        with AudioStream(16000, write_ahead=12) as source, AudioStream(16000) as sink:
            source.connect(sink)
            await source.write(bytes(6400))
            first = source.mark("first sentence")
            await source.write(bytes(320000))
            second, never = source.mark("second sentence"), source.mark()
            told = await asyncio.wait_for(first, 20)
            assert (told.name, told.outcome.name, told.played_ms) == ("first sentence", "PLAYED", 200)
            dropped = source.clear()
            told = await asyncio.wait_for(second, 20)
            assert told.outcome.name == "CLEARED"
            assert told.played_ms + dropped == pytest.approx(10200)
            assert (await never).outcome.name == "CLEARED"
            await source.write(bytes(3200))
            last = source.mark("last")
            await source.wait_played(10300, 20)
            assert (await last).outcome.name == "PLAYED"
            await source.write(bytes(3200))
            lost = source.mark()
        assert (await lost).outcome.name == "CLOSED"
        assert endpoint.running


async def test_the_bridge_wakes_whoever_waits(
    make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and not when the ports are looked at for what the bridge does not tell."""
    monkeypatch.setattr(stream_waits, "LOOK", 3600.0)
    async with make_endpoint() as endpoint:
        with AudioStream(16000, write_ahead=0.2) as source, AudioStream(16000) as sink:
            source.connect(sink)
            sink.detect_speech()
            await source.write(tone(500, 0.6, 16000, amplitude=0.3), 20)
            await sink.wait_speech(20)
            assert (await asyncio.wait_for(source.mark(), 20)).outcome.name == "PLAYED"
            await source.drain(20)
            assert len(await sink.read(6400, 20)) == 6400
            sink.skip()
            assert len(await sink.read(6400, 20)) == 6400
        assert endpoint.running


async def test_what_would_not_come_is_told(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream(16000) as stream:
            await stream.write(bytes(640))
            mark = stream.mark()
            with pytest.raises(Unheard):
                await stream.drain()
            with pytest.raises(Unheard):
                await mark
            _core.set_no_snd_dev()
            reading = asyncio.create_task(stream.read(64000))
            writing = asyncio.create_task(stream.write(bytes(64000)))
            for task in (reading, writing):
                with pytest.raises(NoClock):
                    await task
            _core.set_null_snd_dev()
            assert len(await stream.read(640, 20)) == 640
        assert endpoint.running


async def test_any_buffer_is_filled_and_written(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream(16000) as source, AudioStream(16000, read_behind=5) as sink:
            source.connect(sink)
            signal = tone(500, 0.3, 16000)
            for piece in (
                signal[:1000],
                array.array("h", signal[1000:2000].tolist()),
                bytearray(signal[2000:3000].tobytes()),
                signal[3000:].reshape(-1, 2),
            ):
                await source.write(piece)
            await source.drain(20)
            heard = np.zeros(6400, np.int16)
            assert await sink.readinto(heard, 20) == 12800
            assert find(signal[800:4000], heard, 16000).similarity > 0.999
            for bad in (np.zeros(800), b"12", heard[::2], bytearray(3)):
                with pytest.raises((TypeError, ValueError), match="buffer"):
                    await sink.readinto(bad, 20)
            with pytest.raises(TypeError, match="scale floats"):
                await source.write(np.zeros(800, np.float32))
            with mmap.mmap(-1, 1 << 30) as huge, pytest.raises(TimeoutError):
                await source.write(huge, 0)
        assert endpoint.running


async def test_a_thread_that_waits_to_write_stops_no_loop(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream() as stream:
            stream.port.write(bytes(16000), 0)
            # Nobody listens, so there is room only once it is cleared, which this loop does.
            writing = asyncio.create_task(asyncio.to_thread(stream.port.write, bytes(640)))
            await asyncio.sleep(0.1)
            stream.skip()
            assert len(await stream.read(6400, 20)) == 6400
            assert not writing.done()
            stream.clear()
            assert await writing == 640
        assert endpoint.running


async def test_each_of_two_readers_gets_all_it_asked_for(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        with AudioStream() as stream:
            stream.skip()
            both = await asyncio.gather(stream.read(3200, 20), stream.read(3200, 20))
            assert [len(data) for data in both] == [3200, 3200]
        assert endpoint.running


async def test_speech_is_waited_for(make_endpoint: MakeEndpoint) -> None:
    """One end says something twice; the other waits for it to begin and to end."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        prefer_g711()
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            ear = into.audio.open()
            with pytest.raises(TimeoutError):
                await ear.wait_speech(0.1)
            assert not ear.speaking
            ear.detect_speech(begin=0.05, end=0.2)
            edges = []
            await out.audio.write(bytes(3200) + tone(700, 0.4, 16000).tobytes())
            edges.append(await ear.wait_speech(5))
            assert ear.speaking
            assert await ear.wait_speech(0) == edges[0], "it is so already"
            edges.append(await ear.wait_silence(5))
            await out.audio.write(tone(700, 0.3, 16000).tobytes())
            edges.append(await ear.wait_speech(5))
            edges.append(await ear.wait_silence(5))
            assert edges == sorted(edges)
            assert edges[1] - edges[0] == pytest.approx(400, abs=61)
            assert edges[3] - edges[2] == pytest.approx(300, abs=61)
            waiting = asyncio.create_task(ear.wait_speech())
            await asyncio.sleep(0)
            await out.hangup()
            with pytest.raises(StaleError):
                await waiting


async def test_what_is_left_once_the_call_has_ended(make_endpoint: MakeEndpoint) -> None:
    """Who writes on is told, what was heard can still be read, and what it did stays known."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            mouth, ear = out.audio.open(16000, write_ahead=20), into.audio.open()
            await mouth.write(bytes(640000))
            await ear.read(640, 20)
            await until(lambda: ear.port.readable >= 640, "there is something to be read")
            # More than is ever queued: it waits while the call ends.
            writing = asyncio.create_task(mouth.write(bytes(1280000)))
            await asyncio.sleep(0)
            await out.hangup()
            with pytest.raises(StaleError):
                await writing
            await into.wait_ended(20)
            for stream, audio in ((mouth, out.audio), (ear, into.audio)):
                assert stream.closed
                assert audio.stream is stream
                with pytest.raises(StaleError):
                    await audio.write(bytes(640))
                with pytest.raises(StaleError):
                    await stream.write(bytes(640))
                with pytest.raises(StaleError):
                    stream.port.write(bytes(640), 0)
                with pytest.raises(StaleError):
                    stream.mark()
            assert len(await ear.read(640, 1)) == 640
            ear.skip()
            with pytest.raises(StaleError):
                await ear.read(640)
            stats = mouth.stats()
            assert stats.written == stats.played + stats.cleared + round(mouth.queued_ms * 16)
            assert stats.written >= 320000
            assert stats.played > 0
            assert ear.stats().received == ear.stats().read + ear.stats().lost
        assert endpoint.running
