"""The bridge: gain of a connection, directions of a port, what it tells, and what happens without a clock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import signals
from pjsua.phone import Phone, player, until, wait_closed
from pyjsua import pjsua as pj
from whole_sound import whole_sound

RATE = 16000


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    samples = signals.tone(700, 1.0, RATE, amplitude=0.2)
    return signals.write_wav(tmp_path / "tone.wav", samples, RATE)


def op(
    phone: Phone, kind: pj.ConfOpType, source: int, sink: int = -1, count: int = 1
) -> pj.OnConfOpCompleted:
    return phone.wait(
        pj.OnConfOpCompleted,
        lambda event: event.op is kind and (event.source, event.sink) == (source, sink),
        count=count,
    )


def level_at(source: int, file: Path, gain: float) -> float:
    """Level of what a recorder hears of the source over a connection of that gain."""
    recorder = pj.recorder_create(file)
    pj.conf_connect2(source, pj.recorder_get_conf_port(recorder), pj.ConfConnectParam(level=gain))
    until(lambda: file.stat().st_size > RATE, "half a second recorded")
    pj.recorder_destroy(recorder)
    wait_closed(file)
    heard, _ = signals.read_wav(file)
    return signals.level(heard[len(heard) // 2 :])


@pytest.mark.hears
def test_the_gain_of_one_connection(phone: Phone, tmp_path: Path, tone: Path) -> None:
    """Each listener hears the same port at its own level."""
    with player(tone) as source:
        plain = level_at(source, tmp_path / "1.wav", 1.0)
        assert level_at(source, tmp_path / "2.wav", 0.5) - plain == pytest.approx(-6, abs=0.3)
        assert level_at(source, tmp_path / "3.wav", 2.0) - plain == pytest.approx(6, abs=0.3)
        assert level_at(source, tmp_path / "4.wav", 0.0) < -80


def test_what_the_bridge_tells(phone: Phone, tmp_path: Path, tone: Path) -> None:
    with player(tone) as source:
        assert op(phone, pj.ConfOpType.ADD_PORT, source).status == 0
        pj.conf_connect2(source, 0, pj.ConfConnectParam(level=0.5))
        connected = op(phone, pj.ConfOpType.CONNECT_PORTS, source, 0)
        assert (connected.status, connected.level) == (0, 0.5)
        pj.conf_connect(source, 0)
        again = op(phone, pj.ConfOpType.CONNECT_PORTS, source, 0, count=2)
        assert "PJ_EEXISTS" in pj.strerror(again.status)
        pj.conf_disconnect(source, 0)
        assert op(phone, pj.ConfOpType.DISCONNECT_PORTS, source, 0).status == 0
    assert op(phone, pj.ConfOpType.REMOVE_PORT, source).level == 1.0


def test_gain_out_of_range(phone: Phone) -> None:
    for wrong in (-0.1, 129.0, 1e30):
        with pytest.raises(ValueError, match=r"^prm\.level: "):
            pj.conf_connect2(0, 0, pj.ConfConnectParam(level=wrong))
    for wrong in (float("nan"), float("inf"), 10**400):
        with pytest.raises(ValueError, match=r"^prm\.level: "):
            pj.conf_connect2(0, 0, pj.ConfConnectParam(level=wrong))
        with pytest.raises(ValueError, match=r"^level: "):
            pj.conf_adjust_tx_level(0, wrong)
    with pytest.raises(TypeError, match=r"^prm\.level: float expected, not str$"):
        pj.conf_connect2(0, 0, pj.ConfConnectParam(level="1"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^prm: ConfConnectParam expected, not int$"):
        pj.conf_connect2(0, 0, 5)  # type: ignore[arg-type]


def heard(ports: list[pj.ConfPortId], file: Path) -> float:
    """Level of what the ports say together, a quarter of a second of it."""
    recorder = pj.recorder_create(file)
    for port in ports:
        pj.conf_connect(port, pj.recorder_get_conf_port(recorder))
    until(lambda: file.stat().st_size > RATE, "half a second recorded")
    pj.recorder_destroy(recorder)
    wait_closed(file)
    samples, _ = signals.read_wav(file)
    return signals.level(samples[len(samples) // 2 :])


@pytest.mark.hears
def test_directions_of_a_port(phone: Phone, tmp_path: Path, tone: Path) -> None:
    """Off it is silent, on again it goes on."""
    quiet = signals.write_wav(tmp_path / "quiet.wav", signals.tone(700, 0.5, RATE, amplitude=0.0), RATE)
    with player(tone) as source, player(quiet) as silence:
        assert heard([source, silence], tmp_path / "1.wav") > -20
        pj.conf_configure_port(source, pj.PortOp.NO_CHANGE, pj.PortOp.DISABLE)
        assert heard([source, silence], tmp_path / "2.wav") < -80
        pj.conf_configure_port(source, pj.PortOp.NO_CHANGE, pj.PortOp.ENABLE)
        assert heard([source, silence], tmp_path / "3.wav") > -20


def test_directions_that_are_none(phone: Phone) -> None:
    for wrong in (-1, 4, 2**31):
        with pytest.raises(ValueError, match=r"^tx: .* is not between 0 and 3$"):
            pj.conf_configure_port(0, wrong, 0)
        with pytest.raises(ValueError, match=r"^rx: .* is not between 0 and 3$"):
            pj.conf_configure_port(0, 0, wrong)
    with pytest.raises(pj.InvalidArgument, match="slot 77"):
        pj.conf_configure_port(77, 0, 0)


def test_the_name_of_a_port_is_read_while_ports_come_and_go(phone: Phone, tmp_path: Path) -> None:
    """PJSUA gives a pointer to it: whoever owns the port is held as long as that is read."""
    files = [
        signals.write_wav(tmp_path / f"{letter * 40}.wav", signals.tone(700, 0.2, RATE), RATE)
        for letter in "ab"
    ]
    stop = threading.Event()
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    gone: list[pj.PlayerId] = []

    def come_and_go() -> None:
        while not stop.is_set():
            for made in [pj.player_create(file) for file in files]:
                pj.player_destroy(made)
                gone.append(made)

    def look() -> None:
        while not stop.is_set():
            for slot in pj.enum_conf_ports():
                try:
                    info = pj.conf_get_port_info(slot)
                except (pj.InvalidArgument, pj.StaleError):
                    continue
                seen[info.name] += 1
                if info.name not in ("Master/sound", *map(str, files)):
                    wrong.append(info.name)

    threads = [threading.Thread(target=target) for target in (come_and_go, come_and_go, look, look)]
    for thread in threads:
        thread.start()
    try:
        until(
            lambda: bool(wrong) or (len(gone) > 1500 and all(seen[str(file)] > 50 for file in files)),
            "ports come, are looked at and go",
            timeout=60,
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert wrong == []


def test_the_owner_of_a_plain_slot_is_found(phone: Phone, tmp_path: Path, tone: Path) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    slot = phone.wait_media(call).conf_slot
    recorder = pj.recorder_get_conf_port(pj.recorder_create(tmp_path / "r.wav"))
    with player(tone) as source:
        for owned in (slot, source, recorder):
            assert pj.conf_get_port_info(int(owned)) == pj.conf_get_port_info(owned)
    assert phone.uri("b") in pj.conf_get_port_info(int(slot)).name
    pj.call_hangup(call)
    phone.wait_end(call)
    with pytest.raises((pj.InvalidArgument, pj.StaleError)):
        pj.conf_get_port_info(slot)


def test_without_a_clock_nothing_hangs(phone: Phone, tmp_path: Path, tone: Path) -> None:
    """What the bridge is asked for waits, and is done when there is a clock again."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    account = phone.account("a")
    pj.set_no_snd_dev()
    assert not pj.snd_is_active()
    assert pj.get_snd_dev2() == pj.SndDevParam(
        capture_dev=pj.SND_NO_DEV, playback_dev=pj.SND_NO_DEV, mode=pj.SndDevMode(0)
    )
    before = len(phone.all(pj.OnConfOpCompleted))
    done = threading.Event()
    gone: list[pj.PlayerId] = []

    def everything() -> None:
        for _ in range(20):
            played = pj.player_create(tone, pj.PLAYER_NO_LOOP)
            recorder = pj.recorder_create(tmp_path / "r.wav")
            source, sink = pj.player_get_conf_port(played), pj.recorder_get_conf_port(recorder)
            pj.conf_connect(source, sink)
            pj.conf_connect(source, 0)
            pj.conf_configure_port(source, pj.PortOp.ENABLE, pj.PortOp.ENABLE)
            pj.conf_get_port_info(source)
            pj.conf_get_signal_level(source)
            pj.conf_disconnect(source, sink)
            pj.player_set_pos(played, 100)
            pj.player_destroy(played)
            pj.recorder_destroy(recorder)
        call = pj.call_make_call(account, phone.uri("b"))
        phone.wait_media(call)
        pj.call_hangup(call)
        phone.wait_end(call)
        gone.append(pj.player_create(tone, pj.PLAYER_NO_LOOP))
        pj.conf_connect(pj.player_get_conf_port(gone[0]), 0)
        done.set()

    threading.Thread(target=everything, daemon=True).start()
    assert done.wait(20)
    assert not any(
        event.op is pj.ConfOpType.CONNECT_PORTS and event.status == 0
        for event in phone.all(pj.OnConfOpCompleted)[before:]
    )
    pj.set_null_snd_dev()
    op(phone, pj.ConfOpType.CONNECT_PORTS, pj.player_get_conf_port(gone[0]), 0)
    phone.wait(pj.OnPlayerEof)


def test_destroy_without_a_clock(tmp_path: Path, tone: Path) -> None:
    with Phone() as phone:
        phone.account("a")
        pj.set_snd_dev2(pj.SndDevParam(capture_dev=pj.SND_NO_DEV, playback_dev=pj.SND_NO_DEV))
        played = pj.player_create(tone)
        pj.conf_connect(pj.player_get_conf_port(played), 0)
        pj.player_destroy(pj.player_create(tone))
    assert pj.get_state() is pj.State.NULL


def test_devices_are_told(phone: Phone) -> None:
    """The null device that `init` opens is the first."""
    assert phone.wait(pj.OnSndDevOperation).opening is True
    pj.set_no_snd_dev()
    assert phone.wait(pj.OnSndDevOperation, count=2).opening is False
    pj.set_null_snd_dev()
    assert phone.wait(pj.OnSndDevOperation, count=3).opening is True
