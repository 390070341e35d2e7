"""What a program may hand over by mistake or malice, by the type that is wanted."""

from __future__ import annotations

import array
import collections.abc
import enum
import os
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pyjsua import pjsua as pj
from pyjsua.struct import Header, Struct

MARK = "X-Injected"
"""Begins a line of its own wherever a line break was let through."""


BUFFER = getattr(collections.abc, "Buffer", object())
"""Python has it from 3.12 on."""


class Stranger:
    """A type nobody wants."""

    def __repr__(self) -> str:
        return "Stranger()"


@dataclass(frozen=True)
class Bad:
    """A value; `refused` when no function may take it."""

    label: str
    value: Any
    refused: bool = False
    path: tuple[str | int, ...] = ()
    """Where in a struct or sequence it goes."""
    line: bool = False
    """A text with a line break: refused but where texts of several lines are meant."""


def bad_values(wanted: Any, depth: int = 0) -> Iterator[Bad]:
    """Every bad value for a type, those for the parts of structs and sequences too."""
    wanted, optional = without_none(wanted)
    value: Any
    for value in (Stranger(), Stranger, 1.5, None, b"bytes", "1", 5, True, [Stranger()], (), {}):
        if value is None and optional:
            continue
        if not _fits(value, wanted):
            yield Bad(_label(value), value, refused=True)
    if wanted is bytes or wanted is BUFFER:
        yield from _buffers()
    elif _is_path(wanted):
        yield from _paths()
    elif wanted is str:
        yield from _texts()
    elif wanted is float:
        for number in (
            float("nan"),
            float("inf"),
            float("-inf"),
            -1.0,
            0.0,
            1e308,
            1e-308,
            -0.0,
            2**63,
            -(2**63),
        ):
            yield Bad(f"{number}", number)
    elif isinstance(wanted, type) and issubclass(wanted, int):
        yield from _numbers(wanted, depth)
    elif isinstance(wanted, type) and issubclass(wanted, Struct):
        yield from _structs(wanted, depth)
    elif is_sequence(wanted):
        yield from _sequences(wanted, depth)


def without_none(wanted: Any) -> tuple[Any, bool]:
    """`X | None` as X."""
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        rest = tuple(arm for arm in typing.get_args(wanted) if arm is not type(None))
        if len(rest) < len(typing.get_args(wanted)):
            return (rest[0] if len(rest) == 1 else typing.Union[rest]), True  # noqa: UP007
    return wanted, False


def is_sequence(wanted: Any) -> bool:
    return typing.get_origin(wanted) in (
        collections.abc.Sequence,
        collections.abc.Iterable,
        list,
        tuple,
    ) and (wanted != Header)


def _is_path(wanted: Any) -> bool:
    return any(arm in (os.PathLike, os.PathLike[str]) for arm in (wanted, *typing.get_args(wanted)))


def _fits(value: Any, wanted: Any) -> bool:
    """Whether a value of the general sort may pass for the type; where in doubt it may."""
    arms = (
        typing.get_args(wanted) if typing.get_origin(wanted) in (typing.Union, types.UnionType) else (wanted,)
    )
    return any(_fits_one(value, arm) for arm in arms)


def _fits_one(value: Any, wanted: Any) -> bool:
    if wanted is bool:
        return isinstance(value, int)
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(wanted, type) and issubclass(wanted, int):
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is str:
        return isinstance(value, str)
    if isinstance(wanted, type) and issubclass(wanted, Struct):
        return isinstance(value, wanted)
    if wanted is bytes or wanted is BUFFER:
        return isinstance(value, bytes)
    if _is_path(wanted):
        return isinstance(value, (str, bytes))
    if is_sequence(wanted):
        return value in ((), {})
    return True


