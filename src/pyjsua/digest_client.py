"""Answers to digest challenges (RFC 7616, RFC 8760) of requests whose challenges PJSIP does not follow."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence

from .config import CredInfo
from .enums import AuthAlgorithmType, CredDataType
from .message import Message
from .struct import Header
from .uri import quote_string, split_outside, unquote_string

__all__: list[str] = []

HASHES = {"MD5": "md5", "SHA-256": "sha256"}
HA1_OF = {"MD5": AuthAlgorithmType.MD5, "SHA-256": AuthAlgorithmType.SHA256}
ANSWERS = {"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"}


def authorizations(
    response: Message, method: str, uri: str, credentials: Sequence[CredInfo]
) -> tuple[Header, ...]:
    """The headers that answer a 401 or 407; none where no credential is for it."""
    out: dict[tuple[str, str], Header] = {}
    for name, answer in ANSWERS.items():
        for value in response.header_values(name):
            challenge = fields_of(value)
            # Of several for one realm the first counts, the strongest by RFC 8760.
            key = (name, challenge.get("realm", ""))
            if key not in out and (text := answer_to(challenge, method, uri, credentials)):
                out[key] = (answer, text)
    return tuple(out.values())


def fields_of(value: str) -> dict[str, str]:
    """The parameters of a digest challenge in lower case; empty for another scheme."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    try:
        items = [item.partition("=") for item in split_outside(rest, ",")]
        return {name.strip().lower(): unquote_string(text.strip()) for name, _, text in items}
    except ValueError:
        return {}


def answer_to(
    challenge: dict[str, str], method: str, uri: str, credentials: Iterable[CredInfo]
) -> str | None:
    algorithm = challenge.get("algorithm", "MD5").upper()
    if "nonce" not in challenge or "realm" not in challenge or algorithm not in HASHES:
        return None
    qops = [qop.strip().lower() for qop in challenge.get("qop", "").split(",") if qop.strip()]
    if qops and "auth" not in qops:
        return None
    for credential in credentials:
        if credential.realm in ("*", challenge["realm"]) and (
            ha1 := ha1_of(credential, challenge, algorithm)
        ):
            return written(challenge, algorithm, ha1, credential.username, method, uri, bool(qops))
    return None


def ha1_of(credential: CredInfo, challenge: dict[str, str], algorithm: str) -> str | None:
    if credential.data_type & CredDataType.DIGEST:
        return credential.data if credential.algorithm_type in (HA1_OF[algorithm], 0) else None
    return hashed(algorithm, f"{credential.username}:{challenge['realm']}:{credential.data}")


def written(
    challenge: dict[str, str], algorithm: str, ha1: str, username: str, method: str, uri: str, qop: bool
) -> str:
    nonce, cnonce, count = challenge["nonce"], secrets.token_hex(8), "00000001"
    ha2 = hashed(algorithm, f"{method}:{uri}")
    middle = f"{nonce}:{count}:{cnonce}:auth" if qop else nonce
    quoted = {"username": username, "realm": challenge["realm"], "nonce": nonce, "uri": uri}
    quoted["response"] = hashed(algorithm, f"{ha1}:{middle}:{ha2}")
    if "opaque" in challenge:
        quoted["opaque"] = challenge["opaque"]
    parts = [f"{name}={quote_string(value)}" for name, value in quoted.items()]
    parts.append(f"algorithm={algorithm}")
    if qop:
        parts += ["qop=auth", f"nc={count}", f"cnonce={quote_string(cnonce)}"]
    return "Digest " + ", ".join(parts)


def hashed(algorithm: str, text: str) -> str:
    return hashlib.new(HASHES[algorithm], text.encode("utf-8", "surrogateescape")).hexdigest()
