"""Ids that name nothing, or something else: refused by name, and what has the slot is not touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peers import signals
from pjsua.phone import Phone, player
from pyjsua import pjsua as pj

Use = Callable[[Any], Any]

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

CALLS: dict[str, Use] = {
    "call_answer": pj.call_answer,
    "call_answer2": pj.call_answer2,
    "call_answer_with_sdp": lambda id: pj.call_answer_with_sdp(id, SDP),
    "call_aud_stream_modify_codec_param": lambda id: pj.call_aud_stream_modify_codec_param(
        id, -1, pj.CodecParam()
    ),
    "call_dial_dtmf": lambda id: pj.call_dial_dtmf(id, "1"),
    "call_dial_dtmf2": lambda id: pj.call_dial_dtmf2(id, "1"),
    "call_dump": pj.call_dump,
    "call_get_conf_port": pj.call_get_conf_port,
    "call_get_info": pj.call_get_info,
    "call_get_med_transport_info": pj.call_get_med_transport_info,
    "call_get_queued_dtmf_digits": pj.call_get_queued_dtmf_digits,
    "call_get_rem_nat_type": pj.call_get_rem_nat_type,
    "call_get_stream_info": pj.call_get_stream_info,
    "call_get_stream_stat": pj.call_get_stream_stat,
    "call_get_user_data": pj.call_get_user_data,
    "call_hangup": pj.call_hangup,
    "call_process_redirect": lambda id: pj.call_process_redirect(id, pj.RedirectOp.STOP),
    "call_reinvite": pj.call_reinvite,
    "call_reinvite2": pj.call_reinvite2,
    "call_remote_has_cap": lambda id: pj.call_remote_has_cap(id, pj.Hdr.ALLOW, None, "INVITE"),
    "call_send_dtmf": lambda id: pj.call_send_dtmf(id, "1"),
    "call_send_request": lambda id: pj.call_send_request(id, "INFO"),
    "call_set_hold": pj.call_set_hold,
    "call_set_hold2": pj.call_set_hold2,
    "call_set_user_data": lambda id: pj.call_set_user_data(id, "data"),
    "call_update": pj.call_update,
    "call_update2": pj.call_update2,
    "call_xfer": lambda id: pj.call_xfer(id, "sip:c@127.0.0.1"),
    "call_xfer_replaces": lambda id: pj.call_xfer_replaces(id, 3),
}
ACCOUNTS: dict[str, Use] = {
    "acc_create_uac_contact": lambda id: pj.acc_create_uac_contact(id, "sip:b@127.0.0.1:9"),
    "acc_del": pj.acc_del,
    "acc_del2": pj.acc_del2,
    "acc_get_info": pj.acc_get_info,
    "acc_get_user_data": pj.acc_get_user_data,
    "acc_modify": lambda id: pj.acc_modify(id, pj.AccConfig(id="sip:a@127.0.0.1")),
    "acc_send_request": lambda id: pj.acc_send_request(id, "sip:b@127.0.0.1:9", "OPTIONS"),
    "acc_set_default": pj.acc_set_default,
    "acc_set_online_status": lambda id: pj.acc_set_online_status(id, True),
    "acc_set_online_status2": lambda id: pj.acc_set_online_status2(id, True, pj.RpidElement()),
    "acc_set_registration": lambda id: pj.acc_set_registration(id, True),
    "acc_set_transport": lambda id: pj.acc_set_transport(id, -1),
    "acc_set_user_data": lambda id: pj.acc_set_user_data(id, "x"),
    "call_make_call": lambda id: pj.call_make_call(id, "sip:b@127.0.0.1:9"),
}
SLOTS: dict[str, Use] = {
    "source": lambda id: pj.conf_connect(id, 0),
    "sink": lambda id: pj.conf_connect(0, id),
    "conf_disconnect": lambda id: pj.conf_disconnect(0, id),
    "conf_adjust_rx_level": lambda id: pj.conf_adjust_rx_level(id, 1.0),
    "conf_adjust_tx_level": lambda id: pj.conf_adjust_tx_level(id, 1.0),
    "conf_configure_port": lambda id: pj.conf_configure_port(id, 0, 0),
    "conf_get_port_info": pj.conf_get_port_info,
    "conf_get_signal_level": pj.conf_get_signal_level,
}
FILES: dict[str, Use] = {
    "player_destroy": pj.player_destroy,
    "player_get_conf_port": pj.player_get_conf_port,
    "player_get_info": pj.player_get_info,
    "player_get_pos": pj.player_get_pos,
    "player_set_pos": lambda id: pj.player_set_pos(id, 0),
    "recorder_destroy": pj.recorder_destroy,
    "recorder_get_conf_port": pj.recorder_get_conf_port,
}
TRANSPORTS: dict[str, Use] = {
    "acc_add_local": pj.acc_add_local,
    "transport_close": pj.transport_close,
    "transport_get_info": pj.transport_get_info,
    "transport_lis_restart": lambda id: pj.transport_lis_restart(
        id, pj.TransportConfig(bound_addr="127.0.0.1")
    ),
    "transport_lis_start": lambda id: pj.transport_lis_start(
        id, pj.TransportConfig(port=9, bound_addr="127.0.0.1")
    ),
}
EVERY = {**CALLS, **ACCOUNTS, **SLOTS, **FILES, **TRANSPORTS}
ARGUMENT = {
    **dict.fromkeys(CALLS, "call_id"),
    **dict.fromkeys(ACCOUNTS, "acc_id"),
    **dict.fromkeys(SLOTS, "slot"),
    **dict.fromkeys([*FILES, *TRANSPORTS], "id"),
    "source": "source",
    "sink": "sink",
    "conf_disconnect": "sink",
    "acc_add_local": "tid",
}


@pytest.mark.parametrize("name", EVERY)
def test_refused(phone: Phone, name: str) -> None:
    use, argument = EVERY[name], ARGUMENT[name]
    for bad, kind in (
        (True, "bool"), (1.0, "float"), (None, "NoneType"), ("0", "str"), (b"0", "bytes"), ([0], "list"),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=rf"^{argument}: int expected, not {kind}$"):
            use(bad)
    with pytest.raises(ValueError, match=rf"^{argument}: -1 names nothing$"):
        use(-1)
    for bad in (-2, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, -(2**63), 2**64, 10**100):
        with pytest.raises(ValueError, match=rf"^{argument}: {bad} is not between 0 and [0-9]+$"):
            use(bad)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_there(phone: Phone, name: str) -> None:
    """A number in range without an object: an error of the family that names argument and number."""
    with pytest.raises(pj.PjsuaError) as caught:
        EVERY[name](7)
    assert isinstance(caught.value, LookupError | ValueError)
    assert f"{ARGUMENT[name]} 7" in str(caught.value)


@pytest.mark.parametrize("name", EVERY)
def test_an_id_of_another_kind(phone: Phone, name: str) -> None:
    """A player's id is no account: refused though the number would fit."""
    phone.account("a")
    stranger = (
        pj.RecorderId(0)
        if name != "recorder_destroy" and name != "recorder_get_conf_port"
        else pj.PlayerId(0)
    )
    with pytest.raises(
        TypeError, match=rf"^{ARGUMENT[name]}: \w+Id expected, not {type(stranger).__name__}$"
    ):
        EVERY[name](stranger)
    assert pj.acc_get_count() == 1


