"""The script the low-level door was designed by, word for word, with a Kamailio that asks for passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.kamailio import Kamailio
from peers.message import flow, select
from peers.sipp import Sipp
from pjsua.program import PROGRAMS, Program


@pytest.fixture
def script() -> str:
    return (PROGRAMS / "design_script.txt").read_text()


@pytest.fixture
def proxy(kamailio: Callable[..., Kamailio]) -> Kamailio:
    """Asks every caller for a password: From carries no port, so none would be of its domain.

    It takes a while, in which a script has hung up; its other worker serves REGISTER.
    """
    challenge = """
    if (is_method("INVITE") && !has_totag()) {
        if (!pv_auth_check("a.test", "secret", "0", "0")) {
            usleep("150000");
            auth_challenge("a.test", "1");
            exit;
        }
        consume_credentials();
    }"""
    return kamailio(
        "a.test", {"1001": "secret", "1002": "secret"}, first=challenge,
        modparams='loadmodule "cfgutils.so"', children=2,
    )  # fmt: skip


def at(proxy: Kamailio, script: str) -> str:
    return script.replace("127.0.0.1:5060", f"127.0.0.1:{proxy.port}")


def test_as_it_stands(script: str, proxy: Kamailio, program: Callable[..., Program]) -> None:
    """Between the call and its end stands an ellipsis, which is Python too: it calls and hangs up."""
    status, output, errors = program(source=at(proxy, script)).finish()
    assert (status, errors) == (0, "")
    # CALLING, DISCONNECTED, and what acc_del waits for: its REGISTER is answered before it is taken back,
    # which may be while the call is there.
    lines = output.splitlines()
    registration = [line for line in lines if line.startswith("200 ")]
    assert [line for line in lines if line not in registration] == ["1 0", "6 487"]
    assert registration in ([], ["200 OK 300"], ["200 OK 0"], ["200 OK 300", "200 OK 0"])
    assert flow(select(proxy.messages, method="REGISTER"))[:2] == ["REGISTER", "401"]
    assert proxy.contacts("1001") == []
    assert flow(select(proxy.messages, method="INVITE"))[:2] == ["INVITE", "407"]


def test_with_somebody_who_answers(
    script: str, proxy: Kamailio, program: Callable[..., Program], sipp: Callable[..., Sipp]
) -> None:
    """The ellipsis waits here until the callee has the call."""
    uas = sipp("uas_answer", user="1002")
    sipp(
        "uac_register", proxy.address, user="1002", domain=f"127.0.0.1:{proxy.port}", username="1002",
        password="secret", keys={"contact": uas.uri},
    ).wait()  # fmt: skip
    lock_codec = "acc = pj.acc_add(pj.AccConfig(lock_codec=0, "
    text = at(proxy, script).replace("\n...\n", "\nimport sys; sys.stdin.readline()\n")
    running = program(source=text.replace("acc = pj.acc_add(pj.AccConfig(", lock_codec))
    uas.wait_until(lambda: "ACK" in flow(uas.messages), "the call is answered")
    status, output, errors = running.finish()
    assert (status, errors) == (0, "")
    assert uas.wait().ok, "the call was hung up with BYE"
    assert "200 OK 300" in output, "on_reg_state2"
    assert "5 200" in output, "on_call_state: CONFIRMED"
    assert flow(select(proxy.messages, method="REGISTER"))[-4:].count("200") >= 1
    assert flow(select(proxy.messages, method="INVITE", direction="sent")).count("407") == 1
