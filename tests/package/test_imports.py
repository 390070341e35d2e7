"""Every module of the package can be the first one a program imports, and an import does nothing else."""

from __future__ import annotations

import importlib.metadata
import json
import pkgutil
import subprocess
import sys

import pytest

import pyjsua
import pyjsua._core

MODULES = sorted(
    f"pyjsua.{info.name}" for info in pkgutil.iter_modules(pyjsua.__path__) if info.name != "__main__"
)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_imported_first(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_names_of_the_objects_are_found_in_the_package() -> None:
    for name in ("Endpoint", "Account", "Call", "CallBusy", "InvState", "Message", "__version__"):
        assert getattr(pyjsua, name)
        assert name in dir(pyjsua) or name == "__version__"
    with pytest.raises(AttributeError, match=r"nonsense'$"):
        pyjsua.nonsense  # noqa: B018


def test_what_is_elsewhere_says_where() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'MediaConfig'; pyjsua\.pjsua has$"):
        pyjsua.MediaConfig  # noqa: B018
    # In a process that has not imported it.
    done = subprocess.run(
        [sys.executable, "-c", "import pyjsua; pyjsua.sync"], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.endswith("no attribute 'sync' before 'import pyjsua.sync'\n")


# --- an import has no side effects -----------------------------------------------------------------

LOOK = """
import json, os, sys

def look():
    fds = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except FileNotFoundError:  # that of the listing itself
            pass
    maps = open("/proc/self/maps").read()
    return {
        "threads": len(os.listdir("/proc/self/task")), "fds": fds, "modules": sorted(sys.modules),
        "libraries": sorted({line.split("/")[-1] for line in maps.splitlines() if ".so" in line}),
    }

before = look()
exec(sys.argv[1])
print(json.dumps([before, look()]))
"""
SLOW = {
    "concurrent", "ctypes", "decimal", "doctest", "email", "http", "importlib.metadata", "json",
    "multiprocessing", "numpy", "pydoc", "pytest", "sqlite3", "tempfile", "unittest",
    "urllib.request", "uuid", "wave", "xml", "zipfile",
}  # fmt: skip
"""Modules that take longer than what pyjsua would need them for, or stand for something it does not do."""
ASYNCIO = {"asyncio", "ssl", "socket", "concurrent"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import pyjsua", set()),
        ("import pyjsua.pjsua", set()),
        ("from pyjsua import CallBusy, InvState", set()),
        ("from pyjsua import Endpoint", ASYNCIO),
        ("from pyjsua.sync import Endpoint", ASYNCIO),
    ],
)
def test_an_import_starts_nothing(statement: str, allowed: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, statement], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    before, after = json.loads(done.stdout)
    assert after["threads"] == before["threads"] == 1
    assert after["fds"] == before["fds"], "no socket, device or file is open"
    assert [
        name for name in after["libraries"] if name.startswith(("libasound", "libjack", "libpulse"))
    ] == []
    new = set(after["modules"]) - set(before["modules"])
    assert new & ((SLOW | ASYNCIO) - allowed) == set()


def test_the_version_is_known_without_metadata() -> None:
    assert pyjsua.__version__ == importlib.metadata.version("pyjsua") == pyjsua._core.version()
