"""No argument can add a header or a message of its own: what would is refused, and a body stays a body."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj

EVIL = "X-Evil: 1"
ENDS = ["\r\n", "\n", "\r", "\r\n ", "\0"]


@pytest.fixture
def far_end() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(10)
        yield udp


def message(**fields: Any) -> pj.MsgData:
    return pj.MsgData(**fields)


# Each is given the account, the far end's URI and what is to be smuggled in.
SMUGGLERS: dict[str, Callable[[pj.AccId, str, str], object]] = {
    "dst_uri": lambda acc, uri, evil: pj.call_make_call(acc, uri + evil),
    "target_uri": lambda acc, uri, evil: pj.call_make_call(acc, uri, None, message(target_uri=uri + evil)),
    "local_uri": lambda acc, uri, evil: pj.call_make_call(acc, uri, None, message(local_uri=uri + evil)),
    "contact_uri": lambda acc, uri, evil: pj.call_make_call(acc, uri, None, message(contact_uri=uri + evil)),
    "name": lambda acc, uri, evil: pj.call_make_call(acc, uri, None, message(hdr_list=[("X" + evil, "1")])),
    "value": lambda acc, uri, evil: pj.call_make_call(acc, uri, None, message(hdr_list=[("X", "1" + evil)])),
    "content_type": lambda acc, uri, evil: pj.im_send(
        acc, uri, None, "hi", message(content_type="text/plain" + evil, msg_body="hi")
    ),
    "mime_type": lambda acc, uri, evil: pj.im_send(acc, uri, "text/plain" + evil, "hi"),
    "method": lambda acc, uri, evil: pj.acc_send_request(acc, uri, "OPTIONS" + evil),
    "dest_uri": lambda acc, uri, evil: pj.acc_send_request(acc, uri + evil, "OPTIONS"),
    "custom_call_id": lambda acc, uri, evil: pj.call_make_call(
        acc, uri, pj.CallSetting(custom_call_id="abc" + evil)
    ),
    "id": lambda acc, uri, evil: pj.acc_add(pj.AccConfig(id=uri + evil)),
    "reg_uri": lambda acc, uri, evil: pj.acc_add(pj.AccConfig(id=uri, reg_uri=uri + evil)),
    "contact_params": lambda acc, uri, evil: pj.acc_add(pj.AccConfig(id=uri, contact_params=";a=b" + evil)),
    "reg_hdr_list": lambda acc, uri, evil: pj.acc_add(
        pj.AccConfig(id=uri, reg_uri=uri, reg_hdr_list=[("X", "1" + evil)])
    ),
    "username": lambda acc, uri, evil: pj.acc_add(
        pj.AccConfig(id=uri, reg_uri=uri, cred_info=[pj.CredInfo(realm="*", username="a" + evil, data="b")])
    ),
}


@pytest.mark.parametrize("end", ENDS, ids=repr)
@pytest.mark.parametrize("name", SMUGGLERS)
def test_nothing_is_smuggled_in(phone: Phone, far_end: socket.socket, name: str, end: str) -> None:
    uri = f"sip:b@127.0.0.1:{far_end.getsockname()[1]}"
    account = phone.account("a")
    before = pj.acc_get_count()
    with pytest.raises(ValueError, match=name):
        SMUGGLERS[name](account, uri, f"{end}{EVIL}")
    assert pj.acc_get_count() == before
    # The first that comes is the one that was asked for after it.
    pj.acc_send_request(account, uri, "OPTIONS")
    first = far_end.recv(65535)
    assert first.startswith(b"OPTIONS sip:b@127.0.0.1")
    assert EVIL.encode() not in first


def test_a_body_stays_a_body(phone: Phone, far_end: socket.socket) -> None:
    uri = f"sip:b@127.0.0.1:{far_end.getsockname()[1]}"
    body = f"one\r\n{EVIL}\r\n\r\nOPTIONS sip:c@127.0.0.1 SIP/2.0\r\n\r\n"
    pj.im_send(phone.account("a"), uri, "text/plain", body)
    sent = pj.Message(far_end.recv(65535), False, "UDP", "", "")
    assert sent.header_values("X-Evil") == ()
    assert sent.body == body
    assert sent.header("Content-Length") == str(len(body))


@pytest.mark.parametrize("call_id", ["a b", "a\tb", "a,b ", "ä", ""], ids=repr)
def test_a_call_id_is_a_word(phone: Phone, far_end: socket.socket, call_id: str) -> None:
    """RFC 3261: word, or word@word."""
    uri = f"sip:b@127.0.0.1:{far_end.getsockname()[1]}"
    setting = pj.CallSetting(custom_call_id=call_id)
    if not call_id:
        pj.call_make_call(phone.account("a"), uri, setting)
        return
    with pytest.raises(ValueError, match="custom_call_id"):
        pj.call_make_call(phone.account("a"), uri, setting)


def test_a_reason_phrase_no_packet_has_room_for(phone: Phone) -> None:
    # PJSIP copies it behind the end of its packet.
    caller = pj.call_make_call(phone.account("alice"), phone.uri("alice"))
    callee = phone.wait_incoming().call_id
    for end in (pj.call_answer, pj.call_hangup):
        with pytest.raises(ValueError, match="reason"):
            end(callee, 486, "x" * 1025)
    pj.call_answer(callee, 486, "x" * 1024)
    assert phone.wait_end(caller).last_status_text
