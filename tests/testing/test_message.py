"""The parser, among others on messages in the manner of RFC 4475."""

from __future__ import annotations

import pytest

from pyjsua.testing import ParseError, Request, Response, parse_message
from pyjsua.testing.message import Headers, Via

from .torture import ANSWERED, DROPPED, VALID, text


@pytest.mark.parametrize("name", VALID)
def test_unusual_but_valid(name: str) -> None:
    message = parse_message(VALID[name])
    assert bytes(parse_message(bytes(message))) == bytes(message)


@pytest.mark.parametrize("name", ANSWERED)
def test_invalid_but_answerable(name: str) -> None:
    raw, status = ANSWERED[name]
    with pytest.raises(ParseError) as caught:
        parse_message(raw)
    assert caught.value.status == status
    assert caught.value.request is not None


@pytest.mark.parametrize("name", DROPPED)
def test_invalid_and_unanswerable(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_message(DROPPED[name])
    assert caught.value.request is None


def test_short_and_tortuous() -> None:
    message = parse_message(VALID["a short tortuous INVITE"])
    assert isinstance(message, Request)
    assert message.call_id == "98asdh@10.1.1.1"
    assert message.cseq == (9, "INVITE")
    assert message.max_forwards == 68
    assert message.to.uri is not None
    assert message.to.tag == "1918181833n"
    assert message.from_.display == 'J Rosenberg \\"'
    assert [str(Via.parse(value)) for value in message.headers.get_all("v")] == [
        "SIP/2.0/UDP 192.0.2.2;branch=390skdjuw",
        "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
        "SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239",
    ]
    assert message.headers.get_all("Route") == [
        "<sip:services.example.com;lr;unknownwith=value;unknown-no-value>"
    ]
    assert message.body == b"v=0\r\n"


def test_content_length_cuts_the_body() -> None:
    assert parse_message(text("OPTIONS", body="longer than said", length=6)).body == b"longer"


def test_bytes_that_are_no_text_survive() -> None:
    raw = VALID["bytes that are no UTF-8"]
    assert b"caf\xe9 \xff" in bytes(parse_message(raw))


def test_a_response() -> None:
    request = parse_message(text("OPTIONS"))
    assert isinstance(request, Request)
    response = request.response(404).set_to_tag("here")
    again = parse_message(bytes(response))
    assert isinstance(again, Response)
    assert (again.status, again.reason, again.to.tag) == (404, "Not Found", "here")
    assert again.set_to_tag("other").to.tag == "here"
    assert again.headers.get_all("Via") == request.headers.get_all("Via")


def test_headers() -> None:
    headers = Headers([("v", "one"), ("Via", "two"), ("X", "x")])
    headers.prepend("VIA", "zero")
    assert headers.get_all("via") == ["zero", "one", "two"]
    headers.replace_first("v", "nil")
    assert headers.remove_first("Via") == "nil"
    headers.set("Via", "only")
    assert list(headers) == [("Via", "only"), ("X", "x")]
    headers.set("Y", "new")
    headers.remove("x")
    assert list(headers) == [("Via", "only"), ("Y", "new")]
    with pytest.raises(KeyError):
        headers.remove_first("X")
    assert "x" not in headers
