"""Speech and silence in what a port hears are found on the clock, at the place where they begin."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from peers.signals import Samples
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj
from whole_sound import whole_sound

RATE = 16000
FRAME_MS = 20


def tone(ms: int, level: float = 0.2) -> Samples:
    """`ms` of 400 Hz whose root mean square is `level` of full scale."""
    wave = np.sin(2 * np.pi * 400 * np.arange(ms * RATE // 1000) / RATE)
    return np.asarray(wave * level * np.sqrt(2) * 32767, np.int16)


def silence(ms: int) -> Samples:
    return np.zeros(ms * RATE // 1000, np.int16)


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


@pytest.fixture
def pair(phone: Phone) -> Iterator[tuple[pj.PcmPort, pj.PcmPort]]:
    source, sink = pj.PcmPort(RATE, write_ahead=10), pj.PcmPort(RATE, read_behind=10)
    pj.conf_connect(source.conf_port, sink.conf_port)
    yield source, sink
    source.close()
    sink.close()


def edges_of(phone: Phone, port: pj.PcmPort) -> list[tuple[bool, float]]:
    return [
        (event.speaking, event.heard_ms)
        for event in phone.all(pj.OnPcmSpeech)
        if event.port == port.conf_port.owner
    ]


def first_loud_ms(heard: bytes) -> float:
    """Where in what was heard the first frame is that is not silent."""
    samples = np.frombuffer(heard, np.int16)
    return float(np.argmax(np.abs(samples) > 1000)) * 1000 / RATE


def test_edges_are_told_where_they_were(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    sink.detect_speech(begin=0.06, end=0.2)
    parts = [silence(100), tone(400), silence(100), tone(300), silence(300), tone(200), silence(400)]
    source.write(np.concatenate(parts), 1)
    assert sink.wait_speech_edges(4, 10)
    heard = sink.read(sink.readable)
    until(lambda: len(edges_of(phone, sink)) == 4, "each is told")
    edges = edges_of(phone, sink)
    assert [speaking for speaking, _ in edges] == [True, False, True, False]
    begin = first_loud_ms(heard)
    # The pause of 100 ms is shorter than an end, and speech goes on through it.
    for (_, ms), expected in zip(edges, [0, 800, 1100, 1300], strict=True):
        assert ms - begin == pytest.approx(expected, abs=FRAME_MS + 1)
    assert sink.speech_ms == edges[-1][1]
    assert sink.speech_edges == 4


def test_a_click_and_a_murmur_are_no_speech(phone: Phone, pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    sink.detect_speech(level=0.05, begin=0.1, end=0.1)
    click_and_murmur = [tone(40), silence(200), tone(500, level=0.02), silence(100)]
    source.write(np.concatenate([*click_and_murmur, tone(200)]), 1)
    source.mark("said")
    assert sink.wait_speech_edges(1, 10)
    heard = sink.read(sink.readable)
    # The first thing that counts is the tone behind them.
    assert sink.speech_ms - first_loud_ms(heard) == pytest.approx(840, abs=FRAME_MS + 1)


def test_settings_count_from_the_next_frame_on(pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    source, sink = pair
    source.write(tone(8000, level=0.05), 1)
    sink.detect_speech(level=0.2)
    assert not sink.wait_speech_edges(1, 0.3), "not loud enough"
    sink.detect_speech(level=0.02)
    assert sink.wait_speech_edges(1, 5)
    sink.ignore_speech()
    assert sink.speech_edges == 2, "nobody speaks where nobody listens for it"
    assert not sink.wait_speech_edges(3, 0.2)
    sink.detect_speech(level=0.02)
    assert sink.wait_speech_edges(3, 5)


def test_a_wait_ends_with_the_port(pair: tuple[pj.PcmPort, pj.PcmPort]) -> None:
    _, sink = pair
    sink.detect_speech()
    closing = threading.Timer(0.1, sink.close)
    closing.start()
    with pytest.raises(pj.StaleError):
        sink.wait_speech_edges(1, 10)
    closing.join()
    with pytest.raises(pj.StaleError):
        sink.detect_speech()
    sink.ignore_speech()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 0}, "level"),
        ({"level": 1.5}, "level"),
        ({"level": float("nan")}, "level"),
        ({"begin": -1}, "begin"),
        ({"end": 0}, "end"),
    ],
)
def test_what_cannot_be_set(
    pair: tuple[pj.PcmPort, pj.PcmPort], arguments: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pair[1].detect_speech(**arguments)
