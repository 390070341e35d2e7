"""URIs and addresses: what is one, what is not, that what is written is read again, and what is equal."""

from __future__ import annotations

import random
import string
from dataclasses import replace

import pytest

from pyjsua import NameAddr, Uri
from pyjsua.endpoint import registrar_of

ROUND = [
    "sip:atlanta.com",
    "sip:alice@atlanta.com",
    "sip:alice:secretword@atlanta.com;transport=tcp",
    "sips:1212@gateway.com",
    "sip:+1-212-555-1212:1234@gateway.com;user=phone",
    "sip:alice@192.0.2.4:5070",
    "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
    "sip:alice;day=tuesday@atlanta.com",
    "sip:[2001:db8::10]:5070;lr",
    "sip:a_b@under_score.test;x=;y",
    "sip:biloxi.com?subject=project%20x&priority=urgent&body=",
    "sip:%00%0D%0A%40%3A@a.b",
    "sip:caf%C3%A9@a.b",
    "sip:%FF@a.b",
    "tel:+1-201-555-0123",
    "tel:7042;phone-context=example.com",
    "tel:863-1234;phone-context=+1-914-555;ext=12",
]


@pytest.mark.parametrize("text", ROUND)
def test_comes_back_as_written(text: str) -> None:
    uri = Uri.parse(text)
    assert str(uri) == text
    assert Uri.parse(str(uri)) == uri


def test_its_parts() -> None:
    uri = Uri.parse("SIPS:j%20doe:p%40w@[2001:DB8::1]:5061;Transport=TCP;lr?Subject=a%26b&x=")
    assert (uri.scheme, uri.user, uri.password) == ("sips", "j doe", "p@w")
    assert (uri.host, uri.port) == ("2001:DB8::1", 5061)
    assert (uri.transport, uri.param("LR"), uri.param("ttl")) == ("tcp", "", None)
    assert uri.headers == (("Subject", "a&b"), ("x", ""))
    assert str(uri.aor) == "sips:j%20doe@[2001:DB8::1]:5061"
    assert Uri.parse("tel:+1-201(555).0123").number == "+12015550123"
    assert Uri.parse("sip:alice@a.b").number is None
    # Made of parts nobody could write as they are.
    hostile = Uri(
        "sip", "a@b:c;d?e <f>\r\n\0\u4e16", "host", None, (("x;y", "=&?@"),), (("h&", "v=?"),), "p:@/"
    )
    assert "\r" not in str(hostile)
    assert " " not in str(hostile)
    again = Uri.parse(str(hostile))
    assert [getattr(again, name) for name in Uri.__slots__] == [
        getattr(hostile, name) for name in Uri.__slots__
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "sip",
        "sip:",
        ":",
        "sip:@host",
        "sip::p@host",
        "sip:a b@host",
        "sip:a@host:port",
        "sip:a@host:",
        "sip:a@host:70000",
        "sip:a@host:0",
        "sip:a@ho st",
        "sip:a@[::1",
        "sip:a@::1",
        "sip:a@[1::2::3]",
        "sip:a@b@c",
        'sip:"a"@b',
        "sip:a@-x-",
        "sip:<a>@b",
        "<sip:a@b>",
        "sip:a@b;;",
        "sip:a@b;=x",
        "sip:a@b;x=1;X=2",
        "sip:a@b;",
        "sip:a@b\r\nX: y",
        "sip:a@b ",
        " sip:a@b",
        "sip:a%4@b",
        "sip:a%zz@b",
        "sip:a@b?x",
        "sip:a@b?=y",
        "sip:a@b?x=1&",
        "sip:a@b\0",
        "sip:a@[fe80::1%25eth0]",
        "tel:",
        "tel:+",
        "tel:alice!",
        "tel:--",
        "tel:1;x;x",
        "http://a.b/",
        "mailto:a@b",
        "urn:service:sos",
        "*",
    ],
)
def test_no_uri(text: str) -> None:
    with pytest.raises(ValueError, match=r"^uri: "):
        Uri.parse(text)
    if text == text.strip():
        with pytest.raises(ValueError, match=r"^address: "):
            NameAddr.parse(f"<{text}>")


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        (("http", "a", "b"), "scheme"),
        (("sip", "", "b"), "user"),
        (("sip", "a", ""), "host"),
        (("sip", "a", "b/c"), "host"),
        (("sip", "a", "1:2"), "host"),
        (("sip", "a", "b", 0), "port"),
        (("sip", "a", "b", True), "port"),
        (("sip", "a", "b", None, (("", "x"),)), "params"),
        (("sip", "a", "b", None, (("x", "1"), ("X", None))), "params"),
        (("sip", "a", "b", None, [("x", "1")]), "params"),
        (("sip", "a", "b", None, (), (("", "1"),)), "headers"),
        (("sip", None, "b", None, (), (), "p"), "password"),
        (("sip", 7, "b"), "user"),
        (("tel", "12", "b"), "host"),
        (("tel", None), "user"),
        (("sip", "a", None), "host"),
    ],
)
def test_no_parts_of_a_uri(parts: tuple[object, ...], match: str) -> None:
    with pytest.raises((ValueError, TypeError), match=f"^{match}"):
        Uri(*parts)  # type: ignore[arg-type]


EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("sip:a@[::1]", "sip:a@[0:0::1]"),
    ("tel:+1-201-555-0123", "tel:+12015550123"),
    ("tel:863-1234;phone-context=+1-914;ext=1", "tel:8631234;EXT=1;phone-context=+1914"),
]
UNEQUAL = [
    ("sip:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:a@b", "sips:a@b"),
    ("sip:a@b", "sip:a:p@b"),
    ("sip:b", "sip:a@b"),
    ("sip:a@b;maddr=1.2.3.4", "sip:a@b"),
    ("tel:+1", "tel:1"),
    ("tel:1;ext=2", "tel:1"),
    ("tel:12", "sip:12@b"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(one: str, other: str) -> None:
    first, second = Uri.parse(one), Uri.parse(other)
    assert first == second
    assert second == first
    assert hash(first) == hash(second)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal(one: str, other: str) -> None:
    assert Uri.parse(one) != Uri.parse(other)
    assert Uri.parse(other) != Uri.parse(one)
    assert Uri.parse(one) != one


@pytest.mark.parametrize(
    ("text", "display", "uri", "params", "written"),
    [
        ("sip:a@b;tag=1", "", "sip:a@b", (("tag", "1"),), "<sip:a@b>;tag=1"),
        ("<sip:a@b;lr>;Tag=1", "", "sip:a@b;lr", (("Tag", "1"),), "<sip:a@b;lr>;Tag=1"),
        (
            ' "A. G. Bell"  <sip:a@b> ;tag = x ',
            "A. G. Bell",
            "sip:a@b",
            (("tag", "x"),),
            '"A. G. Bell" <sip:a@b>;tag=x',
        ),
        ("Bob Smith <sip:a@b>", "Bob Smith", "sip:a@b", (), '"Bob Smith" <sip:a@b>'),
        (r'"a \"b\" <c>; d, \\" <sips:a@b>;q=0.5', 'a "b" <c>; d, \\', "sips:a@b", (("q", "0.5"),), None),
        ("<sip:a@b?x=y,z>;expires=60;gruu", "", "sip:a@b?x=y%2Cz", (("expires", "60"), ("gruu", None)), None),
        ('<sip:a@b>;+sip.instance="<urn:uuid:1>"', "", "sip:a@b", (("+sip.instance", "<urn:uuid:1>"),), None),
        ("\u00c9l\u00e8ve <tel:+12>", "\u00c9l\u00e8ve", "tel:+12", (), '"\u00c9l\u00e8ve" <tel:+12>'),
        ('"" <sip:a@[::1]:5>', "", "sip:a@[::1]:5", (), "<sip:a@[::1]:5>"),
    ],
)
def test_an_address(text: str, display: str, uri: str, params: object, written: str | None) -> None:
    address = NameAddr.parse(text)
    assert (address.display, str(address.uri), address.params) == (display, uri, params)
    assert written is None or str(address) == written
    assert NameAddr.parse(str(address)) == address


def test_addresses() -> None:
    first, second = NameAddr.parse_list('"a, b" <sip:a@b>;tag=1, <sip:c@d;x=1>')
    assert (first.display, first.tag, second.tag) == ("a, b", "1", None)
    assert str(replace(second, display='say "hi"')) == '"say \\"hi\\"" <sip:c@d;x=1>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bob",
        "<sip:a@b",
        "sip:a@b>",
        "<sip:a@b> x",
        '"Bob <sip:a@b>',
        'B"o"b <sip:a@b>',
        "<sip:a@b>;=1",
        "<sip:a@b>;;",
        "<sip:a@b>;x=1;X=2",
        "<sip:a@b>, <sip:c@d>",
        "sip:a@b, sip:c@d",
        "sip:a@b?x=y",
        "<<sip:a@b>>",
        "<sip:a@b><sip:c@d>",
        '"a\r\nX: y" <sip:a@b>',
        "<sip:a@b>;x=a\r\nb",
        '"a" "b" <sip:a@b>',
        "<sip:a@b>;t g=1",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"^address: "):
        NameAddr.parse(text)
    with pytest.raises(TypeError):
        NameAddr.parse(text.encode())  # type: ignore[arg-type]


def test_whatever_it_is_made_of_comes_back() -> None:
    """Parts at random, of characters that mean something somewhere."""
    dice = random.Random(3261)
    letters = (
        string.printable.replace("\x0b", "").replace("\x0c", "")
        + '\u00e9\u4e16\U0001f600\udcff\0%%@@::;;??&&<>"\\'
    )
    shown = [letter for letter in letters if letter >= " " and letter != "\x7f"]

    def text(least: int = 1, most: int = 8, of: str | list[str] = letters) -> str:
        return "".join(dice.choice(of) for _ in range(dice.randint(least, most)))

    def pairs() -> tuple[tuple[str, str | None], ...]:
        made = {text().lower(): dice.choice([None, text(), text(0)]) for _ in range(dice.randint(0, 3))}
        return tuple(made.items())

    for _ in range(2000):
        uri = Uri(
            dice.choice(["sip", "sips"]),
            user := dice.choice([None, text()]),
            dice.choice(["a", "A.b-c.d", "1.2.3.4", "::1", "2001:DB8::a"]),
            dice.choice([None, 1, 5060, 65535]),
            pairs(),
            tuple((text(), text(0)) for _ in range(dice.randint(0, 2))),
            None if user is None else dice.choice([None, text(0)]),
        )
        again = Uri.parse(str(uri))
        assert [getattr(again, name) for name in Uri.__slots__] == [
            getattr(uri, name) for name in Uri.__slots__
        ]
        names = {text(of=string.ascii_letters).lower() for _ in range(2)}
        address = NameAddr(
            uri,
            text(0, of=shown),
            tuple((name, dice.choice([None, text(0, of=shown)])) for name in sorted(names)),
        )
        assert NameAddr.parse(str(address)) == address
        assert NameAddr.parse_list(f"{address}, {address}") == (address, address)


def test_rubbish_is_refused_or_read() -> None:
    """Never anything but a value that comes back, or ValueError."""
    dice = random.Random(3966)
    for _ in range(3000):
        seed = list(dice.choice([*ROUND, '"a \\" b" <sip:a@b;c>;d="e"', "A B <tel:+1>;tag=x"]))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(seed) + 1)
            seed[at : at + dice.randint(0, 2)] = dice.choices(
                '<>";:@?&=%,\\[]()+ \t\r\n\0\u00e9aA0z', k=dice.randint(0, 2)
            )
        spoilt = "".join(seed)
        for kind in (Uri, NameAddr):
            try:
                value = kind.parse(spoilt)
            except ValueError:
                continue
            assert kind.parse(str(value)) == value, spoilt
            assert "\r" not in str(value)
            assert "\n" not in str(value)


@pytest.mark.parametrize(
    ("uri", "registrar"),
    [
        ("sip:1001@example.com", "sip:example.com"),
        ('"A <b>" <sip:1001:x@example.com:5070;transport=tcp;x=y>', "sip:example.com:5070;transport=tcp"),
        ("sips:1001@[::1]:5061;x", "sips:[::1]:5061"),
    ],
)
def test_where_an_account_is_registered(uri: str, registrar: str) -> None:
    assert registrar_of(uri) == registrar
    for bad in ("1001", "tel:+1", "<sip:a@b", ""):
        with pytest.raises(ValueError, match=r"^uri: .* is not a SIP URI"):
            registrar_of(bad)
