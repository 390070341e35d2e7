"""An account: an address of ours that calls and can be called."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Self

from . import _core, events
from .aio import Watchers
from .call import Call, unseen_call
from .call_handler import TEMPORARILY_UNAVAILABLE, CallHandler
from .call_limit import check_duration
from .call_redirect import check_redirects
from .config import AccConfig, CallSetting
from .errors import InvalidState, PjsuaError, StaleError
from .ids import AccId
from .info import AccInfo
from .messages import AccountMessages
from .msg_data import message_data
from .presence import AccountPresence
from .redaction import redacted
from .registration import AccountRegistration
from .requests import AccountRequests
from .sharing import house
from .struct import Header
from .subscription import close_all
from .uri import check_whole

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__ = ["Account", "IncomingCalls"]


class IncomingCalls:
    """Calls to an account, as ``async for call in account.incoming():``.

    Listening begins when this is made and ends with `close`, or when it is garbage; calls
    nobody took by then are refused with 480, as are calls while nobody listens.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._calls: asyncio.Queue[Call | None] = asyncio.Queue()
        self._closed = False
        weakref.finalize(self, _refuse_later, account.endpoint._loop, self._calls).atexit = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Call:
        while True:
            call = await self._calls.get()
            if call is None:
                # For whoever else waits, or asks again.
                self._calls.put_nowait(None)
                raise StopAsyncIteration
            call._offers -= 1
            # One that was cancelled while it waited is of no use to anybody.
            if not call.ended:
                call._taken = True
                return call

    def close(self) -> None:
        self._closed = True
        _refuse(self._calls)
        self._calls.put_nowait(None)

    @property
    def closed(self) -> bool:
        return self._closed

    def _offer(self, call: Call) -> None:
        call._offers += 1
        self._calls.put_nowait(call)


def _refuse(calls: asyncio.Queue[Call | None]) -> None:
    """Refuses what is queued, unless another listener took it or may still do so."""
    while not calls.empty():
        call = calls.get_nowait()
        if call is not None:
            call._offers -= 1
            if not call._taken and not call._offers:
                call.abandon(TEMPORARILY_UNAVAILABLE)


def _refuse_later(loop: asyncio.AbstractEventLoop, calls: asyncio.Queue[Call | None]) -> None:
    # The garbage collector runs in any thread and under any lock: it may not call PJSIP.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_refuse, calls)


