"""A Python program in a fresh process: pjsua is one per process, and some tests want two, or none before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from peers.process import Peer, PeerDied

PROGRAMS = Path(__file__).with_name("programs")
TESTS = Path(__file__).parent.parent


class Program(Peer):
    """`programs/<name>.py` with arguments, or the text given as `source`; the end of its input ends it.

    What it writes to stdout, one JSON object a line, comes by `next`; stderr is `output`.
    """

    name: ClassVar[str] = "program"

    def __init__(
        self,
        program: str = "",
        *arguments: str,
        source: str | None = None,
        env: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self._arguments = ["-c", source] if source is not None else [str(PROGRAMS / f"{program}.py")]
        self._arguments += arguments
        self._env = dict(env or {})

    def command(self) -> Sequence[str]:
        return [sys.executable, "-X", "faulthandler", *self._arguments]

    def environment(self) -> Mapping[str, str]:
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        return {"PYTHONPATH": path, **self._env}

    def _stdin(self) -> int:
        return subprocess.PIPE

    def _stdout(self) -> int:
        return subprocess.PIPE

    def next(self, wanted: Callable[[dict[str, Any]], bool] = lambda line: True) -> dict[str, Any]:
        """Waits for the next line that is wanted; the test's own timeout bounds the wait."""
        assert self._process is not None
        assert self._process.stdout is not None
        while True:
            line = self._process.stdout.readline()
            if not line:
                self._process.wait()
                raise PeerDied(f"it ended with status {self.returncode}\n{self.report()}")
            found = json.loads(line)
            if wanted(found):
                return dict(found)

    def ask(self, expression: str) -> dict[str, Any]:
        """Writes it to the program's input, for one that evaluates lines, and waits for what it gives."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(expression.encode() + b"\n")
        self._process.stdin.flush()
        return self.next(lambda line: "value" in line or "text" in line)

    def finish(self, timeout: float = 20.0) -> tuple[int, str, str]:
        """Ends its input, waits, and returns exit status, the rest of stdout, and stderr."""
        assert self._process is not None
        rest, _ = self._process.communicate(timeout=timeout)
        status = self._process.returncode
        self.stop()
        return status, rest.decode(), self.output
