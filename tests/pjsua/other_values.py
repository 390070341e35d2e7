"""For any config class, values that are not the defaults, made from the classes: no field is forgotten."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

from pyjsua import config, enums, ids
from pyjsua.struct import Header, Struct

NAMES = {**vars(enums), **vars(ids), **vars(config), "Sequence": Sequence, "Header": Header}

# Where the type alone does not say what may stand there.
SPECIAL: dict[str, Any] = {
    "MsgData.multipart_ctype": 'multipart/mixed;a=b;c="x;y"',
    "MultipartPart.content_type": "text/plain;charset=utf-8",
    "IceConfig.ice_manual_host": ("192.0.2.7", "192.0.2.8:4000", "2001:db8::1", "[2001:db8::1]:4002"),
    "AccConfig.allow_contact_rewrite": 2,
}


def config_classes() -> list[type[Any]]:
    """Every class of `pyjsua.config` that is laid over a C struct."""
    found = (getattr(config, name) for name in config.__all__)
    return [cls for cls in found if issubclass(cls, Struct)]


def field_types(cls: type[Any]) -> dict[str, Any]:
    """The types of a class's fields that C has too."""
    hints = typing.get_type_hints(cls, {**NAMES, **vars(__import__(cls.__module__, fromlist=["x"]))})
    mine = {field.name for field in dataclasses.fields(cls)} - {"cb", "policy", "hooks"}
    return {name: hint for name, hint in hints.items() if name in mine}


def other(cls: type[Any], name: str, kind: Any, default: Any) -> Any:
    """A value of the field that is not its default."""
    special = SPECIAL.get(f"{cls.__name__}.{name}")
    if special is not None:
        return special
    if get_origin(kind) is Sequence:
        (element,) = get_args(kind)
        if element == Header:
            return (("X-One", "1"), ("X-One", "two, 2"), ("X-Other", ""))
        if default and len(default) > 2:  # an array C does not count
            return tuple(other(cls, name, element, one) for one in default)
        if element is str:
            return (f"sip:{name}-1", f"sip:{name}-2")
        if issubclass(element, Struct):
            return (filled(element),)
        members = list(element)
        return tuple(members[:2])
    if issubclass(kind, Struct):
        return filled(kind)
    if issubclass(kind, bool):
        return not default
    if issubclass(kind, enum.Flag):
        return kind(next(member for member in kind if member and member != default))
    if issubclass(kind, enum.Enum):
        return next((member for member in kind if member != default), default)
    if issubclass(kind, ids.SerialId):
        return kind(0)
    if issubclass(kind, int):
        return default + 1
    if issubclass(kind, float):
        return default + 1.5
    if issubclass(kind, bytes):
        return b"\0\xff" + name.encode()
    assert issubclass(kind, str), kind
    return f"é {name}"


def filled(cls: type[Any]) -> Any:
    """A value none of whose fields is its default."""
    value = cls()
    for name, kind in field_types(cls).items():
        setattr(value, name, other(cls, name, kind, getattr(value, name)))
    return value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Every field of a value and of the structs in it: where it stands, its owner, its name."""
    for field in dataclasses.fields(value):
        if field.name in ("cb", "policy", "hooks"):
            continue
        item = getattr(value, field.name)
        yield f"{path}.{field.name}", value, field.name
        if isinstance(item, Struct):
            yield from leaves(item, f"{path}.{field.name}")
        elif isinstance(item, tuple) and item and isinstance(item[0], Struct):
            yield from leaves(item[0], f"{path}.{field.name}[0]")
