"""A Python of its own with pyjsua.testing and nothing else of pyjsua."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pyjsua.testing

_PREAMBLE = """
import sys, types
parent = types.ModuleType("pyjsua")
parent.__path__ = [{parent!r}]
sys.modules["pyjsua"] = parent
"""


def run_alone(script: str, cwd: Path | None = None) -> tuple[str, str, int]:
    """Output, errors and exit code of a script, run under a parent package that has no code at all.

    Without `site`, so that an editable install does not rebuild the extension first.
    """
    preamble = _PREAMBLE.format(parent=str(Path(pyjsua.testing.__file__).parent.parent))
    folders = [Path(__file__).parent.parent, Path(pytest.__file__).parent.parent]
    done = subprocess.run(
        [sys.executable, "-S", "-Wd", "-c", preamble + script],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return done.stdout, done.stderr, done.returncode
