"""Settings of the wrong type or out of range: every field of every config class says which it is."""

from __future__ import annotations

import dataclasses
import resource
from typing import Any

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj
from pyjsua.struct import Struct

IN = (
    pj.AccConfig, pj.CallSetting, pj.Config, pj.CredInfo, pj.LoggingConfig, pj.MediaConfig, pj.MsgData,
    pj.TimerSetting, pj.TransportConfig,
)  # fmt: skip

FIELDS = [
    (cls, field.name)
    for cls in IN
    for field in dataclasses.fields(cls)
    if (cls, field.name) != (pj.Config, "cb")
]


def give(value: Struct) -> None:
    """Hands a config value to the function that takes it, before anything is created."""
    match value:
        case pj.AccConfig():
            if value.id == "":
                value.id = "sip:a@127.0.0.1"
            pj.acc_add(value)
        case pj.CallSetting():
            pj.call_make_call(0, "sip:b@127.0.0.1", value)
        case pj.Config():
            pj.init(value)
        case pj.CredInfo():
            pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", cred_info=[value]))
        case pj.LoggingConfig():
            pj.init(None, value)
        case pj.MediaConfig():
            pj.init(None, None, value)
        case pj.MsgData():
            pj.call_make_call(0, "sip:b@127.0.0.1", None, value)
        case pj.TimerSetting():
            pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", timer_setting=value))
        case pj.TransportConfig():
            pj.transport_create(pj.TransportType.UDP, value)


class Stranger:
    """A type no field wants."""


@pytest.mark.parametrize(("cls", "name"), FIELDS, ids=[f"{cls.__name__}.{name}" for cls, name in FIELDS])
def test_wrong_type(cls: type[Any], name: str) -> None:
    default = getattr(cls(), name)
    wrong: Any
    for wrong in (Stranger(), None, 1.5, b"bytes", object):
        with pytest.raises(TypeError) as caught:
            give(cls(**{name: wrong}))
        message = str(caught.value)
        assert f".{name}" in message
        assert type(wrong).__name__ in message or "pair" in message
    if isinstance(default, str):
        with pytest.raises(TypeError, match=rf"\.{name}: str expected, not int$"):
            give(cls(**{name: 5}))
        with pytest.raises(ValueError, match=rf"\.{name}: a NUL character cannot be sent$"):
            give(cls(**{name: "a\0b"}))
        if name not in ("msg_body", "ka_data"):
            with pytest.raises(ValueError, match=rf"\.{name}: a line break cannot stand here$"):
                give(cls(**{name: "a\r\nX-Injected: yes"}))
    elif isinstance(default, bool):
        with pytest.raises(TypeError, match=rf"\.{name}: bool expected, not str$"):
            give(cls(**{name: "yes"}))
    elif isinstance(default, int):
        for wrong, kind in ((True, "bool"), ("5", "str")):
            if name == "allow_contact_rewrite" and wrong is True:
                continue  # a pj_bool_t that has a third value
            with pytest.raises(TypeError, match=rf"\.{name}: int expected, not {kind}$"):
                give(cls(**{name: wrong}))
        for wrong in (2**32, 2**63, -(2**31) - 1, 10**30):
            with pytest.raises(ValueError, match=rf"\.{name}: {wrong} is not between"):
                give(cls(**{name: wrong}))
    elif isinstance(default, tuple):
        for wrong, kind in ((5, "int"), ("text", "str")):
            with pytest.raises(TypeError, match=rf"\.{name}: a sequence (of .*)?expected, not {kind}$"):
                give(cls(**{name: wrong}))


@pytest.mark.parametrize(
    ("cls", "name", "enum"),
    [
        (pj.AccConfig, "call_hold_type", "HoldType"),
        (pj.AccConfig, "require_100rel", "Rel100Use"),
        (pj.AccConfig, "use_srtp", "SrtpUse"),
        (pj.AccConfig, "use_timer", "SipTimerUse"),
        (pj.Config, "require_100rel", "Rel100Use"),
        (pj.Config, "use_srtp", "SrtpUse"),
        (pj.Config, "use_timer", "SipTimerUse"),
        (pj.CredInfo, "data_type", "CredDataType"),
    ],
)
def test_no_member_of_the_enumeration(cls: type[Any], name: str, enum: str) -> None:
    for wrong in (77, -1):
        with pytest.raises(ValueError, match=rf"\.{name}: {wrong} is no {enum}$"):
            give(cls(**{name: wrong}))


@pytest.mark.parametrize("cls", IN)
def test_unknown_field(cls: type[Any]) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'no_such_field'"):
        cls(no_such_field=1)
    value = cls()
    with pytest.raises(AttributeError, match=r"no_such_field"):
        value.no_such_field = 1
    with pytest.raises(TypeError, match=r"positional"):
        cls(1)


