"""No secret in a `repr` or in what goes to `logging`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from pyjsua import Message, NameAddr, Uri, config, events, info
from pyjsua.events import LogLine
from pyjsua.redaction import redacted
from pyjsua.sdp import Sdp
from pyjsua.struct import Struct

SECRET = "Tr0ub4dor-secret"
NAMES = ("password", "privkey_buf", "key", "data")
"""What the settings call a secret."""


HEADERS = [("X-Other", "shown"), ("Authorization", f"Bearer {SECRET}")]
SDP = (
    f"v=0\r\nk=clear:{SECRET}\r\na=ice-pwd:{SECRET}\r\na=key-mgmt:mikey {SECRET}\r\n"
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}\r\n"
)
MESSAGE = (
    f"INVITE sip:a:{SECRET}@b SIP/2.0\r\n"
    f'Authorization: Digest username="a", response="{SECRET}"\r\n'
    f'Authentication-Info: qop=auth, rspauth="{SECRET}"\r\n\r\n{SDP}'
)
"""Stands in every text, for there is hardly one that cannot be given it, or made of one."""


def classes() -> Iterator[type[Struct]]:
    for module in (config, info, events):
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, Struct) and is_dataclass(cls):
                yield cls


def filled(hint: Any, name: str) -> Any:
    """A value of that type with a secret wherever there is room for one."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (str, bytes):
        # What is secret by its name is so without looking like it.
        # Of a part of a body `data` is what it says.
        text = SECRET if name in NAMES and (name, hint) != ("data", bytes) else MESSAGE
        return text if hint is str else text.encode()
    if origin in (tuple, Sequence):
        if arguments[0] == tuple[str, str]:
            return tuple(HEADERS)
        return (filled(arguments[0], ""),)
    if origin in (Union, UnionType):
        return filled(next(one for one in arguments if one is not NoneType), name)
    if hint is Message:
        return Message(MESSAGE.encode(), True, "UDP", "127.0.0.1:5060", "127.0.0.1:5062")
    if isinstance(hint, type) and issubclass(hint, Struct):
        return instance(hint)
    # Numbers, members of enumerations, functions: nothing to be read in them.
    return None


def instance(cls: type[Struct]) -> Struct:
    hints = get_type_hints(cls)
    return cls(**{each.name: filled(hints[each.name], each.name) for each in fields(cls)})  # type: ignore[arg-type]


def test_there_are_secrets_to_be_shown() -> None:
    with_secrets = [
        cls.__name__
        for cls in classes()
        if any(SECRET in str(getattr(instance(cls), each.name)) for each in fields(cls))  # type: ignore[arg-type]
    ]
    assert len(with_secrets) > 80
    assert {"AccConfig", "CredInfo", "MsgData", "MultipartPart", "OnPager2", "OnCallRxOffer", "LogLine"} <= {
        *with_secrets
    }


@pytest.mark.parametrize("cls", list(classes()), ids=lambda cls: cls.__name__)
def test_no_repr_has_a_secret(cls: type[Struct]) -> None:
    shown = repr(instance(cls))
    assert SECRET not in shown
    assert shown.startswith(f"{cls.__name__}(")


def test_what_is_no_secret_is_shown() -> None:
    account = config.AccConfig(id="sip:a@b", reg_hdr_list=HEADERS, proxy=["sip:p:5060;lr"])
    for text in ("sip:a@b", "('X-Other', 'shown')", "('Authorization', 'Bearer ***')", "['sip:p:5060;lr']"):
        assert text in repr(account)


def test_what_of_a_key_is_no_secret_is_shown() -> None:
    lines = (
        ["k=prompt", "k=prompt"],
        ["k=clear:x", "k=clear:***"],
        ["a=ice-ufrag:x", "a=ice-ufrag:x"],
        ["a=ice-pwd:x", "a=ice-pwd:***"],
        ["a=key-mgmt:mikey x", "a=key-mgmt:mikey ***"],
    )
    for end in ("\r\n", "\n"):
        sdp = end.join(["v=0", *(line for line, _ in lines), "a=sendrecv", ""])
        assert redacted(sdp) == end.join(["v=0", *(line for _, line in lines), "a=sendrecv", ""])


def test_neither_do_the_objects_show_any() -> None:
    for value in (
        Uri.parse(f"sip:a:{SECRET}@b"),
        NameAddr.parse(f'"A" <sip:a:{SECRET}@b>;tag=1'),
        Sdp(SDP),
        Sdp(SDP).lines,
        Message(MESSAGE.encode(), False, "UDP", "127.0.0.1:5060", "127.0.0.1:5062"),
    ):
        assert SECRET not in repr(value)


@pytest.mark.parametrize(
    "text",
    [
        f'Authorization: Digest username="a", response="{SECRET}", uri="sip:b"',
        f"Authorization: Digest response={SECRET}, username=a",
        f'proxy-authorization :\r\n Digest username="a",\r\n\tresponse = "{SECRET}"',
        f'Authorization: Digest response="1"\r\nAuthorization: Digest response="{SECRET}"',
        f"Authorization: Basic {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'Proxy-Authentication-Info: rspauth="{SECRET}", qop=auth',
        f"Contact: <sips:a:{SECRET}@b>;q=1, sip:a:{SECRET}@b:5061",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}|2^20|1:4",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:aaaa;inline:{SECRET}",
        f"a=ice-pwd:{SECRET}",
        f"A=ICE-PWD: {SECRET}",
        f"a=key-mgmt:mikey {SECRET}",
        f"k=clear:{SECRET}",
        f"k=base64:{SECRET}",
        f"k=uri:sip:{SECRET}",
        f"k={SECRET}",
    ],
)
def test_what_is_secret_in_a_message_is_not_told(text: str) -> None:
    message = f"INVITE sip:b SIP/2.0\r\nVia: x\r\n{text}\r\nX-Behind: here\r\n\r\n"
    assert SECRET not in redacted(message)
    assert "X-Behind: here" in redacted(message)
    assert SECRET not in repr(LogLine(seq=1, time=0.0, level=5, text=message))
