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

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""In seconds, before a call's re-INVITE is tried again."""


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

    async def handle(self, param: IpChangeParam, timeout: float | None) -> IpChange:
        async with asyncio.timeout(timeout), self._turn:
            self._steps, self._done = [], Answer()
            try:
                await asyncio.to_thread(_core.handle_ip_change, param)
                await self._done.wait(None)
            finally:
                self._done = None
            return IpChange(tuple(await asyncio.gather(*map(_made_good, self._steps))))

    def on_progress(self, event: events.OnIpChangeProgress) -> None:
        if self._done is None:
            return
        if event.op == IpChangeOp.COMPLETED:
            self._done.set(None)
        else:
            self._steps.append(event)

    def end(self, error: BaseException) -> None:
        if self._done is not None:
            self._done.fail(error)


async def _made_good(step: events.OnIpChangeProgress) -> events.OnIpChangeProgress:
    """The step as it ends once a call that was busy is asked again.

    PJSIP refuses while another re-INVITE is under way. It also asks for the call's dialog while it holds its
    own lock, and gives up after 2 s where who has the dialog waits for that lock.
    """
    if step.op is not IpChangeOp.ACC_REINVITE_CALLS or step.status == 0:
        return step
    for pause in PAUSES:
        try:
            flags = _core.acc_get_config(step.acc_id).ip_change_cfg.reinvite_flags
            await asyncio.to_thread(_core.call_reinvite, step.call_id, flags)
        except StaleError:
            break
        except PjsuaError:
            await asyncio.sleep(pause)
        else:
            return replace(step, status=0)
    return step
