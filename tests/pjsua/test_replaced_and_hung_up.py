"""A call that is replaced and hung up in the same moment: one comes first, and nobody waits for ever."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pjsua.phone import TIMEOUT, Phone, same
from pyjsua import pjsua as pj

TIMES = 150


def replacing(phone: Phone, call: pj.CallId) -> pj.MsgData:
    """Headers of an INVITE that is to take the place of the far end of `call`."""
    event = phone.wait(
        pj.OnCallState,
        lambda event: same(event.call_id, call) and event.info.state is pj.InvState.CONNECTING,
    )
    assert event.message is not None
    ours, theirs = (event.message.header(name).partition(";tag=")[2] for name in ("From", "To"))
    where = f"{event.message.call_id};to-tag={ours};from-tag={theirs}"
    return pj.MsgData(hdr_list=[("Replaces", where)])


@pytest.mark.parametrize("held", [pj.HeldRequest(0), pj.HeldRequest.REPLACE], ids=["at once", "held"])
def test_both_at_once(held: pj.HeldRequest) -> None:
    made = Phone(config=pj.Config(max_calls=16, policy=pj.Policy(held_requests=held)))
    made.answer = lambda event: pj.call_answer(event.call_id, 200)
    with made as phone, ThreadPoolExecutor(1) as other:
        alice, bob = phone.account("alice"), phone.account("bob")
        for number in range(TIMES):
            phone.events.clear()
            call = pj.call_make_call(alice, phone.uri("bob"))
            phone.wait_state(call, pj.InvState.CONFIRMED)
            new = pj.call_make_call(bob, phone.uri("alice"), None, replacing(phone, call))
            if held:
                request = phone.wait(pj.OnHeldRequest).request
                answering = other.submit(pj.held_request_respond, request, 200)
            else:
                answering = other.submit(lambda: None)
            # Now a little sooner, now a little later.
            until_later = time.perf_counter() + number * 2e-5
            while time.perf_counter() < until_later:
                pass
            with contextlib.suppress(pj.StaleError):
                pj.call_hangup(call)
            phone.wait_end(call)
            with contextlib.suppress(pj.PjsuaError):
                answering.result(TIMEOUT)
            for one in {new, *pj.enum_calls()}:
                with contextlib.suppress(pj.PjsuaError):
                    pj.call_hangup(one)
            phone.wait_slots_free()
        phone.check_call()
