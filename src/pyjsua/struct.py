"""What the values that mirror a C struct have in common.

A class that names its struct in `c_struct` is laid over it field by field: the
build reads the class and writes the table of offsets the core copies by. The
annotation says how a field is shown (`bool`, an enumeration, an id, a nested
struct); its C type, size and default come from the header.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, Final

from . import _core
from .redaction import shown

__all__ = ["C_DEFAULT", "Header", "Headers", "Pairs", "Struct", "XmlText"]

Header = tuple[str, str]
"""A header's name and value."""

Headers = tuple[Header, ...]
"""Headers in order, repeats included."""

Pairs = Sequence[tuple[str, str]]
"""Names and values in order, as of an ``a=fmtp`` line; comes out as a tuple of tuples."""

XmlText = str
"""Text that PJSIP writes into XML or reads from it without minding its entities: that is done here."""


class _CDefault:
    """Stands for the value `pjsua_*_config_default()` gives a field."""

    def __repr__(self) -> str:
        return "C_DEFAULT"


C_DEFAULT: Final[Any] = _CDefault()


class Struct:
    """Base of the values laid over a C struct; a field left out gets C's default."""

    __slots__ = ()

    c_struct: ClassVar[str]
    """Name of the C struct."""

    c_counts: ClassVar[dict[str, str]] = {}
    """For an array field, the C member that counts it: in Python its length says so. Empty where C counts
    none: a shorter sequence leaves the rest as C has it."""

    c_pointers: ClassVar[dict[str, str]] = {}
    """For an array C holds by pointer, the most it may have."""

    def __init_subclass__(cls) -> None:
        # Before `dataclass` would write one that shows every secret in a text.
        if "__repr__" not in vars(cls):
            cls.__repr__ = Struct.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        each = (
            f"{field.name}={shown(getattr(self, field.name))!r}"
            for field in fields(self)  # type: ignore[arg-type]
            if field.repr
        )
        return f"{type(self).__name__}({', '.join(each)})"

    def __post_init__(self) -> None:
        defaults: dict[str, Any] | None = None
        for field in fields(self):  # type: ignore[arg-type]
            if getattr(self, field.name) is C_DEFAULT:
                if defaults is None:
                    defaults = _core.struct_default(self.c_struct)
                setattr(self, field.name, defaults[field.name])