def test_questions_answer_no(phone: Phone) -> None:
    for id in (7, 99):
        assert pj.acc_is_valid(id) is False
        assert pj.call_is_active(id) is False
        assert pj.call_has_media(id) is False
    assert pj.acc_is_valid(2**31) is False


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_has_gone(name: str) -> None:
    """Two slots, one held by a long call: the other is reused, and the stale id does not touch who has it."""
    with Phone(config=pj.Config(max_calls=3)) as phone:
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        a = phone.account("a")
        phone.account("b")
        stale = pj.call_make_call(a, phone.uri("b"))
        phone.wait_state(stale, pj.InvState.CONFIRMED)
        pj.call_hangup(stale)
        phone.wait_end(stale)
        phone.wait_slots_free()
        fresh: list[pj.CallId] = []
        while not any(call == stale for call in fresh):
            fresh.append(pj.call_make_call(a, "sip:b@127.0.0.1:9"))
        with pytest.raises(pj.StaleError, match=rf"call_id {int(stale)}: There is none, or it has gone"):
            CALLS[name](stale)
        assert not pj.call_is_active(stale)
        (again,) = (call for call in fresh if call == stale)
        assert pj.call_is_active(again)
        assert pj.call_get_info(again).state is pj.InvState.CALLING
        assert pj.call_is_active(int(again)), "a plain number is whoever has the slot"
        pj.call_hangup_all()


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_that_has_gone(phone: Phone, name: str) -> None:
    stale = phone.account("a")
    pj.acc_del(stale)
    again = phone.account("b")
    assert again == stale
    with pytest.raises(pj.StaleError, match=rf"acc_id {int(stale)}: "):
        ACCOUNTS[name](stale)
    assert pj.acc_is_valid(again)
    assert not pj.acc_is_valid(stale)
    assert pj.acc_get_info(again).acc_uri == phone.uri("b")
    phone.check_call()