@pytest.mark.parametrize("cls", IN)
def test_another_class(phone: Phone, cls: type[Any]) -> None:
    wrong: Any = Stranger()
    acc = phone.account("good")
    name = f"{cls.__name__} expected, not Stranger$"
    uses: dict[type[Any], Any] = {
        pj.AccConfig: lambda: pj.acc_add(wrong),
        pj.CallSetting: lambda: pj.call_make_call(acc, "sip:b@127.0.0.1", wrong),
        pj.Config: lambda: pj.init(wrong),
        pj.CredInfo: lambda: pj.acc_add(phone.account_config("a", cred_info=[wrong])),
        pj.LoggingConfig: lambda: pj.init(None, wrong),
        pj.MediaConfig: lambda: pj.init(None, None, wrong),
        pj.MsgData: lambda: pj.call_make_call(acc, "sip:b@127.0.0.1", None, wrong),
        pj.TimerSetting: lambda: pj.acc_add(phone.account_config("a", timer_setting=wrong)),
        pj.TransportConfig: lambda: pj.transport_create(pj.TransportType.UDP, wrong),
    }
    with pytest.raises(TypeError, match=name):
        uses[cls]()
    assert pj.acc_get_count() == 1
    assert pj.call_get_count() == 0
    phone.check_call()


@pytest.mark.parametrize("cls", IN)
def test_every_default_is_accepted(cls: type[Any]) -> None:
    """Each value C gives by default goes back in as it came out."""
    pj.create()
    if cls in (pj.Config, pj.LoggingConfig, pj.MediaConfig):
        give(cls())
        return
    pj.init()
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.start()
    if cls in (pj.CallSetting, pj.MsgData):
        pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", rtp_cfg=pj.TransportConfig(bound_addr="127.0.0.1")))
    give(cls() if cls is not pj.CredInfo else pj.CredInfo(realm="*", username="a", data="b"))


def test_max_calls() -> None:
    most = pj.limits().max_calls
    pj.create()
    for wrong in (0, -1, most + 1, 2**31, 2**32):
        with pytest.raises(ValueError, match=rf"^ua_cfg\.max_calls: {wrong} "):
            pj.init(pj.Config(max_calls=wrong))
        assert pj.get_state() is pj.State.CREATED
    pj.init(pj.Config(max_calls=1))
    assert pj.call_get_max_count() == 1


def test_more_calls_than_the_process_has_descriptors_for() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        pj.create()
        with pytest.raises(
            ValueError, match=r"^ua_cfg\.max_calls: 1000 calls want 2064 file descriptors.*ulimit -n"
        ):
            pj.init(pj.Config(max_calls=1000))
        pj.init(pj.Config(max_calls=64))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("ports", [0, 100000])
def test_max_media_ports(ports: int) -> None:
    pj.create()
    with pytest.raises(ValueError, match=rf"^media_cfg\.max_media_ports: {ports} is not between 1 and"):
        pj.init(None, None, pj.MediaConfig(max_media_ports=ports))
    pj.init()


def test_too_many_in_an_array(phone: Phone) -> None:
    proxies = ["sip:127.0.0.1:9;lr"] * 9
    with pytest.raises(ValueError, match=r"^cfg\.proxy: 9 given, 8 at most$"):
        pj.acc_add(phone.account_config("a", proxy=proxies))
    credentials = [pj.CredInfo(realm="*", username="a", data="b")] * 100
    with pytest.raises(ValueError, match=r"^cfg\.cred_info: 100 given, \d+ at most$"):
        pj.acc_add(phone.account_config("a", cred_info=credentials))


def test_handler_that_cannot_be_called() -> None:
    pj.create()
    config = pj.Config()
    config.cb.on_call_state = "print"  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"^ua_cfg\.cb\.on_call_state: a callable expected, not str$"):
        pj.init(config)
    with pytest.raises(AttributeError, match=r"on_no_such_thing"):
        config.cb.on_no_such_thing = print  # type: ignore[attr-defined]


def test_more_accounts_than_there_are(phone: Phone) -> None:
    most = pj.limits().max_accounts
    for n in range(most):
        phone_config = pj.AccConfig(id=f"sip:{n}@127.0.0.1")
        pj.acc_add(phone_config)
    with pytest.raises(pj.TooMany):
        pj.acc_add(pj.AccConfig(id="sip:more@127.0.0.1"))
    assert pj.acc_get_count() == most
    for acc in pj.enum_accs():
        pj.acc_del(acc)
    phone.check_call()
