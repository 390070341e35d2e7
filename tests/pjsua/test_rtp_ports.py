"""Ports of media where others have many: pjsua itself looks at a hundred pairs, and refuses the call."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator

import pytest

from peers.ports import free_port
from pjsua.phone import Phone
from pyjsua import pjsua as pj

PAIRS = 120
"""Of somebody else: more than pjsua looks at."""


@pytest.fixture
def taken() -> Iterator[int]:
    """The first of `PAIRS` pairs that are not to be had; the two behind them are free."""
    first = free_port(count=2 * PAIRS + 4, even=True)
    with contextlib.ExitStack() as stack:
        for port in range(first, first + 2 * PAIRS):
            one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            one.bind(("127.0.0.1", port))
        yield first


def media_port(call: int) -> int:
    return int(pj.call_get_med_transport_info(call, 0).rtp_addr_name.rpartition(":")[2])


def test_call_finds_a_free_pair(phone: Phone, taken: int, caplog: pytest.LogCaptureFixture) -> None:
    ports = pj.TransportConfig(port=taken, port_range=2 * PAIRS + 2, bound_addr="127.0.0.1")
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    caller, callee = phone.account("alice", rtp_cfg=ports), phone.account("bob", rtp_cfg=ports)
    caplog.set_level(logging.ERROR)
    call = pj.call_make_call(caller, phone.uri("bob"))
    incoming = phone.wait_incoming()
    assert incoming.acc_id == callee
    for one in (call, incoming.call_id):
        phone.wait_media(one)
    assert {media_port(call), media_port(incoming.call_id)} == {taken + 2 * PAIRS, taken + 2 * PAIRS + 2}
    assert "bind()" not in caplog.text
    pj.call_hangup(call)
    phone.wait_end(call)
    phone.wait_end(incoming.call_id)
    # Both have come to the end of the range, and begin anew.
    again = pj.call_make_call(caller, phone.uri("bob"))
    phone.wait_media(again)
    assert taken + 2 * PAIRS <= media_port(again) <= taken + 2 * PAIRS + 2


def test_no_pair_left(phone: Phone, taken: int) -> None:
    ports = pj.TransportConfig(port=taken, port_range=2 * PAIRS - 2, bound_addr="127.0.0.1")
    account = phone.account("alice", rtp_cfg=ports)
    with pytest.raises(pj.PjsuaError):
        pj.call_make_call(account, phone.uri("bob"))
    phone.wait_slots_free()
