"""What the sources promise: no call of C with the GIL held, no lost exception, no file nobody can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from laws import cython_source as cython

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "src" / "pyjsua" / "core"
ROOMS = cython.rooms(CORE)
FOLDERS = ["src", "include", "tests", "tools", "benchmarks"]
SUFFIXES = {".py", ".pyx", ".pxi", ".pxd", ".pyi", ".c", ".h", ".sh"}
LONGEST = 600


def in_room(room: Path) -> str:
    return room.name


@pytest.mark.parametrize("room", ROOMS, ids=in_room)
def test_no_call_of_c_with_the_gil_held(room: Path) -> None:
    assert cython.bare_calls(room.read_text()) == []


@pytest.mark.parametrize("room", ROOMS, ids=in_room)
def test_exceptions_are_declared(room: Path) -> None:
    source = room.read_text()
    assert cython.silent_about_exceptions(source) == []
    assert cython.bare_excepts(source) == []


def test_trampolines_know_nothing_of_python() -> None:
    source = "\n".join(room.read_text() for room in sorted(CORE.glob("callbacks*.pxi")))
    functions = cython.function_lines(source)
    installed = cython.installed_callbacks(source)
    assert len(installed) >= 11
    for name in installed:
        assert functions[name].after_arguments == ("noexcept", "nogil", ":"), name
    assert all("gil" not in line.tokens for line in cython.logical_lines(source))


# What the checks above would miss if they were blind.
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    pj.pjsua_x(1)\n", [(2, "pj.pjsua_x")]),
        ("def f():\n    with nogil:\n        pj.pjsua_x(1)\n    native.pyj_y()\n", [(4, "native.pyj_y")]),
        ("def f():\n    with nogil:\n        if a:\n            pj.pjsua_x(1)\n", []),
        ("cdef int f() noexcept nogil:\n    return pj.pjsua_x(1)\n", []),
        ("cdef int f(int a,\n           int b) noexcept nogil:\n    return pj.pjsua_x(1)\n", []),
        ("cdef int f() except? -1:\n    return pj.pjsua_x(1)\n", [(2, "pj.pjsua_x")]),
        ("cdef int f() noexcept nogil:\n    with gil:\n        pj.pjsua_x(1)\n", [(3, "pj.pjsua_x")]),
        ("def f():\n    return g(pj.pjsua_x(\n        1))\n", [(2, "pj.pjsua_x")]),
        ("def f():\n    pj.pjsua_x(1)  # gil-ok: an atomic\n", []),
        ("def f():\n    pj.pjsua_x(1)  # gil-ok:\n", [(2, "pj.pjsua_x")]),
        ("def f():\n    '''pj.pjsua_x(1)'''\n    # pj.pjsua_x(1)\n", []),
        ("def f():\n    cdef pj.pjsua_t a = <pj.pjsua_t>(1)\n    b = sizeof(pj.pjsua_t)\n", []),
        ("def f():\n    with nogil: pj.pjsua_x(1)\n", []),
    ],
)
def test_bare_calls_are_found(source: str, found: list[tuple[int, str]]) -> None:
    assert cython.bare_calls(source) == found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("cdef int f(int a):\n    pass\n", 1),
        ("cdef void f(int a) nogil:\n    pass\n", 1),
        ("cdef inline pj.pj_status_t f(\n        int a):\n    pass\n", 1),
        ("cdef int f(int a) except? -1:\n    pass\n", 0),
        ("cdef void f(int a) noexcept nogil:\n    pass\n", 0),
        ("cdef object f(int a):\n    pass\n", 0),
        ("cdef bytes f(int a):\n    pass\n", 0),
        ("cdef f(int a):\n    pass\n", 0),
        ("cdef class F:\n    pass\n", 0),
    ],
)
def test_silence_about_exceptions_is_found(source: str, count: int) -> None:
    assert len(cython.silent_about_exceptions(source)) == count


def test_bare_except_is_found() -> None:
    assert cython.bare_excepts("try:\n    a\nexcept:\n    b\n") == [3]


def test_no_file_is_too_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_bytes().splitlines())
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*")
        if file.suffix in SUFFIXES and file.is_file()
    }
    assert len(lengths) > 100
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def run(*module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *module], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff() -> None:
    run("ruff", "check", "--no-cache", ".")


@pytest.mark.timeout(300)
def test_mypy() -> None:
    run("mypy", "--strict", "-p", "pyjsua")


@pytest.mark.timeout(300)
def test_stub_of_the_core() -> None:
    run("mypy.stubtest", "pyjsua._core", "--mypy-config-file", "pyproject.toml")
