"""Hooks: the threads that run functions PJSIP waits for."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from . import _core, config, events
from .errors import HookTimeout

__all__ = ["Hook", "Runner", "chosen"]

logger = logging.getLogger("pyjsua")

Hook = Callable[[Any], Any]


def chosen(hooks: config.Hooks) -> dict[str, Hook]:
    """The hooks that are set, by the class of their event."""
    found: dict[str, Hook] = {}
    for each in fields(hooks):
        function = getattr(hooks, each.name)
        if each.name == "timeout" or function is None:
            continue
        if not callable(function):
            raise TypeError(f"ua_cfg.hooks.{each.name}: a callable expected, not {type(function).__name__}")
        found["".join(part.capitalize() for part in each.name.split("_"))] = function
    return found


class Runner:
    """One thread that runs hooks, one that ends those whose time is over; from `open` to `close`.

    Daemons both: a hook that never returns does not keep the process.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def open(self, functions: dict[str, Hook], timeout: float) -> None:
        if not functions:
            return
        generation = _core.hooks_open([getattr(events, name) for name in functions], timeout)
        self._thread = threading.Thread(
            target=self._serve, args=(generation, functions), name="pyjsua-hooks", daemon=True
        )
        self._thread.start()
        threading.Thread(
            target=self._watch, args=(generation,), name="pyjsua-hooks-watch", daemon=True
        ).start()

    def close(self, timeout: float = 1.0) -> None:
        """Hooks are asked no more; waits up to `timeout` seconds for one that still runs."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        _core.hooks_close()
        if thread is not threading.current_thread():
            thread.join(timeout)

    def _serve(self, generation: int, functions: dict[str, Hook]) -> None:
        me = threading.get_ident()
        while _core.hooks_serve(generation, me, functions, self._failed, self._late):
            pass

    def _watch(self, generation: int) -> None:
        while _core.hooks_watch(generation, HookTimeout):
            pass

    def _failed(self, name: str, error: BaseException) -> None:
        with contextlib.suppress(Exception):
            if isinstance(error, HookTimeout):
                logger.error("hook of %s took too long, the policy's answer was used", name, exc_info=error)
            else:
                logger.error("hook of %s failed, the policy's answer is used", name, exc_info=error)

    def _late(self, name: str) -> None:
        with contextlib.suppress(Exception):
            logger.error("hook of %s answered too late, the policy's answer was used", name)
