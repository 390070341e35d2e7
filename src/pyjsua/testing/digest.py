"""Digest authentication, server side (RFC 7616, RFC 8760, and RFC 2617 clients without qop)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from ..uri import split_outside, unquote_string

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
MAX_NONCES = 10_000


class Verdict(Enum):
    """What became of a set of credentials."""

    OK = "ok"
    STALE = "stale"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The parameters of an Authorization or Proxy-Authorization header, unquoted."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str | None = None
    cnonce: str = ""
    nc: str = ""

    @classmethod
    def parse(cls, value: str) -> Credentials:
        """Raises ValueError for another scheme, an open quote or a missing parameter."""
        scheme, _, rest = value.strip().partition(" ")
        if scheme.lower() != "digest":
            raise ValueError(f"not Digest credentials: {scheme!r}")
        fields: dict[str, str] = {}
        for item in split_outside(rest, ","):
            name, equals, text = item.partition("=")
            if equals:
                fields[name.strip().lower()] = unquote_string(text.strip())
        try:
            return cls(
                fields["username"],
                fields["realm"],
                fields["nonce"],
                fields["uri"],
                fields["response"],
                fields.get("algorithm", "MD5"),
                fields.get("qop"),
                fields.get("cnonce", ""),
                fields.get("nc", ""),
            )
        except KeyError as missing:
            raise ValueError(f"credentials without {missing}") from None


def digest_hash(algorithm: str, text: str) -> str:
    """The hash of `text` in hex. Raises ValueError for an algorithm this machine does not have."""
    try:
        return hashlib.new(_HASHES[algorithm.upper()], text.encode("utf-8", "surrogateescape")).hexdigest()
    except KeyError:
        raise ValueError(f"no such digest algorithm: {algorithm!r}") from None


def digest_response(credentials: Credentials, method: str, password: str) -> str:
    """The response value these credentials should carry (RFC 7616 section 3.4.1)."""

    def hashed(text: str) -> str:
        return digest_hash(credentials.algorithm, text)

    secret = hashed(f"{credentials.username}:{credentials.realm}:{password}")
    target = hashed(f"{method}:{credentials.uri}")
    if credentials.qop is None:
        return hashed(f"{secret}:{credentials.nonce}:{target}")
    middle = f"{credentials.nonce}:{credentials.nc}:{credentials.cnonce}:{credentials.qop}"
    return hashed(f"{secret}:{middle}:{target}")


class Authenticator:
    """Issues challenges and verifies what comes back.

    A nonce is stamped and signed, so a forged or an old one is told apart without being stored; what
    is stored is the highest nonce count seen with it, which a replay cannot pass. The digest-uri is
    not compared with the Request-URI: common test tools (SIPp) put another one there.
    """

    def __init__(
        self,
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        nonce_lifetime: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not algorithms:
            raise ValueError("at least one digest algorithm is needed")
        for algorithm in algorithms:
            digest_hash(algorithm, "")
        self._algorithms = tuple(algorithm.upper() for algorithm in algorithms)
        self._lifetime = nonce_lifetime
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._counts: OrderedDict[str, int] = OrderedDict()

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._key, stamp.encode(), hashlib.sha256).hexdigest()[:32]

    def new_nonce(self) -> str:
        stamp = f"{int(self._clock() * 1000):x}.{secrets.token_hex(8)}"
        return f"{stamp}.{self._sign(stamp)}"

    def challenges(self, realm: str, stale: bool = False) -> list[str]:
        """One header value per algorithm, best first (RFC 8760 section 2.4)."""
        nonce = self.new_nonce()
        quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
        suffix = ", stale=true" if stale else ""
        return [
            f'Digest realm="{quoted}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{suffix}'
            for algorithm in self._algorithms
        ]

    def _is_ours(self, nonce: str) -> bool:
        stamp, _, signature = nonce.rpartition(".")
        return hmac.compare_digest(self._sign(stamp).encode(), signature.encode("utf-8", "surrogateescape"))

    def _is_fresh(self, nonce: str) -> bool:
        return self._clock() - int(nonce.partition(".")[0], 16) / 1000 <= self._lifetime

    def verify(self, credentials: Credentials, method: str, password: str | None) -> Verdict:
        """STALE means: the password is right, ask again with a new nonce.

        `password` None stands for a user that does not exist; it takes the same way as a wrong password.
        """
        algorithm = credentials.algorithm.upper()
        if algorithm not in self._algorithms or credentials.qop not in (None, "auth"):
            return Verdict.WRONG
        expected = digest_response(credentials, method, password or "")
        given = credentials.response.lower().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(expected.encode(), given) or password is None:
            return Verdict.WRONG
        if not self._is_ours(credentials.nonce) or not self._is_fresh(credentials.nonce):
            return Verdict.STALE
        return Verdict.OK if self._count(credentials) else Verdict.STALE

    def _count(self, credentials: Credentials) -> bool:
        """Whether the nonce count rose; a nonce used without qop has no count and is good once."""
        if credentials.qop is None:
            count = 1
        else:
            try:
                count = int(credentials.nc, 16)
            except ValueError:
                return False
        if count <= self._counts.get(credentials.nonce, 0):
            return False
        self._counts[credentials.nonce] = count
        self._counts.move_to_end(credentials.nonce)
        if len(self._counts) > MAX_NONCES:
            self._counts.popitem(last=False)
        return True