def _label(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 40 else f"{text[:30]}...({len(value)})"


def _numbers(wanted: type, depth: int) -> Iterator[Bad]:
    for number in (2**63, -(2**63), 2**64, -(2**64), 10**30):
        yield Bad(f"{number}", number, refused=wanted is not bool and not issubclass(wanted, enum.IntFlag))
    edges = {-(2**31), -1, 0, 1, 77, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1}
    if depth == 0 and wanted is not bool and not issubclass(wanted, enum.Enum):
        limits = pj.limits()
        edges |= {-(2**31) - 1, -2, 2, 7, 16, 17, 64, 255, 256, 512, 700, 1024, 4096, 8192, 65535, 2**62}
        edges |= {
            getattr(limits, field.name)
            for field in fields(limits)
            if type(getattr(limits, field.name)) is int
        }
    for number in sorted(edges):
        yield Bad(f"{number}", number)


def _texts() -> Iterator[Bad]:
    yield Bad("NUL", "a\0b", refused=True)
    yield Bad("lone surrogate", "a\ud800b", refused=True)
    for name, stop in (("CR LF", "\r\n"), ("LF", "\n"), ("CR", "\r")):
        yield Bad(name, f"a{stop}{MARK}: yes", line=True)
    # Letters whose lower bytes are CR and LF, bytes that are no UTF-8, what printf and URIs treat as special.
    yield Bad("U+010D U+010A", f"a\u010d\u010a{MARK}: yes")
    yield Bad("not UTF-8", "a\udcff\udc80b")
    yield Bad("empty", "")
    yield Bad("formats", "%s%n%x" * 20)
    yield Bad("quotes", '"\\<>;,:@?&=()[]{}%00%0d%0a')
    yield Bad("white", " \t ")
    yield Bad("emoji", "\U0001f600" * 70)
    for name, size in (("255", 255), ("1 kB", 1024), ("10 kB", 10_000), ("1 MB", 1_000_000)):
        yield Bad(name, "x" * size)
    yield Bad("URI", "sip:someone@127.0.0.1:9")
    yield Bad("URI of 1 kB", f"sip:{'u' * 1000}@127.0.0.1:9")
    yield Bad("URI of 10 kB", f"sip:{'u' * 10_000}@127.0.0.1:9")
    yield Bad("URI with a name of 10 kB", f'"{"n" * 10_000}" <sip:u@127.0.0.1:9>')


def _paths() -> Iterator[Bad]:
    yield Bad("NUL", "a\0b.wav", refused=True)
    yield Bad("empty", "", refused=True)
    there = ("/", ".", "/dev/null", "/dev/zero", "fifo.wav", "empty.wav", "noise.wav")
    for path in (*there, "no/such/folder/a.wav", "%s%n.wav", "a\nb.wav", "\udcff.wav", "sip:a@b"):
        yield Bad(repr(path), path)
    yield Bad("lone surrogate", "a\ud800.wav", refused=True)
    for name, size in (("10 kB", 10_000), ("1 MB", 1_000_000)):
        yield Bad(name, "x" * size + ".wav")


def _buffers() -> Iterator[Bad]:
    yield Bad("no bytes", b"")
    yield Bad("1 byte", b"\x80")
    yield Bad("1 MB", bytes(1_000_000))
    yield Bad("doubles", array.array("d", [1.0] * 100))
    yield Bad("with gaps", memoryview(bytes(200))[::2])


def _sequences(wanted: Any, depth: int) -> Iterator[Bad]:
    arguments = typing.get_args(wanted)
    element = arguments[0] if arguments else Any
    if element == Header:
        yield from _headers()
        return
    for bad in bad_values(element, depth + 1):
        yield Bad(f"[{bad.label}]", bad.value, bad.refused, (0, *bad.path), bad.line)
    if (one := plain(element)) is not None:
        for count in (9, 33, 257, 100_000):
            yield Bad(f"{count} of them", [one] * count)


def _headers() -> Iterator[Bad]:
    for label, pair, refused in (
        ("no pair", "X-A: 1", True),
        ("one", ("X-A",), True),
        ("three", ("X-A", "1", "2"), True),
        ("no name", ("", "1"), True),
        ("name with blank", ("X A", "1"), True),
        ("name with colon", ("X:A", "1"), True),
        ("no text", ("X-A", 5), True),
        ("name no text", (5, "1"), True),
        ("NUL", ("X-A", "a\0b"), True),
        ("CR LF", ("X-A", f"a\r\n{MARK}: yes"), True),
        ("LF", ("X-A", f"a\n{MARK}: yes"), True),
        ("CR", ("X-A", f"a\r{MARK}: yes"), True),
        ("CR LF in name", (f"X-A: 1\r\n{MARK}", "yes"), True),
        ("letters of CR LF", ("X-A", f"\u010d\u010a{MARK}: yes"), False),
        ("no value", ("X-A", ""), False),
        ("10 kB", ("X-A", "x" * 10_000), False),
        ("1 MB", ("X-A", "x" * 1_000_000), False),
        ("name of 10 kB", ("X" * 10_000, "1"), False),
        ("Content-Length", ("Content-Length", "99999"), False),
        ("Via", ("Via", "nonsense"), False),
    ):
        yield Bad(f"header {label}", [pair], refused)
    yield Bad("10000 headers", [("X-A", "1")] * 10_000)


def _structs(wanted: type[Struct], depth: int) -> Iterator[Bad]:
    yield Bad("another struct", pj.MsgData() if wanted is not pj.MsgData else pj.CredInfo(), refused=True)
    if depth > 3:
        return
    for name, kind in fields_of(wanted).items():
        for bad in bad_values(kind, depth + 1):
            yield Bad(bad.label, bad.value, bad.refused, (name, *bad.path), bad.line)


def fields_of(wanted: type[Struct]) -> dict[str, Any]:
    """A struct's fields and their types, handlers aside."""
    hints = typing.get_type_hints(wanted)
    return {
        field.name: hints[field.name]
        for field in fields(wanted)  # type: ignore[arg-type]
        if not is_dataclass(hints[field.name]) or issubclass(hints[field.name], Struct)
    }


def plain(wanted: Any) -> Any:
    """A harmless value of a type; None where there is no telling."""
    wanted, optional = without_none(wanted)
    if optional:
        return None
    if _is_path(wanted):
        return "nothing.wav"
    if isinstance(wanted, type):
        if issubclass(wanted, enum.Enum):
            return next(iter(wanted))
        if wanted in (bool, int, float, str, bytes):
            return wanted()
        if issubclass(wanted, int):
            return 0
        if issubclass(wanted, Struct):
            return wanted()
    return () if is_sequence(wanted) else None


def first(wanted: Any) -> Any:
    """A sequence with one harmless element, or a harmless value of what is no sequence."""
    wanted, _ = without_none(wanted)
    return [plain(typing.get_args(wanted)[0])] if is_sequence(wanted) else plain(wanted)


def put(base: Any, path: Sequence[str | int], value: Any) -> Any:
    """`base` with `value` at `path`; what lies on the way is copied."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return [put(base[0] if base else None, rest, value)]
    copy = object.__new__(type(base))
    for field in fields(base):
        object.__setattr__(copy, field.name, getattr(base, field.name))
    inner = getattr(base, step)
    if rest and isinstance(rest[0], int) and len(rest) > 1 and not inner:
        kind, _ = without_none(fields_of(type(base))[step])
        inner = [plain(typing.get_args(kind)[0])]
    elif rest and inner is None:
        kind, _ = without_none(fields_of(type(base))[step])
        inner = plain(kind)
    object.__setattr__(copy, step, put(inner, rest, value))
    return copy
