"""Message waiting, asked for and not, from a server written by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.wire import WireClient
from pjsua.notifier import SUMMARY, Notifier
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj

WAITING = "Messages-Waiting: yes\r\nMessage-Account: sip:vm@127.0.0.1\r\nVoice-Message: 2/8 (0/2)\r\n"


@pytest.fixture
def notifier(wire_client: Callable[..., WireClient]) -> Notifier:
    return Notifier(wire_client())


def register(phone: Phone, notifier: Notifier) -> pj.AccId:
    """An account with `mwi_enabled` that has registered: pjsua subscribes after that."""
    account = phone.account(
        "alice",
        id=notifier.uri("alice"),
        reg_uri=f"sip:127.0.0.1:{notifier.wire.port}",
        mwi_enabled=True,
        mwi_expires=77,
    )
    request = notifier.wait("REGISTER")
    notifier.answer(request, 200, "OK", Contact=f"{request.header('contact')};expires=300")
    phone.wait_reg(account)
    return account


def test_what_was_asked_for(phone: Phone, notifier: Notifier) -> None:
    alice = register(phone, notifier)
    subscribe = notifier.accept()
    assert subscribe.header("event") == "message-summary"
    assert subscribe.header("expires") == "77"
    assert notifier.notify(subscribe, WAITING, SUMMARY) == 200
    info = phone.wait(pj.OnMwiInfo)
    assert info.solicited
    assert same(info.acc_id, alice)
    assert info.waiting
    assert info.summary["voice-message"] == "2/8 (0/2)"
    assert info.message is not None
    assert info.message.body == WAITING
    state = phone.wait(pj.OnMwiState, lambda event: event.state is pj.EvsubState.ACTIVE)
    assert (state.state_name, same(state.acc_id, alice)) == ("ACTIVE", True)
    assert notifier.notify(subscribe, "Messages-Waiting: no\r\n", SUMMARY) == 200
    assert not phone.wait(pj.OnMwiInfo, count=2).waiting
    assert notifier.notify(subscribe, state="terminated;reason=noresource") == 200
    ended = phone.wait(pj.OnMwiState, lambda event: event.state is pj.EvsubState.TERMINATED)
    assert ended.term_reason == "noresource"


def test_what_was_not_asked_for(phone: Phone, notifier: Notifier) -> None:
    alice = phone.account("alice")
    headers = {"Event": "message-summary", "Subscription-State": "active", "Content-Type": SUMMARY}
    notifier.wire.send(
        notifier.wire.request("NOTIFY", phone.uri("alice"), headers=headers, body=WAITING),
        (phone.host, phone.port),
    )
    notifier.wire.wait_for(lambda message: message.status == 200)
    info = phone.wait(pj.OnMwiInfo)
    assert not info.solicited
    assert same(info.acc_id, alice)
    assert info.waiting


@pytest.mark.parametrize(
    "body", ["", "nonsense", ":::\r\n:", "Messages-Waiting", "\0", "Ünsinn: ja\r\n" * 500]
)
def test_rubbish_does_not_hurt(phone: Phone, notifier: Notifier, body: str) -> None:
    register(phone, notifier)
    subscribe = notifier.accept()
    assert notifier.notify(subscribe, body, SUMMARY) in (200, 400, 488)
    assert notifier.notify(subscribe, WAITING, SUMMARY) == 200
    assert phone.wait(pj.OnMwiInfo, lambda event: event.waiting)
    assert all(isinstance(event.summary, dict) for event in phone.all(pj.OnMwiInfo))


def test_a_refusal_is_told(phone: Phone, notifier: Notifier) -> None:
    register(phone, notifier)
    notifier.answer(notifier.wait("SUBSCRIBE"), 489, "Bad Event")
    phone.wait(pj.OnMwiState, lambda event: event.state is pj.EvsubState.TERMINATED)
