"""A player, through a call, into a recorder: the signal that arrives is the one that was played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import signals
from pjsua.phone import Phone, owner, player, record, until, wait_closed
from pyjsua import pjsua as pj
from whole_sound import whole_sound

pytestmark = pytest.mark.hears

RATE = 16000


def connect(phone: Phone) -> tuple[pj.ConfPortId, pj.ConfPortId]:
    """The slots of both ends of a call within this library."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
    return phone.wait_media(call).conf_slot, phone.wait_media(other).conf_slot


def only(codec: str) -> None:
    pj.codec_set_priority("", 0)
    pj.codec_set_priority(codec, 255)


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


@pytest.mark.parametrize(
    ("codec", "similarity"),
    [("PCMU/8000", 0.97), ("PCMA/8000", 0.97), ("G722/16000", 0.97), ("", 0.9)],
    ids=["PCMU", "PCMA", "G722", "default"],
)
def test_player_to_recorder(phone: Phone, tmp_path: Path, codec: str, similarity: float) -> None:
    if codec:
        only(codec)
    chirp = signals.chirp(300, 3300, 1.0, RATE)
    file = signals.write_wav(tmp_path / "chirp.wav", chirp, RATE)
    near, far = connect(phone)
    wanted = codec.partition("/")[0] or pj.enum_codecs()[0].codec_id.partition("/")[0]
    assert pj.call_get_stream_stat(owner(far)).codec == wanted
    with player(file) as source:
        pj.conf_connect(source, near)
        record(far, tmp_path / "heard.wav", 2.6)
    heard, rate = signals.read_wav(tmp_path / "heard.wav")
    assert rate == RATE
    assert signals.find(chirp, heard, RATE).similarity > similarity
    assert signals.find(signals.chirp(3300, 300, 1.0, RATE), heard, RATE).similarity < 0.6


def test_both_ways_at_once(phone: Phone, tmp_path: Path) -> None:
    only("PCMU")
    files = {
        frequency: signals.write_wav(tmp_path / f"{frequency}.wav", signals.tone(frequency, 1.0, 8000), 8000)
        for frequency in (600, 1700)
    }
    near, far = connect(phone)
    with player(files[600]) as low, player(files[1700]) as high:
        pj.conf_connect(low, near)
        pj.conf_connect(high, far)
        for slot, frequency in ((far, 600), (near, 1700)):
            record(slot, tmp_path / f"heard-{frequency}.wav", 1.0)
            heard, rate = signals.read_wav(tmp_path / f"heard-{frequency}.wav")
            tone = signals.strongest_tone(heard[len(heard) // 2 :], rate)
            assert tone.frequency == pytest.approx(frequency, abs=3)
            assert tone.purity > 0.95
    stat = pj.call_get_stream_stat(owner(near))
    assert stat.rtcp.tx.pkt > 50
    assert stat.rtcp.rx.pkt > 50


def test_disconnected_is_silent(phone: Phone, tmp_path: Path) -> None:
    only("PCMU")
    file = signals.write_wav(tmp_path / "tone.wav", signals.tone(700, 1.0, RATE), RATE)
    near, far = connect(phone)
    with player(file) as source:
        pj.conf_connect(source, near)
        phone.wait(pj.OnConfOpCompleted, lambda e: (e.source, e.sink) == (source, near))
        assert near in pj.conf_get_port_info(source).listeners
        record(far, tmp_path / "on.wav", 0.6)
        pj.conf_disconnect(source, near)
        phone.wait(pj.OnConfOpCompleted, lambda e: (e.source, e.sink) == (source, near), count=2)
        assert near not in pj.conf_get_port_info(source).listeners
        record(far, tmp_path / "off.wav", 0.8)
    loud, _ = signals.read_wav(tmp_path / "on.wav")
    silent, _ = signals.read_wav(tmp_path / "off.wav")
    assert signals.level(loud[len(loud) // 2 :]) > -20
    assert signals.level(silent[len(silent) // 2 :]) < -60


def test_gain(phone: Phone, tmp_path: Path) -> None:
    tone = signals.tone(700, 1.0, RATE, amplitude=0.2)
    file = signals.write_wav(tmp_path / "tone.wav", tone, RATE)
    with player(file) as source:
        levels = []
        for gain in (1.0, 0.5, 2.0):
            pj.conf_adjust_rx_level(source, gain)
            record(source, tmp_path / f"{gain}.wav", 0.5)
            heard, _ = signals.read_wav(tmp_path / f"{gain}.wav")
            levels.append(signals.level(heard[len(heard) // 2 :]))
    assert levels[0] == pytest.approx(signals.level(tone), abs=0.3)
    assert levels[1] - levels[0] == pytest.approx(-6, abs=0.3)
    assert levels[2] - levels[0] == pytest.approx(6, abs=0.3)


def test_mixing_and_levels(phone: Phone, tmp_path: Path) -> None:
    """What two players play is heard together, and the level meter moves."""
    files = [
        signals.write_wav(
            tmp_path / f"{frequency}.wav", signals.tone(frequency, 1.0, RATE, amplitude=0.3), RATE
        )
        for frequency in (500, 1300)
    ]
    with player(files[0]) as one, player(files[1]) as two:
        recorder = pj.recorder_create(tmp_path / "both.wav")
        slot = pj.recorder_get_conf_port(recorder)
        pj.conf_connect(one, slot)
        record(two, tmp_path / "second.wav", 0.2)
        pj.conf_connect(two, slot)
        record(two, tmp_path / "third.wav", 1.0)
        assert max(pj.conf_get_signal_level(one)) > 0
        pj.recorder_destroy(recorder)
    wait_closed(tmp_path / "both.wav")
    heard, _ = signals.read_wav(tmp_path / "both.wav")
    part = heard[-RATE // 2 :]
    for frequency in (500, 1300):
        assert signals.goertzel(part, frequency, RATE) > -20
    assert signals.goertzel(part, 900, RATE) < -50


def test_player_position_and_end(phone: Phone, tmp_path: Path) -> None:
    file = signals.write_wav(tmp_path / "tone.wav", signals.tone(700, 1.0, RATE), RATE)
    player_id = pj.player_create(file, pj.PLAYER_NO_LOOP)
    source = pj.player_get_conf_port(player_id)
    assert pj.player_get_pos(player_id) == 0
    pj.player_set_pos(player_id, RATE // 2)
    assert pj.player_get_pos(player_id) == RATE // 2
    rest = tmp_path / "rest.wav"
    recorder = pj.recorder_create(rest)
    pj.conf_connect(source, pj.recorder_get_conf_port(recorder))
    until(lambda: max(pj.conf_get_signal_level(source)) > 0, "it plays")
    until(lambda: max(pj.conf_get_signal_level(source)) == 0, "it is over")
    pj.recorder_destroy(recorder)
    wait_closed(rest)
    heard, _ = signals.read_wav(rest)
    assert len(signals.trim(heard)) / RATE == pytest.approx(0.5, abs=0.1), "half of it, once"
    pj.player_destroy(player_id)
    with pytest.raises(pj.StaleError):
        pj.player_get_pos(player_id)
    with pytest.raises(pj.StaleError):
        pj.conf_connect(source, 0)
