"""Requests of the other side that wait for a decision: to be transferred, to replace a call, an offer."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

from . import _core, events
from .call_request import DECLINE, CallRequest, Listeners, Requests
from .config import CallSetting, Config, Hooks, Policy
from .enums import HeldRequest
from .errors import InvalidState, PjsuaError, StaleError, TransferFailed
from .offer import Offer
from .uri import NameAddr

if TYPE_CHECKING:
    from .call import Call

__all__ = ["ReplaceRequest", "Replaces", "TransferRequest"]

OFFERS = HeldRequest.REINVITE | HeldRequest.UPDATE

R = TypeVar("R", bound=CallRequest)


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


class TransferRequest(CallRequest):
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


class ReplaceRequest(CallRequest):
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


class CallRequests:
    """Who listens to the requests of one call, and those that wait."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._transfers: Listeners[TransferRequest] = Listeners()
        self._replacements: Listeners[ReplaceRequest] = Listeners()
        self._offers: Listeners[Offer] = Listeners(self._hold_offers)
        self._waiting: dict[int, CallRequest] = {}

    def listen_to_transfers(self) -> Requests[TransferRequest]:
        return self._transfers.open(self._call.ended)

    def listen_to_replacements(self) -> Requests[ReplaceRequest]:
        return self._replacements.open(self._call.ended)

    def listen_to_offers(self) -> Requests[Offer]:
        return self._offers.open(self._call.ended)

    @property
    def offer_waits(self) -> bool:
        return any(isinstance(one, Offer) and one.waiting for one in self._waiting.values())

    def _hold_offers(self, any: bool) -> None:
        # With nobody to ask PJSIP answers at once, however busy the loop is. The end of a stale call is on
        # its way.
        with contextlib.suppress(StaleError, InvalidState):
            _core.call_hold_requests(self._call.id, OFFERS if any else HeldRequest(0))

    def on_request(self, event: events.OnHeldRequest) -> None:
        self._waiting = {number: one for number, one in self._waiting.items() if one.waiting}
        if event.kind is HeldRequest.TRANSFER:
            self._transfers.put(self._keep(TransferRequest(self._call, event)))
        elif event.kind is HeldRequest.REPLACE:
            self._replacements.put(self._keep(ReplaceRequest(self._call, event)))
        elif event.kind in OFFERS:
            self._offers.put(self._keep(Offer(self._call, event)))

    def _keep(self, request: R) -> R:
        self._waiting[request._id.serial] = request
        return request

    def on_end(self, event: events.OnHeldRequestEnd) -> None:
        request = self._waiting.pop(event.request.serial, None)
        if request is not None and request.waiting:
            request._decided(event.code)

    def call_ended(self) -> None:
        # Each has its answer for that; word of it would come when nobody knows the call any more.
        for request in self._waiting.values():
            if request.waiting:
                request.decision = request._gone
        for listeners in (self._transfers, self._replacements, self._offers):
            listeners.close()


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
    codes = {HeldRequest.TRANSFER: DECLINE} | dict.fromkeys((HeldRequest.REPLACE, *OFFERS), 200)
    if (code := codes.get(event.kind)) is not None:
        with contextlib.suppress(PjsuaError):
            _core.held_request_respond(event.request, code)
