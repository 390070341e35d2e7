"""Requests of the other side that wait for a decision: to be transferred, and to replace a call."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from . import _core, events
from .config import CallSetting, Config, Hooks, MsgData, Policy
from .enums import HeldRequest
from .errors import PjsuaError, StaleError, TransferFailed
from .struct import Header
from .uri import NameAddr

if TYPE_CHECKING:
    from .call import Call

__all__ = ["ReplaceRequest", "Replaces", "Requests", "TransferRequest"]

DECLINE = 603


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog a new call is to take the place of (RFC 3891)."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the value of a Replaces header. Raises `ValueError` for what is none."""
        call_id, *params = (part.strip() for part in text.split(";"))
        pairs = (one.partition("=") for one in params)
        tags = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if not call_id or not tags.get("to-tag") or not tags.get("from-tag"):
            raise ValueError(f"replaces: {text!r} names no dialog")
        return cls(call_id, tags["to-tag"], tags["from-tag"], "early-only" in tags)


class _Request:
    """A request that waits. It is decided once; a verb that comes later raises `StaleError`."""

    _default = DECLINE
    _accepted = 202

    def __init__(self, call: Call, event: events.OnHeldRequest) -> None:
        self.call = call
        """The call it is about."""
        self.message = event.message
        """The request itself."""
        self.deadline = event.time + event.wait_ms / 1000
        """When it is decided without us, on the clock of `time.monotonic`."""
        self.decision: int | None = None
        """What was answered, None while it waits; 487 for one that was cancelled, 481 where the call ended,
        0 where time was over."""
        self._id = event.request
        self._offers = 0

    @property
    def waiting(self) -> bool:
        return self.decision is None

    async def reject(
        self, code: int = DECLINE, reason: str | None = None, *, headers: Sequence[Header] = ()
    ) -> None:
        """Refuses it with 300 to 699, and `headers`."""
        if not 300 <= code < 700:
            raise ValueError(f"code: {code} does not refuse (300 to 699)")
        _core.held_request_respond(
            self._id, code, reason, None, MsgData(hdr_list=tuple(headers)) if headers else None
        )
        self.decision = code

    def _accept(self, setting: CallSetting | None) -> Call | None:
        new = _core.held_request_respond(self._id, self._accepted, None, setting)
        self.decision = self._accepted
        return None if new is None else self.call.account.endpoint._adopt(new, self.call)

    def _refuse(self) -> None:
        """What nobody wants to decide gets the default."""
        if self.decision is None:
            with contextlib.suppress(PjsuaError):
                _core.held_request_respond(self._id, self._default)
                self.decision = self._default

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in {self.call!r} {self.decision or 'waiting'}>"


class TransferRequest(_Request):
    """The other side of a call asks us to call somebody else: a REFER.

    `accept` does, and tells the other side how that goes; `reject` does not.
    """

    @property
    def target(self) -> str:
        """Refer-To, as it came."""
        return self.message.header("Refer-To") if self.message else ""

    @property
    def referred_by(self) -> str:
        """Referred-By, empty where there is none."""
        return self.message.header("Referred-By") if self.message else ""

    @property
    def replaces(self) -> Replaces | None:
        """The dialog the new call is to take over, of an attended transfer."""
        with contextlib.suppress(ValueError):
            for name, value in NameAddr.parse(self.target).uri.headers:
                if name.lower() == "replaces":
                    return Replaces.parse(value)
        return None

    async def accept(self, *, setting: CallSetting | None = None) -> Call:
        """Answers 202, calls the target, and returns that call; its `referred_from` is this one.

        The other side is told how it goes, and mostly hangs up then; the old call is left to it, or to you.
        Raises `TransferFailed` where the target cannot be called, `StaleError` when it is too late.
        """
        new = self._accept(setting)
        if new is None:
            raise TransferFailed(f"{self.target!r} cannot be called", sip_code=500)
        new.referred_from, self.call.transferred_to = self.call, new
        return new


class ReplaceRequest(_Request):
    """Somebody calls to take the place of the other side of a call: an INVITE with Replaces."""

    _default = _accepted = 200

    @property
    def caller(self) -> str:
        """From, of whoever is to take the place."""
        return self.message.header("From") if self.message else ""

    @property
    def replaces(self) -> Replaces | None:
        with contextlib.suppress(ValueError):
            return Replaces.parse(self.message.header("Replaces") if self.message else "")
        return None

    async def accept(self, *, setting: CallSetting | None = None) -> Call:
        """Lets it, and returns the new call, which is answered; the old one is hung up.

        Raises `StaleError` when it is too late, also where the old call ended meanwhile.
        """
        new = self._accept(setting)
        if new is None:
            raise StaleError(f"{self.call!r} cannot be replaced any more")
        new.replaces, self.call.replaced_by, new.invite = self.call, new, self.message
        return new


