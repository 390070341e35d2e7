"""Coroutines as tests, each in a loop of its own, and a check that none leaves PJSIP or an error behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from objects.switchboard import Sounds
from pyjsua import Endpoint, State, pjsua as pj
from whole_sound import whole_sound

LIMIT = 40.0
"""Seconds one test may take on a busy machine, unless it is marked with another timeout."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test that is a coroutine function, and fails it for what its loop complained of."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    complaints: list[dict[str, Any]] = []
    marked = pyfuncitem.get_closest_marker("timeout")
    limit = marked.args[0] if marked else LIMIT

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        async with asyncio.timeout(limit):
            await pyfuncitem.obj(**arguments)
        gc.collect()

    try:
        asyncio.run(run())
        assert pj.get_state() == State.NULL, "the test left PJSIP running"
    finally:
        pj.destroy(timeout=0.5)
    assert not complaints
    return True


@pytest.fixture
def make_endpoint() -> Callable[..., Endpoint]:
    """`make_endpoint(...)`: an Endpoint on 127.0.0.1, not open yet; the arguments are `Endpoint`'s."""

    def make(**arguments: Any) -> Endpoint:
        arguments.setdefault("bound_addr", "127.0.0.1")
        # With silence detection a tone that starts late in a frame may be taken for silence.
        arguments.setdefault("media_config", whole_sound())
        return Endpoint(**arguments)

    return make


@pytest.fixture
def sounds(tmp_path: Path) -> Sounds:
    """Tones to say and to hear."""
    return Sounds(tmp_path)
