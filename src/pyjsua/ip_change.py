"""What is done when our address has changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from . import _core, events
from .answers import Answer
from .config import IpChangeParam
from .enums import IpChangeOp
from .errors import PjsuaError, StaleError

__all__ = ["IpChange"]

PAUSES = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each time a call is asked again."""


@dataclass(frozen=True, slots=True)
class IpChange:
    """What `Endpoint.handle_ip_change` did."""

    steps: tuple[events.OnIpChangeProgress, ...]
    """In order: listeners, registrations, calls."""

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return all(step.status == 0 and step.code < 300 for step in self.steps)


class IpChanges:
    """One change at a time; PJSIP's callbacks do not say of which they are."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._steps: list[events.OnIpChangeProgress] = []
        self._done: Answer[None] | None = None
        self._ended: BaseException | None = None

    async def handle(self, param: IpChangeParam, timeout: float | None) -> IpChange:
        async with asyncio.timeout(timeout), self._turn:
            self._steps, self._done, self._ended = [], Answer(), None
            try:
                await self._begin(param)
                await self._done.wait(None)
            finally:
                self._done = None
            steps = await asyncio.gather(*map(self._made_good, self._steps))
            if self._ended is not None:
                raise self._ended
            return IpChange(tuple(steps))

    @staticmethod
    async def _begin(param: IpChangeParam) -> None:
        try:
            await asyncio.to_thread(_core.handle_ip_change, param)
        except PjsuaError as error:
            # PJSIP has gone through every account by then, and returns what a step of the last one was told
            # with. Where listeners are restarted, or the library is not there, nothing need come any more.
            if param.restart_listener or error.status >= _core.constant("PYJ_EFORKED"):
                raise

    def on_progress(self, event: events.OnIpChangeProgress) -> None:
        if self._done is None:
            return
        if event.op == IpChangeOp.COMPLETED:
            self._done.set(None)
        else:
            self._steps.append(event)

    def end(self, error: BaseException) -> None:
        self._ended = error
        if self._done is not None:
            self._done.fail(error)

    async def _made_good(self, step: events.OnIpChangeProgress) -> events.OnIpChangeProgress:
        """The step as it ends once a call that was busy is asked again.

        PJSIP refuses while another re-INVITE is under way. It also asks for the call's dialog while it holds
        its own lock, and gives up after 2 s where who has the dialog waits for that lock.
        """
        if step.op is not IpChangeOp.ACC_REINVITE_CALLS or step.status == 0:
            return step
        for pause in PAUSES:
            await asyncio.sleep(pause)
            if self._ended is not None:
                break
            try:
                flags = _core.acc_get_config(step.acc_id).ip_change_cfg.reinvite_flags
                await asyncio.to_thread(_core.call_reinvite, step.call_id, flags)
            except StaleError:
                break
            except PjsuaError:
                continue
            return replace(step, status=0)
        return step
