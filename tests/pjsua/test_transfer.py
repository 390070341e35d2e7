"""Transfers: REFER and its NOTIFYs, and an attended one between three of ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.message import select
from peers.sipp import Sipp
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj


def test_refer_and_its_notifies(phone: Phone, sipp: Callable[..., Sipp]) -> None:
    uas = sipp("uas_refer")
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    pj.call_xfer(call, "<sip:c@127.0.0.1:9>", pj.MsgData(hdr_list=[("X-Why", "busy")]))
    last = phone.wait(pj.OnCallTransferStatus, lambda event: event.final)
    pj.call_hangup(call)
    result = uas.wait()
    told = phone.all(pj.OnCallTransferStatus)
    assert [(event.st_code, event.st_text, event.final) for event in told] == [
        (100, "Accepted", False),
        (180, "Ringing", False),
        (200, "Fine", True),
    ]
    assert all(same(event.call_id, call) for event in told)
    assert last is told[-1]
    (refer,) = select(result.messages, direction="received", method="REFER")
    assert refer.header("Refer-To") == "<sip:c@127.0.0.1:9>"
    assert phone.uri("a") in (refer.header("Referred-By") or "")
    assert refer.header("X-Why") == "busy"


def test_a_transfer_that_fails(phone: Phone) -> None:
    """What the new call was refused with is told, and the old call stays."""

    def answer(event: pj.OnIncomingCall) -> None:
        if "busy" in event.info.local_info:
            pj.call_hangup(event.call_id, 486)
        else:
            pj.call_answer(event.call_id, 200)

    phone.answer = answer
    phone.account("b")
    phone.account("busy")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    other = phone.wait_incoming().call_id
    phone.wait_state(other, pj.InvState.CONFIRMED)
    pj.call_xfer(call, f"<{phone.uri('busy')}>")
    last = phone.wait(pj.OnCallTransferStatus, lambda event: event.final)
    assert last.st_code == 486
    assert pj.call_get_info(call).state is pj.InvState.CONFIRMED
    pj.call_hangup(call)
    phone.wait_end(call)


def test_attended_transfer_between_three(phone: Phone) -> None:
    """A talks to B and to C, joins them, and is out of it: C's call is replaced by one with B."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    a = phone.account("a")
    phone.account("b")
    phone.account("c")
    to_b = pj.call_make_call(a, phone.uri("b"))
    phone.wait_state(to_b, pj.InvState.CONFIRMED)
    to_c = pj.call_make_call(a, phone.uri("c"))
    phone.wait_state(to_c, pj.InvState.CONFIRMED)
    at_c = phone.wait_incoming(2).call_id
    phone.wait_state(at_c, pj.InvState.CONFIRMED)
    pj.call_xfer_replaces(to_b, to_c)
    replaced = phone.wait(pj.OnCallReplaced)
    assert same(replaced.old_call_id, at_c)
    new = replaced.new_call_id
    assert new.serial not in (0, at_c.serial)
    phone.wait_state(new, pj.InvState.CONFIRMED)
    assert phone.wait(pj.OnCallTransferStatus, lambda event: event.final).st_code == 200
    # C's old call with A is hung up, and so is A's with it.
    phone.wait_end(at_c)
    phone.wait_end(to_c)
    info = pj.call_get_info(new)
    assert info.state is pj.InvState.CONFIRMED
    assert "sip:b@127.0.0.1" in info.remote_info
    pj.call_hangup_all()
    phone.wait_slots_free()


def test_require_replaces_may_be_left_out(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    a = phone.account("a")
    phone.account("b")
    phone.account("c")
    to_b = pj.call_make_call(a, phone.uri("b"))
    phone.wait_state(to_b, pj.InvState.CONFIRMED)
    to_c = pj.call_make_call(a, phone.uri("c"))
    phone.wait_state(to_c, pj.InvState.CONFIRMED)
    pj.call_xfer_replaces(to_b, to_c, pj.XFER_NO_REQUIRE_REPLACES)
    refer = phone.wait(
        pj.OnCallTsxState, lambda event: event.method == "REFER" and event.role is pj.Role.UAS
    ).message
    assert refer is not None
    assert "Replaces=" in refer.header("Refer-To")
    assert "Require" not in refer.header("Refer-To")
    phone.wait(pj.OnCallTransferStatus, lambda event: event.final)


def test_bad_transfers(phone: Phone) -> None:
    call = pj.call_make_call(phone.account("a"), "sip:b@127.0.0.1:9")
    with pytest.raises(ValueError, match=rf"^dest_call_id: {int(call)} is the call that is transferred$"):
        pj.call_xfer_replaces(call, call)
    with pytest.raises(pj.StaleError, match="dest_call_id 5: "):
        pj.call_xfer_replaces(call, 5)
    for dest in ("", "nonsense", "sip:c@127.0.0.1\r\nX-Evil: 1", "sip:" + "x" * 10000 + "@a", "sip:\0@a"):
        with pytest.raises(ValueError, match=r"^dest: "):
            pj.call_xfer(call, dest)
    pj.call_hangup(call)
