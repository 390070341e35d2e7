"""`dataclass` for the package's two hundred values, without what makes a dataclass slow to define.

`dataclasses.dataclass` writes and compiles the source of five methods for each class. For all of pyjsua that
took half of the time of an import, though a program constructs few of them itself, and the core none of them
through `__init__`. Here comparison, hash, `repr` and frozenness are closures, and `__init__` is compiled when
somebody first looks at it. `fields`, `replace`, `asdict`, `match`, `copy` and `pickle` work as with any
dataclass; to a type checker it is one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import field
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "field"]


class _Init:
    """Stands in a class for its `__init__` until that is looked up."""

    def __init__(self, cls: Any, frozen: bool) -> None:
        self.cls = cls
        self.frozen = frozen

    def __get__(self, instance: object, owner: type) -> Any:
        init = vars(self.cls)["__init__"]
        if init is self:  # else it was taken out of the class before another look made it
            init = _made_init(self.cls, self.frozen)
            self.cls.__init__ = init
        return init if instance is None else init.__get__(instance, owner)


def _made_init(cls: Any, frozen: bool) -> Any:
    """That of a dataclass of the same fields."""
    wanted: list[Any] = []
    for each in dataclasses.fields(cls):
        options: dict[str, Any] = {"default": each.default, "default_factory": each.default_factory}
        wanted.append((each.name, each.type, field(init=each.init, kw_only=each.kw_only, **options)))
    members = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
    made: Any = dataclasses.make_dataclass(
        cls.__name__, wanted, frozen=frozen, repr=False, eq=False, match_args=False, namespace=members
    )
    init = made.__init__
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


def _freeze(cls: Any) -> None:
    names = tuple(each.name for each in dataclasses.fields(cls))

    # A subclass that a program makes may have attributes of its own.
    def refuse_set(self: object, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def refuse_delete(self: object, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    # Without them, pickle and copy would set the fields.
    def get_state(self: object) -> list[object]:
        return [getattr(self, name) for name in names]

    def set_state(self: object, state: list[object]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    own = vars(cls)
    cls.__setattr__ = refuse_set
    cls.__delattr__ = refuse_delete
    if "__getstate__" not in own and "__setstate__" not in own:
        cls.__getstate__ = get_state
        cls.__setstate__ = set_state


def _compare(cls: Any, frozen: bool, has_hash: bool) -> None:
    names = [each.name for each in dataclasses.fields(cls) if each.compare]
    values: Any = attrgetter(*names) if names else lambda self: ()

    def is_equal(self: object, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def hash_of(self: object) -> int:
        return hash(values(self))

    cls.__eq__ = is_equal
    if not has_hash:
        cls.__hash__ = hash_of if frozen else None


def _show(cls: Any) -> None:
    names = [each.name for each in dataclasses.fields(cls) if each.repr]

    @recursive_repr()
    def shown(self: object) -> str:
        each = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({', '.join(each)})"

    cls.__repr__ = shown


def _lazy_dataclass(
    cls: type | None = None,
    /,
    *,
    eq: bool = True,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
) -> Any:
    def made(written: type) -> Any:
        own = vars(written)
        quick = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
        out: Any = quick(written)
        if "__init__" not in own:
            out.__init__ = _Init(out, frozen)
        if "__repr__" not in own:
            _show(out)
        if eq and "__eq__" not in own:
            _compare(out, frozen, own.get("__hash__") is not None)
        if frozen:
            _freeze(out)
        return out

    return made if cls is None else made(cls)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _lazy_dataclass
