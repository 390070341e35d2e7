"""Players, playlists and recorders: what they play, when they end, and what they write."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import signals
from pjsua.phone import Phone, player, record, same, until, wait_closed
from pyjsua import pjsua as pj
from whole_sound import whole_sound

RATE = 16000


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


def silence(folder: Path) -> pj.ConfPortId:
    """A port of silence, so that a recorder goes on when nobody else says anything."""
    file = signals.write_wav(folder / "silence.wav", signals.tone(700, 0.5, RATE, amplitude=0.0), RATE)
    return pj.player_get_conf_port(pj.player_create(file))


def tone(folder: Path, frequency: int, seconds: float, rate: int = RATE) -> Path:
    return signals.write_wav(folder / f"{frequency}.wav", signals.tone(frequency, seconds, rate), rate)


def wait_eof(phone: Phone, player_id: pj.PlayerId, count: int = 1) -> None:
    phone.wait(pj.OnPlayerEof, lambda event: same(event.player_id, player_id), count=count)


def listen(phone: Phone, source: int, file: Path) -> pj.RecorderId:
    """A recorder that hears the port from now on."""
    recorder = pj.recorder_create(file)
    sink = pj.recorder_get_conf_port(recorder)
    pj.conf_connect(source, sink)
    phone.wait(
        pj.OnConfOpCompleted,
        lambda event: (event.op, event.source, event.sink) == (pj.ConfOpType.CONNECT_PORTS, source, sink),
    )
    return recorder


def heard(recorder: pj.RecorderId, file: Path) -> signals.Samples:
    pj.recorder_destroy(recorder)
    wait_closed(file)
    samples, rate = signals.read_wav(file)
    assert rate == RATE
    return signals.trim(samples)


@pytest.mark.hears
def test_a_player_that_ended_plays_again_from_where_it_is_set(phone: Phone, tmp_path: Path) -> None:
    played = pj.player_create(tone(tmp_path, 700, 0.33), pj.PLAYER_NO_LOOP)
    source = pj.player_get_conf_port(played)
    for round_, (start, seconds) in enumerate([(0, 0.33), (0, 0.33), (RATE // 10, 0.23)], 1):
        file = tmp_path / f"heard-{round_}.wav"
        if round_ > 1:
            pj.player_set_pos(played, start)
        recorder = listen(phone, source, file)
        wait_eof(phone, played, count=round_)
        assert len(heard(recorder, file)) / RATE == pytest.approx(seconds, abs=0.03), f"round {round_}"
    moves = [event.moves for event in phone.all(pj.OnPlayerEof)]
    assert moves == [0, 1, 2], "once for each time it ended, and of what came between"


def test_the_end_is_told_once_and_not_of_a_loop(phone: Phone, tmp_path: Path) -> None:
    file = tone(tmp_path, 700, 0.1)
    once, loop = pj.player_create(file, pj.PLAYER_NO_LOOP), pj.player_create(file)
    recorder = pj.recorder_create(tmp_path / "both.wav")
    for played in (once, loop):
        pj.conf_connect(pj.player_get_conf_port(played), pj.recorder_get_conf_port(recorder))
    wait_eof(phone, once)
    until(lambda: (tmp_path / "both.wav").stat().st_size > 20000, "half a second later")
    assert [event.player_id for event in phone.all(pj.OnPlayerEof)] == [once]


def test_the_end_of_a_player_that_is_gone_names_no_other(phone: Phone, tmp_path: Path) -> None:
    """Its slot has somebody else in it when the event is read."""
    file = tone(tmp_path, 700, 0.1)
    first = pj.player_create(file, pj.PLAYER_NO_LOOP)
    pj.conf_connect(pj.player_get_conf_port(first), 0)
    wait_eof(phone, first)
    pj.player_destroy(first)
    second = pj.player_create(file, pj.PLAYER_NO_LOOP)
    assert second == first
    event = phone.wait(pj.OnPlayerEof)
    assert same(event.player_id, first)
    assert not same(event.player_id, second)
    with pytest.raises(pj.StaleError):
        pj.player_get_pos(event.player_id)


def test_two_hundred_players_at_once(phone: Phone, tmp_path: Path) -> None:
    """They end in the same frame, and every one is told."""
    file = tone(tmp_path, 700, 0.4)
    made = [pj.player_create(file, pj.PLAYER_NO_LOOP) for _ in range(200)]
    for played in made:
        pj.conf_connect(pj.player_get_conf_port(played), 0)
    phone.wait(pj.OnPlayerEof, count=200)
    assert sorted(event.player_id for event in phone.all(pj.OnPlayerEof)) == sorted(made)
    for played in made:
        pj.player_destroy(played)
    until(lambda: pj.conf_get_active_ports() == 1, "every port is out of the bridge")


@pytest.mark.hears
def test_ports_removed_while_connected(phone: Phone, tmp_path: Path) -> None:
    """A player in the middle of its file, a recorder in the middle of its own: the rest goes on."""
    with player(tone(tmp_path, 1300, 1.0)) as stays:
        gone = pj.player_create(tone(tmp_path, 700, 5.0))
        slot = pj.player_get_conf_port(gone)
        recorder = listen(phone, stays, tmp_path / "heard.wav")
        pj.conf_connect(slot, pj.recorder_get_conf_port(recorder))
        other = listen(phone, slot, tmp_path / "other.wav")
        pj.player_destroy(gone)
        phone.wait(
            pj.OnConfOpCompleted,
            lambda event: event.op is pj.ConfOpType.REMOVE_PORT and event.source == slot,
        )
        assert pj.conf_get_port_info(stays).listeners == (pj.recorder_get_conf_port(recorder),)
        pj.recorder_destroy(other)
        size = (tmp_path / "heard.wav").stat().st_size
        until(lambda: (tmp_path / "heard.wav").stat().st_size > size + RATE, "half a second later")
    sound = heard(recorder, tmp_path / "heard.wav")
    assert signals.strongest_tone(sound[-RATE // 4 :], RATE).frequency == pytest.approx(1300, abs=4)


@pytest.mark.hears
@pytest.mark.parametrize("ptime", [10, 20])
def test_a_playlist_plays_its_files_in_order_and_to_the_end(tmp_path: Path, ptime: int) -> None:
    """PJMEDIA's own loses what is in the last buffer, or repeats it for ever: see the two lengths."""
    with Phone(media=whole_sound(audio_frame_ptime=ptime)) as phone:
        parts = [(700, 0.33), (1300, 0.21), (2100, 0.4)]
        files = [tone(tmp_path, frequency, seconds) for frequency, seconds in parts]
        played = pj.playlist_create(files, "three tones", pj.PLAYER_NO_LOOP)
        source = pj.player_get_conf_port(played)
        assert pj.conf_get_port_info(source).name == "three tones"
        file = tmp_path / "heard.wav"
        recorder = listen(phone, source, file)
        pj.conf_connect(silence(tmp_path), pj.recorder_get_conf_port(recorder))
        wait_eof(phone, played)
        size = file.stat().st_size
        until(lambda: file.stat().st_size > size + RATE // 2, "a moment later")
        sound = heard(recorder, file)
    whole = sum(seconds for _, seconds in parts)
    assert len(sound) / RATE == pytest.approx(whole, abs=0.01), "no gap, no more"
    at = 0.0
    for frequency, seconds in parts:
        middle = sound[int((at + 0.05) * RATE) : int((at + seconds - 0.05) * RATE)]
        found = signals.strongest_tone(middle, RATE)
        assert found.frequency == pytest.approx(frequency, abs=8)
        assert found.purity > 0.9
        at += seconds


@pytest.mark.hears
def test_a_playlist_that_loops(phone: Phone, tmp_path: Path) -> None:
    files = [tone(tmp_path, 700, 0.2), tone(tmp_path, 1300, 0.2)]
    played = pj.playlist_create(files)
    record(pj.player_get_conf_port(played), tmp_path / "heard.wav", 1.2)
    sound, _ = signals.read_wav(tmp_path / "heard.wav")
    sound = signals.trim(sound)
    for start, frequency in ((0.0, 700), (0.2, 1300), (0.4, 700), (0.6, 1300)):
        part = sound[int((start + 0.05) * RATE) : int((start + 0.15) * RATE)]
        assert signals.strongest_tone(part, RATE).frequency == pytest.approx(frequency, abs=15)
    assert phone.all(pj.OnPlayerEof) == []


def test_playlists_that_cannot_be_played(phone: Phone, tmp_path: Path) -> None:
    good, fast = tone(tmp_path, 700, 0.2), tone(tmp_path, 900, 0.2, 8000)
    short = signals.write_wav(tmp_path / "short.wav", signals.tone(700, 0.019, RATE), RATE)
    before = pj.conf_get_active_ports()
    with pytest.raises(FileNotFoundError):
        pj.playlist_create([good, tmp_path / "missing.wav"])
    with pytest.raises(pj.UnsupportedFormat, match=r"file_names\[1\]"):
        pj.playlist_create([good, fast])
    with pytest.raises(pj.UnsupportedFormat):
        pj.playlist_create([good, short])
    with pytest.raises(ValueError, match=r"^len\(file_names\): 0 is not between 1 and"):
        pj.playlist_create([])
    with pytest.raises(TypeError, match=r"^file_names: a sequence of paths expected, not str$"):
        pj.playlist_create(str(good))
    with pytest.raises(TypeError, match=r"^file_names\[1\]: a path expected, not int$"):
        pj.playlist_create([good, 5])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"^label: a NUL"):
        pj.playlist_create([good], "a\0b")
    with pytest.raises(ValueError, match=r"^options: 2 is neither 0 nor PLAYER_NO_LOOP$"):
        pj.playlist_create([good], "", pj.FilePlayerOption.NO_LOCK)
    wide = tmp_path / "wide.wav"
    wide.write_bytes(wav(rate=96000, channels=2, data=bytes(40000)))
    with pytest.raises(pj.UnsupportedFormat):
        pj.playlist_create([wide])
    assert pj.conf_get_active_ports() == before
    pj.player_destroy(pj.playlist_create([good, good]))


