"""Requests of any method in an account's name: what is on the wire, and what comes back."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest

from peers.message import Message
from peers.wire import WireClient
from pjsua.phone import Phone
from pyjsua import pjsua as pj


class Thing:
    """Something a weak reference can watch."""


def answer(request: Message, status: str, *, headers: tuple[str, ...] = (), body: str = "") -> str:
    """A response to a request a wire client got."""
    copied = ("Via", "From", "Call-ID", "CSeq")
    kept = [line for line in request.head.splitlines()[1:] if line.split(":")[0] in copied]
    to = next(line for line in request.head.splitlines() if line.startswith("To:"))
    lines = [f"SIP/2.0 {status}", *kept, f"{to};tag=wire", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body])


@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE", "FOO", "NOTIFY"])
def test_request_and_answer(phone: Phone, wire_client: Callable[..., WireClient], method: str) -> None:
    far = wire_client()
    acc = phone.account("alice")
    token = {"any": "object"}
    pj.acc_send_request(
        acc,
        f"sip:bob@127.0.0.1:{far.port}",
        method,
        token=token,
        msg_data=pj.MsgData(
            hdr_list=[("X-Order", "first"), ("Subject", "test"), ("X-Order", "second")],
            content_type="text/x-own",
            msg_body="two\r\nlines",
        ),
    )
    request = far.wait_for(lambda message: message.is_request)
    assert request.start_line == f"{method} sip:bob@127.0.0.1:{far.port} SIP/2.0"
    lines = request.head.splitlines()
    assert [line for line in lines if line.startswith("X-Order")] == ["X-Order: first", "X-Order: second"]
    assert "Subject: test" in lines
    assert "Content-Type: text/x-own" in lines
    # RFC 3261 has no port in From.
    assert any(line.startswith("From: ") and "sip:alice@127.0.0.1" in line for line in lines)
    assert request.body == "two\r\nlines"
    assert request.source is not None
    far.send(answer(request, "299 Fine by me", headers=("X-Answer: yes",), body="ok"), request.source)
    event = phone.wait(pj.OnAccSendRequest)
    assert event.token is token
    assert (event.acc_id, event.acc_id.serial) == (acc, acc.serial)
    assert (event.status_code, event.reason) == (299, "Fine by me")
    assert event.message is not None
    assert event.message.header("X-Answer") == "yes"
    assert event.message.body == "ok"
    assert len(phone.all(pj.OnAccSendRequest)) == 1


def test_nobody_answers(wire_client: Callable[..., WireClient]) -> None:
    far = wire_client()
    with Phone() as phone:
        before = pj.cfg()
        pj.set_cfg(replace(before, t1=20, t2=40, td=1000))
        try:
            pj.acc_send_request(phone.account("alice"), f"sip:bob@127.0.0.1:{far.port}", "OPTIONS", token=1)
            event = phone.wait(pj.OnAccSendRequest)
        finally:
            pj.set_cfg(before)
    assert (event.token, event.status_code, event.message) == (1, 408, None)
    assert len([message for message in far.messages if message.method == "OPTIONS"]) > 3


def test_a_refused_connection_is_told_once(phone: Phone, free_port: Callable[..., int]) -> None:
    pj.transport_create(pj.TransportType.TCP, pj.TransportConfig(bound_addr="127.0.0.1"))
    acc = phone.account("alice")
    raised = []
    try:
        pj.acc_send_request(acc, f"sip:bob@127.0.0.1:{free_port()};transport=tcp", "OPTIONS", token="tcp")
    except pj.PjsuaError as error:
        raised.append(error)
    else:
        event = phone.wait(pj.OnAccSendRequest)
        assert (event.token, event.status_code, event.message) == ("tcp", 503, None)
    assert len(phone.all(pj.OnAccSendRequest)) + len(raised) == 1


def test_the_account_is_the_one_that_asked(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    """By the time the answer comes its slot has another account."""
    far = wire_client()
    first = phone.account("first")
    pj.acc_send_request(first, f"sip:bob@127.0.0.1:{far.port}", "OPTIONS", token=1)
    request = far.wait_for(lambda message: message.is_request)
    pj.acc_del(first)
    second = phone.account("second")
    assert second == first
    assert request.source is not None
    far.send(answer(request, "200 OK"), request.source)
    event = phone.wait(pj.OnAccSendRequest)
    assert event.acc_id.serial == first.serial


def test_destroy_with_an_answer_outstanding(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    far = wire_client()
    thing = Thing()
    watched = weakref.ref(thing)
    acc = phone.account("alice")
    for _ in range(20):
        pj.acc_send_request(acc, f"sip:bob@127.0.0.1:{far.port}", "OPTIONS", token=thing)
    far.wait_for(lambda message: message.is_request, count=20)
    began = time.monotonic()
    pj.destroy()
    assert time.monotonic() - began < 3
    pj.create()
    del thing
    phone.events.clear()
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("method", ["", "ACK", "TWO WORDS", "A\r\nB", "A" * 65, "A\0", "MÉTHODE"])
def test_bad_methods(phone: Phone, method: str) -> None:
    with pytest.raises(ValueError, match="method"):
        pj.acc_send_request(phone.account("alice"), "sip:bob@127.0.0.1:9", method)


def test_bad_targets(phone: Phone) -> None:
    acc = phone.account("alice")
    for uri in ("", "nothing", "sip:a\r\nb", "sip:" + "a" * 2000):
        with pytest.raises(ValueError, match="dest_uri"):
            pj.acc_send_request(acc, uri, "OPTIONS")
    assert phone.all(pj.OnAccSendRequest) == []


def test_a_refused_incoming_call_is_told(wire_client: Callable[..., WireClient]) -> None:
    """More calls than there is room for: 486, and an event with the INVITE."""
    far = wire_client()
    with Phone(config=pj.Config(max_calls=1)) as phone:
        phone.account("alice")
        for n in (1, 2):
            far.send(
                far.request("INVITE", phone.uri("alice"), call_id=f"call-{n}", from_tag=f"tag-{n}"),
                ("127.0.0.1", phone.port),
            )
            if n == 1:
                phone.wait_incoming()
        event = phone.wait(pj.OnRejectedIncomingCall)
        assert event.st_code == 486
        assert event.st_text == "Busy Here"
        assert event.message is not None
        assert event.message.call_id == "call-2"
        assert "alice" in event.local_info
        assert "wire" in event.remote_info
        far.wait_for(lambda message: message.status == 486)
