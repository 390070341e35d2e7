"""Two clients do at random whatever a client can do, and a model of the states says what may come of it.

A run is repeated, as far as the network repeats itself, with ``PYJSUA_FUZZ_SEED`` and the seed it prints.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable

import pytest

from objects.fuzz import OPERATIONS, Report, fuzz
from pyjsua import Endpoint

MakeEndpoint = Callable[..., Endpoint]


def check(report: Report) -> None:
    print(f"PYJSUA_FUZZ_SEED={report.seed}", report.operations, "operations,", report.dialogs, "dialogs")
    assert report.wrong == []


def never(report: Report) -> set[str]:
    """What was never done with success: it tested nothing."""
    return {name for name in OPERATIONS if not report.outcomes.get(f"{name}: ok")}


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_clients(seed: int, make_endpoint: MakeEndpoint) -> None:
    report = await fuzz(seed, 80, make_endpoint)
    check(report)
    assert report.operations == 80
    assert report.dialogs >= 5
    assert not never(report) & {"call", "answer"}


@pytest.mark.soak
def test_two_clients_for_long(make_endpoint: MakeEndpoint) -> None:
    seed = int(os.environ.get("PYJSUA_FUZZ_SEED", random.randrange(1_000_000)))
    report = asyncio.run(fuzz(seed, 5000, make_endpoint))
    check(report)
    assert not never(report)
