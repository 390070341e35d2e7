"""The batches, run three at a time while the tests ask for them one by one: most wait for the network."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from misuse.batch import Outcome, Runner
from misuse.signatures import functions

LIFE = ("create", "init", "start", "destroy", "events")


@dataclass(frozen=True)
class Run:
    """One child's work."""

    name: str
    state: str
    functions: tuple[str, ...]
    order: Mapping[str, Any] = field(default_factory=dict)


def room(function: str) -> str:
    """What a function is about: the first word of its name where several share it."""
    word = function.partition("_")[0]
    if sum(name.partition("_")[0] == word for name in functions()) > 2:
        return word
    # Too long for one.
    return f"rest-{sum(map(ord, function)) % 3}"


def every_run() -> list[Run]:
    """One at a time, by state of the library."""
    names = tuple(functions())
    return [
        *(
            Run(f"running-{each}", "running", tuple(n for n in names if room(n) == each))
            for each in sorted({room(name) for name in names})
        ),
        Run("before-create", "null", names),
        Run("after-destroy", "destroyed", names),
        Run("initialised", "init", names),
    ]


def long_runs() -> list[Run]:
    """Between create and init, where most cases cost a life; ten threads; and those while it is destroyed."""
    names = tuple(functions())
    return [
        *(Run(f"created-{n}", "created", names, {"share": (n, 4)}) for n in range(4)),
        Run("ten-threads", "running", names, {"threads": 10, "seconds": 5}),
        Run("ten-threads-and-destroy", "running", names, {"threads": 10, "seconds": 4, "destroy": True}),
    ]


class Runs:
    """All of them by name, under way from the start."""

    def __init__(self, runner: Runner, runs: list[Run], seed: int) -> None:
        self._pool = ThreadPoolExecutor(3)
        self._under_way: dict[str, Future[Outcome]] = {
            run.name: self._pool.submit(runner.run, run.functions, run.state, seed=seed, **run.order)
            for run in runs
        }

    def __getitem__(self, name: str) -> Outcome:
        return self._under_way[name].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
