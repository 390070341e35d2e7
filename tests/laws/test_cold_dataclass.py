"""The package's own `dataclass` makes what the standard one makes, to whoever uses its classes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dataclasses import dataclass as lazy
else:
    from pyjsua.lazy_dataclass import dataclass as lazy


@lazy(slots=True, frozen=True)
class Point:
    x: int
    y: int = 5
    tags: list[str] = dataclasses.field(default_factory=list, compare=False)


@lazy(slots=True, frozen=True, kw_only=True)
class Named(Point):
    name: str
    secret: str = dataclasses.field(default="s", repr=False)


@lazy(slots=True)
class Open:
    x: int
    twice: int = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        self.twice = 2 * self.x


def test_values_are_made_as_by_the_standard_one() -> None:
    assert Point(1) == Point(1, 5) == Point(x=1, y=5, tags=["not compared"])
    assert Point(1) != Point(2)
    assert Point(1).__eq__(object()) is NotImplemented
    assert Point(1, 2).tags is not Point(1, 2).tags
    assert Open(4).twice == 8
    assert Named(x=1, name="n") != Point(1)
    assert (Named(1, name="n").y, Named(1, 2, name="n").y) == (5, 2)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"x": 1, "z": 2}, {"x": 1, "y": 2, "tags": [], "w": 0}],
    ids=["missing", "unknown", "more"],
)
def test_what_is_missing_or_unknown_is_named(arguments: dict[str, Any]) -> None:
    wrong = next(iter(set(arguments) - {"x", "y", "tags"}), "x")
    with pytest.raises(TypeError, match=rf"Point.__init__\(\) .*'{wrong}'"):
        Point(**arguments)


def test_frozen_is_frozen_and_the_rest_is_not() -> None:
    for name in ("x", "new"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(Point(1), name, 2)
    with pytest.raises(dataclasses.FrozenInstanceError, match="x"):
        del Point(1).x
    thing = Open(1)
    thing.x = 7
    assert thing.x == 7
    assert len({Point(1), Point(1), Point(2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(thing)


def test_a_subclass_of_a_program_has_attributes_of_its_own() -> None:
    class Mine(Point):
        def __init__(self, x: int) -> None:
            super().__init__(x, 9)

    mine: Any = Mine(3)
    mine.note = "kept"
    assert (mine.x, mine.y, mine.note) == (3, 9, "kept")
    with pytest.raises(dataclasses.FrozenInstanceError):
        mine.x = 4


@pytest.mark.parametrize("value", [Point(1, 2, ["a"]), Named(x=1, name="n"), Open(3)])
def test_copies(value: Any) -> None:
    for again in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert again == value
        assert again is not value
    assert dataclasses.replace(value, x=8).x == 8
    assert dataclasses.asdict(value)["x"] == value.x


def test_how_they_look() -> None:
    assert repr(Named(1, name="n")) == "Named(x=1, y=5, tags=[], name='n')"
    assert [each.name for each in dataclasses.fields(Named)] == ["x", "y", "tags", "name", "secret"]
    signature = inspect.signature(Named)
    assert list(signature.parameters) == ["x", "y", "tags", "name", "secret"]
    assert signature.parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
    assert signature.parameters["y"].default == 5
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