class Account(AccountRegistration, AccountMessages, AccountRequests, AccountPresence):
    """An account. Made by `Endpoint.register` or `Endpoint.add_account`."""

    def __init__(self, endpoint: Endpoint, acc_id: AccId, config: AccConfig) -> None:
        AccountRegistration.__init__(self, bool(config.reg_uri) and config.register_on_acc_add)
        AccountMessages.__init__(self)
        AccountPresence.__init__(self)
        self.endpoint = endpoint
        self.id = acc_id
        self.config = config
        self.calls: set[Call] = set()
        """Calls of this account that have not ended."""
        self._listeners: weakref.WeakSet[IncomingCalls | CallHandler] = weakref.WeakSet()
        self._serving: set[CallHandler | asyncio.Task[None]] = set()
        self._watchers = Watchers()
        self._closed = False
        self._deleted = False
        self._closing: asyncio.Task[None] | None = None

    # -- state

    @property
    def uri(self) -> str:
        return self.config.id

    @property
    def closed(self) -> bool:
        return self._closed

    def get_info(self) -> AccInfo:
        """A snapshot (`pjsua_acc_get_info`)."""
        return _core.acc_get_info(self.id)

    # -- verbs

    def _require_open(self) -> None:
        if self._closed:
            raise InvalidState(f"{self.uri} is closed")

    @property
    def codecs(self) -> tuple[str, ...] | None:
        """Ids of the codecs its calls offer and accept, None for all that are on."""
        return _core.acc_get_codecs(self.id)

    def set_codecs(self, codecs: Sequence[str] | None) -> None:
        """What its calls offer and accept from now on, in this order; None for all that are on.

        Names (``"PCMU"``), ids (``"opus/48000/2"``) or patterns (``"speex/*"``). An INVITE that offers
        none of them is answered 488. Raises `ValueError` for an empty list, for what is no codec of this
        build, and for one that is off.
        """
        _core.acc_set_codecs(self.id, codecs)

    def set_incoming_match(self, *, users: Sequence[str] = (), sources: Sequence[str] = ()) -> None:
        """Which calls and messages are for this account, decided by PJSIP's own thread.

        Those to one of `users` (``"5551234"``, or ``"+4930*"`` for all that begin so) and from one of
        `sources` (``"192.0.2.7"``, ``"192.0.2.0/24"``); of none given, any will do. It goes before what
        PJSIP finds by the addresses in To and Request-URI; of several accounts the one of the highest
        ``priority`` has it. Neither given takes it back.
        """
        self._require_open()
        _core.acc_set_incoming_match(self.id, users, sources)

    def set_headers(self, which: str, headers: Sequence[Header]) -> None:
        """Headers every message of a kind gets that this account sends, in calls and outside, from now on.

        ``"*"`` is every message, ``"REGISTER"`` every REGISTER, ``"200 OPTIONS"`` the answers to OPTIONS; see
        `pyjsua.pjsua.acc_set_headers`. An empty sequence takes them back. Raises `ValueError` for what is no
        header.
        """
        _core.acc_set_headers(self.id, which, headers)

    def start_call(
        self,
        uri: str,
        *,
        headers: Sequence[Header] = (),
        setting: CallSetting | None = None,
        codecs: Sequence[str] | None = None,
        follow_redirects: bool | int = False,
        max_duration: float | None = None,
    ) -> Call:
        """Sends an INVITE and returns the call at once (`pjsua_call_make_call`).

        It offers `codecs` in place of the account's, written as for `set_codecs`. `follow_redirects` is how
        many targets of 3xx responses are tried, True for five; `Call.redirected_to` has them. `max_duration`
        is `Call.max_duration`.

        Raises `CallUnreachable` where it cannot be sent, `ValueError` for a URI that is none, and
        `InvalidArgument`, which is one too, for one whose transport this endpoint has not.
        """
        self._require_open()
        redirects = check_redirects(follow_redirects)
        check_duration(max_duration)
        check_whole(uri, self.uri)
        call_id = _core.call_make_call(self.id, uri, setting, message_data(headers), None, codecs)
        try:
            info = _core.call_get_info(call_id)
        except StaleError:
            # Refused already: the event of its end, which has it all, is in the queue.
            info = unseen_call(call_id, self.id, self.uri, uri, setting)
        call = Call(self, call_id, info)
        call._redirects = redirects
        call.max_duration = max_duration
        self.calls.add(call)
        self.endpoint._calls[call_id.serial] = call
        return call

    async def call(
        self,
        uri: str,
        *,
        timeout: float | None = None,
        headers: Sequence[Header] = (),
        setting: CallSetting | None = None,
        codecs: Sequence[str] | None = None,
        follow_redirects: bool | int = False,
        max_duration: float | None = None,
    ) -> Call:
        """Calls `uri` and waits for the answer; the arguments are those of `start_call`.

        Raises `CallBusy`, `CallDeclined`, `CallNotFound`, `CallRedirected`, `CallUnreachable`, `CallTimeout`
        (also after `timeout` seconds), ... Failing or cancelled, no call is left behind.
        """
        call = self.start_call(
            uri,
            headers=headers,
            setting=setting,
            codecs=codecs,
            follow_redirects=follow_redirects,
            max_duration=max_duration,
        )
        try:
            return await call.wait_answered(timeout)
        except BaseException:
            call.abandon()
            raise

    def incoming(self) -> IncomingCalls:
        """Listens for calls to this account; every listener gets every call."""
        self._require_open()
        calls = IncomingCalls(self)
        self._listeners.add(calls)
        return calls

    def on_incoming(self, handler: Callable[[Call], Awaitable[object] | None]) -> CallHandler:
        """Has `handler` serve each call to this account, until what this returns is closed.

        A coroutine function, of which each call has a task of its own, or a plain one, which must not block.
        It runs with the `contextvars` of whoever called this, a copy for each call. One that raises is
        logged (``pyjsua``) and told to the loop's exception handler, and its call refused with 500, or hung
        up where it was answered. What it raises because its call has ended is no error, and only logged
        as INFO: `StaleError`, `EOFError`, and `CallCancelled` of a caller who gave up. One that is
        cancelled leaves no call behind; one that returns leaves its call as it is.
        """
        self._require_open()
        serving = CallHandler(self, handler)
        self._listeners.add(serving)
        return serving

    async def close(self, timeout: float = 4.0) -> None:
        """Hangs up its calls, unregisters, and deletes the account.

        Waits up to `timeout` seconds for the registrar's answer; the calls end by themselves. Any number
        of times; cancelled, it goes on in the background.
        """
        if self._closing is None:
            if self._closed:
                return
            self._closed = True
            self._closing = asyncio.ensure_future(self._close(timeout))
        await asyncio.shield(self._closing)

    async def _close(self, timeout: float) -> None:
        for listener in list(self._listeners):
            listener.close()
        calls = list(self.calls)
        for call in calls:
            call.abandon()
        for notifier in self.notifiers:
            notifier.close()
        # Hung up they are, and word of it is in the queue.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(timeout, 1.0)):
                for call in calls:
                    await call.wait_ended()
        await close_all(self.event_subscriptions, min(timeout, 1.0))
        with contextlib.suppress(PjsuaError):
            await self.unregister(timeout)
        with contextlib.suppress(StaleError, InvalidState):
            _core.acc_del(self.id)
        self._gone()

    def _gone(self) -> None:
        self._closed = self._deleted = True
        self.endpoint._accounts.pop(self.id.serial, None)
        house.own(self.id.serial, None)
        self._end_registration()
        self._end_messages()
        self._end_presence()
        self._watchers.changed()

    # -- events

    def _on_incoming(self, event: events.OnIncomingCall) -> None:
        call = Call(self, event.call_id, event.info, event.message)
        self.calls.add(call)
        self.endpoint._calls[event.call_id.serial] = call
        listeners = [listener for listener in self._listeners if not listener.closed]
        if not listeners:
            call.abandon(TEMPORARILY_UNAVAILABLE)
        for listener in listeners:
            listener._offer(call)

    def __repr__(self) -> str:
        what = "closed" if self._closed else "registered" if self.registered else "not registered"
        return f"<Account {redacted(self.uri)} {what}>"
