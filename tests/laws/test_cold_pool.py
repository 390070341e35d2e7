"""The pool of event records keeps its memory: a node that is given back is there for the next event."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "src" / "native"


def test_no_node_is_lost(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    assert compiler is not None, "cc is missing: apt install gcc"
    program = tmp_path / "pool"
    command = [
        compiler, "-std=gnu11", "-O2", "-Wall", "-Werror", "-pthread", "-o", str(program),
        "-include", str(HERE / "stubs" / "message.h"), "-I", str(NATIVE), str(HERE / "queue_pool.c"),
        str(NATIVE / "wake.c"),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    done = subprocess.run([program], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
