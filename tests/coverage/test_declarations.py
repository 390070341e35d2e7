"""What include/*.pxd and the classes say of C, judged by the compiler against the pinned headers."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from c_declarations import INCLUDE, Declarations, Tables, complaints
from c_headers import Headers


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    return Declarations()


def test_declarations_are_true(declarations: Declarations) -> None:
    assert complaints(declarations.lines()) == []
    assert declarations.checked["fields"] > 150
    assert declarations.checked["functions"] > 100
    assert declarations.checked["constants"] > 80


def test_every_line_of_the_declarations_is_looked_at(declarations: Declarations) -> None:
    """Names after which nothing is checked would be names nobody looks at."""
    declared = {
        name
        for pxd in INCLUDE.glob("*.pxd")
        for name in re.findall(r"^    [\w *]+?\b(pj\w+|pyj\w+)\(", pxd.read_text(), re.M)
    }
    checked = "\n".join(declarations.lines())
    assert {name for name in declared if f"__typeof__(&{name})" not in checked} == set()


# Broken on purpose: what nobody uses must be found too.
@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("pjsua.pxd", "unsigned clock_rate", "pj_bool_t clock_rate", "pjsua_media_config.clock_rate is not"),
        ("pjsua.pxd", "unsigned clock_rate", "unsigned clock_speed", "no member named 'clock_speed'"),
        ("pjsua.pxd", "PJSUA_MAX_ACC\n", "PJSUA_MAX_ACCS\n", "'PJSUA_MAX_ACCS' undeclared"),
        ("pjlib.pxd", "struct pj_pool_t:", "struct pj_pools_t:", "pj_pools_t: C has no type"),
        ("pjsua.pxd", "player_get_pos(pjsua_player_id id)", "player_get_pos(void *id)", "is another"),
        ("pjsua.pxd", "pj_ssize_t pjsua_player_get_pos", "int pjsua_player_get_pos", "is another function"),
        ("pjsua.pxd", "ctypedef int pjsua_acc_id", "ctypedef long pjsua_acc_id", "pjsua_acc_id is not long"),
        ("pjsua.pxd", "ctypedef int pjsua_acc_id", "ctypedef int pjsua_acct_id", "pjsua_acct_id"),
        ("pjsua.pxd", "pjmedia_stream_info aud", "pjmedia_rtcp_stat aud", "info.aud is not"),
        ("pjlib.pxd", "pj_ssize_t slen", "int slen", "pj_str_t.slen is not int"),
        ("native_events.pxd", "uint64_t call_serial", "uint32_t call_serial", "call_serial is not uint32_t"),
    ],
)
def test_a_wrong_declaration_is_found(
    declarations: Declarations, tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    folder = tmp_path / "include"
    shutil.copytree(INCLUDE, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    found = complaints(Declarations(folder, declarations.known).lines())
    assert any(complaint in each for each in found), found


def test_classes_fit_their_structs() -> None:
    tables = Tables()
    assert complaints(tables.lines()) == []
    assert tables.checked > 200


@pytest.mark.parametrize(
    ("struct", "field", "annotation"),
    [
        ("AccConfig", "reg_uri", "int"),
        ("AccConfig", "reg_timeout", "str"),
        ("AccConfig", "rtp_cfg", "TimerSetting"),
        ("AccConfig", "cred_info", "Sequence[TimerSetting]"),
        ("AccConfig", "reg_hdr_list", "str"),
        ("CallInfo", "connect_duration", "int"),
    ],
)
def test_an_annotation_that_does_not_fit_is_found(struct: str, field: str, annotation: str) -> None:
    found = complaints(altered(struct, field, annotation).lines())
    assert any(each.startswith(f"{struct}.{field}: ") for each in found), found


def altered(struct: str, field: str, annotation: str) -> Tables:
    """The classes with one field annotated otherwise."""
    tables = Tables()
    entry = next(each for each in tables.classes if each.name == struct)
    wrong = ast.parse(annotation, mode="eval").body
    entry.fields = [(name, wrong if name == field else old) for name, old in entry.fields]
    return tables


@pytest.fixture(scope="module")
def headers() -> Headers:
    return Headers(Tables().source)


def test_enumerations_are_shown_as_their_own(headers: Headers) -> None:
    assert list(Tables().wrong_enums(headers)) == []


@pytest.mark.parametrize(
    ("struct", "field", "annotation"),
    [("AccConfig", "use_srtp", "Ipv6Use"), ("CallInfo", "role", "InvState"), ("CallInfo", "state", "int")],
)
def test_another_enumeration_is_found(headers: Headers, struct: str, field: str, annotation: str) -> None:
    found = list(altered(struct, field, annotation).wrong_enums(headers))
    assert [each.split(":")[0] for each in found] == [f"{struct}.{field}"]
