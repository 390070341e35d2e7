from __future__ import annotations

import pytest

from pyjsua.testing.uri import NameAddr, SipUri, UriError
from pyjsua.uri import split_outside


@pytest.mark.parametrize(
    "text",
    [
        "sip:atlanta.com",
        "sip:alice@atlanta.com",
        "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:1212@gateway.com",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:alice@192.0.2.4:5070",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        "sip:[2001:db8::10]:5070;lr",
        "sip:user@[::1]",
        "sip:a_b@under_score.test",
    ],
)
def test_comes_back_as_written(text: str) -> None:
    assert str(SipUri.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "tel:+358",
        "sip:",
        "sip:@host",
        "sip:a b@host",
        "sip:a@host:port",
        "sip:a@host:70000",
        "sip:a@host:0",
        "sip:a@ho st",
        "sip:a@[::1",
        "sip:a@[1::2::3]",
        "sip:a@b@c",
        'sip:"a"@b',
        "sip:a@-x-",
        "sip:<a>@b",
        "sip:a@b;;",
        "sip:a@b\r\nX: y",
    ],
)
def test_no_sip_uri(text: str) -> None:
    with pytest.raises(UriError):
        SipUri.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        ("sip:a@[::1]", "sip:a@[0:0::1]"),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert SipUri.parse(one).matches(SipUri.parse(other))
    assert SipUri.parse(other).matches(SipUri.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM", "sip:alice@AtLanTa.CoM"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:a@b", "sips:a@b"),
    ],
)
def test_not_equal(one: str, other: str) -> None:
    assert not SipUri.parse(one).matches(SipUri.parse(other))
    assert not SipUri.parse(other).matches(SipUri.parse(one))


def test_parts() -> None:
    uri = SipUri.parse("sip:j%40s0n@EXAMPLE.com.:5062;Transport=TCP;lr?Subject=x")
    assert (uri.user, uri.username, uri.host, uri.port) == ("j%40s0n", "j@s0n", "example.com", 5062)
    assert (uri.transport, uri.param("lr"), uri.param("maddr"), uri.headers) == ("tcp", "", None, "Subject=x")
    assert SipUri.parse("sip:a@b").transport == "udp"
    assert str(SipUri.parse("sip:a@b;method=INVITE;lr?x=y").as_request_uri()) == "sip:a@b;lr"


@pytest.mark.parametrize(
    ("value", "display", "text", "tag"),
    [
        ('"A. G. \\"Bell\\"" <sip:agb@bell.com> ;tag=a48s', 'A. G. "Bell"', "sip:agb@bell.com", "a48s"),
        (
            "sip:+12125551212@server.phone2net.com;tag=887s",
            "",
            "sip:+12125551212@server.phone2net.com",
            "887s",
        ),
        (
            "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
            "Anonymous",
            "sip:c8oqz84zk7z@privacy.org",
            "hyh8",
        ),
        ("<sip:a@b;lr;x=1>", "", "sip:a@b;lr;x=1", None),
        ("<tel:+358>", "", "tel:+358", None),
        ('"x;y<z>" <sip:a@b>', "x;y<z>", "sip:a@b", None),
    ],
)
def test_name_addr(value: str, display: str, text: str, tag: str | None) -> None:
    address = NameAddr.parse(value)
    assert (address.display, address.text, address.tag) == (display, text, tag)


@pytest.mark.parametrize(
    "value",
    ["", "<", "<>", "alice", '"x <sip:a@b>', "<sip:a@b> x", 'x"y <sip:a@b>', "sip:a@b?x=y", "<sip:a b>"],
)
def test_no_name_addr(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        NameAddr.parse(value)


def test_split_outside() -> None:
    assert split_outside('a,"b,\\",c",<d,e>,f', ",") == ["a", '"b,\\",c"', "<d,e>", "f"]
    assert split_outside("", ",") == [""]
