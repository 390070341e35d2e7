"""Files: where a player stands in one, lists of them, what a recorder makes, and what cannot be played."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from objects.phones import TIMEOUT, until
from peers.signals import Samples, strongest_tone, tone, write_wav
from pyjsua import AudioStream, Endpoint, UnsupportedFormat

MakeEndpoint = Callable[..., Endpoint]


def wav(kind: int, bits: int, rest: bytes = b"", data: bytes = bytes(3200)) -> bytes:
    block = bits // 8
    form = struct.pack("<HHIIHH", kind, 1, 16000, 16000 * block, block, bits) + rest
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


async def heard_of(ear: AudioStream, seconds: float) -> Samples:
    return np.frombuffer(await ear.read(2 * round(seconds * ear.clock_rate), TIMEOUT), np.int16)


@pytest.mark.hears
async def test_where_a_player_stands(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    both = np.concatenate([tone(500, 0.5, 8000), tone(1200, 0.3, 8000)])
    file = write_wav(tmp_path / "both.wav", both, 8000)
    wide = tmp_path / "wide.wav"
    two = np.repeat(both, 2).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 2, 8000, 32000, 4, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(two)) + two
    wide.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    async with make_endpoint() as endpoint:
        for path in file, wide:
            with endpoint.player(path) as player, AudioStream(16000) as ear:
                assert player.duration == 0.8
                assert player.clock_rate == 8000
                player.seek(0.5)
                player.connect(ear)
                await player.wait_end(TIMEOUT)
                player.seek(0.3)
                assert not player.ended
                ear.skip()
                await player.wait_end(TIMEOUT)
                samples = await heard_of(ear, 0.6)
                # From 0.3 s on: a fifth of a second of the first tone, and then the second.
                start = int(np.argmax(np.abs(samples) > 1000))
                assert strongest_tone(samples[start + 400 : start + 2800], 16000).frequency == pytest.approx(
                    500, abs=9
                )
                assert strongest_tone(samples[start + 4000 : start + 8000], 16000).frequency == pytest.approx(
                    1200, abs=9
                )
                for wrong in (-0.1, 0.9):
                    with pytest.raises(ValueError, match=r"^seconds: "):
                        player.seek(wrong)


@pytest.mark.hears
async def test_a_playlist_ends_once(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    files = [
        write_wav(tmp_path / f"{frequency}.wav", tone(frequency, 0.2, 16000), 16000)
        for frequency in (500, 1200)
    ]
    async with make_endpoint() as endpoint:
        with endpoint.playlist(files) as playlist, AudioStream(16000) as ear:
            assert playlist.paths == tuple(files)
            playlist.connect(ear)
            await playlist.wait_end(TIMEOUT)
            assert playlist.ended
            heard = await heard_of(ear, 0.5)
            start = int(np.argmax(np.abs(heard) > 1000))
            for at, frequency in ((0, 500), (3200, 1200)):
                part = heard[start + at + 300 : start + at + 2900]
                assert strongest_tone(part, 16000).frequency == pytest.approx(frequency, abs=9)
        with endpoint.playlist(files, loop=True) as endless, pytest.raises(ValueError, match="loops"):
            await endless.wait_end()
        other = write_wav(tmp_path / "other.wav", tone(500, 0.2, 8000), 8000)
        with pytest.raises(UnsupportedFormat, match=r"other\.wav'.*8000 Hz"):
            endpoint.playlist([files[0], other])


@pytest.mark.parametrize(("encoding", "width"), [("pcm", 2), ("ulaw", 1), ("alaw", 1)])
async def test_how_much_was_recorded(
    make_endpoint: MakeEndpoint, tmp_path: Path, encoding: str, width: int
) -> None:
    file = write_wav(tmp_path / "tone.wav", tone(500, 1.0, 16000), 16000)
    async with make_endpoint() as endpoint:
        with endpoint.player(file, loop=True) as player:
            recorder = endpoint.recorder(tmp_path / "heard.wav", encoding=encoding)
            assert recorder.size == 0
            player.connect(recorder)
            await until(lambda: recorder.duration > 0.1, "something is recorded")
            await recorder.finish(TIMEOUT)
            # It goes on until the bridge lets go of it.
            assert recorder.path.stat().st_size - recorder.size < 16000 * width
            assert recorder.duration == recorder.size / (16000 * width) > 0.1
        with endpoint.player(recorder.path) as again:
            assert again.duration >= recorder.duration
        with pytest.raises(ValueError, match=r"^encoding: 'mp3' is none of pcm, alaw, ulaw"):
            endpoint.recorder(tmp_path / "heard.mp3", encoding="mp3")
    assert recorder.duration > 0.1


async def test_what_cannot_be_played_is_named(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    extensible = b"\x16\x00\x18\x00" + bytes(4) + b"\x01\x00" + bytes(14)
    kinds = {
        "a WAV file with 24-bit PCM, 1 channel at 16000 Hz": wav(1, 24),
        "a WAV file with 32-bit float": wav(3, 32),
        "a WAV file with extensible 24-bit PCM": wav(0xFFFE, 24, extensible),
        "a WAV file with 4-bit IMA ADPCM": wav(17, 4),
        "a WAV file with 16-bit PCM that ends before its sound": wav(1, 16)[:40],
        "a WAV file that ends in its header": wav(1, 16)[:20],
        "an empty file": b"",
        "MP3": b"ID3\x04" + bytes(100),
        "FLAC": b"fLaC" + bytes(100),
        "Ogg Opus": b"OggS" + bytes(24) + b"OpusHead" + bytes(100),
        "MP4": b"\0\0\0\x20ftypM4A " + bytes(100),
        "no sound file that is known here": b"this is no sound" * 10,
    }
    async with make_endpoint() as endpoint:
        for kind, content in kinds.items():
            file = tmp_path / "strange.wav"
            file.write_bytes(content)
            with pytest.raises(UnsupportedFormat) as caught:
                endpoint.player(file)
            assert f"filename {str(file)!r}, {kind}" in str(caught.value)
            assert "PJSIP plays WAV with 16-bit PCM, A-law or mu-law" in str(caught.value)
            with pytest.raises(UnsupportedFormat, match=r"file_names\[0\] .*strange\.wav"):
                endpoint.playlist([file])