def test_a_playlist_has_no_position(phone: Phone, tmp_path: Path) -> None:
    played = pj.playlist_create([tone(tmp_path, 700, 0.2)])
    for call in (pj.player_get_pos, pj.player_get_info):
        with pytest.raises(pj.InvalidArgument, match=f"id {int(played)}"):
            call(played)
    with pytest.raises(pj.InvalidState, match=f"id {int(played)}"):
        pj.player_set_pos(played, 0)


def wav(*, rate: int = RATE, channels: int = 1, data: bytes = bytes(6400), before: bytes = b"") -> bytes:
    """A 16-bit RIFF file, with chunks before the format if so wanted."""
    speed = rate * channels * 2 & 0xFFFFFFFF
    form = struct.pack("<HHIIHH", 1, channels, rate, speed, channels * 2, 16)
    body = before + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def test_a_format_behind_other_chunks(phone: Phone, tmp_path: Path) -> None:
    """PJMEDIA looks for it there too, and plays what makes no sense as something else."""
    junk = b"JUNK" + struct.pack("<I", 28) + bytes(28)
    file = tmp_path / "junk.wav"
    file.write_bytes(wav(before=junk))
    pj.player_destroy(pj.player_create(file))
    for wrong in ({"rate": 0}, {"channels": 0}, {"rate": 2**32 - 1}):
        file.write_bytes(wav(before=junk, **wrong))  # type: ignore[arg-type]
        with pytest.raises(pj.UnsupportedFormat):
            pj.player_create(file)
        with pytest.raises(pj.UnsupportedFormat):
            pj.playlist_create([file])


