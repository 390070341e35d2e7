"""Transfers: asking the other side of a call to call somebody else, and what becomes of that."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from . import _core, events
from .aio import Watchers
from .call_part import CallPart
from .config import MsgData
from .errors import InvalidState, TransferFailed
from .redaction import redacted
from .struct import Header
from .uri import check_whole

if TYPE_CHECKING:
    from .call import Call

__all__ = ["Transfer", "TransferStatus"]

TIMEOUT = 60.0
"""Seconds a transfer may take unless somebody says otherwise: somebody's telephone rings meanwhile."""


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """How far a transfer is, as the other side told."""

    code: int
    """100 once it agreed, then what its new call got: 180, 200, 486, ..."""
    reason: str

    @property
    def final(self) -> bool:
        return self.code >= 200


class Transfer:
    """A transfer under way, made by `Call.transfer` or `Call.transfer_to`.

    ``await transfer`` waits for its end and gives the last status; ``async for status in transfer`` gives
    each, from the first on, however late one begins to look. The other side may end the call as soon as it
    has agreed: then `status` is the last it told, and `confirmed` is False. Cancelling who waits does not
    take it back.
    """

    def __init__(
        self, call: Call, target: str, other: Call | None, timeout: float | None, hang_up: bool
    ) -> None:
        self.call = call
        self.target = target
        """What the other side is asked to call; of an attended transfer, the other call's far end."""
        self.other = other
        """The call that is taken over, of an attended transfer."""
        self.progress: list[TransferStatus] = []
        """What was told so far."""
        self._hang_up = hang_up
        self._error: TransferFailed | None = None
        self._done = False
        self._watchers = Watchers()
        self._timer: asyncio.TimerHandle | None = None
        if timeout is not None:
            self._timer = asyncio.get_running_loop().call_later(timeout, self._time_over, timeout)

    @property
    def done(self) -> bool:
        return self._done

    @property
    def status(self) -> TransferStatus | None:
        """The last that was told, None before the REFER was answered."""
        return self.progress[-1] if self.progress else None

    @property
    def confirmed(self) -> bool:
        """Whether the other side told that its new call was answered."""
        return self.status is not None and 200 <= self.status.code < 300

    @property
    def error(self) -> TransferFailed | None:
        """What awaiting it raises."""
        return self._error

    def __await__(self) -> Generator[object, None, TransferStatus]:
        return self._wait().__await__()

    async def _wait(self) -> TransferStatus:
        await self._watchers.wait(lambda: self._done)
        if self._error is not None:
            # A new one each time: several may wait, and each adds to its traceback.
            raise TransferFailed(str(self._error), sip_code=self._error.sip_code, title=self._error.title)
        assert self.status is not None
        return self.status

    async def __aiter__(self) -> AsyncIterator[TransferStatus]:
        for number in itertools.count():
            await self._watchers.wait(partial(self._has, number))
            if number >= len(self.progress):
                return
            yield self.progress[number]

    def _has(self, number: int) -> bool:
        return self._done or len(self.progress) > number

    def _on_status(self, event: events.OnCallTransferStatus) -> None:
        if self._done:
            return
        self.progress.append(TransferStatus(event.st_code, event.st_text))
        if event.st_code >= 300:
            self._fail(event.st_code, event.st_text)
        elif event.st_code >= 200 or event.final:
            self._end()
            if event.st_code >= 200 and self._hang_up:
                for call in (self.call, self.other):
                    if call is not None:
                        call.abandon()
        self._watchers.changed()

    def _call_ended(self) -> None:
        if self._done:
            return
        if self.progress:
            self._end()
        else:
            self._fail(481, "the call ended before the transfer was answered")

    def _time_over(self, timeout: float) -> None:
        self._fail(408, f"not told how it ended within {timeout:g} s")

    def _fail(self, code: int, reason: str) -> None:
        if not self._done:
            text = f"transfer to {self.target}: {code} {reason}"
            self._error = TransferFailed(text, sip_code=code, title=reason)
            self._end()

    def _end(self) -> None:
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
        self._watchers.changed()

    def __repr__(self) -> str:
        what = "under way" if not self._done else "failed" if self._error else "done"
        return f"<Transfer to {redacted(self.target)} {what} {self.status.code if self.status else ''}>"


class Transfers:
    """The transfers of one call, of which one may be under way."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._current: Transfer | None = None

    def check(self) -> None:
        call = self._call
        call._require_alive("Call.transfer")
        if not call.answered:
            raise InvalidState(f"{call!r} is not answered, and so cannot be transferred")
        if self._current is not None and not self._current.done:
            raise InvalidState(f"{call!r} is being transferred already")

    def begin(self, dest: str, headers: Sequence[Header], timeout: float | None, hang_up: bool) -> Transfer:
        self.check()
        check_whole(dest, self._call.account.uri)
        _core.call_xfer(self._call.id, dest, MsgData(hdr_list=tuple(headers)) if headers else None)
        return self._take(Transfer(self._call, dest, None, timeout, hang_up))

    def begin_attended(
        self, other: Call, headers: Sequence[Header], timeout: float | None, hang_up: bool
    ) -> Transfer:
        self.check()
        if not isinstance(other, CallPart):
            raise TypeError(f"other: Call expected, not {type(other).__name__}")
        if other is self._call:
            raise ValueError(f"other: {other!r} is the call that is transferred")
        other._require_alive("Call.transfer_to")
        if not other.answered:
            raise InvalidState(f"{other!r} is not answered, and so cannot be taken over")
        message = MsgData(hdr_list=tuple(headers)) if headers else None
        _core.call_xfer_replaces(self._call.id, other.id, 0, message)
        return self._take(Transfer(self._call, other.remote_uri, other, timeout, hang_up))

    def _take(self, transfer: Transfer) -> Transfer:
        self._current = transfer
        return transfer

    def on_status(self, event: events.OnCallTransferStatus) -> None:
        if self._current is not None:
            self._current._on_status(event)

    def call_ended(self) -> None:
        if self._current is not None:
            self._current._call_ended()
