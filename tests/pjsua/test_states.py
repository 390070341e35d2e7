"""Every public function in every state of the library: an answer or a clear refusal, never an abort."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peers import signals
from pjsua.phone import Phone
from pjsua.program import Program
from pyjsua import pjsua as pj

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "acc_add": (pj.AccConfig(id="sip:a@127.0.0.1"),),
    "acc_add_local": (0,),
    "acc_create_uac_contact": (0, "sip:b@127.0.0.1"),
    "acc_del": (0,),
    "acc_del2": (0,),
    "acc_enum_info": (),
    "acc_find_for_outgoing": ("sip:b@127.0.0.1",),
    "acc_get_count": (),
    "acc_get_default": (),
    "acc_get_info": (0,),
    "acc_get_user_data": (0,),
    "acc_is_valid": (0,),
    "acc_modify": (0, pj.AccConfig(id="sip:a@127.0.0.1")),
    "acc_send_request": (0, "sip:b@127.0.0.1:9", "OPTIONS"),
    "acc_set_default": (0,),
    "acc_set_online_status": (0, True),
    "acc_set_online_status2": (0, True, pj.RpidElement()),
    "acc_set_registration": (0, True),
    "acc_set_transport": (0, -1),
    "acc_set_user_data": (0, "x"),
    "call_answer": (0,),
    "call_answer2": (0,),
    "call_answer_with_sdp": (0, SDP),
    "call_aud_stream_modify_codec_param": (0, -1, pj.CodecParam()),
    "call_dial_dtmf": (0, "1"),
    "call_dial_dtmf2": (0, "1"),
    "call_dump": (0,),
    "call_get_conf_port": (0,),
    "call_get_count": (),
    "call_get_info": (0,),
    "call_get_max_count": (),
    "call_get_med_transport_info": (0,),
    "call_get_queued_dtmf_digits": (0,),
    "call_get_rem_nat_type": (0,),
    "call_get_stream_info": (0,),
    "call_get_stream_stat": (0,),
    "call_get_user_data": (0,),
    "call_hangup": (0,),
    "call_hangup_all": (),
    "call_has_media": (0,),
    "call_is_active": (0,),
    "call_make_call": (0, "sip:b@127.0.0.1:9"),
    "call_process_redirect": (0, pj.RedirectOp.STOP),
    "call_reinvite": (0,),
    "call_reinvite2": (0,),
    "call_remote_has_cap": (0, pj.Hdr.ALLOW, None, "INVITE"),
    "call_send_dtmf": (0, "1"),
    "call_send_request": (0, "INFO"),
    "call_set_hold": (0,),
    "call_set_hold2": (0,),
    "call_set_user_data": (0, "x"),
    "call_update": (0,),
    "call_update2": (0,),
    "call_xfer": (0, "sip:c@127.0.0.1"),
    "call_xfer_replaces": (0, 1),
    "cancel_stun_resolution": ("token",),
    "cancel_timer": (0,),
    "codec_get_param": ("PCMU",),
    "codec_set_param": ("PCMU", None),
    "codec_set_priority": ("PCMU", 128),
    "conf_adjust_rx_level": (0, 1.0),
    "conf_adjust_tx_level": (0, 1.0),
    "conf_connect": (0, 0),
    "conf_disconnect": (0, 0),
    "conf_get_active_ports": (),
    "conf_get_max_ports": (),
    "conf_get_port_info": (0,),
    "conf_get_signal_level": (0,),
    "detect_nat_type": (),
    "dump": (),
    "enum_accs": (),
    "enum_aud_devs": (),
    "enum_calls": (),
    "enum_codecs": (),
    "enum_conf_ports": (),
    "enum_transports": (),
    "get_nat_type": (),
    "get_snd_dev": (),
    "handle_events": (0,),
    "handle_ip_change": (pj.IpChangeParam(restart_listener=False),),
    "perror": ("sender", "title", 70004),
    "player_create": ("tone.wav",),
    "player_destroy": (0,),
    "player_get_conf_port": (0,),
    "player_get_pos": (0,),
    "player_set_pos": (0, 0),
    "reconfigure_logging": (pj.LoggingConfig(level=1),),
    "recorder_create": ("recording.wav",),
    "recorder_destroy": (0,),
    "recorder_get_conf_port": (0,),
    "resolve_stun_servers": (["127.0.0.1:9"],),
    "schedule_timer": (100.0,),
    "schedule_timer2": (100000,),
    "set_null_snd_dev": (),
    "set_snd_dev": (),
    "snd_is_active": (),
    "start": (),
    "stop_worker_threads": (),
    "transport_close": (0,),
    "transport_create": (pj.TransportType.UDP, pj.TransportConfig(bound_addr="127.0.0.1")),
    "transport_get_info": (0,),
    "transport_lis_restart": (0, pj.TransportConfig(bound_addr="127.0.0.1")),
    "transport_lis_start": (0, pj.TransportConfig(port=9, bound_addr="127.0.0.1")),
    "update_stun_servers": (["127.0.0.1:9"],),
    "verify_sip_url": ("sip:b@127.0.0.1",),
    "verify_url": ("tel:+1",),
}

QUESTIONS = {"acc_is_valid", "call_has_media", "call_is_active"}
"""Without a library the answer is no."""

FROM_CREATED = {"perror", "verify_sip_url", "verify_url"}
FROM_RUNNING = {"handle_ip_change", *(name for name in ARGUMENTS if name.startswith("call_"))} - QUESTIONS - {
    "call_get_count", "call_get_info", "call_get_max_count", "call_hangup_all",
}  # fmt: skip
"""Calls want a started library."""

NOT_READY = "the library is not created, initialised and started, or is being destroyed"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    signals.write_wav(Path("tone.wav"), signals.tone(500, 0.2, 16000), 16000)


def refused(name: str) -> bool:
    """Calls it; True if it said that the library is not ready for it."""
    try:
        answer = getattr(pj, name)(*ARGUMENTS[name])
    except pj.InvalidState as error:
        # An account without a transport is refused in words of its own.
        return NOT_READY in str(error) or name == "start"
    except pj.PjsuaError:
        return False
    if name in QUESTIONS:
        assert answer is False
        return True
    return False


def check(allowed: set[str]) -> None:
    found = {name for name in ARGUMENTS if not refused(name)}
    assert found == allowed, found ^ allowed


def test_before_create() -> None:
    check(set())
    assert pj.get_state() is pj.State.NULL


def test_between_create_and_init() -> None:
    pj.create()
    check(FROM_CREATED)
    assert pj.get_state() is pj.State.CREATED


def test_between_init_and_start(pulseaudio: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARGUMENTS, "set_snd_dev", (250, 250))
    pj.create()
    pj.init()
    rest = set(ARGUMENTS) - FROM_RUNNING - QUESTIONS
    ordered = sorted(rest - {"start"})
    assert [name for name in ordered if refused(name)] == []
    assert [name for name in FROM_RUNNING if not refused(name)] == []
    assert pj.get_state() is pj.State.INIT


def test_after_destroy() -> None:
    with Phone() as phone:
        phone.account("a")
        pj.destroy()
        check(set())
        assert pj.get_state() is pj.State.NULL


def test_in_a_process_that_never_created_one(program: Callable[..., Program]) -> None:
    made = program(
        source="""
import json
from pjsua import test_states
from peers import signals
from pathlib import Path
signals.write_wav(Path("tone.wav"), signals.tone(500, 0.2, 16000), 16000)
print(json.dumps([name for name in test_states.ARGUMENTS if not test_states.refused(name)]))
"""
    )
    status, output, errors = made.finish()
    assert (status, output.strip(), errors) == (0, "[]", "")
