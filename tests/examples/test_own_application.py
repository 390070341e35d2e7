"""How somebody tests an application of his own, the IVR of the examples: docs/guides/testing.md shows it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pyjsua
from pyjsua.sync import Endpoint
from pyjsua.testing import Drop, Respond, SipServer

APPLICATION = Path(__file__).resolve().parents[2] / "examples" / "ivr.py"
TIMEOUT = 30


@pytest.fixture
def application(sip_server: SipServer) -> Iterator[subprocess.Popen[str]]:
    """The program under test, registered as 1001."""
    words = [str(APPLICATION), sip_server.aor("1001"), "secret", "--bind", "127.0.0.1"]
    process = subprocess.Popen([sys.executable, *words], text=True)
    try:
        sip_server.wait_registered("1001", TIMEOUT)
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 0
    finally:
        process.kill()


@pytest.fixture
def caller(sip_server: SipServer) -> Iterator[Any]:
    # Long requests go by TCP where there is such a transport, and what is lost there nobody sends again.
    with Endpoint(transports=["udp"], bound_addr="127.0.0.1") as endpoint:
        yield endpoint.register(sip_server.aor("1002"), "secret")


def test_nine_ends_the_call(application: subprocess.Popen[str], caller: Any, sip_server: SipServer) -> None:
    call = caller.call(sip_server.aor("1001"), timeout=TIMEOUT)
    call.send_dtmf("9")
    assert call.wait_ended(TIMEOUT).code == 200
    sip_server.wait_for(lambda message: message.is_request("BYE"), TIMEOUT)


def test_a_lost_packet_is_sent_again(
    application: subprocess.Popen[str], caller: Any, sip_server: SipServer
) -> None:
    sip_server.set_fault("INVITE", Drop(), times=1)
    caller.call(sip_server.aor("1001"), timeout=TIMEOUT).hangup()


def test_a_server_that_is_overloaded(caller: Any, sip_server: SipServer) -> None:
    sip_server.set_fault("INVITE", Respond(503, headers=(("Retry-After", "60"),)))
    with pytest.raises(pyjsua.CallUnreachable) as failed:
        caller.call(sip_server.aor("1001"), timeout=TIMEOUT)
    assert failed.value.sip_code == 503
