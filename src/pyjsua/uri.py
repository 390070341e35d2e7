"""SIP and tel URIs (RFC 3261 section 19.1, RFC 3966), and the addresses that From, To and Contact hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address
from typing import Self
from urllib.parse import quote, unquote

__all__ = ["NameAddr", "Params", "Uri"]

Params = tuple[tuple[str, str | None], ...]
"""Parameters in order: name and value, None for one that has only a name."""

# RFC 3261 25.1, besides letters and digits: "unreserved" is URLs' own and these.
MARK = "-_.!~*'()"
USER = MARK + "&=+$,;?/"
PASSWORD = MARK + "&=+$,"
PARAM = MARK + "[]/:&+$"
HEADER = MARK + "[]/?:+$"

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?")
HOSTPORT = re.compile(rf"(?P<host>\[[0-9A-Fa-f:.]+\]|{HOST.pattern})(?::(?P<port>[0-9]{{1,5}}))?")
NUMBER = re.compile(r"\+?[0-9A-Fa-f*#\-.()]*[0-9A-Fa-f*#][0-9A-Fa-f*#\-.()]*")
SEPARATORS = re.compile(r"[\-.()]")
TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
PLAIN_VALUE = re.compile(r"[A-Za-z0-9\-.!%*_+`'~\[\]:]+")
NO_URI = re.compile(r"[\s<>\"\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# What must be in both URIs or in neither, RFC 3261 19.1.4, which says so of transport by an example.
IN_BOTH = ("user", "ttl", "method", "maddr", "transport")


def split_outside(text: str, separator: str) -> list[str]:
    """Split at `separator` where it stands outside quotes and angle brackets.

    Raises ValueError for a quote or a bracket that never closes.
    """
    parts: list[str] = []
    start = 0
    quoted = bracketed = False
    index = 0
    while index < len(text):
        char = text[index]
        if quoted:
            if char == "\\":
                index += 1
            elif char == '"':
                quoted = False
        elif bracketed:
            bracketed = char != ">"
        elif char == '"':
            quoted = True
        elif char == "<":
            bracketed = True
        elif char == separator:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    if quoted:
        raise ValueError("a quoted string does not end")
    if bracketed:
        raise ValueError("an angle bracket does not close")
    parts.append(text[start:])
    return parts


def unquote_string(text: str) -> str:
    """The value of a quoted-string, or `text` itself when it is not one."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def quote_string(text: str) -> str:
    """`text` as a quoted-string."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def value_text(value: str | None) -> str:
    """A header parameter's value as it is written, its equals sign with it."""
    if value is None:
        return ""
    return f"={value if PLAIN_VALUE.fullmatch(value) else quote_string(value)}"


def bare_host(host: str) -> str:
    """`[::1]` to `::1`, in lower case; IPv6 in its short form."""
    host = host.lower()
    if host.startswith("["):
        host = host[1:-1]
    if ":" in host:
        return str(ip_address(host))
    return host.rstrip(".")


def bracket_host(host: str) -> str:
    """`::1` to `[::1]`; everything else unchanged."""
    return f"[{host}]" if ":" in host else host


