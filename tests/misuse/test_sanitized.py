"""The same bad arguments under AddressSanitizer: nothing is read or written where it should not be.

Whether an answer names its argument is asked in test_misuse.py; here it counts that the process lives.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from misuse.batch import Runner
from misuse.runs import Run, Runs, every_run, long_runs
from misuse.sanitized import build_module, sanitized_runner

SEED = int(os.environ.get("PYJSUA_MISUSE_SEED", random.randrange(1_000_000)))
RUNS = [*(run for run in long_runs() if "threads" in run.order), *every_run()]
FATAL = ("AddressSanitizer", "killed by", ": hung")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return sanitized_runner(tmp_path_factory.mktemp("sanitized"))


@pytest.fixture(scope="module")
def runs(runner: Runner) -> Iterator[Runs]:
    made = Runs(runner, RUNS, SEED)
    yield made
    made.close()


# The first one builds PJSIP.
@pytest.mark.timeout(1500)
def test_address_sanitizer_is_there(runner: Runner, tmp_path: Path) -> None:
    """A build without it would find nothing, and pass."""
    program = "import ctypes, pyjsua._core; ctypes.memmove(ctypes.create_string_buffer(8), b'', 64)"
    done = subprocess.run(
        [*runner.interpreter, "-c", program],
        env={**os.environ, **runner.env},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "AddressSanitizer" in done.stderr


@pytest.mark.timeout(900)
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_bad_arguments(runs: Runs, run: Run) -> None:
    outcome = runs[run.name]
    print(f"PYJSUA_MISUSE_SEED={SEED}", outcome.cases, "cases, the slowest:", outcome.slowest)
    assert [wrong for wrong in outcome.wrong if any(word in wrong for word in FATAL)] == []
    assert outcome.cases > 0


def storm(runner: Runner, folder: Path, program: str, *arguments: str) -> dict[str, Any]:
    """What a program beside this file counted."""
    done = subprocess.run(
        [*runner.interpreter, str(Path(__file__).parent / program), *arguments],
        env={**os.environ, **runner.env},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=150,
    )
    print(f"PYJSUA_MISUSE_SEED={SEED}", done.stdout)
    assert done.stderr == ""
    assert done.returncode == 0
    count: dict[str, Any] = json.loads(done.stdout)
    return count


@pytest.mark.timeout(180)
def test_headers_and_re_invites_under_load(runner: Runner, tmp_path: Path) -> None:
    """Headers set while messages leave, and what a stream says once its session description has gone."""
    count = storm(runner, tmp_path, "header_storm.py", "20")
    assert (count["over"], count["left"], count["reasons"]) == (20, 0, 20)
    assert count["looked"] >= 20


@pytest.mark.timeout(180)
def test_held_requests_under_load(runner: Runner, tmp_path: Path) -> None:
    """Requests held and decided while their calls end, and while the library is destroyed."""
    count = storm(runner, tmp_path, "held_storm.py", "4", "2")
    assert count["decided"] > 50
    assert count["transferred"] > 5


@pytest.mark.timeout(180)
def test_subscribers_under_load(runner: Runner, tmp_path: Path) -> None:
    """Subscribers decided about and told while they go, or their account does, or the library."""
    count = storm(runner, tmp_path, "notifier_storm.py", "4", "2")
    assert count["accepted"] == count["ended"] > 50
    assert count["refreshed"] > 5


@pytest.mark.timeout(180)
def test_ports_under_load_are_all_given_back(runner: Runner, tmp_path: Path) -> None:
    """Their clock stops, their device changes, and the library is destroyed while threads are at them."""
    count = storm(runner, tmp_path, "pcm_storm.py", "4", str(SEED))
    assert count["failed"] == []
    assert count["made"] == count["destroyed"] > 50


@pytest.mark.timeout(240)
def test_ports_of_another_module_are_told_when_they_are_done_with(runner: Runner, tmp_path: Path) -> None:
    """The C API: whoever was told that nothing of his is called any more is not called, and all are told."""
    build_module(Path(__file__).parent / "storm_ports.c", tmp_path)
    count = storm(runner, tmp_path, "native_storm.py", "3", "2", str(SEED))
    assert (count["failed"], count["wrong"]) == ([], 0)
    assert count["added"] == count["destroyed"] > 50
    assert count["watching"] == count["removed"] > 50
    assert min(count[what] for what in ("said", "heard", "messages", "refused")) > 50
    assert count["calls"] > 5
