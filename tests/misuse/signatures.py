"""The functions of the low-level door with the types of their arguments, read from the door itself."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyjsua
from pyjsua import pjsua as pj


@dataclass(frozen=True)
class Parameter:
    name: str
    type: Any
    required: bool


@cache
def functions() -> dict[str, tuple[Parameter, ...]]:
    """Every public function by name. Types are those of `_core.pyi`: Cython's own say `object`."""
    stubs = _stubs()
    return {
        name: _parameters(getattr(stubs, name, value))
        for name, value in sorted(vars(pj).items())
        if type(value).__name__ in ("function", "cython_function_or_method") and not name.startswith("_")
    }


def _parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(function)
    return tuple(
        Parameter(each.name, hints.get(each.name, Any), each.default is inspect.Parameter.empty)
        for each in inspect.signature(function).parameters.values()
    )


def _stubs() -> types.ModuleType:
    path = Path(pyjsua.__file__).with_name("_core.pyi")
    module = types.ModuleType("pyjsua._stubs")
    module.__package__ = "pyjsua"
    # get_type_hints looks a function's module up by name.
    exec(compile(path.read_text(), str(path), "exec"), vars(module))
    return module
