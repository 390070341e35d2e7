"""Files that cannot be played or recorded into: which, why, and that a good one still works."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import pytest

from peers import signals
from pjsua.phone import Phone, player, record, until
from pyjsua import pjsua as pj

RATE = 16000


def wav(
    *,
    kind: int = 1,
    bits: int = 16,
    channels: int = 1,
    rate: int = RATE,
    data: bytes = bytes(3200),
    claim: int | None = None,
) -> bytes:
    """A RIFF file with any header."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    size = len(data) if claim is None else claim
    return (
        b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", size) + data
    )  # fmt: skip


@pytest.fixture(autouse=True)
def good_afterwards(phone: Phone, tmp_path: Path) -> Any:
    """Whatever a test tried, a good file is played and recorded after it, and no slot was lost."""
    before = pj.conf_get_active_ports()
    yield
    tone = signals.write_wav(tmp_path / "good.wav", signals.tone(700, 0.5, RATE), RATE)
    with player(tone) as source:
        record(source, tmp_path / "heard.wav", 0.4)
    heard, _ = signals.read_wav(tmp_path / "heard.wav")
    assert signals.strongest_tone(heard[len(heard) // 2 :], RATE).frequency == pytest.approx(700, abs=4)
    until(lambda: pj.conf_get_active_ports() == before, "every port is out of the bridge")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(wav(bits=24), id="24-bit"),
        pytest.param(wav(bits=8), id="8-bit"),
        pytest.param(wav(kind=3, bits=32), id="float"),
        pytest.param(wav(kind=17, bits=4), id="ADPCM"),
        pytest.param(wav()[:20], id="truncated header"),
        pytest.param(wav()[:43], id="truncated before the data"),
        pytest.param(wav(data=b""), id="no samples"),
        pytest.param(wav(channels=0), id="no channel"),
        pytest.param(wav(rate=0), id="no rate"),
        pytest.param(wav(rate=2**32 - 1), id="4 GHz"),
        pytest.param(wav(channels=65535, bits=16), id="65535 channels"),
        pytest.param(b"", id="empty"),
        pytest.param(b"RIFF", id="four bytes"),
        pytest.param(b"not a sound at all\n" * 100, id="text"),
        pytest.param(b"\0" * 4000, id="zeros"),
        pytest.param(os.urandom(4000), id="noise"),
    ],
)
def test_cannot_be_played(phone: Phone, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.wav"
    file.write_bytes(content)
    with pytest.raises(pj.UnsupportedFormat) as caught:
        pj.player_create(file)
    assert isinstance(caught.value, ValueError)
    assert f"filename {str(file)!r}" in str(caught.value)


def test_shorter_than_its_header_says(phone: Phone, tmp_path: Path) -> None:
    """As a recorder that was killed leaves it: what is there is played."""
    file = tmp_path / "short.wav"
    tone = signals.tone(500, 0.5, RATE)
    file.write_bytes(wav(data=tone.tobytes(), claim=1_000_000))
    with player(file) as source:
        record(source, tmp_path / "short-heard.wav", 0.3)
    heard, _ = signals.read_wav(tmp_path / "short-heard.wav")
    assert signals.strongest_tone(heard[len(heard) // 2 :], RATE).frequency == pytest.approx(500, abs=4)


def test_missing(phone: Phone, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        pj.player_create(tmp_path / "missing.wav")
    assert caught.value.filename == str(tmp_path / "missing.wav")
    with pytest.raises(FileNotFoundError):
        pj.player_create(str(tmp_path / "no" / "such" / "folder.wav"))


def test_directory(phone: Phone, tmp_path: Path) -> None:
    folder = tmp_path / "folder.wav"
    folder.mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        pj.player_create(folder)
    assert caught.value.filename == str(folder)
    with pytest.raises(IsADirectoryError):
        pj.recorder_create(folder)


@pytest.mark.parametrize("create", [pj.player_create, pj.recorder_create])
def test_what_is_no_path(phone: Phone, create: Any) -> None:
    for wrong in (None, 5, 1.5, ["a.wav"]):
        with pytest.raises(TypeError, match=rf"^filename: a path expected, not {type(wrong).__name__}$"):
            create(wrong)
    with pytest.raises(ValueError, match=r"^filename: empty$"):
        create("")
    with pytest.raises(ValueError, match=r"^filename: a NUL character"):
        create("a\0b.wav")


def test_recording_into_a_missing_directory(phone: Phone, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        pj.recorder_create(tmp_path / "no" / "r.wav")
    assert caught.value.filename == str(tmp_path / "no" / "r.wav")


def test_recording_where_nothing_can_be_written(phone: Phone) -> None:
    """/proc takes no files, not even root's."""
    with pytest.raises(OSError, match=r"/proc/r\.wav"):
        pj.recorder_create("/proc/r.wav")


@pytest.mark.parametrize("name", ["r.mp3", "r", ".wav.txt"])
def test_recording_in_another_format(phone: Phone, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"^filename: .* does not end in \.wav, all PJSIP records$"):
        pj.recorder_create(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_recorder_options(phone: Phone, tmp_path: Path) -> None:
    file = tmp_path / "r.wav"
    with pytest.raises(ValueError, match=r"^max_size: PJSIP keeps no limit"):
        pj.recorder_create(file, 0, 1000)
    with pytest.raises(ValueError, match=r"^enc_type: 5 is not between 0 and 0"):
        pj.recorder_create(file, 5)
    with pytest.raises(TypeError, match=r"^options: int expected, not str$"):
        pj.player_create(file, "loop")  # type: ignore[arg-type]
    assert not file.exists()


def test_names_that_are_not_ascii(phone: Phone, tmp_path: Path) -> None:
    file = tmp_path / "\u00e9\u4e2d\udc80 \U0001f4de.wav"
    signals.write_wav(Path(str(file)), signals.tone(500, 0.2, RATE), RATE)
    pj.player_destroy(pj.player_create(file))
    pj.player_destroy(pj.player_create(str(file)))
    pj.player_destroy(pj.player_create(os.fsencode(file)))  # type: ignore[arg-type]


def test_more_players_than_there_are(tmp_path: Path, phone: Phone) -> None:
    file = signals.write_wav(tmp_path / "t.wav", signals.tone(500, 0.1, RATE), RATE)
    made = [pj.player_create(file) for _ in range(pj.limits().max_players)]
    with pytest.raises(pj.TooMany):
        pj.player_create(file)
    for player_id in made:
        pj.player_destroy(player_id)


def test_position_out_of_the_file(phone: Phone, tmp_path: Path) -> None:
    file = signals.write_wav(tmp_path / "t.wav", signals.tone(500, 0.1, RATE), RATE)
    player_id = pj.player_create(file)
    with pytest.raises(ValueError, match=r"samples"):
        pj.player_set_pos(player_id, 10_000_000)
    # In bytes it is 10, as far as 32 bits go.
    with pytest.raises(pj.InvalidArgument, match="samples"):
        pj.player_set_pos(player_id, 2**31 + 5)
    with pytest.raises(ValueError, match=r"^samples: -1 is not between"):
        pj.player_set_pos(player_id, -1)
    pj.player_destroy(player_id)
    with pytest.raises(pj.StaleError):
        pj.player_destroy(player_id)
