"""SIP URIs (RFC 3261 section 19.1) and the tokenising that every SIP header shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from ..uri import Params, bare_host, bracket_host, split_outside, unquote_string

DEFAULT_PORT = 5060

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*(?=:)")
_USER = re.compile(r"[^\s<>\"@:\x00-\x1f\x7f]+")
_PASSWORD = re.compile(r"[^\s<>\"@\x00-\x1f\x7f]*")
_HOSTPORT = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?)(?::(?P<port>[0-9]{1,5}))?"
)
_PARAM = re.compile(r"[^\s<>\";?\x00-\x1f\x7f]+")
_FORBIDDEN = re.compile(r"[\s<>\"\x00-\x1f\x7f]")

#: Parameters that must agree in both URIs or be absent from both (RFC 3261 section 19.1.4).
_STRICT_PARAMS = ("user", "ttl", "method", "maddr", "transport")


class UriError(ValueError):
    """The text is not a URI this server can use."""


def scheme_of(text: str) -> str | None:
    """The scheme of `text` in lower case, or None when it has none."""
    match = _SCHEME.match(text)
    return match.group().lower() if match else None


def parse_params(text: str) -> Params:
    """Header parameters: `;a=b;c` to (("a", "b"), ("c", None)), names in lower case.

    Raises ValueError for an empty name or an open quote.
    """
    params: list[tuple[str, str | None]] = []
    for item in split_outside(text, ";"):
        item = item.strip()
        if not item:
            continue
        name, equals, value = item.partition("=")
        name = name.strip().lower()
        if not name or _FORBIDDEN.search(name):
            raise ValueError(f"not a parameter name: {name!r}")
        params.append((name, value.strip() if equals else None))
    return tuple(params)


def format_params(params: Params) -> str:
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def parse_hostport(text: str) -> tuple[str, int | None]:
    """`host[:port]` to (bare host, port or None). Raises UriError."""
    match = _HOSTPORT.fullmatch(text)
    if match is None:
        raise UriError(f"not a host and port: {text!r}")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65536:
        raise UriError(f"no such port: {port}")
    try:
        return bare_host(match["host"]), port
    except ValueError as error:
        raise UriError(str(error)) from None


@dataclass(frozen=True, slots=True)
class SipUri:
    """A `sip:` or `sips:` URI. `user` is as written, still escaped; `host` is bare and in lower case."""

    scheme: str
    user: str | None
    host: str
    port: int | None = None
    params: Params = ()
    headers: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Raises UriError."""
        scheme = scheme_of(text)
        if scheme not in ("sip", "sips"):
            raise UriError(f"not a SIP URI: {text!r}")
        rest = text[len(scheme) + 1 :]
        if _FORBIDDEN.search(rest):
            raise UriError(f"a URI holds no blanks, quotes or brackets: {text!r}")
        userinfo, at, tail = rest.rpartition("@")
        user: str | None = None
        password: str | None = None
        if at:
            user, colon, secret = userinfo.partition(":")
            password = secret if colon else None
            if not _USER.fullmatch(user) or not _PASSWORD.fullmatch(secret):
                raise UriError(f"not a user part: {userinfo!r}")
        tail, question, headers = tail.partition("?")
        hostport, *items = tail.split(";")
        host, port = parse_hostport(hostport)
        for item in items:
            if not _PARAM.fullmatch(item):
                raise UriError(f"not a URI parameter: {item!r}")
        return cls(
            scheme, user, host, port, parse_params(";".join(items)), headers if question else None, password
        )

    def __str__(self) -> str:
        userinfo = ""
        if self.user is not None:
            secret = "" if self.password is None else f":{self.password}"
            userinfo = f"{self.user}{secret}@"
        port = "" if self.port is None else f":{self.port}"
        headers = "" if self.headers is None else f"?{self.headers}"
        return f"{self.scheme}:{userinfo}{bracket_host(self.host)}{port}{format_params(self.params)}{headers}"

    @property
    def username(self) -> str | None:
        """The user part with its escapes undone."""
        return None if self.user is None else unquote(self.user)

    def param(self, name: str) -> str | None:
        """The parameter's value, "" for one without a value, None when it is absent."""
        for key, value in self.params:
            if key == name:
                return value or ""
        return None

    @property
    def transport(self) -> str:
        """`udp`, `tcp`... in lower case; udp where the URI names none."""
        return (self.param("transport") or "udp").lower()

    def as_request_uri(self) -> SipUri:
        """Without the parts a Request-URI may not have: headers and the method parameter."""
        return replace(self, headers=None, params=tuple(p for p in self.params if p[0] != "method"))

    def matches(self, other: SipUri) -> bool:
        """URI equality by RFC 3261 section 19.1.4."""
        if (self.scheme, self.username, self.password, self.host, self.port) != (
            other.scheme,
            other.username,
            other.password,
            other.host,
            other.port,
        ):
            return False
        if (self.headers or "").lower() != (other.headers or "").lower():
            return False
        mine = {name: (value or "").lower() for name, value in self.params}
        theirs = {name: (value or "").lower() for name, value in other.params}
        if any(mine.get(name) != theirs.get(name) for name in _STRICT_PARAMS):
            return False
        return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())


@dataclass(frozen=True, slots=True)
class NameAddr:
    """The value of From, To, Contact, Route...: a URI with a display name and header parameters.

    `uri` is None for a scheme other than sip and sips; `text` is the URI as written.
    """

    display: str
    text: str
    uri: SipUri | None
    params: Params = ()

    @classmethod
    def parse(cls, value: str) -> NameAddr:
        """Raises ValueError (UriError among it)."""
        value = value.strip()
        head, *tail = split_outside(value, ";")
        if "<" in head:
            at = head.rindex("<")
            display, rest = head[:at].strip(), head[at + 1 :].strip()
            if not rest.endswith(">"):
                raise ValueError(f"something follows the address: {rest!r}")
            text = rest[:-1].strip()
            if display.startswith('"') and not (len(display) >= 2 and display.endswith('"')):
                raise ValueError(f"not a display name: {display!r}")
        else:
            display, text = "", head.strip()
            # Without brackets a "?" or "," would belong to the header, not to the URI (section 20).
            if "?" in text or "," in text:
                raise ValueError(f"an address with ? or , needs angle brackets: {text!r}")
        scheme = scheme_of(text)
        if scheme is None or _FORBIDDEN.search(text):
            raise ValueError(f"not an address: {text!r}")
        uri = SipUri.parse(text) if scheme in ("sip", "sips") else None
        return cls(unquote_string(display), text, uri, parse_params(";".join(tail)))

    def param(self, name: str) -> str | None:
        for key, value in self.params:
            if key == name:
                return value or ""
        return None

    @property
    def tag(self) -> str | None:
        return self.param("tag") or None
