"""Every public function in a fork of a process that runs PJSIP raises ForkedError, or needs no PJSIP."""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from laws import phone
from pyjsua import pjsua as pj

HARMLESS = {"get_state", "limits", "pj_version", "queue_set_cap", "queue_stats", "strerror"}
"""Need no running PJSIP."""
SAYS_NO = {"acc_is_valid", "call_has_media", "call_is_active"}
"""Questions whose answer is no where there is no library."""

ARGUMENTS: dict[str, Any] = {
    "acc_id": 0, "call_id": 0, "id": 0, "slot": 0, "source": 0, "sink": 0, "tid": 0, "samples": 0,
    "dst_uri": "sip:a@127.0.0.1", "url": "sip:a@127.0.0.1", "cfg": phone.account("forked", 1),
    "digits": "1", "level": 1.0, "codec_id": "PCMU", "priority": 1, "msec_timeout": 0, "renew": True,
    "type": pj.TransportType.UDP,
}  # fmt: skip


def arguments(name: str, function: Any, wav: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is parameter.empty:
            given[parameter.name] = wav if parameter.name == "filename" else ARGUMENTS[parameter.name]
    if name == "transport_create":
        given["cfg"] = pj.TransportConfig(port=0)
    return given


def in_child() -> None:
    wav = os.path.join(tempfile.mkdtemp(), "x.wav")
    Path(wav).touch()
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
