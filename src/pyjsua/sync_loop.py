"""One asyncio loop in a thread of its own, and threads that wait for what is done there."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import inspect
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

from . import library
from .errors import ForkedError

__all__ = ["SyncLoop"]


class SyncLoop:
    """Made at no cost; the thread begins with the first that is to be done."""

    def __init__(self) -> None:
        self.stand_ins: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        """What stands for an object of the loop, by the object's id; looked at in the loop only."""
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0
        self.ending = False

    def run(self, function: Callable[[], Any], timeout: float | None = None) -> Any:
        """Calls it in the loop, awaits it there where it is a coroutine, and gives what came of it.

        An exception here, `KeyboardInterrupt` or that `timeout` is over, cancels it, and it is waited for
        until it has cleaned up.
        """
        loop = self._started()
        if threading.current_thread() is self._thread:
            result = function()
            if inspect.iscoroutine(result):
                result.close()
                raise RuntimeError("a function called by the loop would wait for the loop, and so for itself")
            return result
        work = _Work(self, function)
        loop.call_soon_threadsafe(work.begin, context=contextvars.copy_context())
        try:
            return work.outcome.result(timeout)
        except BaseException:
            if not work.outcome.done():
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(work.cancel)
                    concurrent.futures.wait([work.outcome])
            raise

    def begin(self, function: Callable[[], Any]) -> None:
        """Lets the loop do it some time; nobody waits."""
        if self._loop is not None:
            self.call_soon(_Work(self, function).begin)

    def call_soon(self, function: Callable[[], object]) -> None:
        """As `begin`, for what is no coroutine; nothing once the loop has ended."""
        if self._loop is not None and self._pid == os.getpid():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function)

    async def in_thread(self, function: Callable[[], Any]) -> Any:
        """In the loop: calls it in a thread of its own, in the context of the task; gives what came of it."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        context = contextvars.copy_context()

        def work() -> None:
            outcome: concurrent.futures.Future[Any] = concurrent.futures.Future()
            try:
                outcome.set_result(context.run(function))
            except BaseException as error:
                if isinstance(error, Exception) and not isinstance(error, StopIteration):
                    outcome.set_exception(error)
                else:
                    # None of these may end the loop, or be taken for the end of something there.
                    outcome.set_exception(RuntimeError(f"a function ended with {error!r}"))
            self.call_soon(lambda: self._settle(future, outcome))

        # Not one of a pool, which would have others wait for it, and the interpreter at its end.
        threading.Thread(target=work, name="pyjsua-sync-handler", daemon=True).start()
        return await future

    @staticmethod
    def _settle(future: asyncio.Future[Any], outcome: concurrent.futures.Future[Any]) -> None:
        if future.done():
            return
        if (error := outcome.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome.result())

    def is_future(self, value: Any) -> bool:
        return isinstance(value, asyncio.Future)

    def outside(
        self, future: asyncio.Future[Any], change: Callable[[Any], Any]
    ) -> concurrent.futures.Future[Any]:
        """In the loop: a future for other threads, cancelled together with that of the loop."""

        async def follow() -> Any:
            return change(await future)

        work = _Work(self, follow)
        work.begin()

        def over(outcome: concurrent.futures.Future[Any]) -> None:
            if outcome.cancelled():
                self.call_soon(future.cancel)

        work.outcome.add_done_callback(over)
        return work.outcome

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._start()
            elif self._pid != os.getpid():
                raise ForkedError("the loop of pyjsua.sync is not in a process that was forked from its own")
            assert self._loop is not None
            return self._loop

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._work, args=(self._loop,), daemon=True)
        self._thread.name = "pyjsua-sync"
        self._thread.start()
        # Last in, first out: nobody is told of PJSIP's end when the interpreter ends.
        library._at_exit()
        atexit.register(self._exit)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        # No task is to complain that it was forgotten.
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=1.0) if tasks else asyncio.sleep(0))
        loop.close()

    def _exit(self) -> None:
        if self._pid == os.getpid() and self._loop is not None and self._thread is not None:
            self.ending = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(3.0)


class _Work:
    """Something done in the loop that a thread waits for."""

    def __init__(self, loop: SyncLoop, function: Callable[[], Any]) -> None:
        self._loop = loop
        self.outcome: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._function: Callable[[], Any] | None = function
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False

    def begin(self) -> None:
        function, self._function = self._function, None
        if self._cancelled or function is None:
            self._give_up()
            return
        try:
            result = function()
        except BaseException as error:
            self._fail(error)
            return
        if inspect.iscoroutine(result):
            self._task = asyncio.get_running_loop().create_task(result)
            self._task.add_done_callback(self._over)
        else:
            self._done(result)

    def cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._task = None
        if task.cancelled():
            self._give_up()
        elif (error := task.exception()) is not None:
            self._fail(error)
        else:
            self._done(task.result())

    def _give_up(self) -> None:
        # Who waits until the end of the interpreter, a daemon thread, is to say nothing there.
        if not self._loop.ending:
            self.outcome.cancel()
            self.outcome.set_running_or_notify_cancel()

    def _done(self, result: Any) -> None:
        if not self.outcome.cancelled():
            with contextlib.suppress(concurrent.futures.InvalidStateError):
                self.outcome.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.outcome.cancelled():
            with contextlib.suppress(concurrent.futures.InvalidStateError):
                self.outcome.set_exception(error)
