"""Every public function in a fork of a process that runs PJSIP raises ForkedError, or needs no PJSIP."""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import traceback
import wave
from typing import Any

from laws import phone
from misuse.signatures import functions
from misuse.values import first
from pyjsua import pjsua as pj

HARMLESS = {
    "cfg", "event_stats", "get_admission", "get_state", "hook_stats", "ice_config_from_media_config",
    "limits", "msg_data_clone", "msg_data_init", "native_port_alive", "native_port_destroy",
    "openssl_version", "pcm_ticks", "pj_version",
    "queue_set_cap", "queue_stats", "set_cfg", "set_watchdog", "strerror", "turn_config_from_media_config",
    *(name for name in vars(pj) if name.endswith(("_default", "_dup")) and name != "acc_set_default"),
}  # fmt: skip
"""Need no running PJSIP."""
SAYS_NO = {"acc_is_valid", "buddy_is_valid", "call_has_media", "call_is_active"}
"""Questions whose answer is no where there is no library."""

ARGUMENTS: dict[str, Any] = {
    "event": "reg",
    "acc_id": 0, "call_id": 0, "id": 0, "slot": 0, "source": 0, "sink": 0, "tid": 0, "samples": 0,
    "dst_uri": "sip:a@127.0.0.1", "url": "sip:a@127.0.0.1", "cfg": phone.account("forked", 1),
    "digits": "1", "level": 1.0, "codec_id": "PCMU", "priority": 1, "msec_timeout": 0, "renew": True,
    "type": pj.TransportType.UDP, "uri": "sip:a@127.0.0.1", "dest_uri": "sip:a@127.0.0.1",
    "dest": "sip:a@127.0.0.1", "to": "sip:a@127.0.0.1", "challenge": 1, "dest_call_id": 1,
    "method": "OPTIONS", "st_code": 200, "tones": [pj.ToneDesc(freq1=440, on_msec=20)],
    "digit_map": {"1": (697, 1209)},
    "sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", "token": "mine", "srv": ["127.0.0.1"],
    "state": pj.EvsubState.ACTIVE, "cap": pj.AudDevCap.OUTPUT_VOLUME_SETTING,
    "which": "BYE", "request": 1, "code": 480, "max_pending": 0, "headers": [("X-Why", "so")],
}  # fmt: skip


def arguments(name: str, function: Any, wav: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is parameter.empty:
            given[parameter.name] = wav if parameter.name == "filename" else argument(name, parameter.name)
    if name in ("im_send", "call_send_im"):
        given["content"] = "hello"
    return given


def argument(name: str, parameter: str) -> Any:
    """By the type the stub gives it, where that is enough to say."""
    if (name, parameter) == ("call_hold_requests", "which"):
        return pj.HeldRequest.TRANSFER
    if parameter in ARGUMENTS and parameter != "cfg":
        return ARGUMENTS[parameter]
    if name in ("acc_add", "acc_modify"):
        return ARGUMENTS["cfg"]
    if name == "buddy_add":
        return pj.BuddyConfig(uri="sip:a@127.0.0.1")
    if name.startswith("transport_lis"):
        return pj.TransportConfig(port=9)
    return first(next(each.type for each in functions()[name] if each.name == parameter))


def in_child() -> None:
    wav = os.path.join(tempfile.mkdtemp(), "x.wav")
    with wave.open(wav, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(6400))
    ARGUMENTS["file_names"] = [wav]
    wrong = []
    for name, function in sorted(vars(pj).items()):
        if name.startswith("_") or not inspect.isroutine(function) or name in HARMLESS:
            continue
        try:
            result = function(**arguments(name, function, wav))
            if name == "events":
                result = list(result)
        except pj.ForkedError:
            continue
        except Exception as error:
            result = error
        if name not in SAYS_NO or result is not False:
            wrong.append(f"{name}: {result!r}")
    assert not wrong, "\n".join(wrong)
    assert pj.get_state() is pj.State.NULL


line = phone.start(phone.handlers(phone.Events()))
child = os.fork()
if not child:
    try:
        in_child()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert pj.get_state() is pj.State.RUNNING
pj.destroy()
