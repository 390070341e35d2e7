"""What must not be read in a log or a `repr`: passwords, what answers are made of, keys of media."""

from __future__ import annotations

import re

__all__: list[str] = []

DIGEST = re.compile(r"""(?ix) ^ ((?:Proxy-)?Authorization [ \t]* :) ((?: [^\r\n] | \r?\n[ \t] )*)""", re.M)
"""A digest answer tells a listener enough to guess the password offline; Basic is the password, Bearer as
good as one."""
ANSWER = re.compile(r'(?i)(\bresponse\s*=\s*)("[^"]*"?|[^\s,]+)')
CRYPTO = re.compile(r"(?im)^a=crypto:[^\r\n]*")
KEY = re.compile(r"(?i)(\binline:)[^|; \t]+")
"""SDES (RFC 4568): whoever has the key hears the call."""


def _without_answer(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if value.lstrip().lower().startswith("digest"):
        return name + ANSWER.sub(lambda each: f'{each[1]}"***"', value)
    return f"{name} {value.split()[0]} ***" if value.split() else name + value


def redacted(text: str) -> str:
    """SIP messages, SDP, or log lines with either in them, without what is secret."""
    return CRYPTO.sub(lambda line: KEY.sub(r"\1***", line[0]), DIGEST.sub(_without_answer, text))


def redacted_headers(headers: object) -> object:
    """Pairs of names and values, without what is secret; anything else as it is."""
    if not isinstance(headers, tuple | list):
        return headers
    shown: list[object] = []
    for header in headers:
        if isinstance(header, tuple) and len(header) == 2 and all(isinstance(part, str) for part in header):
            name, value = header
            whole = redacted(f"{name}: {value}")
            header = (name, whole[len(name) + 1 :].lstrip())
        shown.append(header)
    return tuple(shown)
