"""No secret in a `repr` or in what goes to `logging`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from pyjsua import config
from pyjsua.events import LogLine
from pyjsua.pjsua import CredInfo, MsgData
from pyjsua.redaction import redacted
from pyjsua.struct import Struct

SECRET = "Tr0ub4dor-secret"
NAMES = ("password", "privkey_buf", "key", "data")
"""What the settings call a secret."""


def secret_fields() -> Iterator[Any]:
    for name, cls in sorted(vars(config).items()):
        # What is in a part of a body is no setting.
        if isinstance(cls, type) and issubclass(cls, Struct) and cls is not config.MultipartPart:
            for field in fields(cls):  # type: ignore[arg-type]
                if field.name in NAMES and get_type_hints(cls)[field.name] in (str, bytes):
                    yield pytest.param(cls, field.name, id=f"{name}.{field.name}")


def test_the_secrets_are_found() -> None:
    assert len(list(secret_fields())) >= 5


@pytest.mark.parametrize(("cls", "name"), secret_fields())
def test_no_repr_of_a_setting_has_its_secret(cls: type[Struct], name: str) -> None:
    value = SECRET.encode() if get_type_hints(cls)[name] is bytes else SECRET
    assert SECRET not in repr(cls(**{name: value}))


def test_an_account_does_not_show_its_password() -> None:
    account = config.AccConfig(id="sip:a@b", cred_info=[CredInfo(username="a", data=SECRET)])
    account.turn_cfg.turn_auth_cred.data = SECRET
    assert SECRET not in repr(account)


@pytest.mark.parametrize(
    "text",
    [
        f'Authorization: Digest username="a", response="{SECRET}", uri="sip:b"',
        f"Authorization: Digest response={SECRET}, username=a",
        f'proxy-authorization :\r\n Digest username="a",\r\n\tresponse = "{SECRET}"',
        f'Authorization: Digest response="1"\r\nAuthorization: Digest response="{SECRET}"',
        f"Authorization: Basic {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}|2^20|1:4",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:aaaa;inline:{SECRET}",
    ],
)
def test_what_is_secret_in_a_message_is_not_told(text: str) -> None:
    message = f"INVITE sip:b SIP/2.0\r\nVia: x\r\n{text}\r\nX-Behind: here\r\n\r\n"
    assert SECRET not in redacted(message)
    assert "X-Behind: here" in redacted(message)
    assert SECRET not in repr(LogLine(seq=1, time=0.0, level=5, text=message))


def test_headers_and_bodies_to_be_sent_do_not_show_theirs() -> None:
    data = MsgData(
        hdr_list=[("Authorization", f"Bearer {SECRET}"), ("X-Other", "shown")],
        content_type="application/sdp",
        msg_body=f"v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}\r\n",
    )
    assert SECRET not in repr(data)
    assert "shown" in repr(data)
