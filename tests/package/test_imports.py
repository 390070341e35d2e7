"""Every module of the package can be the first one a program imports."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import pyjsua

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
    with pytest.raises(AttributeError, match="nonsense"):
        pyjsua.nonsense  # noqa: B018
