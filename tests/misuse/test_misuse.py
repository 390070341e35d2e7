"""Every function with every bad argument in every state: an exception names it, and the next call is good.

Functions, their arguments and the fields of structs are found by looking: whoever adds one has it tried.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from misuse.batch import Runner
from misuse.cases import Case
from misuse.runs import Run, Runs, every_run, long_runs
from misuse.signatures import functions
from misuse.values import Bad
from misuse.world import World
from pyjsua import pjsua as pj

SEED = int(os.environ.get("PYJSUA_MISUSE_SEED", random.randrange(1_000_000)))
RUNS = every_run()
# With a live call most cases wait for the network: too long together for every run of the tests.
MARKS = {run.name: [pytest.mark.soak] if run.state == "running" else [] for run in RUNS}


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    asked = {
        item.callspec.id
        for item in request.session.items
        # The sanitized runs have the same names.
        if item.path == request.path and hasattr(item, "callspec")
    }
    made = Runs(Runner(), [run for run in RUNS if run.name in asked], SEED)
    yield made
    made.close()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("run", [pytest.param(run, id=run.name, marks=MARKS[run.name]) for run in RUNS])
def test_bad_arguments(runs: Runs, run: Run) -> None:
    outcome = runs[run.name]
    print(f"PYJSUA_MISUSE_SEED={SEED}", outcome.cases, "cases, the slowest:", outcome.slowest)
    assert not outcome.wrong, str(outcome)
    assert outcome.cases >= len(run.functions)


@pytest.mark.soak
@pytest.mark.parametrize("run", long_runs(), ids=lambda run: run.name)
def test_bad_arguments_at_length(run: Run) -> None:
    print(f"PYJSUA_MISUSE_SEED={SEED}")
    outcome = Runner().run(run.functions, run.state, timeout=1200, seed=SEED, **run.order)
    assert not outcome.wrong, str(outcome)


def test_it_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness that finds nothing wrong anywhere would pass as well."""
    monkeypatch.chdir(tmp_path)
    parameter = functions()["acc_is_valid"][0]
    refused = Case("strerror", functions()["strerror"][0], Bad("70004", 70004, refused=True))
    assert refused.run(World("null"))[0].startswith("accepted")
    nameless = Case("acc_is_valid", parameter, Bad("", None))
    assert "names none" in nameless._judge(ValueError("something is wrong"), World("null"))
    assert "no exception of ours" in nameless._judge(KeyError("acc_id"), World("null"))
    assert nameless._judge(pj.StaleError("pjsua_acc_is_valid: acc_id 5: it has gone"), World("null")) == ""
