"""Who is let in: a limit on calls that wait for an answer, and draining before a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from .aio import Watchers
from .info import Admission

if TYPE_CHECKING:
    from .call import Call

__all__ = ["LetsIn"]


class Drain:
    """An endpoint that lets no new calls in, until its last call has ended."""

    def __init__(self, endpoint: LetsIn) -> None:
        self._endpoint = endpoint
        self._watchers = Watchers()
        self.on = False

    def begin(self, code: int, retry_after: int) -> None:
        _core.set_draining(code, retry_after)
        self.on = True

    def end(self) -> None:
        if self.on:
            _core.set_draining(0)
            self.on = False
            self._watchers.changed()

    def changed(self) -> None:
        if self.on:
            self._watchers.changed()

    def closed(self) -> None:
        """The endpoint has gone, and its calls with it."""
        self.on = False
        self._watchers.changed()

    def _empty(self) -> bool:
        # A call that pjsua has, and the loop has not heard of, is pending, and word of it will come.
        return not self._endpoint.calls and not _core.get_admission().pending

    async def wait(self, timeout: float | None) -> bool:
        empty = False

        def over() -> bool:
            nonlocal empty
            empty = self._empty()
            return empty or not self.on

        await self._watchers.wait(over, timeout)
        return empty


class LetsIn:
    """What an `Endpoint` has to keep calls out."""

    _drain: Drain

    if TYPE_CHECKING:

        @property
        def calls(self) -> tuple[Call, ...]: ...

        def _require_running(self) -> None: ...

    async def drain(self, timeout: float | None = None, *, code: int = 503, retry_after: int = 60) -> bool:
        """Lets no new calls in, and waits until the last call has ended: for a restart nobody notices.

        Callers get `code`, 300 to 699, with Retry-After where `retry_after` seconds are not 0, before
        anything is made of their calls. Calls that are there, and those that ring, go on and are changed as
        before; one may still be replaced, and we may call. Returns whether all have ended: False where
        `undrain` came first. Raises `TimeoutError` after `timeout` seconds; after that, or cancelled, it goes
        on refusing. It is for every `Endpoint` that shares PJSIP, until this one is closed.
        """
        self._require_running()
        self._drain.begin(code, retry_after)
        return await self._drain.wait(timeout)

    def undrain(self) -> None:
        """Lets calls in again."""
        self._require_running()
        self._drain.end()

    @property
    def draining(self) -> bool:
        return self._drain.on

    @property
    def admission(self) -> Admission:
        """Who is let in, how many calls wait for an answer, and how many were refused."""
        return _core.get_admission()
