"""What the demo's ear tells: the melody, whole and in order, from anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from peers.signals import Samples, noise, read_wav, silence, write_wav
from pyjsua.cli.melody import TONE, Melody, listen

MINE = Melody((500, 1100, 700, 1500, 900))
OTHER = Melody((800, 1700, 550, 1200, 2100))
RATES = (8000, 16000, 48000)


@pytest.fixture
def sent(tmp_path: Path) -> Samples:
    return read_wav(MINE.write(tmp_path / "sent.wav", 16000))[0]


def problem(samples: Samples, folder: Path, wanted: Melody = MINE) -> str:
    return listen(write_wav(folder / "heard.wav", samples, 16000), wanted, [MINE, OTHER]).problem


@pytest.mark.parametrize("rate", RATES)
def test_the_melody_itself_is_clean(tmp_path: Path, rate: int) -> None:
    heard = listen(MINE.write(tmp_path / "heard.wav", rate), MINE, [OTHER])
    assert heard.problem == ""
    assert heard.tones == MINE.frequencies
    assert heard.purity > 0.999
    assert all(abs(length - TONE) <= 0.04 for length in heard.lengths)
    # A sine of 0.35 of full scale.
    assert heard.level == pytest.approx(20 * np.log10(0.35 / np.sqrt(2)), abs=0.1)
    assert heard.seconds == pytest.approx(MINE.seconds)


def test_it_may_begin_anywhere_and_be_quiet_and_noisy(tmp_path: Path, sent: Samples) -> None:
    late = np.concatenate([silence(0.333, 16000), sent, silence(1, 16000)]) // 4
    assert problem(late + noise(len(late) / 16000, 16000, amplitude=0.02), tmp_path) == ""


def test_silence_and_noise_are_nothing(tmp_path: Path) -> None:
    assert problem(silence(2, 16000), tmp_path).startswith("nothing but silence")
    assert problem(noise(2, 16000), tmp_path).startswith("nothing but silence")
    assert problem(silence(0, 16000), tmp_path).startswith("nothing but silence")


def test_the_other_melody_is_told(tmp_path: Path, sent: Samples) -> None:
    assert "heard 500 1100 700 1500 900" in problem(sent, tmp_path, OTHER)


def test_both_melodies_at_once_are_not_one(tmp_path: Path, sent: Samples) -> None:
    theirs, _ = read_wav(OTHER.write(tmp_path / "other.wav", 16000))
    assert problem(sent + theirs, tmp_path)


def test_backwards_is_not_forwards(tmp_path: Path, sent: Samples) -> None:
    assert "heard 900 1500 700 1100 500" in problem(sent[::-1], tmp_path)


def test_a_missing_tone_is_missed(tmp_path: Path, sent: Samples) -> None:
    cut = round((0.2 + 2 * TONE) * 16000)
    assert "heard 500 1100 1500 900" in problem(np.delete(sent, np.s_[cut : cut + 4000]), tmp_path)


def test_a_hole_of_half_a_tone_is_missed(tmp_path: Path, sent: Samples) -> None:
    start = round((0.2 + 2 * TONE) * 16000)
    sent[start : start + 2400] = 0
    assert problem(sent, tmp_path).startswith("of the tone of 700 Hz only")


def test_one_lost_packet_is_forgiven(tmp_path: Path, sent: Samples) -> None:
    start = round((0.2 + 2.4 * TONE) * 16000)
    sent[start : start + 320] = 0
    assert problem(sent, tmp_path) == ""


@pytest.mark.parametrize(
    ("tones", "interrupted"),
    [((500, 1100, 1500, 900), True), (MINE.frequencies, False), (MINE.frequencies[::-1], False), ((), False)],
    ids=["one missing", "whole", "backwards", "silence"],
)
def test_what_a_pause_explains(tmp_path: Path, tones: tuple[int, ...], interrupted: bool) -> None:
    heard = listen(Melody(tones).write(tmp_path / "heard.wav", 16000), MINE)
    assert heard.interrupted is interrupted


def test_stereo_is_refused_by_name(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "two.wav", np.zeros((100, 2), dtype=np.int16), 16000)
    with pytest.raises(ValueError, match=r"two\.wav is not 16-bit mono"):
        listen(path, MINE)
