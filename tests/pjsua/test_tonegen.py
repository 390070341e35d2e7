"""Tone generators at the low-level door: what they play, when they end, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from peers import signals
from pjsua.phone import Phone, same, until
from pyjsua import _core, pjsua as pj
from whole_sound import whole_sound


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


def wait_end(phone: Phone, tones: pj.TonegenId, count: int = 1) -> None:
    phone.wait(pj.OnToneEnd, lambda event: same(event.tonegen_id, tones), count=count)


@pytest.mark.hears
@pytest.mark.parametrize("rate", [0, 8000, 48000])
def test_tones_and_digits_are_heard(phone: Phone, rate: int) -> None:
    tones = pj.tonegen_create(rate)
    sink = pj.PcmPort(16000, read_behind=10)
    pj.conf_connect(pj.tonegen_get_conf_port(tones), sink.conf_port)
    pj.tonegen_play_digits(tones, "19#", 80, 60)
    wait_end(phone, tones)
    assert not pj.tonegen_is_busy(tones)
    pj.tonegen_set_digit_map(tones, {"X": (600, 0), "y": (1500, 0)})
    assert pj.tonegen_get_digit_map(tones) == {"X": (600, 0), "Y": (1500, 0)}
    pj.tonegen_play_digits(tones, "xY", 200, 1)
    wait_end(phone, tones, 2)
    received = sink.stats().received
    until(lambda: sink.stats().received > received + 1600, "all of it was mixed")
    heard = signals.trim(np.frombuffer(sink.read(sink.readable), np.int16))
    assert signals.decode_dtmf(heard[: 3 * 140 * 16], 16000) == "19#"
    last = heard[-401 * 16 :]
    for part, frequency in ((last[320:2900], 600), (last[-2900:-320], 1500)):
        assert signals.strongest_tone(part, 16000).frequency == pytest.approx(frequency, abs=10)
    sink.close()


def test_loops_end_when_told(phone: Phone) -> None:
    tones = pj.tonegen_create()
    pj.conf_connect(pj.tonegen_get_conf_port(tones), 0)
    tone = pj.ToneDesc(freq1=440, on_msec=30, off_msec=10)
    pj.tonegen_play(tones, [tone], pj.TONEGEN_LOOP)
    other = pj.tonegen_create()
    pj.conf_connect(pj.tonegen_get_conf_port(other), 0)
    pj.tonegen_play(other, [tone] * 4)
    wait_end(phone, other)
    assert pj.tonegen_is_busy(tones)
    assert not phone.all(pj.OnToneEnd, lambda event: same(event.tonegen_id, tones))
    pj.tonegen_stop_loop(tones)
    wait_end(phone, tones)
    pj.tonegen_play(tones, [tone], pj.TONEGEN_LOOP)
    pj.tonegen_rewind(tones)
    pj.tonegen_stop(tones)
    assert not pj.tonegen_is_busy(tones)
    assert len(phone.all(pj.OnToneEnd)) == 2


def test_ids_and_memory(phone: Phone) -> None:
    made, destroyed = _core.tonegen_census()
    tones = pj.tonegen_create()
    slot = pj.tonegen_get_conf_port(tones)
    assert slot.owner == tones
    pj.tonegen_play_digits(tones, "1" * 31)
    pj.conf_connect(slot, 0)
    pj.tonegen_destroy(tones)
    for use in (pj.tonegen_stop, pj.tonegen_destroy, pj.tonegen_is_busy, pj.tonegen_get_conf_port):
        with pytest.raises(pj.StaleError, match=rf"id {int(tones)}"):
            use(tones)
    with pytest.raises(pj.StaleError):
        pj.conf_connect(slot, 0)
    until(lambda: _core.tonegen_census() == (made + 1, destroyed + 1), "the bridge has let go of it")
    # One that is still there goes with the library.
    pj.tonegen_play(pj.tonegen_create(), [pj.ToneDesc(freq1=440, on_msec=100)], pj.TONEGEN_LOOP)
    pj.destroy()
    assert _core.tonegen_census() == (made + 2, destroyed + 2)


def test_what_cannot_be_played(phone: Phone) -> None:
    tones = pj.tonegen_create()
    good = {"freq1": 440, "on_msec": 100}
    for fields, message in (
        ({"on_msec": 0}, r"tones\[0\]: it has no length"),
        ({"on_msec": -1}, r"tones\[0\].on_msec: -1 is not between 0 and 32767"),
        ({"freq1": 0}, r"tones\[0\].freq1: 0 is not between 1 and 24000"),
        ({"freq2": 40000}, r"tones\[0\]|ToneDesc.freq2: 40000"),
        ({"volume": -32768}, r"tones\[0\].volume: -32768 is not between 0"),
    ):
        with pytest.raises(ValueError, match=message):
            pj.tonegen_play(tones, [pj.ToneDesc(**{**good, **fields})])
    with pytest.raises(ValueError, match="digits: '12x' has what is no digit"):
        pj.tonegen_play_digits(tones, "12x")
    with pytest.raises(ValueError, match="options: 2 is neither 0 nor TONEGEN_LOOP"):
        pj.tonegen_create(0, 1, 2)
    with pytest.raises(ValueError, match="clock_rate: 7 is none of 0, 8000"):
        pj.tonegen_create(7)
    assert not pj.tonegen_is_busy(tones)
    pj.tonegen_play(tones, [pj.ToneDesc(**good)] * 20)
    with pytest.raises(pj.TooMany):
        pj.tonegen_play(tones, [pj.ToneDesc(**good)] * 13)
    assert pj.TONEGEN_MAX_DIGITS == 32