def test_player_info(phone: Phone, tmp_path: Path) -> None:
    info = pj.player_get_info(pj.player_create(tone(tmp_path, 700, 0.5)))
    assert info == pj.WavPlayerInfo(
        fmt_id=pj.FormatId.PCM, payload_bits_per_sample=16, size_bytes=RATE, size_samples=RATE // 2
    )


@pytest.mark.hears
@pytest.mark.parametrize(
    ("option", "tag", "bits", "fmt"),
    [
        (pj.FileWriterOption.WRITE_PCM, 1, 16, pj.FormatId.PCM),
        (pj.FileWriterOption.WRITE_ALAW, 6, 8, pj.FormatId.ALAW),
        (pj.FileWriterOption.WRITE_ULAW, 7, 8, pj.FormatId.ULAW),
    ],
)
def test_what_a_recorder_writes_can_be_played(
    phone: Phone, tmp_path: Path, option: pj.FileWriterOption, tag: int, bits: int, fmt: pj.FormatId
) -> None:
    file = tmp_path / "recorded.wav"
    with player(tone(tmp_path, 700, 1.0)) as source:
        recorder = pj.recorder_create(file, options=option)
        pj.conf_connect(source, pj.recorder_get_conf_port(recorder))
        until(lambda: file.stat().st_size > RATE * bits // 8 // 2, "half a second recorded")
        pj.recorder_destroy(recorder)

    def closed() -> bool:
        head = file.read_bytes()[:8]
        return int.from_bytes(head[4:8], "little") + 8 == file.stat().st_size

    until(closed, "the recording is closed")
    form = struct.unpack("<HHIIHH", file.read_bytes()[20:36])
    assert form == (tag, 1, RATE, RATE * bits // 8, bits // 8, bits)
    played = pj.player_create(file)
    info = pj.player_get_info(played)
    assert (info.fmt_id, info.payload_bits_per_sample) == (fmt, bits)
    record(pj.player_get_conf_port(played), tmp_path / "again.wav", 0.4)
    sound, _ = signals.read_wav(tmp_path / "again.wav")
    found = signals.strongest_tone(signals.trim(sound)[: RATE // 4], RATE)
    assert found.frequency == pytest.approx(700, abs=4)
    assert found.purity > 0.95


def test_recorders_that_cannot_be(phone: Phone, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^options: 3 is not between 0 and 2$"):
        pj.recorder_create(tmp_path / "r.wav", options=3)
    assert os.listdir(tmp_path) == []
