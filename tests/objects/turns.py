"""A coroutine cancelled at each of its turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any

__all__ = ["Start", "at_each_turn"]

MOST = 40
"""Turns after which a coroutine has no end."""


class Turns:
    """Awaits a coroutine, and cancels its task at the turn `at`.

    As soon as it waits; or, with `late`, once what it waited for has come and before it hears of that.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int, late: bool) -> None:
        self.cancelled = False
        """Whether it came so far."""
        self._coroutine = coroutine
        self._at = at
        self._late = late

    def __await__(self) -> Generator[Any, Any, Any]:
        task = asyncio.current_task()
        assert task is not None
        go_on: Callable[[], Any] = partial(self._coroutine.send, None)
        turn = 0
        while True:
            try:
                waits_for = go_on()
            except StopIteration as end:
                return end.value
            turn += 1
            if turn == self._at:
                self._cancel(task, waits_for)
            try:
                yield waits_for
                go_on = partial(self._coroutine.send, None)
            except BaseException as error:
                go_on = partial(self._coroutine.throw, error)

    def _cancel(self, task: asyncio.Task[Any], waits_for: asyncio.Future[Any] | None) -> None:
        def cancel(*_: object) -> None:
            self.cancelled = True
            task.cancel()

        if self._late and waits_for is not None:
            # Added before the task's own.
            waits_for.add_done_callback(cancel)
        else:
            asyncio.get_running_loop().call_soon(cancel)


Start = Callable[[Coroutine[Any, Any, Any]], Awaitable[asyncio.Task[Any]]]
"""Makes a task of a coroutine, which is cancelled at one of its turns."""


async def at_each_turn(attempt: Callable[[Start], Awaitable[None]]) -> int:
    """Makes attempts until none is cancelled any more, and returns how many turns there were.

    An attempt starts a coroutine, waits for its end, and looks what is left.
    """
    for at in range(1, MOST):
        if not any([await _cancelled(attempt, at, late) for late in (False, True)]):
            return at - 1
    raise AssertionError(f"no end after {MOST} turns")


async def _cancelled(attempt: Callable[[Start], Awaitable[None]], at: int, late: bool) -> bool:
    made: list[Turns] = []

    async def run(turns: Turns) -> Any:
        return await turns

    async def start(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        made.append(Turns(coroutine, at, late))
        return asyncio.create_task(run(made[-1]))

    await attempt(start)
    return made[-1].cancelled
