"""Runs a script of `scripts/` as a Python process of its own: PJSIP is one per process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).with_name("scripts")
TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a script ended, and every byte it wrote to descriptors 1 and 2."""

    returncode: int
    stdout: bytes
    stderr: bytes

    def expect(self, returncode: int = 0, *, silent: bool = False) -> Ended:
        assert self.returncode == returncode, self
        if silent:
            assert (self.stdout, self.stderr) == (b"", b""), self
        return self

    def __str__(self) -> str:
        out, err = (data[-8000:].decode(errors="replace") for data in (self.stdout, self.stderr))
        return f"exit status {self.returncode}\n--- stdout\n{out}\n--- stderr\n{err}"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """With the tests' helpers importable, and nothing that makes Python itself talkative."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**env, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})}


# From Python 3.12 on a fork with threads about is warned of; that is the script's own doing.
PYTHON = [sys.executable, "-W", "ignore:This process:DeprecationWarning"]


def start(script: str, *args: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The running script. faulthandler is off unless the script turns it on: its end is as users see it."""
    return subprocess.Popen(
        [*PYTHON, str(SCRIPTS / f"{script}.py"), *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(env),
    )


def finish(process: subprocess.Popen[bytes], timeout: float, stdin: bytes = b"") -> Ended:
    """Waits for it; a script that hangs is aborted, so that faulthandler, if it is on, tells where."""
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        out, err = process.communicate()
        raise AssertionError(f"hung\n{Ended(process.returncode, out, err)}") from None
    return Ended(process.returncode, out, err)


def run(script: str, *args: object, timeout: float = 60.0, env: Mapping[str, str] | None = None) -> Ended:
    return finish(start(script, *args, env=env), timeout)
