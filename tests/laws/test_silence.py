"""Silence by default, and an import that does nothing but import."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from laws import child

IMPORTS = "import pyjsua, pyjsua.pjsua"
LOOK = """
import os, threading
def look():
    return (os.listdir("/proc/self/fd"), os.listdir("/proc/self/task"), threading.active_count(),
            [signal.getsignal(number) for number in signal.valid_signals()])
import asyncio, logging, signal
before = look()
"""


def python(code: str) -> child.Ended:
    """Descriptors 1 and 2 are pipes: what C writes is seen as well."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False, env=child.environment()
    )
    return child.Ended(done.returncode, done.stdout, done.stderr)


def test_import_writes_nothing() -> None:
    python(IMPORTS).expect(silent=True)


def test_import_starts_nothing() -> None:
    python(f"""{LOOK}
{IMPORTS}
from pyjsua import pjsua as pj
assert look() == before, (look(), before)
assert pj.get_state() is pj.State.NULL
""").expect(silent=True)


def test_idle_endpoint_writes_nothing() -> None:
    python("""
from laws import phone
from pyjsua import pjsua as pj
for _ in range(3):
    events = phone.Events()
    with phone.phone(phone.auto_answer(events)) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_hangup(call)
        events.wait_state(call, pj.InvState.DISCONNECTED)
""").expect(silent=True)


def test_failures_write_nothing() -> None:
    """Not even what PJSIP calls an error: it is in the exception."""
    python("""
import logging, tempfile
from pyjsua import pjsua as pj
logging.lastResort = None
def fails(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except pj.PjsuaError:
        return
    raise AssertionError(function)
fails(pj.init); fails(pj.start); fails(pj.enum_calls)
pj.create(); fails(pj.create)
pj.init(); fails(pj.init)
t = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
port = pj.transport_get_info(t).local_name.port
fails(pj.transport_create, pj.TransportType.UDP, pj.TransportConfig(port=port, bound_addr="127.0.0.1"))
pj.start(); fails(pj.call_hangup, 3); fails(pj.acc_del, 3)
with tempfile.NamedTemporaryFile(suffix=".wav") as file:
    fails(pj.player_create, file.name)
fails(pj.conf_connect, 200, 201)
pj.destroy(); fails(pj.enum_calls); pj.destroy()
""").expect(silent=True)


def test_one_symbol_is_exported() -> None:
    spec = importlib.util.find_spec("pyjsua._core")
    assert spec is not None
    assert spec.origin is not None
    out = subprocess.run(
        ["nm", "-D", "--defined-only", spec.origin], capture_output=True, check=True, text=True
    )
    assert [line.split()[-1] for line in out.stdout.splitlines()] == ["PyInit__core"]
