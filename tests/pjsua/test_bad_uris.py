"""Addresses nobody can call or register: the message names the argument, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peers.message import select
from peers.sipp import Sipp
from pjsua.phone import Phone
from pyjsua import pjsua as pj

BAD = [
    ("", "{name}: empty"),
    ("bob", "{name}: 'bob' is not a SIP URI"),
    ("sip:", "{name}: 'sip:' is not a SIP URI"),
    ("sip:@", "{name}: 'sip:@' is not a SIP URI"),
    ("sip:b@", "{name}: 'sip:b@' is not a SIP URI"),
    ("sip:b@127.0.0.1:99999", "{name}: 'sip:b@127.0.0.1:99999' is not a SIP URI"),
    ("sip:b@127.0.0.1:-1", "{name}: 'sip:b@127.0.0.1:-1' is not a SIP URI"),
    ("sip:b@127.0.0.1:http", "{name}: 'sip:b@127.0.0.1:http' is not a SIP URI"),
    ("sip: b@127.0.0.1", "{name}: 'sip: b@127.0.0.1' is not a SIP URI"),
    ("sip:b@[::1", "{name}: 'sip:b@[::1' is not a SIP URI"),
    ("<sip:b@127.0.0.1", "{name}: '<sip:b@127.0.0.1' is not a SIP URI"),
    ("sip:b@127.0.0.1>", "{name}: 'sip:b@127.0.0.1>' is not a SIP URI"),
    ('"b <sip:b@127.0.0.1>', "{name}: '\"b <sip:b@127.0.0.1>' is not a SIP URI"),
    ("http://127.0.0.1/", "{name}: 'http://127.0.0.1/' is not a SIP URI"),
    ("tel:+123", "{name}: 'tel:+123' is not a SIP URI"),
    ("sip:\u00e9@127.0.0.1", "{name}: 'sip:\u00e9@127.0.0.1' is not a SIP URI"),
    ("sip:" + "b" * 10000 + "@127.0.0.1", "{name}: 10014 bytes long, 1024 at most"),
    ("sip:b@127.0.0.1\r\nX-Injected: yes", "{name}: a line break cannot stand here"),
    ("sip:b@127.0.0.1\nX-Injected: yes", "{name}: a line break cannot stand here"),
    ("sip:b\0@127.0.0.1", "{name}: a NUL character cannot be sent"),
    ("sip:\udfff@127.0.0.1", "{name}: surrogates not allowed at 4"),
]
IDS = [repr(uri[:30]) for uri, _ in BAD]


@pytest.mark.parametrize(("uri", "message"), BAD, ids=IDS)
def test_called(phone: Phone, uri: str, message: str) -> None:
    acc = phone.account("a")
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        pj.call_make_call(acc, uri)
    assert str(caught.value) == message.format(name="dst_uri")
    assert not isinstance(caught.value, pj.PjsuaError)
    assert pj.call_get_count() == 0
    assert pj.verify_sip_url(uri) is False
    phone.check_call()


@pytest.mark.parametrize("field", ["id", "reg_uri", "proxy"])
def test_registered(phone: Phone, field: str) -> None:
    for uri, message in BAD:
        if field == "reg_uri" and uri == "":
            continue  # an account that does not register
        value: Any = ["sip:127.0.0.1", uri] if field == "proxy" else uri
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            pj.acc_add(phone.account_config("a", **{field: value}))
        assert str(caught.value) == message.format(
            name="cfg.proxy[1]" if field == "proxy" else f"cfg.{field}"
        )
        assert pj.acc_get_count() == 0
    phone.check_call()


@pytest.mark.parametrize("uri", [None, 5, b"sip:b@127.0.0.1", ["sip:b@127.0.0.1"]])
def test_what_is_no_text(phone: Phone, uri: Any) -> None:
    kind = type(uri).__name__
    with pytest.raises(TypeError, match=rf"^dst_uri: str expected, not {kind}$"):
        pj.call_make_call(phone.account("a"), uri)
    with pytest.raises(TypeError, match=rf"^cfg.id: str expected, not {kind}$"):
        pj.acc_add(pj.AccConfig(id=uri))
    with pytest.raises(TypeError, match=rf"^url: str expected, not {kind}$"):
        pj.verify_sip_url(uri)


@pytest.mark.parametrize("length", [200, 255, 256, 300, 500, 900])
def test_long_ones_are_called(phone: Phone, sipp: Callable[..., Sipp], length: int) -> None:
    """PJSIP's own check ends the process at 1024 bytes and calls those with many parameters invalid."""
    uas = sipp("uas_busy")
    user = "b" * (length // 2)
    uri = f"sip:{user}@127.0.0.1:{uas.port}"
    uri += ";p=1" * ((length - len(uri)) // 4)
    assert pj.verify_sip_url(uri)
    call = pj.call_make_call(phone.account("a"), uri)
    assert phone.wait_end(call).last_status == 486
    assert uas.wait().ok
    (invite,) = select(uas.messages, method="INVITE", request=True)
    assert invite.start_line == f"INVITE {uri} SIP/2.0"


@pytest.mark.parametrize("parameter", ["transport=tls", "transport=carrier-pigeon"])
def test_no_transport_for_it(phone: Phone, parameter: str) -> None:
    uri = f"sip:b@127.0.0.1:9;{parameter}"
    with pytest.raises(pj.InvalidArgument, match=r"Unsupported transport") as caught:
        pj.call_make_call(phone.account("a"), uri)
    assert f"dst_uri '{uri}'" in str(caught.value)
    assert caught.value.name == "PJSIP_EUNSUPTRANSPORT"
    assert caught.value.call == "pjsua_call_make_call"
    assert phone.all(pj.OnCallState) == []
    phone.check_call()


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ([("X-A", "1\r\nX-Injected: yes")], "msg_data.hdr_list[0] value: a line break cannot stand here"),
        ([("X-A\r\nX-Injected", "yes")], "msg_data.hdr_list[0] name: a line break cannot stand here"),
        ([("X-A", "1"), ("X B", "2")], "msg_data.hdr_list[1] name: 'X B' is not a header name"),
        ([("", "2")], "msg_data.hdr_list[0] name: '' is not a header name"),
        ([("X:A", "2")], "msg_data.hdr_list[0] name: 'X:A' is not a header name"),
        ([("X-A", "a\0b")], "msg_data.hdr_list[0] value: a NUL character cannot be sent"),
    ],
)
def test_headers_cannot_be_smuggled_in(phone: Phone, headers: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        pj.call_make_call(phone.account("a"), "sip:b@127.0.0.1:9", None, pj.MsgData(hdr_list=headers))
    assert str(caught.value) == message
    assert pj.call_get_count() == 0


@pytest.mark.parametrize("headers", [["X-A: 1"], [("X-A",)], [("X-A", "1", "2")], [5], "X-A: 1"])
def test_headers_that_are_no_pairs(phone: Phone, headers: Any) -> None:
    with pytest.raises(TypeError, match=r"^msg_data\.hdr_list.*\(name, value\) pair"):
        pj.call_make_call(phone.account("a"), "sip:b@127.0.0.1:9", None, pj.MsgData(hdr_list=headers))


def test_a_reason_cannot_split_the_response(phone: Phone) -> None:
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    other = phone.wait_incoming().call_id
    for verb in (pj.call_answer, pj.call_hangup):
        with pytest.raises(ValueError, match=r"^reason: a line break cannot stand here$"):
            verb(other, 486, "Busy\r\nX-Injected: yes")
        with pytest.raises(ValueError, match=r"^code: 700 is not between"):
            verb(other, 700)
        with pytest.raises(ValueError, match=r"^code: -1 is not between"):
            verb(other, -1)
        with pytest.raises(TypeError, match=r"^code: int expected, not str$"):
            verb(other, "486")  # type: ignore[arg-type]
    pj.call_answer(other, 486)
    assert phone.wait_end(call).last_status == 486
