"""pjsua.h against `pyjsua.pjsua`: what is bound, what is left out and why, what is missing."""

from __future__ import annotations

import re

import pytest
from c_coverage import BOUND, KINDS, LEFT_OUT, MISSING, Coverage, Decisions, dead_entries
from c_headers import PJSUA_H, Headers, pjsua_headers

import pyjsua.pjsua

# Behind `#if 0` and the like in pjsua.h, or for a debug build of the timers.
COMPILED_OUT = {
    "pjsua_transport_set_enable", "pjsua_media_transports_create", "pjsua_media_transports_attach",
    "pjsua_schedule_timer_dbg", "pjsua_schedule_timer2_dbg",
}  # fmt: skip


@pytest.fixture(scope="module")
def headers() -> Headers:
    return pjsua_headers()


@pytest.fixture(scope="module")
def coverage(headers: Headers) -> Coverage:
    return Coverage(headers)


def test_the_headers_are_read_whole(headers: Headers) -> None:
    """A parser that skips declarations would find nothing missing: count them another way."""
    text = Headers.path_of(PJSUA_H).read_text()
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    declared = set(re.findall(r"\bPJ_(?:DECL|INLINE)(?:_\w+)?\([^)]*\)\s*(\w+)\s*\(", text))
    assert len(declared) > 200
    read = {each.name for each in headers.functions.values() if each.header == PJSUA_H}
    assert declared - COMPILED_OUT == read
    body = text[text.index("typedef struct pjsua_callback") : text.index("} pjsua_callback;")]
    callbacks = re.findall(r"\(\*(on_\w+)\)|^\s*\w+ \*?(on_\w+);", body, re.M)
    assert {pointer or typed for pointer, typed in callbacks} == set(headers.structs["pjsua_callback"].fields)
    enums = re.findall(r"typedef enum \w*\s*\{(.*?)\}", text, re.S)
    constants = {word for body in enums for word in re.findall(r"\bPJSUA_\w+(?=\s*[,=\n}])", body)}
    parsed = {name for each in headers.enums if each.header == PJSUA_H for name in each.constants}
    assert constants - parsed == set()


def test_nothing_is_missing(coverage: Coverage) -> None:
    print(coverage.table())
    assert coverage.missing() == []


def test_what_is_told_of_the_rest_is_true(coverage: Coverage) -> None:
    """No name in the table that has got a counterpart, nothing said to be where it is not."""
    assert dead_entries(coverage) == []


def test_the_table_of_what_is_not_bound_only_shrinks(coverage: Coverage) -> None:
    ceiling = coverage.decisions.ceiling
    assert {kind: number for kind, number in coverage.left_out().items() if number > ceiling[kind]} == {}


def test_reasons_are_given() -> None:
    for entry in Decisions.read().not_bound:
        assert entry.names
        assert entry.reason
        assert entry.instead


# What the comparison would miss if it were blind.


def states(coverage: Coverage) -> dict[str, str]:
    return {each.name: each.state for each in coverage.items}


def test_a_function_taken_away_is_missed(headers: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pyjsua.pjsua, "acc_add")
    assert states(Coverage(headers))["pjsua_acc_add"] == MISSING


def test_a_struct_taken_away_is_missed(headers: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pyjsua.pjsua, "CredInfo")
    found = states(Coverage(headers))
    assert found["pjsip_cred_info.username"] == MISSING
    assert found["pjsua_acc_config.cred_info"] == BOUND


def test_a_constant_taken_away_is_missed(headers: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pyjsua.pjsua, "InvState")
    assert states(Coverage(headers))["PJSIP_INV_STATE_EARLY"] == MISSING


def test_an_event_taken_away_is_missed(headers: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pyjsua.pjsua, "OnRegState2")
    assert states(Coverage(headers))["pjsua_callback.on_reg_state2"] == MISSING


def test_every_kind_has_names(coverage: Coverage) -> None:
    for kind in KINDS:
        assert len(coverage.of(kind, BOUND)) > 15
        assert coverage.of(kind, LEFT_OUT)
