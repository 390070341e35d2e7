"""Requests of ours that wait for their answer."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from .aio import running_loop
from .errors import InvalidState

__all__: list[str] = []

T = TypeVar("T")


class Answer(Generic[T]):
    """What PJSIP gives back with the answer: the future somebody waits for."""

    def __init__(self) -> None:
        self._future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def set(self, value: T) -> None:
        # Who waited may have been cancelled; and other loops may hear of it too.
        if self._future.get_loop() is running_loop() and not self._future.done():
            self._future.set_result(value)

    def fail(self, error: BaseException) -> None:
        if not self._future.done():
            self._future.set_exception(error)

    async def wait(self, timeout: float | None) -> T:
        """Raises `TimeoutError`; an answer that comes later is nobody's."""
        async with asyncio.timeout(timeout):
            return await self._future


class Unanswered:
    """Answers that somebody waits for and that will not come any more once their account has gone."""

    def __init__(self) -> None:
        self._waiting: set[Answer[object]] = set()

    async def wait(self, answer: Answer[T], timeout: float | None) -> T:
        self._waiting.add(answer)  # type: ignore[arg-type]
        try:
            return await answer.wait(timeout)
        finally:
            self._waiting.discard(answer)

    def end(self, what: object) -> None:
        for answer in list(self._waiting):
            answer.fail(InvalidState(f"{what!r} was closed before the answer came"))
