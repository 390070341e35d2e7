"""The demo proves what it claims: each thing broken on purpose is found, named, and ends in exit 1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .command import Ran, broken

MUTE = """
from pyjsua.player import Player
connect = Player.connect
Player.connect = lambda self, sink: None if "alice" in str(self.path) else connect(self, sink)
"""

SWAPPED = """
from pyjsua.cli import conversation
bob = conversation.MELODIES["bob"].frequencies
order = conversation.Melody((bob[1], bob[0], *bob[2:]))
write = conversation.Melody.write
conversation.Melody.write = lambda self, *to: write(order if self.frequencies == bob else self, *to)
"""

CUT_AT_FIRST = """
from pyjsua.cli import conversation
cut = [conversation.Melody(conversation.MELODIES["bob"].frequencies[2:])]
write = conversation.Melody.write
def written(self, *to):
    is_bob = self is conversation.MELODIES["bob"]
    return write(cut.pop() if is_bob and cut else self, *to)
conversation.Melody.write = written
"""

DIGITS = """
from pyjsua.cli.conversation import Call
send = Call.send_dtmf
Call.send_dtmf = lambda self, digits: send(self, digits[::-1] if "4" in digits else digits)
"""

ONE_MORE_DIGIT = """
from pyjsua.cli.conversation import Call
send = Call.send_dtmf
Call.send_dtmf = lambda self, digits: send(self, digits + "D" if "4" in digits else digits)
"""

PASSWORD = """
from pyjsua.cli import conversation
from pyjsua.testing import SipServer
conversation.SipServer = lambda users: SipServer({**users, "bob": "another"})
"""

OPEN_SERVER = """
from pyjsua.cli import conversation
from pyjsua.testing import SipServer
conversation.SipServer = lambda users: SipServer()
"""

SERVER_WITH = """
from pyjsua.cli import conversation
from pyjsua.testing import Drop, Respond, SipServer
def server(users):
    made = SipServer(users)
    {fault}
    return made
conversation.SipServer = server
"""

BUSY = SERVER_WITH.format(
    fault='made.set_fault("INVITE", lambda request: Respond(486, "Busy Here")'
    ' if request.headers.get("Proxy-Authorization") else None)'
)
LOST_BYE = SERVER_WITH.format(fault='made.set_fault("BYE", Drop())')
NO_LEAVING = SERVER_WITH.format(
    fault='made.set_fault("REGISTER", lambda request: Respond(500)'
    ' if request.headers.get("Expires") == "0" else None)'
)

NO_PORT = """
from pyjsua.cli import conversation
conversation.LOOPBACK = "192.0.2.77"
"""


def steps_of(ran: Ran) -> dict[str, Any]:
    assert ran.code == 1, ran.out + ran.err
    assert ran.err == ""
    facts = json.loads(ran.out)
    assert facts["ok"] is False
    return {step["name"]: step for step in facts["steps"]}


def failed(ran: Ran) -> dict[str, str]:
    return {name: step["error"] for name, step in steps_of(ran).items() if not step["ok"]}


def test_a_muted_direction() -> None:
    ran = broken(MUTE, "demo", "--json")
    found = failed(ran)
    assert list(found) == ["Verify what bob heard of alice"]
    assert "nothing but silence" in found["Verify what bob heard of alice"]
    # What does not depend on it was done all the same.
    assert {"Hang up", "Unregister alice", "Unregister bob", "Stop PJSIP"} <= set(steps_of(ran))


def test_a_signal_in_another_order() -> None:
    found = failed(broken(SWAPPED, "demo", "--json"))
    assert list(found) == ["Verify what alice heard of bob"]
    assert "expected tones of 800 1700 550" in found["Verify what alice heard of bob"]
    assert "heard 1700 800 550" in found["Verify what alice heard of bob"]


def test_a_signal_that_was_interrupted_is_played_again() -> None:
    ran = broken(CUT_AT_FIRST, "demo", "--json")
    assert ran.code == 0, ran.out + ran.err
    steps = {step["name"]: step for step in json.loads(ran.out)["steps"]}
    assert "played 2 times" in steps["Play a known signal each way, and record"]["detail"]


@pytest.mark.parametrize(("breakage", "arrived"), [(DIGITS, "#1244"), (ONE_MORE_DIGIT, "4421#D")])
def test_digits_in_another_order_or_one_too_many(breakage: str, arrived: str) -> None:
    found = failed(broken(breakage, "demo", "--json"))
    assert found == {"Send DTMF from alice to bob": f"sent 4421#, arrived {arrived}"}


def test_a_wrong_password() -> None:
    ran = broken(PASSWORD, "demo", "--json")
    found = failed(ran)
    assert list(found) == ["Register bob with digest authentication"]
    assert found["Register bob with digest authentication"].startswith("AuthenticationFailed: 4")
    assert "Call bob from alice through the proxy" not in steps_of(ran)


def test_a_server_that_asks_for_no_password() -> None:
    found = failed(broken(OPEN_SERVER, "demo", "--json"))
    assert list(found) == ["Register alice with digest authentication"]
    assert found["Register alice with digest authentication"].endswith("nobody asked for a password")


def test_a_busy_callee() -> None:
    found = failed(broken(BUSY, "demo", "--json"))
    assert found == {"Call bob from alice through the proxy": "CallBusy: 486 Busy Here"}


def test_a_bye_that_is_lost() -> None:
    assert "Hang up" in failed(broken(LOST_BYE, "demo", "--json"))


def test_a_registrar_that_does_not_let_go() -> None:
    found = failed(broken(NO_LEAVING, "demo", "--json"))
    assert found["Unregister alice"].startswith("RegistrationFailed: 500")
    assert "Unregister bob" in found
    assert "Find all of it on the wire" in found


def test_an_address_that_cannot_be_bound() -> None:
    found = failed(broken(NO_PORT, "demo", "--json"))
    assert list(found) == ["Start PJSIP 2.17"]


def test_people_are_told_step_and_reason_and_no_traceback() -> None:
    ran = broken(BUSY, "demo")
    assert ran.code == 1
    assert ran.err == ""
    assert "✗ Call bob from alice through the proxy" in ran.out
    assert "FAILED: Call bob from alice through the proxy: CallBusy: 486 Busy Here" in ran.out
    assert "486 Busy Here" in ran.out.partition("SIP messages")[2]
    assert "Traceback" not in ran.out


def test_debug_has_the_traceback_and_the_messages() -> None:
    ran = broken(BUSY, "demo", "--debug")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "CallBusy" in ran.err
    assert "pyjsua.sip" in ran.err
    assert "SIP/2.0 486 Busy Here" in ran.err
