"""An id whose object has gone raises, and nothing happens to whatever has its number now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from laws import phone
from peers import signals
from pyjsua import pjsua as pj

Use = Callable[[Any], object]

CALL_USES: list[Use] = [
    pj.call_get_info, pj.call_hangup, pj.call_answer, pj.call_answer2, pj.call_set_hold, pj.call_reinvite,
    pj.call_get_conf_port, pj.call_get_stream_stat, pj.call_dump,
    lambda call: pj.call_dial_dtmf(call, "1"), lambda call: pj.call_send_dtmf(call, "1"),
]  # fmt: skip
CALL_QUESTIONS: list[Use] = [pj.call_is_active, pj.call_has_media]
SLOT_USES: list[Use] = [
    pj.conf_get_port_info, pj.conf_get_signal_level, lambda slot: pj.conf_connect(slot, 0),
    lambda slot: pj.conf_connect(0, slot), lambda slot: pj.conf_disconnect(slot, 0),
    lambda slot: pj.conf_adjust_tx_level(slot, 0.0), lambda slot: pj.conf_adjust_rx_level(slot, 0.0),
]  # fmt: skip


@pytest.fixture
def events() -> phone.Events:
    return phone.Events()


@pytest.fixture
def line(events: phone.Events) -> Iterator[phone.Phone]:
    with phone.phone(phone.auto_answer(events), max_calls=4) as line:
        yield line


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return signals.write_wav(tmp_path / "tone.wav", signals.tone(440.0, 2.0), 16000)


def media_up(events: phone.Events, call: pj.CallId) -> pj.ConfPortId:
    events.wait_state(call, pj.InvState.CONFIRMED)
    return events.wait_for(
        pj.OnCallMediaState,
        lambda event: (
            phone.is_same(event.call_id, call) and event.info.media_status is pj.CallMediaStatus.ACTIVE
        ),
    ).info.conf_slot


def reused_call(
    line: phone.Phone, events: phone.Events
) -> tuple[pj.CallId, pj.ConfPortId, pj.CallId, pj.CallId]:
    """A stale call, its stale slot, the call that has its number now, and the one that holds the others."""
    # A call to ourselves takes two numbers: the long one holds two of four, and the next two are reused.
    long = line.call()
    media_up(events, long)
    stale = line.call()
    slot = media_up(events, stale)
    pj.call_hangup(stale)
    events.wait_state(stale, pj.InvState.DISCONNECTED)
    phone.wait_until(lambda: pj.call_get_count() == 2, "slots free")
    while True:
        new = line.call()
        media_up(events, new)
        for call in pj.enum_calls():
            if int(call) == int(stale):
                return stale, slot, call, long
        pj.call_hangup(new)
        phone.wait_until(lambda: pj.call_get_count() == 2, "slots free")


def test_stale_call(line: phone.Phone, events: phone.Events) -> None:
    stale, slot, new, long = reused_call(line, events)
    assert int(new) == int(stale)
    assert new.serial != stale.serial
    state = pj.call_get_info(new)
    info = pj.conf_get_port_info(pj.call_get_conf_port(new))
    for use in CALL_USES:
        with pytest.raises(pj.StaleError):
            use(stale)
    for question in CALL_QUESTIONS:
        assert question(stale) is False
        assert question(new) is True
    assert stale not in {call for call in pj.enum_calls() if phone.is_same(call, stale)}
    for use in SLOT_USES:
        with pytest.raises(pj.StaleError):
            use(slot)
    after = pj.call_get_info(new)
    assert (after.call_id, after.state, after.media_status) == (
        state.call_id, pj.InvState.CONFIRMED, pj.CallMediaStatus.ACTIVE,
    )  # fmt: skip
    assert pj.conf_get_port_info(pj.call_get_conf_port(new)) == info
    assert pj.call_get_info(long).state is pj.InvState.CONFIRMED
    # Nothing was sent to the stranger: no re-INVITE, no DTMF, no BYE.
    requests = [
        event.method for event in events.of(pj.OnCallTsxState, lambda e: phone.is_same(e.call_id, new))
    ]
    assert set(requests) <= {"INVITE"}
    # A plain number means whoever is there, as in C.
    assert pj.call_get_info(int(stale)).call_id == state.call_id


def test_two_slots_one_long_call(events: phone.Events, sipp: Callable[..., Any]) -> None:
    """The case where pjsua reuses a number at once: two calls at most, one of them long."""
    with phone.phone(phone.auto_answer(events), max_calls=2) as line:
        answering = sipp("uas_answer", calls=0, timeout=60)
        long = pj.call_make_call(line.accounts[0], answering.uri)
        events.wait_state(long, pj.InvState.CONFIRMED)
        stale = pj.call_make_call(line.accounts[0], answering.uri)
        events.wait_state(stale, pj.InvState.CONFIRMED)
        pj.call_hangup(stale)
        phone.wait_until(lambda: pj.call_get_count() == 1, "slot free")
        new = pj.call_make_call(line.accounts[0], answering.uri)
        assert int(new) == int(stale)
        events.wait_state(new, pj.InvState.CONFIRMED)
        for use in CALL_USES:
            with pytest.raises(pj.StaleError):
                use(stale)
        assert pj.call_get_info(new).state is pj.InvState.CONFIRMED
        assert pj.call_get_info(long).state is pj.InvState.CONFIRMED
        number_of_byes = len([m for m in answering.messages if m.is_request and m.method == "BYE"])
        assert number_of_byes == 1


def test_stale_account(line: phone.Phone) -> None:
    stale = pj.acc_add(phone.account("gone", line.port))
    pj.acc_del(stale)
    new = pj.acc_add(phone.account("new", line.port))
    assert int(new) == int(stale)
    uses: list[Use] = [
        pj.acc_get_info, pj.acc_del, pj.acc_set_default, lambda acc: pj.acc_set_registration(acc, True),
        lambda acc: pj.acc_modify(acc, phone.account("spoilt", line.port)),
        lambda acc: pj.call_make_call(acc, line.uri("bob")),
    ]  # fmt: skip
    default = pj.acc_get_default()
    for use in uses:
        with pytest.raises(pj.StaleError):
            use(stale)
    assert not pj.acc_is_valid(stale)
    assert pj.acc_is_valid(new)
    assert "new@" in pj.acc_get_info(new).acc_uri
    assert pj.acc_get_default() == default
    assert pj.call_get_count() == 0


def test_stale_transport(line: phone.Phone) -> None:
    cfg = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    stale = pj.transport_create(pj.TransportType.UDP, cfg)
    pj.transport_close(stale)
    new = pj.transport_create(pj.TransportType.UDP, cfg)
    assert int(new) == int(stale)
    for use in (pj.transport_get_info, pj.transport_close, pj.acc_add_local):
        with pytest.raises(pj.StaleError):
            use(stale)
    assert pj.transport_get_info(new).local_name.port


def test_stale_player(line: phone.Phone, tone: Path) -> None:
    stale = pj.player_create(tone)
    slot = pj.player_get_conf_port(stale)
    pj.player_destroy(stale)
    new = pj.player_create(tone)
    assert int(new) == int(stale)
    uses: list[Use] = [
        pj.player_get_conf_port, pj.player_get_pos, pj.player_destroy,
        lambda player: pj.player_set_pos(player, 5),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(pj.StaleError):
            use(stale)
    for use in SLOT_USES:
        with pytest.raises(pj.StaleError):
            use(slot)
    assert pj.player_get_pos(new) == 0
    assert pj.conf_get_port_info(pj.player_get_conf_port(new)).tx_level_adj == 1.0


def test_stale_recorder(line: phone.Phone, tmp_path: Path) -> None:
    stale = pj.recorder_create(tmp_path / "one.wav")
    slot = pj.recorder_get_conf_port(stale)
    pj.recorder_destroy(stale)
    new = pj.recorder_create(tmp_path / "two.wav")
    assert int(new) == int(stale)
    uses: list[Use] = [pj.recorder_get_conf_port, pj.recorder_destroy]
    for use in uses:
        with pytest.raises(pj.StaleError):
            use(stale)
    for use in SLOT_USES:
        with pytest.raises(pj.StaleError):
            use(slot)
    assert pj.conf_get_port_info(pj.recorder_get_conf_port(new)).slot_id == pj.recorder_get_conf_port(new)


def test_ids_of_an_earlier_life(events: phone.Events, tone: Path) -> None:
    with phone.phone(phone.auto_answer(events)) as line:
        call = line.call()
        media_up(events, call)
        old: list[tuple[Use, Any]] = [
            (pj.call_get_info, call), (pj.acc_get_info, line.accounts[0]),
            (pj.transport_get_info, line.transport), (pj.player_get_pos, pj.player_create(tone)),
            (pj.conf_get_port_info, pj.call_get_conf_port(call)),
        ]  # fmt: skip
    again = phone.Events()
    with phone.phone(phone.auto_answer(again)) as line:
        media_up(again, line.call())
        pj.player_create(tone)
        for use, stale in old:
            with pytest.raises(pj.StaleError):
                use(stale)
