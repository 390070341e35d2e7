"""Every field of every config class reaches the C struct and comes back as it was given.

The class is filled into its C struct and read again, from the struct itself and from a packed copy, which
is how PJSIP's own structs are read. The values are made from the classes: a new field is tested unasked.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from typing import Any

import pytest

from pjsua.other_values import config_classes, field_types, filled, leaves, other
from pyjsua import _core, pjsua as pj
from pyjsua.struct import Struct

CLASSES = config_classes()
FIELDS = [(cls, name) for cls in CLASSES for name in field_types(cls)]

# A packed struct has no parts of a body: none is ever read from PJSIP.
NOT_PACKED = {"MsgData", "MultipartPart"}


def in_c(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _core.struct_fields(type(value).__name__)}


def names(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.mark.parametrize("cls", CLASSES, ids=names)
def test_all_fields_at_once(cls: type[Any]) -> None:
    value = filled(cls)
    default = cls()
    for name, kind in field_types(cls).items():
        single = isinstance(kind, enum.EnumType) and len(kind) == 1
        assert single or getattr(value, name) != getattr(default, name), name
    there, packed = _core.struct_round_trip(value)
    assert in_c(there) == in_c(value)
    if cls.__name__ not in NOT_PACKED:
        assert in_c(packed) == in_c(value)


@pytest.mark.parametrize(("cls", "name"), FIELDS, ids=names)
def test_one_field_leaves_the_others_alone(cls: type[Any], name: str) -> None:
    value = cls()
    setattr(value, name, other(cls, name, field_types(cls)[name], getattr(value, name)))
    there, _ = _core.struct_round_trip(value)
    assert in_c(there) == in_c(value)


@pytest.mark.parametrize("cls", CLASSES, ids=names)
def test_every_field_is_in_the_table(cls: type[Any]) -> None:
    assert set(_core.struct_fields(cls.__name__)) == set(field_types(cls))


class Stranger:
    """A type no field wants."""


@pytest.mark.parametrize("cls", CLASSES, ids=names)
def test_a_wrong_type_is_named_by_its_whole_path(cls: type[Any]) -> None:
    value = filled(cls)
    for path, owner, name in leaves(value, cls.__name__):
        good = getattr(owner, name)
        for wrong in (Stranger(), None, object, 2j):
            setattr(owner, name, wrong)
            with pytest.raises(TypeError) as caught:
                _core.struct_round_trip(value)
            message = str(caught.value)
            assert message.startswith(path), message
            assert type(wrong).__name__ in message, message
        setattr(owner, name, good)
    _core.struct_round_trip(value)


@pytest.mark.parametrize("cls", CLASSES, ids=names)
def test_too_many_elements_are_refused(cls: type[Any]) -> None:
    for name in field_types(cls):
        value = filled(cls)
        item = getattr(value, name)
        endless = isinstance(item, tuple) and (
            name.endswith(("hdr_list", "hdr")) or name == "multipart_parts"
        )
        if not isinstance(item, tuple) or endless:
            continue
        setattr(value, name, [item[0]] * 1000)
        with pytest.raises(ValueError, match=rf"^{cls.__name__}\.{name}: 1000 given, \d+ at most$"):
            _core.struct_round_trip(value)


@pytest.mark.parametrize(
    "wrong",
    ["host.example", "", "1.2.3", "1.2.3.4:65536", "1.2.3.4:x", "[::1", "::1]", "1.2.3.4 ", "a" * 5000],
)
def test_addresses(wrong: str) -> None:
    value = pj.IceConfig(ice_manual_host=["192.0.2.1", wrong])
    with pytest.raises(ValueError, match=r"^IceConfig\.ice_manual_host\[1\]: .* is not an IP address"):
        _core.struct_round_trip(value)


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        "text/",
        "/plain",
        "text/plain;",
        "text/plain;=a",
        'text/plain;a="',
        "text/plain ; a=b c",
        "a b/c",
    ],
)
def test_media_types(wrong: str) -> None:
    for value in (pj.MsgData(multipart_ctype=wrong), pj.MultipartPart(content_type=wrong)):
        with pytest.raises(ValueError, match=rf"type: {re.escape(repr(wrong))} is not a media type$"):
            _core.struct_round_trip(value)


def test_socket_options() -> None:
    with pytest.raises(ValueError, match=r"^Sockopt\.optval: 65 given, 64 at most$"):
        _core.struct_round_trip(pj.Sockopt(level=1, optname=2, optval=bytes(65)))
    with pytest.raises(TypeError, match=r"^Sockopt\.optval: bytes expected, not int$"):
        _core.struct_round_trip(pj.Sockopt(level=1, optname=2, optval=5))  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1, 3601, float("nan"), float("inf")])
def test_times(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"^TlsSetting\.timeout: "):
        _core.struct_round_trip(pj.TlsSetting(timeout=seconds))


def test_secrets_are_not_shown() -> None:
    value = pj.AccConfig(
        cred_info=[pj.CredInfo(data="S3cret")],
        turn_cfg=pj.TurnConfig(
            turn_auth_cred=pj.StunAuthCred(data="S3cret"),
            turn_tls_setting=pj.TurnSockTlsCfg(password="S3cret", privkey_buf=b"S3cret"),
        ),
        rtp_cfg=pj.TransportConfig(tls_setting=pj.TlsSetting(password="S3cret", privkey_buf=b"S3cret")),
        srtp_opt=pj.SrtpOpt(crypto=[pj.SrtpCrypto(key="S3cret")]),
    )
    assert "S3cret" not in repr(value)


DEFAULTS = {
    name: getattr(pj, name)
    for name in dir(pj)
    if name.endswith("_default") and name not in ("acc_get_default", "acc_set_default")
} | {"msg_data_init": pj.msg_data_init}
COPIES = {name: getattr(pj, name) for name in dir(pj) if name.endswith(("_dup", "_clone"))}


def by_c_name() -> dict[str, type[Any]]:
    return {cls.c_struct.removeprefix("pjsua_"): cls for cls in CLASSES if cls.c_struct.startswith("pjsua_")}


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_defaults_by_their_c_names(name: str) -> None:
    cls = by_c_name()[name.removesuffix("_default").removesuffix("_init")]
    assert DEFAULTS[name]() == cls()


@pytest.mark.parametrize("name", sorted(COPIES))
def test_copies_by_their_c_names(name: str) -> None:
    cls = by_c_name()[name.removesuffix("_dup").removesuffix("_clone")]
    value = filled(cls)
    copy = COPIES[name](value)
    assert copy == value
    for field in dataclasses.fields(cls):
        mine, its = getattr(value, field.name), getattr(copy, field.name)
        assert not isinstance(mine, Struct) or mine is not its
        if isinstance(mine, tuple) and mine and isinstance(mine[0], Struct):
            assert mine[0] is not its[0]
    with pytest.raises(TypeError, match=rf": {cls.__name__} expected, not Stranger$"):
        COPIES[name](Stranger())


def test_a_copy_of_config_shares_its_handlers_only() -> None:
    config = pj.Config()
    config.cb.on_call_state = print
    copy = pj.config_dup(config)
    config.cb.on_call_state = None
    assert copy.cb.on_call_state is print


def test_ice_and_turn_of_media_config() -> None:
    media = filled(pj.MediaConfig)
    ice, turn = pj.ice_config_from_media_config(media), pj.turn_config_from_media_config(media)
    for name in ("enable_ice", "ice_max_host_cands", "ice_opt", "ice_no_rtcp", "ice_always_update"):
        assert getattr(ice, name) == getattr(media, name)
    for name in ("enable_turn", "turn_server", "turn_conn_type", "turn_auth_cred", "turn_tls_setting"):
        assert getattr(turn, name) == getattr(media, name)
    with pytest.raises(TypeError, match=r"^media_cfg: MediaConfig expected, not NoneType$"):
        pj.ice_config_from_media_config(None)  # type: ignore[arg-type]