def is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def escape(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogateescape")


def unescape(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def param_of(params: Params, name: str) -> str | None:
    for key, value in params:
        if key.lower() == name.lower():
            return value or ""
    return None


def check_params(params: object, what: str) -> None:
    """Names and values, each name once."""
    if not isinstance(params, tuple):
        raise TypeError(f"{what}: a tuple of (name, value) pairs expected, not {type(params).__name__}")
    seen = set()
    for pair in params:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"{what}: a (name, value) pair expected, not {pair!r}")
        name, value = pair
        if not isinstance(name, str) or not isinstance(value, str | None):
            raise TypeError(f"{what}: str expected in {pair!r}")
        if not name:
            raise ValueError(f"{what}: a name is empty")
        if name.lower() in seen:
            raise ValueError(f"{what}: {name!r} is there twice")
        seen.add(name.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Uri:
    """A ``sip:``, ``sips:`` or ``tel:`` URI, its escapes undone; ``str(uri)`` writes them again.

    ``==`` is RFC 3261's comparison (19.1.4), RFC 3966's for tel: the order of parameters does not count,
    nor does one that is in one URI only, but for a few; so of three, two pairs may be equal and the third
    not. Raises `ValueError`, `TypeError` for parts no URI can have.
    """

    scheme: str
    """``"sip"``, ``"sips"`` or ``"tel"``."""
    user: str | None = None
    """What stands before the @; a tel URI's number."""
    host: str = ""
    """Name or address, IPv6 without brackets; empty for tel."""
    port: int | None = None
    params: Params = ()
    headers: tuple[tuple[str, str], ...] = ()
    """What stands after the question mark: headers of the request to be made of it."""
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.scheme not in ("sip", "sips", "tel"):
            raise ValueError(f"scheme: {self.scheme!r} is none of sip, sips, tel")
        for name in ("user", "password"):
            if not isinstance(getattr(self, name), str | None):
                raise TypeError(f"{name}: str expected, not {type(getattr(self, name)).__name__}")
            if name == "user" and self.user == "":
                raise ValueError("user: empty; None is for a URI without")
        check_params(self.params, "params")
        if not isinstance(self.headers, tuple):
            raise TypeError(f"headers: a tuple expected, not {type(self.headers).__name__}")
        for pair in self.headers:
            if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
                raise TypeError(f"headers: a (name, value) pair of str expected, not {pair!r}")
            if not pair[0]:
                raise ValueError("headers: a name is empty")
        if self.scheme == "tel":
            self._check_tel()
        else:
            self._check_host()

    def _check_host(self) -> None:
        if not isinstance(self.host, str):
            raise TypeError(f"host: str expected, not {type(self.host).__name__}")
        if ":" in self.host:
            try:
                IPv6Address(self.host)
            except ValueError:
                raise ValueError(f"host: {self.host!r} is no IPv6 address") from None
            # A zone means nothing to anybody else.
            if "%" in self.host:
                raise ValueError(f"host: {self.host!r} has a zone")
        elif not HOST.fullmatch(self.host):
            raise ValueError(f"host: {self.host!r} is no host name")
        if self.port is not None:
            if isinstance(self.port, bool) or not isinstance(self.port, int):
                raise TypeError(f"port: int expected, not {type(self.port).__name__}")
            if not 0 < self.port < 65536:
                raise ValueError(f"port: {self.port} is not between 1 and 65535")
        if self.password is not None and self.user is None:
            raise ValueError("password: there is no user")

    def _check_tel(self) -> None:
        if self.user is None or not NUMBER.fullmatch(self.user):
            raise ValueError(f"user: {self.user!r} is no telephone number")
        for name in ("host", "port", "password", "headers"):
            if getattr(self, name):
                raise ValueError(f"{name}: a tel URI has none")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for what is no such URI."""
        if not isinstance(text, str):
            raise TypeError(f"uri: str expected, not {type(text).__name__}")
        try:
            return cls._parse(text)
        except ValueError as error:
            raise ValueError(f"uri: {text!r} is not a SIP URI: {error}") from None

    @classmethod
    def _parse(cls, text: str) -> Self:
        found = SCHEME.match(text)
        if found is None:
            raise ValueError("it has no scheme")
        if NO_URI.search(text):
            raise ValueError("it holds blanks, quotes, brackets or half an escape")
        scheme, rest = found[1].lower(), text[found.end() :]
        if scheme == "tel":
            number, *items = rest.split(";")
            return cls(scheme, unescape(number), params=params_in(items))
        info, at, rest = rest.rpartition("@")
        if at and (not info or "@" in info):
            raise ValueError("there is no user, or a second @")
        name, colon, secret = info.partition(":")
        rest, _, headers = rest.partition("?")
        place, *items = rest.split(";")
        hostport = HOSTPORT.fullmatch(place)
        if hostport is None:
            raise ValueError(f"{place!r} is no host")
        return cls(
            scheme,
            unescape(name) if at else None,
            hostport["host"].strip("[]"),
            int(hostport["port"]) if hostport["port"] else None,
            params_in(items),
            headers_in(headers),
            unescape(secret) if colon else None,
        )

    def __str__(self) -> str:
        params = "".join(
            f";{escape(name, PARAM)}" if value is None else f";{escape(name, PARAM)}={escape(value, PARAM)}"
            for name, value in self.params
        )
        if self.scheme == "tel":
            return f"tel:{self.user}{params}"
        info = "" if self.user is None else escape(self.user, USER)
        if self.password is not None:
            info += f":{escape(self.password, PASSWORD)}"
        place = bracket_host(self.host) + ("" if self.port is None else f":{self.port}")
        headers = "&".join(f"{escape(name, HEADER)}={escape(value, HEADER)}" for name, value in self.headers)
        return f"{self.scheme}:{info}{'@' if info else ''}{place}{params}{'?' if headers else ''}{headers}"

    def param(self, name: str) -> str | None:
        """A parameter's value, ``""`` for one without a value, None where it is not there."""
        return param_of(self.params, name)

    @property
    def transport(self) -> str | None:
        """``"udp"``, ``"tcp"``, ... in lower case; None where it does not say."""
        value = self.param("transport")
        return value.lower() if value else None

    @property
    def number(self) -> str | None:
        """The user part as a telephone number, without visual separators; None where it is none."""
        if self.user is None or not NUMBER.fullmatch(self.user):
            return None
        return SEPARATORS.sub("", self.user)

    @property
    def aor(self) -> Uri:
        """The same without password, parameters and headers, which say how to get there."""
        return self if self.scheme == "tel" else replace(self, password=None, params=(), headers=())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Uri):
            return NotImplemented
        if self._key() != other._key():
            return False
        mine, theirs = folded(self.params), folded(other.params)
        if self.scheme == "tel":
            return {name: SEPARATORS.sub("", value) for name, value in mine.items()} == {
                name: SEPARATORS.sub("", value) for name, value in theirs.items()
            }
        if any(mine.get(name) != theirs.get(name) for name in IN_BOTH):
            return False
        return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        """What equal URIs have in common."""
        if self.scheme == "tel":
            return self.scheme, (self.number or "").lower()
        headers = tuple(sorted((name.lower(), value) for name, value in self.headers))
        return self.scheme, self.user, self.password, bare_host(self.host), self.port, headers


def folded(params: Params) -> dict[str, str]:
    return {name.lower(): (value or "").lower() for name, value in params}


def params_in(items: Sequence[str]) -> Params:
    found: list[tuple[str, str | None]] = []
    for item in items:
        name, equals, value = item.partition("=")
        if not name:
            raise ValueError("a parameter has no name")
        found.append((unescape(name), unescape(value) if equals else None))
    return tuple(found)


def headers_in(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for item in text.split("&") if text else ():
        name, equals, value = item.partition("=")
        if not name or not equals:
            raise ValueError(f"{item!r} is no header")
        found.append((unescape(name), unescape(value)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NameAddr:
    """What From, To, Contact, Route and their kin hold: a URI, with a display name and parameters."""

    uri: Uri
    display: str = ""
    """The name for people, its quotes and escapes undone; empty where there is none."""
    params: Params = ()
    """Parameters of the header, not of the URI: ``tag``, ``expires``, ``q``; quotes undone."""

    def __post_init__(self) -> None:
        if not isinstance(self.uri, Uri):
            raise TypeError(f"uri: Uri expected, not {type(self.uri).__name__}")
        if not isinstance(self.display, str):
            raise TypeError(f"display: str expected, not {type(self.display).__name__}")
        if CONTROL.search(self.display):
            raise ValueError("display: a control character cannot stand here")
        check_params(self.params, "params")
        for name, value in self.params:
            if not TOKEN.fullmatch(name):
                raise ValueError(f"params: {name!r} is no token")
            if value is not None and CONTROL.search(value):
                raise ValueError(f"params: a control character in {name!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """One address. Without angle brackets, what follows a semicolon is the header's (RFC 3261, 20).

        Raises `ValueError` for what is none, and for a list; see `parse_list`.
        """
        if not isinstance(text, str):
            raise TypeError(f"address: str expected, not {type(text).__name__}")
        try:
            return cls._parse(text)
        except ValueError as error:
            raise ValueError(f"address: {text!r} is none: {error}") from None

    @classmethod
    def parse_list(cls, text: str) -> tuple[Self, ...]:
        """The addresses of a header that may hold several, such as Contact and Route."""
        if not isinstance(text, str):
            raise TypeError(f"address: str expected, not {type(text).__name__}")
        try:
            parts = split_outside(text, ",")
        except ValueError as error:
            raise ValueError(f"address: {text!r}: {error}") from None
        return tuple(cls.parse(part) for part in parts)

    @classmethod
    def _parse(cls, text: str) -> Self:
        head, *tail = split_outside(text.strip(" \t"), ";")
        before, bracket, after = divide(head)
        if bracket:
            inner, closed, rest = after.partition(">")
            if not closed or rest.strip(" \t"):
                raise ValueError("something follows the address")
        else:
            before, inner = "", head
            # Section 20: with these it needs angle brackets.
            if "?" in head or "," in head:
                raise ValueError("an address with ? or , needs angle brackets")
        display = before.strip(" \t")
        if display.startswith('"'):
            if not re.fullmatch(r'"(?:[^"\\]|\\.)*"', display, re.DOTALL):
                raise ValueError(f"{display!r} is no display name")
        elif '"' in display or "," in display:
            raise ValueError(f"{display!r} is no display name")
        params: list[tuple[str, str | None]] = []
        for item in tail:
            name, equals, value = (part.strip(" \t") for part in item.partition("="))
            params.append((name, unquote_string(value) if equals else None))
        return cls(Uri.parse(inner.strip(" \t")), unquote_string(display), tuple(params))

    def __str__(self) -> str:
        display = f"{quote_string(self.display)} " if self.display else ""
        params = "".join(f";{name}{value_text(value)}" for name, value in self.params)
        return f"{display}<{self.uri}>{params}"

    def param(self, name: str) -> str | None:
        """A parameter's value, ``""`` for one without a value, None where it is not there."""
        return param_of(self.params, name)

    @property
    def tag(self) -> str | None:
        return self.param("tag") or None


def divide(head: str) -> tuple[str, str, str]:
    """What stands before the angle bracket, the bracket, and what follows; one in quotes is none."""
    quoted = False
    skip = False
    for index, char in enumerate(head):
        if skip:
            skip = False
        elif quoted and char == "\\":
            skip = True
        elif char == '"':
            quoted = not quoted
        elif char == "<" and not quoted:
            return head[:index], char, head[index + 1 :]
    return head, "", ""


def address_of(text: str) -> Uri:
    """The SIP URI of an account or a target, written with a display name or without.

    Without angle brackets its parameters are the URI's. Raises `ValueError` for what is none.
    """
    if not isinstance(text, str):
        raise TypeError(f"uri: str expected, not {type(text).__name__}")
    try:
        uri = NameAddr.parse(text).uri if "<" in text else Uri.parse(text)
        if uri.scheme == "tel":
            raise ValueError
    except ValueError:
        raise ValueError(f"uri: {text!r} is not a SIP URI") from None
    return uri


def check_whole(text: str, near: str) -> None:
    """Raises `ValueError` for a name or number alone, and says what it would be at the server of `near`."""
    if not isinstance(text, str) or not text or ":" in text:
        return
    home = address_of(near)
    meant = f"{home.scheme}:{text}" if "@" in text else Uri(home.scheme, text, home.host, home.port)
    raise ValueError(f"uri: {text!r} is not a SIP URI; '{meant}' is one")
