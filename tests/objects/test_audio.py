"""What is heard: players, recorders and calls, joined before, during and after the media is there."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from objects.phones import (
    TIMEOUT,
    call_between,
    direct_uri,
    local_account,
    prefer_g711,
    record,
    recorded,
    until,
)
from peers.signals import (
    Samples,
    chirp,
    find,
    goertzel,
    level,
    longest_gap,
    read_wav,
    strongest_tone,
    tone,
    write_wav,
)
from pyjsua import (
    AudioPort,
    AudioStream,
    Endpoint,
    InvalidState,
    InvState,
    SoundDeviceError,
    StaleError,
    UnsupportedFormat,
    pjsua as pj,
)
from whole_sound import whole_sound

pytestmark = pytest.mark.hears

MakeEndpoint = Callable[..., Endpoint]


def heard(samples: Samples, rate: int, frequency: float) -> bool:
    """Whether that tone is what was heard, and (nearly) nothing else."""
    found = strongest_tone(samples, rate)
    # A packet that a busy machine kept too long costs some purity.
    return abs(found.frequency - frequency) < 5 and found.purity > 0.8 and found.level > -30


async def sound_of(endpoint: Endpoint, port: AudioPort) -> None:
    """Waits until a port is loud: what came before is silence, and may be in the jitter buffer still."""
    # A port nobody listens to has no level.
    port.connect(endpoint.sound)
    await until(lambda: port.level[1] > 50, f"{port} is loud")


@pytest.fixture
def low(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "low.wav", tone(440, 1.0, 16000), 16000)


@pytest.fixture
def high(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "high.wav", tone(1000, 1.0, 8000), 8000)


async def test_each_end_hears_what_the_other_plays(
    make_endpoint: MakeEndpoint, low: Path, high: Path, tmp_path: Path
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(low, loop=True) as first, endpoint.player(high, loop=True) as second:
                first.connect(out.audio)
                second.connect(into.audio)
                await sound_of(endpoint, out.audio)
                await sound_of(endpoint, into.audio)
                by_bob, by_alice = await asyncio.gather(
                    record(into.audio, endpoint, tmp_path / "bob.wav", 0.6),
                    record(out.audio, endpoint, tmp_path / "alice.wav", 0.6),
                )
            assert heard(*by_bob, 440), strongest_tone(*by_bob)
            assert heard(*by_alice, 1000), strongest_tone(*by_alice)
            stats = into.audio.stats()
            assert stats.rtcp.rx.pkt > 20
            assert stats.rtcp.rx.loss == 0
        assert into.final_stats is not None
        assert into.final_stats.rtcp.rx.pkt >= stats.rtcp.rx.pkt


async def test_nothing_is_lost_between_the_two(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    signal = chirp(300, 3000, 1.0, 8000)
    path = write_wav(tmp_path / "chirp.wav", signal, 8000)
    async with make_endpoint(media_config=whole_sound(clock_rate=8000)) as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            recorder = endpoint.recorder(tmp_path / "heard.wav")
            into.audio.connect(recorder)
            endpoint_player = endpoint.player(path)
            endpoint_player.connect(out.audio)
            await recorded(tmp_path / "heard.wav", 1.8)
            samples, rate = read_wav(await recorder.finish())
            endpoint_player.close()
        assert rate == 8000
        assert find(signal, samples, rate).similarity > 0.98


async def test_connections_made_before_the_media_is_there(
    make_endpoint: MakeEndpoint, low: Path, tmp_path: Path
) -> None:
    path = tmp_path / "heard.wav"
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        prefer_g711()
        incoming = bob.incoming()
        with endpoint.player(low, loop=True) as player, endpoint.recorder(path) as recorder:
            out = alice.start_call(direct_uri(endpoint, "bob"))
            assert not out.audio.active
            assert out.audio.level == (0, 0)
            player.connect(out.audio)
            into = await anext(incoming)
            into.audio.connect(recorder)
            await into.answer()
            await recorded(path, 1.0)
            await out.hangup()
            samples, rate = read_wav(await recorder.finish())
        assert heard(samples[rate // 2 :], rate, 440), strongest_tone(samples, rate)


async def test_connections_outlive_a_reinvite(make_endpoint: MakeEndpoint, low: Path, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(low, loop=True) as player:
                player.connect(out.audio)
                await sound_of(endpoint, into.audio)
                pj.call_set_hold(out.id)
                await until(
                    lambda: into.info.media_status is pj.CallMediaStatus.REMOTE_HOLD, "the callee is held"
                )
                await until(lambda: into.audio.level[1] == 0, "the callee hears nothing")
                pj.call_reinvite(out.id, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
                await until(lambda: into.info.media_status is pj.CallMediaStatus.ACTIVE, "the hold is over")
                await sound_of(endpoint, into.audio)
                after = await record(into.audio, endpoint, tmp_path / "after.wav", 0.5)
            assert heard(*after, 440), strongest_tone(*after)


async def test_what_has_gone_cannot_be_connected(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        with endpoint.recorder(tmp_path / "out.wav") as recorder:
            async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
                with pytest.raises(TypeError, match="sink: AudioPort expected, not NoneType"):
                    out.audio.connect(None)  # type: ignore[arg-type]
                with pytest.raises(TypeError, match="not Call; its audio is one"):
                    out.audio.connect(into)  # type: ignore[arg-type]
                await out.hangup()
                await into.wait_ended(TIMEOUT)
            for call in (out, into):
                with pytest.raises(StaleError):
                    call.audio.connect(recorder)
                with pytest.raises(StaleError):
                    recorder.connect(call.audio)
            assert recorder.sources == recorder.sinks == ()
        with pytest.raises(StaleError):
            endpoint.sound.connect(recorder)


async def test_disconnecting_ends_it(make_endpoint: MakeEndpoint, low: Path, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(low, loop=True) as player:
                player.connect(out.audio)
                player.connect(out.audio)
                await sound_of(endpoint, into.audio)
                player.disconnect(out.audio)
                player.disconnect(out.audio)
                await until(lambda: into.audio.level[1] == 0, "silence")
                pj.call_reinvite(out.id)
                await until(lambda: pj.call_is_active(out.id), "the re-INVITE is through")
                after = await record(into.audio, endpoint, tmp_path / "after.wav", 0.4)
            assert level(after[0]) < -60


async def test_a_player_plays_once_or_for_ever(
    make_endpoint: MakeEndpoint, low: Path, high: Path, tmp_path: Path
) -> None:
    short = write_wav(tmp_path / "short.wav", tone(440, 0.2, 16000), 16000)
    async with make_endpoint() as endpoint:
        with endpoint.player(short, loop=True) as looped:
            samples, rate = await record(looped, endpoint, tmp_path / "looped.wav", 1.0)
            assert longest_gap(samples[rate // 10 :], rate).length < 0.05
            assert heard(samples[rate // 10 :], rate, 440)
        with (
            endpoint.player(short) as once,
            endpoint.player(low) as half,
            endpoint.player(high, loop=True) as clock,
            endpoint.recorder(tmp_path / "once.wav") as recorder,
            endpoint.recorder(tmp_path / "half.wav") as other,
        ):
            assert once.position == 0
            half.position = 8000
            # At its end a player falls silent, and a recorder that hears nothing else stands still.
            for port, heard_by in ((once, recorder), (half, other)):
                clock.connect(heard_by)
                port.connect(heard_by)
            await recorded(recorder.path, 1.0)
            await recorded(other.path, 1.0)
            assert 0.15 < heard_for(*read_wav(await recorder.finish()), 440) < 0.3
            assert 0.4 < heard_for(*read_wav(await other.finish()), 440) < 0.65


def heard_for(samples: Samples, rate: int, frequency: float) -> float:
    """Seconds a tone is in a recording, to the twentieth."""
    size = rate // 20
    frames = [samples[start : start + size] for start in range(0, len(samples) - size, size)]
    return sum(goertzel(frame, frequency, rate) > -30 for frame in frames) / 20


async def test_one_source_is_heard_by_many_and_many_are_mixed(
    make_endpoint: MakeEndpoint, low: Path, high: Path, tmp_path: Path
) -> None:
    async with make_endpoint() as endpoint:
        with (
            endpoint.player(low, loop=True) as first,
            endpoint.player(high, loop=True) as second,
            endpoint.recorder(tmp_path / "both.wav") as both,
        ):
            first.connect(both)
            second.connect(both)
            alone, rate = await record(first, endpoint, tmp_path / "alone.wav", 0.5)
            await recorded(both.path, 0.5)
            mixed, _ = read_wav(await both.finish())
        assert heard(alone, rate, 440)
        assert goertzel(alone, 1000, rate) < -60
        assert goertzel(mixed, 440, rate) > -20
        assert goertzel(mixed, 1000, rate) > -20


async def test_a_finished_recording_is_whole(make_endpoint: MakeEndpoint, low: Path, tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    async with make_endpoint() as endpoint:
        recorder = endpoint.recorder(path)
        with endpoint.player(low, loop=True) as player:
            player.connect(recorder)
            await recorded(path, 0.3)
            assert await recorder.finish() == path
            assert recorder.closed
            with wave.open(str(path), "rb") as file:
                assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 16000, 2)
                assert file.getnframes() == (path.stat().st_size - 44) // 2 >= 4800
            assert await recorder.finish() == path
        recorder.close()
        player.close()
        assert player.slot is None
        assert recorder.level == (0, 0)


async def test_files_that_cannot_be_played(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("this is no sound" * 10)
    async with make_endpoint() as endpoint:
        with pytest.raises(FileNotFoundError, match=r"missing\.wav"):
            endpoint.player(tmp_path / "missing.wav")
        with pytest.raises(UnsupportedFormat):
            endpoint.player(text)
        with pytest.raises(FileNotFoundError, match="nowhere"):
            endpoint.recorder(tmp_path / "nowhere" / "heard.wav")
        with pytest.raises(TypeError):
            endpoint.player(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidState, match="not open"):
        endpoint.player(text)
    with pytest.raises(InvalidState, match="not open"):
        endpoint.recorder(tmp_path / "heard.wav")


async def test_ports_that_outlive_their_endpoint(
    make_endpoint: MakeEndpoint, low: Path, tmp_path: Path
) -> None:
    async with make_endpoint() as endpoint:
        player, recorder = endpoint.player(low), endpoint.recorder(tmp_path / "heard.wav")
        player.connect(recorder)
    assert player.closed
    assert recorder.slot is None
    async with make_endpoint() as endpoint:
        with endpoint.player(low) as other:
            # The new one has the old one's place in PJSIP.
            assert player.closed
            player.close()
            recorder.close()
            assert not other.closed
            assert other.position == 0
            player.disconnect(recorder)


async def test_a_forgotten_player_is_warned_of(make_endpoint: MakeEndpoint, low: Path) -> None:
    async with make_endpoint() as endpoint:
        player = endpoint.player(low)
        forgotten = [player]
        del player
        with pytest.warns(ResourceWarning, match=r"low\.wav.*never closed"):
            forgotten.clear()


async def test_a_sound_device_that_cannot_be_opened(
    make_endpoint: MakeEndpoint, low: Path, tmp_path: Path
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(low, loop=True) as player:
                player.connect(out.audio)
                endpoint.sound.connect(out.audio)
                await sound_of(endpoint, into.audio)
                with pytest.raises(SoundDeviceError):
                    endpoint.sound.open(77, 78)
                # The clock goes on, and with it the call.
                after = await record(into.audio, endpoint, tmp_path / "after.wav", 0.5)
            assert heard(*after, 440)
            assert out.state == into.state == InvState.CONFIRMED
            endpoint.sound.close()
            endpoint.sound.close()
            assert not pj.snd_is_active()


async def test_no_audio_to_speak_of(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        bob = local_account(endpoint, "bob")
        incoming = bob.incoming()
        call = alice.start_call(direct_uri(endpoint, "bob"))
        with pytest.raises(LookupError, match="no audio"):
            call.audio.stats()
        with pytest.raises(TimeoutError):
            await call.wait_media(0.01)
        await (await anext(incoming)).reject()
        with pytest.raises(pj.CallBusy):
            await call.wait_media(TIMEOUT)
        with pytest.raises(LookupError, match="no audio"):
            call.audio.stats()


async def test_the_end_of_a_file_is_waited_for(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    """Once for each time it is played; closing ends the wait too."""
    async with make_endpoint() as endpoint:
        file = write_wav(tmp_path / "tone.wav", tone(700, 0.3, 16000), 16000)
        with endpoint.player(file) as player, endpoint.player(file, loop=True) as loop:
            with pytest.raises(TimeoutError):
                await player.wait_end(0.05)
            player.connect(endpoint.sound)
            await player.wait_end(TIMEOUT)
            assert player.ended
            player.position = 0
            assert not player.ended
            waiting = asyncio.ensure_future(player.wait_end(TIMEOUT))
            await asyncio.sleep(0)
            assert not waiting.done()
            await waiting
            assert player.ended
            player.position = 0
            waiting = asyncio.ensure_future(player.wait_end(TIMEOUT))
            await asyncio.sleep(0)
            player.close()
            await waiting
            assert not player.ended
            with pytest.raises(ValueError, match="loops"):
                await loop.wait_end()


async def test_nobody_waits_for_what_nobody_is_left_to_hear(
    make_endpoint: MakeEndpoint, tmp_path: Path
) -> None:
    """A caller who hangs up in the middle of a prompt ends the wait for its end, begun before or after."""
    file = write_wav(tmp_path / "tone.wav", tone(700, 20.0, 16000), 16000)
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        with endpoint.player(file) as player, endpoint.tone_generator() as tones, AudioStream(16000) as ear:
            tones.play([pj.ToneDesc(freq1=440, on_msec=20000)])
            async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (call, other):
                for port in player, tones:
                    port.connect(call.audio)
                waits = [asyncio.ensure_future(port.wait_end(TIMEOUT)) for port in (player, tones)]
                await other.hangup()
                waits += [asyncio.ensure_future(port.wait_end(TIMEOUT)) for port in (player, tones)]
                for wait in waits:
                    with pytest.raises(StaleError, match=r"\.wait_end: <CallAudio of <Call .* ended 200"):
                        await wait
            # Whoever listens now hears the rest; one who no longer wants to may come back.
            player.connect(ear)
            player.seek(19.9)
            await player.wait_end(TIMEOUT)
            tones.connect(ear)
            tones.disconnect(ear)
            with pytest.raises(TimeoutError):
                await tones.wait_end(0.1)


async def test_an_endpoint_that_closes_ends_the_wait_for_a_file(
    make_endpoint: MakeEndpoint, tmp_path: Path
) -> None:
    file = write_wav(tmp_path / "tone.wav", tone(700, 0.3, 16000), 16000)
    async with make_endpoint() as endpoint:
        player = endpoint.player(file)
        waiting = asyncio.ensure_future(player.wait_end())
        await asyncio.sleep(0)
    await asyncio.wait_for(waiting, TIMEOUT)
    assert not player.ended
