"""What a command does, step by step, each one verified."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .screen import Screen

__all__ = ["Abandoned", "Failed", "Step", "Steps"]


class Failed(Exception):
    """A step found that something is not as it must be; the text says what."""


class Abandoned(Exception):
    """A step failed, and there is no going on without it."""


@dataclass(slots=True)
class Step:
    """One step. `detail` says what was found, `error` why it failed."""

    name: str
    detail: str = ""
    error: str = ""
    seconds: float = 0.0
    trace: str = ""

    @property
    def ok(self) -> bool:
        return not self.error

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 3)}
        out["detail"] = self.detail
        if self.error:
            out["error"] = self.error
        return out


class Steps:
    """The steps so far, shown on `screen` as they run; None shows nothing."""

    def __init__(self, screen: Screen | None) -> None:
        self.screen = screen
        self.done: list[Step] = []

    @contextmanager
    def step(self, name: str, *, go_on: bool = False) -> Iterator[Step]:
        """Runs its body as one step.

        An exception marks it failed and becomes `Abandoned`; with `go_on` it ends here, and the
        steps that follow run.
        """
        step = Step(name)
        self.done.append(step)
        if self.screen:
            self.screen.running(name)
        started = time.monotonic()
        try:
            yield step
        except Exception as error:
            self._fail(step, error)
            if not go_on:
                raise Abandoned(name) from error
        except BaseException:
            step.error = "interrupted"
            raise
        finally:
            step.seconds = time.monotonic() - started
            if self.screen:
                self.screen.over(name, step.error or step.detail, ok=step.ok)

    def add(self, step: Step, error: Exception) -> None:
        """Writes down a step that is over already, and failed."""
        self._fail(step, error)
        self.done.append(step)
        if self.screen:
            self.screen.over(step.name, step.error, ok=False)

    @staticmethod
    def _fail(step: Step, error: Exception) -> None:
        step.error = str(error) if isinstance(error, Failed) else describe(error)
        step.trace = "".join(traceback.format_exception(error))

    def progress(self, text: str) -> None:
        """How far the running step is."""
        if self.screen:
            self.screen.running(self.done[-1].name, text)

    @property
    def failed(self) -> list[Step]:
        return [step for step in self.done if not step.ok]


def describe(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
