"""Calls to an account, each handed to a function."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .errors import CallFailed, StaleError

if TYPE_CHECKING:
    from .account import Account
    from .call import Call

__all__ = ["CallHandler"]

TEMPORARILY_UNAVAILABLE = 480
SERVER_INTERNAL_ERROR = 500
NEWS = 1.0
"""Seconds that word of a call's end may take at most."""

logger = logging.getLogger("pyjsua")


class CallHandler:
    """Has each call served in a task of its own, until it is closed. Made by `Account.on_incoming`."""

    def __init__(self, account: Account, handler: Callable[[Call], Awaitable[object] | None]) -> None:
        if not callable(handler):
            raise TypeError(f"handler: function expected, not {type(handler).__name__}")
        self._account = account
        self._handler = handler
        self._closed = False
        self._context = contextvars.copy_context()
        # Nobody else keeps it, nor the tasks.
        account._serving.add(self)

    def close(self) -> None:
        """No longer serves calls that come; those that are served go on. Any number of times."""
        self._closed = True
        self._account._serving.discard(self)

    @property
    def closed(self) -> bool:
        return self._closed

    def _offer(self, call: Call) -> None:
        call._taken = True
        loop = self._account.endpoint._loop
        # A copy: what one call's task sets is nothing to another's.
        task = loop.create_task(self._serve(call), context=self._context.copy())
        self._account._serving.add(task)
        task.add_done_callback(self._account._serving.discard)

    async def _serve(self, call: Call) -> None:
        try:
            result = self._handler(call)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            if await self._only_ended(call, error):
                logger.info("%r ended while it was served: %s", call, error)
                return
            logger.exception("the handler of %r raised", call)
            self._give_up(call, SERVER_INTERNAL_ERROR)
            # Without the task: Python 3.12 and later would enter its context, which it is in, and fail.
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"the handler of {call!r} raised", "exception": error}
            )
        except BaseException:
            self._give_up(call, TEMPORARILY_UNAVAILABLE)
            raise

    async def _only_ended(self, call: Call, error: Exception) -> bool:
        """Whether nothing has failed, but the call is over: what was to be done with it could not go on."""
        if isinstance(error, CallFailed):
            return call.ended and not call.answered
        if isinstance(error, StaleError) and not call.ended:
            # PJSIP knows before this loop has heard.
            with contextlib.suppress(TimeoutError):
                await call.wait_ended(NEWS)
        return call.ended and isinstance(error, StaleError | EOFError)

    def _give_up(self, call: Call, code: int) -> None:
        call.abandon(0 if call.answered or call._accepted else code)

    def __repr__(self) -> str:
        return f"<CallHandler of {self._account!r}{' closed' if self.closed else ''}>"
