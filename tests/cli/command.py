"""Runs the `pyjsua` command as a user does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

TIMEOUT = 90


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    return {**kept, "PYTHONIOENCODING": "utf-8", **changes}


def pyjsua(*words: str, **changes: str) -> Ran:
    return python("-m", "pyjsua", *words, **changes)


def broken(breakage: str, *words: str) -> Ran:
    """The command, after `breakage` was done to it: Python that runs before."""
    program = f"import sys\n{breakage}\nfrom pyjsua.cli import main\nsys.exit(main(sys.argv[1:]))"
    return python("-c", program, *words)


def python(*words: str, **changes: str) -> Ran:
    done = subprocess.run(
        [sys.executable, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(**changes),
        timeout=TIMEOUT,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
