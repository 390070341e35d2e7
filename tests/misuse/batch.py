"""Runs a batch of cases in child processes: one that dies tells its case, and the next goes on behind it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TESTS = HERE.parent
DEATHS = 12
"""So many are enough to know."""


@dataclass
class Outcome:
    """What went wrong, by case."""

    wrong: list[str] = field(default_factory=list)
    cases: int = 0
    slowest: str = ""

    def __str__(self) -> str:
        return "\n".join([f"{len(self.wrong)} of {self.cases} cases", *self.wrong])


@dataclass(frozen=True)
class Runner:
    """How a child Python is started; the defaults are this Python and the pyjsua it imports."""

    interpreter: Sequence[str] = (sys.executable,)
    env: Mapping[str, str] = field(default_factory=dict)
    patience: int = 20
    """Seconds a case may take before it counts as hung."""

    def run(self, functions: Sequence[str], state: str, *, timeout: float = 300, **order: Any) -> Outcome:
        outcome = Outcome()
        start = 0
        for _ in range(DEATHS):
            with tempfile.TemporaryDirectory(prefix="misuse-") as folder:
                ended = self._child(
                    folder,
                    timeout,
                    {"functions": list(functions), "state": state, "start": start, **order},
                    outcome,
                )
                if not ended:
                    break
                last = (Path(folder) / "case").read_text() if (Path(folder) / "case").exists() else "0 none"
                outcome.wrong.append(f"{' '.join(last.split())}: {ended}")
                if "threads" in order or ended.startswith("exit status 1\n"):
                    break  # it came to an end of its own: an exception of the harness
                start = int(last.split()[0]) + 1
        return outcome

    def _child(self, folder: str, timeout: float, order: dict[str, Any], outcome: Outcome) -> str:
        """How the child ended, nothing when it did what it was to do."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ALSA"))}
        env = {**kept, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1", **self.env}
        with open(f"{folder}/errors", "w+b") as errors, open(f"{folder}/output", "w+b") as output:
            process = subprocess.Popen(
                [*self.interpreter, str(HERE / "child.py"), json.dumps({"patience": self.patience, **order})],
                cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            )  # fmt: skip
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            output.seek(0)
            errors.seek(0)
            done = False
            for line in output.read().decode(errors="replace").splitlines():
                said = json.loads(line)
                done = done or "done" in said
                if "wrong" in said:
                    outcome.wrong.append(f"{said['case']}: {said['wrong']}")
                if "cases" in said:
                    outcome.cases += said["cases"]
                    outcome.slowest = f"{said['slowest']} {said['seconds']:.2f} s"
            text = errors.read().decode(errors="replace")
        if done and process.returncode == 0 and not text:
            return ""
        return f"{_manner(process.returncode)}\n{text[:12000]}"


def _manner(status: int) -> str:
    if status == -signal.SIGALRM:
        return "hung"
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
