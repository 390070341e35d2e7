"""Every public name says what it is in C, so that the reference can be searched by either."""

from __future__ import annotations

import enum
import inspect
from dataclasses import is_dataclass

import pytest
from c_coverage import named_in, public_name
from c_headers import PJSUA_H, pjsua_headers

import pyjsua.pjsua
from pyjsua.struct import Struct

DECLARED = [each.name for each in pjsua_headers().functions.values() if each.header == PJSUA_H]
FUNCTIONS = {public_name(name): name for name in DECLARED}
PUBLIC = {name: value for name, value in vars(pyjsua.pjsua).items() if not name.startswith("_")}
CLASSES = {name: value for name, value in PUBLIC.items() if isinstance(value, type)}
STRUCTS = {
    name: struct
    for name, cls in CLASSES.items()
    if issubclass(cls, Struct) and is_dataclass(cls)
    if (struct := getattr(cls, "c_struct", "pyj_"))[:4] != "pyj_"
}
# Of our own making, and macros.
OWN_ENUMS = {"HeldRequest", "PcmMarkOutcome", "RegUseProxy", "When"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() & PUBLIC.keys()))
def test_a_function_names_its_own(name: str) -> None:
    assert f"`{FUNCTIONS[name]}`" in (inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_a_struct_names_its_own(name: str) -> None:
    assert STRUCTS[name] in named_in(CLASSES[name].__doc__)


def test_enumerations_name_their_own() -> None:
    enums = {name: cls for name, cls in CLASSES.items() if issubclass(cls, enum.Enum)}
    assert len(enums) > 15
    silent = {name for name, cls in enums.items() if not named_in(cls.__doc__)}
    assert silent - OWN_ENUMS == set()


def test_functions_and_structs_were_found() -> None:
    assert len(FUNCTIONS.keys() & PUBLIC.keys()) > 60
    assert len(STRUCTS) > 20