R = TypeVar("R", bound=_Request)


class Requests(Generic[R]):
    """What the other side of a call asks for, as ``async for request in call.transfer_requests():``.

    Listening begins when this is made, and ends with `close`, with the call, or when it is garbage. What
    nobody took by then gets the answer it would have got without a listener.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[R | None] = asyncio.Queue()
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        while True:
            request = await self._queue.get()
            if request is None:
                # For whoever else waits, or asks again.
                self._queue.put_nowait(None)
                raise StopAsyncIteration
            request._offers = -1
            # One that was cancelled, or whose time was over, while it waited here is nobody's any more.
            if request.waiting:
                return request

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        while not self._queue.empty():
            request = self._queue.get_nowait()
            if request is not None and request._offers > 0:
                request._offers -= 1
                if not request._offers:
                    request._refuse()
        self._queue.put_nowait(None)

    @property
    def closed(self) -> bool:
        return self._closed

    def _offer(self, request: R) -> None:
        request._offers += 1
        self._queue.put_nowait(request)


class CallRequests:
    """Who listens to the requests of one call, and those that wait."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._transfer: weakref.WeakSet[Requests[TransferRequest]] = weakref.WeakSet()
        self._replace: weakref.WeakSet[Requests[ReplaceRequest]] = weakref.WeakSet()
        self._waiting: dict[int, _Request] = {}

    def listen_to_transfers(self) -> Requests[TransferRequest]:
        return self._listen(Requests[TransferRequest](), self._transfer)

    def listen_to_replacements(self) -> Requests[ReplaceRequest]:
        return self._listen(Requests[ReplaceRequest](), self._replace)

    def _listen(self, listener: Requests[R], among: weakref.WeakSet[Requests[R]]) -> Requests[R]:
        if self._call.ended:
            listener.close()
        else:
            among.add(listener)
        return listener

    def on_request(self, event: events.OnHeldRequest) -> None:
        if event.kind is HeldRequest.TRANSFER:
            self._offer(TransferRequest(self._call, event), self._transfer)
        elif event.kind is HeldRequest.REPLACE:
            self._offer(ReplaceRequest(self._call, event), self._replace)

    def _offer(self, request: R, listeners: weakref.WeakSet[Requests[R]]) -> None:
        self._waiting = {number: one for number, one in self._waiting.items() if one.waiting}
        self._waiting[request._id.serial] = request
        open_ones = [listener for listener in listeners if not listener.closed]
        if not open_ones:
            request._refuse()
        for listener in open_ones:
            listener._offer(request)

    def on_end(self, event: events.OnHeldRequestEnd) -> None:
        request = self._waiting.pop(event.request.serial, None)
        if request is not None and request.decision is None:
            request.decision = event.code

    def call_ended(self) -> None:
        for transfers in list(self._transfer):
            transfers.close()
        for replacements in list(self._replace):
            replacements.close()


def hold_requests(config: Config) -> None:
    """Has transfers and replacements wait for an `Endpoint`, unless hooks decide about them.

    A transfer has us call whomever the other side likes, and so is refused where nobody decides; to replace
    a call one must know its tags.
    """
    policy, hooks, untouched = config.policy, config.hooks, Policy()
    if not isinstance(policy, Policy) or not isinstance(hooks, Hooks):
        return
    changed = replace(policy)
    if hooks.on_call_transfer_request2 is None:
        changed.held_requests |= HeldRequest.TRANSFER
        if policy.call_transfer_request2 == untouched.call_transfer_request2:
            changed.call_transfer_request2 = DECLINE
    if hooks.on_call_replace_request2 is None:
        changed.held_requests |= HeldRequest.REPLACE
    config.policy = changed


def respond_for_nobody(event: events.OnHeldRequest) -> None:
    """For a call that no object knows."""
    codes = {HeldRequest.TRANSFER: DECLINE, HeldRequest.REPLACE: 200}
    if (code := codes.get(event.kind)) is not None:
        with contextlib.suppress(PjsuaError):
            _core.held_request_respond(event.request, code)
