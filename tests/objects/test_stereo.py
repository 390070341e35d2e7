"""Recordings of both sides of a call, each in a channel of its own."""

from __future__ import annotations

import os
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.signals import Samples, chirp, find, goertzel, level, tone, write_wav
from pyjsua import Endpoint, StaleError, StereoRecorder, pjsua as pj
from pyjsua.stereo import MOST, WIDTH, header, writer

MakeEndpoint = Callable[..., Endpoint]


def channels(path: Path) -> tuple[Samples, Samples, int]:
    """Left, right and rate of a recording, which may still grow."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        return both[:, 0], both[:, 1], file.getframerate()


@pytest.mark.hears
async def test_what_both_hear_stands_at_the_same_sample(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    signal = chirp(300, 3000, 0.4, 16000)
    file = write_wav(tmp_path / "chirp.wav", signal, 16000)
    other = write_wav(tmp_path / "other.wav", tone(3500, 1.0, 16000, amplitude=0.1), 16000)
    async with make_endpoint() as endpoint:
        recorder = endpoint.stereo_recorder(tmp_path / "both.wav")
        # What only one of them hears, from the start or from now and then, moves nothing.
        with endpoint.player(other, loop=True) as left_only, endpoint.player(file, loop=True) as player:
            left_only.connect(recorder.left)
            await until(lambda: recorder.duration > 0.2, "something is recorded")
            player.connect(recorder.right)
            await until(lambda: recorder.duration > 0.5, "the right side alone")
            left_only.disconnect(recorder.left)
            player.connect(recorder.left)
            await until(lambda: recorder.duration > 1.5, "both sides")
        left, right, rate = channels(await recorder.finish())
        assert rate == 16000
        assert recorder.lost == 0
        both = slice(rate, rate + rate // 2)
        assert level(right[both]) > -20
        assert np.array_equal(left[both], right[both])
        found = find(signal, left[both.start :], rate)
        assert found == find(signal, right[both.start :], rate)
        assert found.similarity > 0.9


@pytest.mark.hears
async def test_the_far_end_is_left_and_our_own_side_right(
    make_endpoint: MakeEndpoint, tmp_path: Path
) -> None:
    low = write_wav(tmp_path / "low.wav", tone(440, 1.0, 16000, amplitude=0.2), 16000)
    high = write_wav(tmp_path / "high.wav", tone(1000, 1.0, 8000, amplitude=0.2), 8000)

    def end_of(path: Path) -> tuple[bool, ...]:
        """Whether 1000 and 440 Hz are left, and right, in the last 0.2 s."""
        left, right, rate = channels(path)
        return tuple(
            goertzel(side[-rate // 5 :], frequency, rate) > -50
            for side in (left, right)
            for frequency in (1000, 440)
        )

    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        with endpoint.player(low, loop=True) as ours, endpoint.player(high, loop=True) as theirs:
            async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
                ours.connect(out.audio)
                recorder = out.record(tmp_path / "call.wav", stereo=True)
                mono = out.record(tmp_path / "mono.wav")
                theirs.connect(into.audio)
                await until(lambda: end_of(recorder.path) == (True, False, False, True), "each on its side")
                # Muted is what the far end does not hear.
                out.audio.mute()
                await until(lambda: end_of(recorder.path) == (True, False, False, False), "we are muted")
                out.audio.unmute()
                theirs.connect(out.audio)
                ours.disconnect(out.audio)
                await until(lambda: end_of(recorder.path) == (True, False, True, False), "another source")
                assert set(mono.sources) == {out.audio, theirs}
                waiting = list(out.audio._on_gone)
                out.record(tmp_path / "brief.wav").close()
                assert out.audio._on_gone == waiting
                assert recorder.size == pytest.approx(recorder.path.stat().st_size, abs=32000)
            assert recorder.closed
            assert mono.closed
            assert not recorder.left.sources
            assert not recorder.right.sources
            assert not out.audio._followers
            assert not out.audio._on_gone
            await recorder.finish()
            assert recorder.size == recorder.path.stat().st_size - 44
            with pytest.raises(StaleError):
                theirs.connect(recorder.left)
            with pytest.raises(ValueError, match="has ended"):
                out.record(tmp_path / "late.wav")


async def test_the_end_of_a_stereo_recording(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint:
        ports = pj.conf_get_active_ports()
        with pytest.raises(FileNotFoundError):
            endpoint.stereo_recorder(tmp_path / "nowhere" / "both.wav")
        with pytest.raises(ValueError, match=r"^max_duration: "):
            endpoint.stereo_recorder(tmp_path / "both.wav", max_duration=0)
        with endpoint.stereo_recorder(tmp_path / "short.wav", max_duration=0.25) as short:
            await until(lambda: short.closed, "it is full")
            assert short.duration == 0.25
        with endpoint.stereo_recorder(tmp_path / "silent.wav") as silent:
            await until(lambda: silent.duration > 0.1, "silence is recorded too")
        left, right, _ = channels(silent.path)
        assert not left.any()
        assert len(left) == len(right) == silent.duration * silent.clock_rate
        await until(lambda: pj.conf_get_active_ports() == ports, "their ports are gone")
        last = endpoint.stereo_recorder(tmp_path / "last.wav")
        await until(lambda: last.duration > 0.1, "something is recorded")
    # It went with the library, and is whole all the same.
    assert (await last.finish(TIMEOUT)).stat().st_size - 44 == last.size > 0
    assert last.closed
    last.close()


def stand_until_closed(recorder: StereoRecorder) -> None:
    """The loop stands, and does not hear of the end."""
    deadline = time.monotonic() + TIMEOUT
    while not recorder.closed:
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_a_recording_that_is_full_leaves_its_call_alone(
    make_endpoint: MakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            recorder = StereoRecorder(tmp_path / "full.wav", out, max_duration=0.1)
            stand_until_closed(recorder)
            with monkeypatch.context() as broken:
                broken.setattr(out.audio, "connect", None)
                with pytest.raises(TypeError):
                    out.audio.open()
            assert not out.audio.sources
            assert recorder.right in out.audio._followers
            stream = out.audio.open()
            out.audio.mute()
            out.audio.unmute()
            assert out.audio in stream.sinks
            assert out.audio in stream.sources
            await until(lambda: not out.audio._followers, "the call knows of the end")
            assert out.audio.sinks == (stream,)
            assert recorder.duration == 0.1
    assert MOST % WIDTH == 0
    assert len(header(16000, MOST)) == 44


async def test_a_disk_that_fails_is_heard_of(
    make_endpoint: MakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_endpoint() as endpoint:
        ports = pj.conf_get_active_ports()
        os.mkfifo(tmp_path / "pipe.wav")
        with pytest.raises(OSError, match="Not a regular file"):
            endpoint.stereo_recorder(tmp_path / "pipe.wav")
        recorder = endpoint.stereo_recorder(tmp_path / "disk.wav", max_duration=float("inf"))

        def ended() -> bool:
            # A little at a time fits into the buffer, and fails when that is flushed.
            if recorder.port.readable:
                writer.wake()
            return recorder.closed

        await until(lambda: recorder.size > 0, "something is recorded")
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, recorder._file.fileno())
        os.close(full)
        await until(ended, "the disk failed")
        with pytest.raises(OSError, match="No space left"), recorder:
            pass
        with pytest.raises(OSError, match="No space left"):
            await recorder.finish(TIMEOUT)
        # What did not come to the disk is not counted.
        assert recorder.size <= recorder.path.stat().st_size - 44

        def fail(recorder: StereoRecorder) -> None:
            raise OSError("no header")

        monkeypatch.setattr(StereoRecorder, "_write_header", fail)
        with pytest.raises(OSError, match="no header"):
            endpoint.stereo_recorder(tmp_path / "none.wav")
        await until(lambda: pj.conf_get_active_ports() == ports, "their ports are gone")


async def test_a_stereo_port_of_the_low_level_door(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        assert endpoint.running
        ports = pj.conf_get_active_ports()
        with pytest.raises(ValueError, match=r"^read_behind: "):
            pj.StereoPort(0.01)
        port = pj.StereoPort(0.2)
        assert port.left != port.right
        await until(lambda: port.stats()["lost"] > 0, "the oldest go")
        with pytest.raises(ValueError, match=r"^size: .*whole samples"):
            port.read(2)
        assert port.read(0) == b""
        port.close()
        port.close()
        await until(lambda: pj.conf_get_active_ports() == ports, "no tick is under way")
        assert len(port.read(1 << 20)) == 2 * 2 * 3200
        with pytest.raises(StaleError):
            port.read(4)
        with pytest.raises(StaleError):
            pj.conf_connect(0, port.right)
        stats = port.stats()
        assert stats["received"] == stats["read"] + stats["lost"]
