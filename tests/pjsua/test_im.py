"""Messages and typing, outside calls and in them, and what became of each."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from peers.wire import WireClient
from pjsua.notifier import Notifier
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj


@pytest.fixture
def notifier(wire_client: Callable[..., WireClient]) -> Notifier:
    return Notifier(wire_client())


@pytest.fixture
def tcp_phone() -> Iterator[Phone]:
    with Phone(transport=pj.TransportType.TCP) as started:
        yield started


def wait_text(phone: Phone, body: str) -> pj.OnPager2:
    return phone.wait(pj.OnPager2, lambda event: event.body == body)


def wait_fate(phone: Phone, user_data: object, timeout: float = 15.0) -> pj.OnPagerStatus2:
    return phone.wait(pj.OnPagerStatus2, lambda event: event.user_data is user_data, timeout=timeout)


def test_a_message_arrives_and_its_fate_is_told(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    mine = object()
    text = "Grüße 🙂\r\nzweite Zeile\t<&>"
    headers = pj.MsgData(hdr_list=[("Subject", "hello"), ("X-Twice", "1"), ("X-Twice", "2")])
    pj.im_send(alice, phone.uri("bob"), content=text, msg_data=headers, user_data=mine)
    came = wait_text(phone, text)
    assert (came.call_id, came.mime_type) == (-1, "text/plain")
    assert same(came.acc_id, bob)
    assert "sip:alice@127.0.0.1" in came.from_uri
    assert "sip:bob@127.0.0.1" in came.to_uri
    assert came.message is not None
    assert came.message.method == "MESSAGE"
    assert came.message.header("Subject") == "hello"
    assert came.message.header_values("X-Twice") == ("1", "2")
    fate = wait_fate(phone, mine)
    assert (fate.status, fate.reason, fate.body) == (200, "OK", text)
    assert same(fate.acc_id, alice)
    assert fate.to_uri == phone.uri("bob")
    assert fate.message is not None
    assert fate.message.status_code == 200
    assert phone.wait(pj.OnPager).body == text
    assert phone.wait(pj.OnPagerStatus).status == 200


def test_a_body_need_not_be_text(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    data = bytes(range(256))
    pj.im_send(alice, phone.uri("bob"), "application/octet-stream", data)
    came = phone.wait(pj.OnPager2)
    assert came.mime_type == "application/octet-stream"
    assert came.body.encode("utf-8", "surrogateescape") == data
    pj.im_send(alice, phone.uri("bob"), "text/html;charset=utf-8", "<b>bold</b>")
    html = wait_text(phone, "<b>bold</b>")
    assert html.mime_type == "text/html"
    assert html.message is not None
    assert html.message.header("Content-Type") == "text/html;charset=utf-8"
    pj.im_send(
        alice, phone.uri("bob"), msg_data=pj.MsgData(content_type="application/json", msg_body='{"a": 1}')
    )
    assert wait_text(phone, '{"a": 1}').mime_type == "application/json"
    pj.im_send(alice, phone.uri("bob"), content="", user_data=data)
    assert wait_fate(phone, data).status == 200
    wait_text(phone, "")


def test_ten_thousand_bytes_arrive(tcp_phone: Phone) -> None:
    alice = tcp_phone.account("alice")
    tcp_phone.account("bob")
    text = "0123456789" * 1000
    pj.im_send(alice, tcp_phone.uri("bob"), content=text, user_data=text)
    assert wait_fate(tcp_phone, text).status == 200
    wait_text(tcp_phone, text)


def test_more_than_a_packet_is_refused(tcp_phone: Phone) -> None:
    alice = tcp_phone.account("alice")
    with pytest.raises(pj.PjsuaError):
        pj.im_send(alice, tcp_phone.uri("bob"), content="x" * pj.limits().max_pkt_len)
    pj.im_send(alice, tcp_phone.uri("bob"), content="short")
    wait_text(tcp_phone, "short")


def test_a_refusal_is_told_with_its_reason(phone: Phone, notifier: Notifier) -> None:
    alice = phone.account("alice")
    mine = ["anything"]
    pj.im_send(alice, notifier.uri("nobody"), content="hello?", user_data=mine)
    notifier.answer(notifier.wait("MESSAGE"), 404, "Nobody here")
    fate = wait_fate(phone, mine)
    assert (fate.status, fate.reason) == (404, "Nobody here")
    assert fate.message is not None


def test_a_challenge_is_answered(phone: Phone, notifier: Notifier) -> None:
    alice = phone.account("alice", cred_info=[pj.CredInfo(realm="*", username="alice", data="secret")])
    mine = object()
    pj.im_send(alice, notifier.uri("bob"), content="let me in", user_data=mine)
    first = notifier.wait("MESSAGE")
    assert first.header("authorization") is None
    notifier.answer(first, 401, "Who", WWW_Authenticate='Digest realm="here", nonce="n1", algorithm=MD5')
    again = notifier.wait("MESSAGE", 2)
    assert 'username="alice"' in (again.header("authorization") or "")
    assert again.body == "let me in"
    notifier.answer(again, 200, "OK")
    assert wait_fate(phone, mine).status == 200
    assert len(phone.all(pj.OnPagerStatus2)) == 1


@pytest.fixture
def impatient() -> Iterator[None]:
    """No request waits longer than a second for its answer."""
    before = pj.cfg()
    pj.set_cfg(pj.Cfg(t1=100, td=1000))
    yield
    pj.set_cfg(before)


@pytest.mark.usefixtures("impatient")
def test_silence_is_told(phone: Phone, notifier: Notifier) -> None:
    alice = phone.account("alice")
    mine = object()
    pj.im_send(alice, notifier.uri("bob"), content="anybody?", user_data=mine)
    notifier.wait("MESSAGE")
    fate = wait_fate(phone, mine)
    assert fate.status == 408
    assert fate.message is None


def test_typing_is_told_both_ways(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    pj.im_typing(alice, phone.uri("bob"), True)
    began = phone.wait(pj.OnTyping2)
    assert began.is_typing
    assert began.call_id == -1
    assert same(began.acc_id, bob)
    assert began.message is not None
    assert began.message.header("Content-Type") == "application/im-iscomposing+xml"
    pj.im_typing(bob, phone.uri("alice"), False, pj.MsgData(hdr_list=[("X-Why", "thinking")]))
    stopped = phone.wait(pj.OnTyping2, count=2)
    assert not stopped.is_typing
    assert same(stopped.acc_id, alice)
    assert stopped.message is not None
    assert stopped.message.header("X-Why") == "thinking"
    assert [event.is_typing for event in phone.all(pj.OnTyping)] == [True, False]
    assert not phone.all(pj.OnPager2)


RUBBISH = ["", "<", "<isComposing>", "<isComposing/>", "<a>" * 3000, "<state>active</state>", "Ünsinn", "\0"]


def test_rubbish_about_typing_does_not_hurt(phone: Phone, notifier: Notifier) -> None:
    phone.account("bob")
    for count, body in enumerate(RUBBISH, 1):
        text = notifier.wire.request(
            "MESSAGE", phone.uri("bob"), headers={"Content-Type": "application/im-iscomposing+xml"}, body=body
        )
        notifier.wire.send(text, (phone.host, phone.port))
        notifier.wire.wait_for(lambda message: message.status == 200, count=count)
    assert not phone.all(pj.OnTyping2)
    notifier.wire.send(notifier.wire.request("MESSAGE", phone.uri("bob")), (phone.host, phone.port))
    assert phone.wait(pj.OnPager2).mime_type == ""


def test_messages_and_typing_in_a_call(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    call = pj.call_make_call(alice, phone.uri("bob"))
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
    mine = object()
    pj.call_send_im(call, content="in the call", user_data=mine)
    came = wait_text(phone, "in the call")
    assert same(came.call_id, other)
    assert same(came.acc_id, bob)
    fate = wait_fate(phone, mine)
    assert fate.status == 200
    assert same(fate.call_id, call)
    assert same(fate.acc_id, alice)
    pj.call_send_im(other, "application/x-bytes", b"\0\1", pj.MsgData(hdr_list=[("X-A", "b")]))
    back = phone.wait(pj.OnPager2, count=2)
    assert (back.body, back.mime_type) == ("\0\1", "application/x-bytes")
    pj.call_send_typing_ind(other, True)
    assert same(phone.wait(pj.OnTyping2).call_id, call)
    pj.call_hangup(call)
    phone.wait_end(other)
    phone.wait_slots_free()
    with pytest.raises(pj.StaleError, match="call_id"):
        pj.call_send_im(call, content="too late")
    with pytest.raises(pj.StaleError, match="call_id"):
        pj.call_send_typing_ind(call, True)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"to": ""}, "to"),
        ({"to": "nobody"}, "to"),
        ({"to": "sip:a@b\r\nX: y"}, "to"),
        ({}, "content"),
        ({"msg_data": pj.MsgData(msg_body="without a type")}, "content"),
        ({"content": "x", "mime_type": "text"}, "mime_type"),
        ({"content": "x", "mime_type": "text/"}, "mime_type"),
        ({"content": "x", "mime_type": "text/plain\r\nX: y"}, "mime_type"),
        ({"content": "a NUL \0"}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": 5}, "content"),
    ],
)
def test_what_cannot_be_sent_is_refused(phone: Phone, arguments: dict[str, object], named: str) -> None:
    alice = phone.account("alice")
    with pytest.raises((ValueError, TypeError, pj.PjsuaError), match=rf"\b{named}\b"):
        pj.im_send(alice, **{"to": phone.uri("bob"), **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize("uri", ["sip:x@127.0.0.1;transport=tls", "sip:x@255.255.255.255:9"])
def test_what_fails_at_once_raises_and_is_told_no_more(phone: Phone, uri: str) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    for count in range(1, 6):
        with pytest.raises(pj.PjsuaError):
            pj.im_send(alice, uri, content="x", user_data="x")
        pj.im_send(alice, phone.uri("bob"), content="y", user_data="y")
        phone.wait(pj.OnPagerStatus2, lambda event: event.user_data == "y", count=count)
    assert {event.user_data for event in phone.all(pj.OnPagerStatus2)} == {"y"}


class Mine:
    """Something that can be watched."""


def test_what_was_given_with_a_message_is_let_go_of(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    mine = Mine()
    seen = weakref.ref(mine)
    pj.im_send(alice, phone.uri("bob"), content="x", user_data=mine)
    wait_fate(phone, mine)
    with pytest.raises(pj.PjsuaError):
        pj.im_send(alice, "sip:x@127.0.0.1;transport=tls", content="x", user_data=mine)
    # The dispatcher's last batch is let go of with the next.
    pj.im_send(alice, phone.uri("bob"), content="y", user_data="y")
    phone.wait(pj.OnPagerStatus2, lambda event: event.user_data == "y")
    phone.events.clear()
    del mine
    gc.collect()
    assert seen() is None