def test_a_transport_that_has_gone(phone: Phone) -> None:
    stale = pj.transport_create(pj.TransportType.TCP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.transport_close(stale)
    again = pj.transport_create(pj.TransportType.TCP, pj.TransportConfig(bound_addr="127.0.0.1"))
    assert again == stale
    with pytest.raises(pj.StaleError, match=rf"id {int(stale)}: "):
        pj.transport_get_info(stale)
    with pytest.raises(pj.StaleError, match=rf"id {int(stale)}: "):
        pj.transport_close(stale)
    assert pj.transport_get_info(again).type is pj.TransportType.TCP


def test_a_slot_that_has_gone(phone: Phone, tmp_path: Any) -> None:
    file = signals.write_wav(tmp_path / "tone.wav", signals.tone(500, 0.2, 16000), 16000)
    with player(file) as stale:
        pj.conf_connect(stale, 0)
    with player(file) as again:
        for use in SLOTS.values():
            with pytest.raises(pj.StaleError):
                use(stale)
        assert pj.conf_get_port_info(again).name.endswith("tone.wav")


def test_media_of_a_call_without_media(phone: Phone) -> None:
    call = pj.call_make_call(phone.account("a"), "sip:b@127.0.0.1:9")
    assert pj.call_has_media(call) is False
    assert pj.call_get_conf_port(call) == -1
    with pytest.raises(pj.PjsuaError, match=rf"call_id {call}"):
        pj.call_get_stream_stat(call)
    with pytest.raises(ValueError, match=r"^med_idx: -1 is not between"):
        pj.call_get_stream_stat(call, -1)
    with pytest.raises(pj.PjsuaError, match=rf"call_id {call}"):
        pj.call_get_stream_stat(call, 4000)
    pj.call_hangup_all()
    phone.wait_end(call)


@pytest.mark.parametrize("level", [-0.1, 129.0, float("nan"), float("inf"), 1e300])
def test_gain_out_of_range(phone: Phone, level: float) -> None:
    for adjust in (pj.conf_adjust_rx_level, pj.conf_adjust_tx_level):
        with pytest.raises(ValueError, match=r"^level: .* is not between 0 and 128$"):
            adjust(0, level)
        with pytest.raises(TypeError, match=r"^level: float expected, not str$"):
            adjust(0, "loud")  # type: ignore[arg-type]
