"""Calls every public function of the low-level door from threads PJSIP never saw.

The argument says who makes the threads: `thread`, `executor` or `asyncio`. Prints one line per function.
"""

from __future__ import annotations

import asyncio
import faulthandler
import inspect
import os
import sys
import tempfile
import threading
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from laws import phone
from pyjsua import _core, pjsua as pj

faulthandler.enable()


def in_new_thread(function: Callable[[], Any]) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def in_executor(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).result()


def in_asyncio(function: Callable[[], Any]) -> Any:
    return asyncio.run(asyncio.to_thread(function))


SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

run = {"thread": in_new_thread, "executor": in_executor, "asyncio": in_asyncio}[sys.argv[1]]
done: set[str] = set()


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Calls one function from a thread of its own, which ends right after."""
    result = run(lambda: getattr(pj, name)(*args, **kwargs))
    done.add(name)
    print(name)
    return result


def public_functions() -> set[str]:
    return {name for name, value in vars(pj).items() if not name.startswith("_") and inspect.isroutine(value)}


folder = tempfile.mkdtemp()
tone = os.path.join(folder, "tone.wav")
with wave.open(tone, "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(bytes(64000))

events = phone.Events()

# --- before there is a library
call("pj_version")
call("limits")
call("strerror", 70004)
call("get_state")
call("queue_stats")
call("event_stats")
call("set_watchdog", None)
call("queue_set_cap", 10000)

# --- the life of one
call("create")
cfg = pj.Config(max_calls=8, cb=phone.auto_answer(events))
call("init", cfg, media_cfg=pj.MediaConfig(no_vad=True))
udp = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
transport = call("transport_create", pj.TransportType.UDP, udp)
call("start")
port = call("transport_get_info", transport).local_name.port
assert transport in call("enum_transports")
other = pj.transport_create(pj.TransportType.UDP, udp)
local = call("acc_add_local", other)
call("acc_del", local)
call("transport_lis_restart", other, udp)
call("transport_lis_start", other, pj.TransportConfig(port=9, bound_addr="127.0.0.1"))
call("transport_close", other)
call("verify_sip_url", "sip:a@127.0.0.1")
call("verify_url", "tel:+1")
call("reconfigure_logging", pj.LoggingConfig(level=1))
call("perror", "sender", "title", 70004)
call("dump")
call("cancel_timer", call("schedule_timer", 100.0))
pj.cancel_timer(call("schedule_timer2", 100_000))
call("resolve_stun_servers", ["127.0.0.1:9"], token="mine")
call("cancel_stun_resolution", "mine")
call("handle_events", 1)

alice = call("acc_add", phone.account("alice", port))
bob = pj.acc_add(phone.account("bob", port))
call("acc_modify", alice, phone.account("alice", port))
call("acc_set_default", alice)
assert call("acc_get_default") == alice
assert call("acc_get_count") == 2
assert call("enum_accs") == [alice, bob]
assert call("acc_is_valid", bob)
call("acc_get_info", bob)
assert [info.id for info in call("acc_enum_info")] == [alice, bob]
call("acc_find_for_outgoing", "sip:carol@127.0.0.1")
call("acc_set_online_status", bob, True)
call("acc_set_online_status2", bob, True, pj.RpidElement(note="here"))
call("acc_set_transport", bob, transport)
call("acc_create_uac_contact", bob, "sip:carol@127.0.0.1")
call("acc_set_user_data", bob, "anything")
assert call("acc_get_user_data", bob) == "anything"
call("acc_set_codecs", bob, call("matching_codecs", ["PCM?", "speex"]))
assert call("acc_get_codecs", bob)[0] in ("PCMU/8000/1", "PCMA/8000/1")
call("acc_set_headers", bob, "BYE", [("X-Why", "so")])
call("acc_set_incoming_match", bob, ["4711"], ["192.0.2.0/24"])
call("acc_set_incoming_subscribe", bob, 200)
call("acc_send_request", bob, f"sip:alice@127.0.0.1:{port}", "OPTIONS")
call("acc_del2", pj.acc_add(phone.account("carol", port)))
try:
    call("acc_set_registration", bob, True)
except pj.PjsuaError:
    # Without a registrar PJSIP refuses; what counts is that the thread came through.
    done.add("acc_set_registration")

uri = f"sip:bob@127.0.0.1:{port}"
made = call("call_make_call", alice, uri)
events.wait_state(made, pj.InvState.CONFIRMED)
events.wait_for(
    pj.OnCallMediaState, lambda event: event.info.media_status is pj.CallMediaStatus.ACTIVE, count=2
)
assert call("call_get_count") == 2
call("call_get_max_count")
assert made in call("enum_calls")
call("call_get_info", made)
call("call_is_active", made)
call("call_has_media", made)
slot = call("call_get_conf_port", made)
call("call_get_stream_stat", made)
call("call_dump", made)
call("call_get_stream_info", made)
call("call_get_med_transport_info", made)
call("call_get_rem_nat_type", made)
call("call_remote_has_cap", made, pj.Hdr.ALLOW, None, "UPDATE")
call("call_set_user_data", made, "anything")
assert call("call_get_user_data", made) == "anything"
call("call_set_codecs", made, ["PCMU"])
assert call("call_get_codecs", made) == ("PCMU/8000/1",)
call("call_set_headers", made, "BYE", [("X-Why", "so")])
call("call_get_queued_dtmf_digits", made)
call("call_aud_stream_modify_codec_param", made, -1, pj.call_get_stream_info(made).param)
call("call_send_request", made, "INFO")
call("call_dial_dtmf2", made, "3", 100)
for refused in (
    ("call_process_redirect", made, pj.RedirectOp.STOP),
    ("call_answer_with_sdp", made, SDP),
    ("call_xfer_replaces", made, 7),
):
    try:
        call(*refused)
    except pj.PjsuaError:
        # Nothing there to be done; what counts is that the thread came through.
        done.add(refused[0])
call("call_dial_dtmf", made, "1")
call("call_send_dtmf", made, "2")
call("call_set_hold", made)
events.wait_for(
    pj.OnCallMediaState,
    lambda event: (
        phone.is_same(event.call_id, made) and event.info.media_status is pj.CallMediaStatus.LOCAL_HOLD
    ),
)
call("call_reinvite", made, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
phone.wait_until(lambda: pj.call_get_info(made).media_status is pj.CallMediaStatus.ACTIVE, "unhold")
call("call_set_hold2", made)
phone.wait_until(lambda: pj.call_get_info(made).media_status is pj.CallMediaStatus.LOCAL_HOLD, "hold")
call("call_reinvite2", made, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
phone.wait_until(lambda: pj.call_get_info(made).media_status is pj.CallMediaStatus.ACTIVE, "unhold")
for count, update in enumerate(("call_update", "call_update2"), 1):
    call(update, made)
    events.wait_for(
        pj.OnCallTsxState,
        lambda event: (
            event.method == "UPDATE" and event.role is pj.Role.UAC and event.state is pj.TsxState.COMPLETED
        ),
        count=count,
    )

slot = pj.call_get_conf_port(made)
player = call("player_create", tone)
recorder = call("recorder_create", os.path.join(folder, "heard.wav"))
call("conf_connect", call("player_get_conf_port", player), slot)
call("conf_connect", slot, call("recorder_get_conf_port", recorder))
call("conf_disconnect", slot, pj.recorder_get_conf_port(recorder))
call("conf_adjust_tx_level", slot, 0.5)
call("conf_adjust_rx_level", slot, 0.5)
call("conf_get_signal_level", slot)
call("conf_get_port_info", slot)
call("conf_get_max_ports")
call("conf_get_active_ports")
call("enum_conf_ports")
call("player_set_pos", player, 100)
call("player_get_pos", player)
call("player_destroy", player)
call("recorder_destroy", recorder)
tones = call("tonegen_create")
call("conf_connect", call("tonegen_get_conf_port", tones), slot)
call("tonegen_set_digit_map", tones, call("tonegen_get_digit_map", tones))
call("tonegen_play", tones, [pj.ToneDesc(freq1=440, on_msec=100)], pj.TONEGEN_LOOP)
call("tonegen_play_digits", tones, "42")
call("tonegen_is_busy", tones)
call("tonegen_rewind", tones)
call("tonegen_stop_loop", tones)
call("tonegen_stop", tones)
call("tonegen_destroy", tones)

call("openssl_version")
pcm = pj.PcmPort(8000)
call("native_port_alive", pcm.conf_port)
call("native_port_destroy", pcm.conf_port)
pcm.close()

call("enum_codecs")
call("codec_set_param", "PCMU", call("codec_get_param", "PCMU"))
call("codec_set_priority", "PCMA", 1)
call("enum_aud_devs")
call("get_snd_dev")
call("snd_is_active")
try:
    call("set_snd_dev")
except pj.SoundDeviceError:
    done.add("set_snd_dev")
call("set_null_snd_dev")

try:
    call("call_xfer", made, "nonsense")
except ValueError:
    done.add("call_xfer")
# What they say depends on more than a thread; what counts is that they come back.
text = pj.CallSendTextParam(text="hello") if hasattr(pj, "CallSendTextParam") else None
for name, args in (
    ("cfg", ()),
    ("set_cfg", (pj.cfg(),)),
    ("codec_get_param", ("PCMU",)),
    ("codec_set_param", ("PCMU", None)),
    ("conf_configure_port", (slot, pj.PortOp.ENABLE, pj.PortOp.ENABLE)),
    ("conf_connect2", (slot, slot, pj.ConfConnectParam(level=0.5))),
    ("playlist_create", ([tone, tone],)),
    ("player_get_info", (0,)),
    ("enum_snd_devs", ()),
    ("aud_dev_refresh", ()),
    ("get_snd_dev2", ()),
    ("set_snd_dev2", (pj.get_snd_dev2(),)),
    ("set_no_snd_dev", ()),
    ("set_null_snd_dev", ()),
    ("get_ec_tail", ()),
    ("get_ec_stat", ()),
    ("set_ec", (0,)),
    ("snd_get_setting", (pj.AudDevCap.OUTPUT_VOLUME_SETTING,)),
    ("snd_set_setting", (pj.AudDevCap.OUTPUT_VOLUME_SETTING, 50)),
    ("hook_stats", ()),
    ("get_admission", ()),
    ("set_max_pending", (0,)),
    ("set_draining", (0,)),
    ("call_set_user_data", (made, "mine")),
    ("call_get_user_data", (made,)),
    ("call_remote_has_cap", (made, 5, None, "UPDATE")),
    ("call_get_rem_nat_type", (made,)),
    ("call_get_stream_info", (made,)),
    ("call_get_med_transport_info", (made,)),
    ("call_aud_stream_modify_codec_param", (made, 0, pj.codec_get_param("PCMU"))),
    ("call_dial_dtmf2", (made, "3")),
    ("call_get_queued_dtmf_digits", (made,)),
    ("call_send_request", (made, "OPTIONS")),
    ("call_send_im", (made, "text/plain", "hello")),
    ("call_send_typing_ind", (made, True)),
    ("call_send_text", (made, text)),
    ("call_update", (made,)),
    ("call_update2", (made,)),
    ("call_reinvite2", (made,)),
    ("call_set_hold2", (made,)),
    ("call_answer_with_sdp", (made, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")),
    ("call_process_redirect", (made, pj.RedirectOp.STOP)),
    ("call_xfer_replaces", (made, 7)),
    ("acc_get_config", (bob,)),
    ("ice_config_from_media_config", (pj.MediaConfig(),)),
    ("turn_config_from_media_config", (pj.MediaConfig(),)),
    ("auth_challenge_respond", (1,)),
    ("auth_challenge_abandon", (1,)),
    ("held_request_respond", (1, 603)),
    ("call_hold_requests", (made, pj.HeldRequest.REINVITE)),
    ("im_send", (bob, uri, "text/plain", "hello")),
    ("im_typing", (bob, uri, True)),
    ("buddy_add", (pj.BuddyConfig(uri=uri),)),
    ("buddy_find", (uri,)),
    ("enum_buddies", ()),
    ("get_buddy_count", ()),
    ("buddy_is_valid", (0,)),
    ("buddy_get_info", (0,)),
    ("buddy_get_dlg_event_info", (0,)),
    ("buddy_set_user_data", (0, "mine")),
    ("buddy_get_user_data", (0,)),
    ("buddy_subscribe_pres", (0, True)),
    ("buddy_subscribe_dlg_event", (0, True)),
    ("buddy_update_pres", (0,)),
    ("buddy_update_dlg_event", (0,)),
    ("pres_dump", ()),
    ("acc_send_response", (bob, 1, 200)),
    ("conf_adjust_conn_level", (slot, slot, 0.5)),
    ("recorder_get_pos", (0,)),
    ("pcm_ready", ()),
    ("pcm_ready_fd", ()),
    ("pcm_ticks", ()),
    ("pres_notify", (bob, 0, pj.EvsubState.ACTIVE)),
    ("acc_subscribe", (bob, uri, "reg")),
    ("subscription_refresh", (0,)),
    ("subscription_end", (0,)),
    ("acc_register_pkg", (bob, "x-weather")),
    ("acc_unregister_pkg", (bob, "x-weather")),
    ("subscribe_respond", (1, 200)),
    ("subscriber_notify", (0, pj.EvsubState.ACTIVE)),
    ("buddy_del", (0,)),
):
    if name in done:
        continue
    try:
        call(name, *args)
    except (pj.PjsuaError, ValueError):
        done.add(name)

for name in sorted(public_functions() - done):
    cls = {"msg_data_init": "MsgData", "msg_data_clone": "MsgData"}.get(name)
    if name.endswith(("_default", "_dup")):
        cls = "".join(part.capitalize() for part in name.rpartition("_")[0].split("_"))
    if cls is not None:
        call(name, *([getattr(pj, cls)()] if name.endswith(("_dup", "_clone")) else []))

call("call_hangup", made)
phone.wait_until(lambda: pj.call_get_count() == 0, "slots free")
call("call_hangup_all")
try:
    call("events", timeout=0.1)
except RuntimeError as error:
    # There are handlers, it says; below there are none.
    print("events", error)

# --- answering from a stranger's thread: another life, read by the script
call("destroy")
call("create")
call("init", pj.Config(max_calls=8))
transport = call("transport_create", pj.TransportType.UDP, udp)
call("start")
port = call("transport_get_info", transport).local_name.port
accounts = [pj.acc_add(phone.account(user, port)) for user in ("alice", "bob")]
reader = call("events", timeout=20)
for answer in ("call_answer", "call_answer2"):
    out = pj.call_make_call(accounts[0], f"sip:bob@127.0.0.1:{port}")
    incoming = next(event for event in reader if isinstance(event, pj.OnIncomingCall))
    call(answer, incoming.call_id, code=200)
    confirmed = next(
        event
        for event in reader
        if isinstance(event, pj.OnCallState)
        and phone.is_same(event.call_id, out)
        and event.info.state is pj.InvState.CONFIRMED
    )
    call("call_hangup_all")
    phone.wait_until(lambda: pj.call_get_count() == 0, "slots free")
call("handle_ip_change", pj.IpChangeParam(restart_listener=False))
# Behind the calls: while it looks for a server, PJSIP can lock itself up over an incoming one.
call("update_stun_servers", ["127.0.0.1:9"])
try:
    call("detect_nat_type")
except pj.PjsuaError:
    # There is no STUN server.
    done.add("detect_nat_type")
try:
    call("get_nat_type")
except pj.PjsuaError:
    done.add("get_nat_type")
call("stop_worker_threads")
call("destroy")
call("destroy2", 0)

missing = public_functions() - done
assert not missing, f"not called: {sorted(missing)}"
assert _core.entrants() == 0
