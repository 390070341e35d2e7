"""Fixtures for the low-level door: a running library, and whatever a test left is ended after it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.process import Peer
from pjsua.phone import Phone
from pjsua.program import Program
from pyjsua import pjsua as pj


@pytest.fixture(autouse=True)
def _no_library_left() -> Iterator[None]:
    """A test that fails between create and destroy must not fail the next one."""
    yield
    with contextlib.suppress(pj.PjsuaError):
        pj.destroy(timeout=1.0)


@pytest.fixture
def phone() -> Iterator[Phone]:
    """The library, running, with UDP on 127.0.0.1, eight calls and no account."""
    with Phone() as started:
        yield started


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """`program(name, *arguments)` or `program(source=text)` starts one; the arguments are `Program`'s."""
    started: list[Peer] = []

    def start(*arguments: Any, **settings: Any) -> Program:
        settings.setdefault("directory", tmp_path / f"program-{len(started) + 1}")
        made = Program(*arguments, **settings)
        started.append(made)
        return made.start()

    yield start
    for made in started:
        made.stop()
