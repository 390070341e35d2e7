"""What must not be read in a log or a `repr`: passwords, what answers are made of, keys of media."""

from __future__ import annotations

import re

__all__: list[str] = []

DIGEST = re.compile(
    r"""(?imx) ^ ((?:Proxy-)? (?:Authorization|Authentication-Info) [ \t]* :)
    ((?: [^\r\n] | \r?\n[ \t] )*)"""
)
"""A digest answer, theirs too, tells a listener enough to guess the password offline; Basic is the password,
Bearer as good as one."""
ANSWER = re.compile(r'(?i)(\b(?:response|rspauth)\s*=\s*)("[^"]*"?|[^\s,]+)')
CRYPTO = re.compile(r"(?im)^a=crypto:[^\r\n]*")
KEY = re.compile(r"(?i)(\binline:)[^|; \t]+")
"""SDES (RFC 4568): whoever has the key hears the call."""
SDP_KEY = re.compile(
    r"""(?imx) ^ ( a=ice-pwd: | a=key-mgmt:\S*[ \t]+ | k=(?!prompt[ \t]*\r?$)(?:[^:\r\n]*:)? ) [^\r\n]+"""
)
"""The others SDP may have: of ICE's checks (RFC 8839), MIKEY's (RFC 4567), the oldest (RFC 4566, 5.12)."""
URI_PASSWORD = re.compile(r"""(?i)(\bsips?:[^\s:@<>"]+:)[^\s:@<>"]+@""")
"""RFC 3261 19.1.1 has one behind the user, and advises against it."""


def _without_answer(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if "info" in name.lower() or value.lstrip().lower().startswith("digest"):
        return name + ANSWER.sub(lambda each: f'{each[1]}"***"', value)
    return f"{name} {value.split()[0]} ***" if value.split() else name + value


def redacted(text: str) -> str:
    """SIP messages, SDP, or log lines with either in them, without what is secret."""
    text = CRYPTO.sub(lambda line: KEY.sub(r"\1***", line[0]), DIGEST.sub(_without_answer, text))
    text = SDP_KEY.sub(r"\1***", text)
    return URI_PASSWORD.sub(r"\1***@", text)


def shown(value: object) -> object:
    """A field as a `repr` may show it: text, bytes and headers without what is secret, others as they are."""
    if isinstance(value, str):
        # Of an id, or a member of an enumeration, nothing is secret.
        return redacted(value) if type(value) is str else value
    if isinstance(value, bytes):
        return redacted(value.decode("latin-1")).encode("latin-1")
    if isinstance(value, tuple | list) and value and all(isinstance(one, str | tuple) for one in value):
        return type(value)(map(_shown_header, value))
    return value


def _shown_header(header: object) -> object:
    if isinstance(header, tuple) and len(header) == 2 and all(isinstance(part, str) for part in header):
        name, value = header
        whole = redacted(f"{name}: {value}")
        return name, whole[len(name) + 1 :].lstrip()
    return shown(header)
