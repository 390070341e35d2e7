"""What the other side of a call asks for, and how a call comes to others: transferred, replaced."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from . import _core, events
from .call_part import CallPart
from .call_request import Requests
from .call_requests import CallRequests, ReplaceRequest, TransferRequest, respond_for_nobody
from .errors import PjsuaError
from .ids import CallId
from .info import CallInfo
from .offer import Offer
from .sharing import house
from .struct import Header
from .transfer import TIMEOUT as TRANSFER_TIMEOUT, Transfer, Transfers

if TYPE_CHECKING:
    from .call import Call
    from .endpoint import Endpoint

__all__ = ["CallTransfers"]


class CallTransfers(CallPart):
    """Transfers both ways, and the calls this one comes from and leads to."""

    transferred_to: Call | None = None
    """The call we made because the other side asked for that (REFER)."""
    referred_from: Call | None = None
    """The call whose other side asked for this one."""
    replaced_by: Call | None = None
    """The call that took its place (Replaces)."""
    replaces: Call | None = None
    """The call whose place it took."""
    _transfers: Transfers

    def _init_transfers(self) -> None:
        self._transfers = Transfers(cast("Call", self))
        self._requests = CallRequests(cast("Call", self))

    def _end_transfers(self) -> None:
        self._transfers.call_ended()
        self._requests.call_ended()

    def transfer(
        self,
        uri: str,
        *,
        headers: Sequence[Header] = (),
        timeout: float | None = TRANSFER_TIMEOUT,
        hang_up: bool = True,
    ) -> Transfer:
        """Asks the other side to call `uri` instead: a blind transfer, REFER (`pjsua_call_xfer`).

        The REFER is sent now; ``await`` what this returns for the end, or go through it for the progress.
        When the new call is answered our call is hung up, unless `hang_up` is False. When it fails ours stays
        as it was, held if it was held, and awaiting raises `TransferFailed` with the code: what the REFER was
        refused with, what the new call got, 408 after `timeout` seconds without an end. Raises `ValueError`
        for what is no SIP URI, `InvalidState` for a call that is not answered or is being transferred.
        """
        return self._transfers.begin(uri, headers, timeout, hang_up)

    def transfer_to(
        self,
        other: Call,
        *,
        headers: Sequence[Header] = (),
        timeout: float | None = TRANSFER_TIMEOUT,
        hang_up: bool = True,
    ) -> Transfer:
        """Joins the other sides of two calls: an attended transfer (`pjsua_call_xfer_replaces`).

        Our other side is asked to take our place in `other`. As `transfer`, but both calls are hung up.
        To stay between the two, connect their audio instead, or let both join a `Conference`.
        """
        return self._transfers.begin_attended(other, headers, timeout, hang_up)

    def transfer_requests(self) -> Requests[TransferRequest]:
        """Listens for the other side asking us to call somebody else; without it that is refused with 603.

        Each waits for `TransferRequest.accept` or `reject`, 20 s at most.
        """
        return self._requests.listen_to_transfers()

    def replace_requests(self) -> Requests[ReplaceRequest]:
        """Listens for calls that are to take this one's place; without it they may, see `replaced_by`."""
        return self._requests.listen_to_replacements()

    def offers(self) -> Requests[Offer]:
        """Listens for offers of other media while the call is up: re-INVITEs and UPDATEs of the other side.

        Each waits for `Offer.accept` or `reject`, 20 s at most; one nobody decides about is accepted, as all
        are without it. A re-INVITE without an offer does not wait: PJSIP answers it with ours.
        """
        return self._requests.listen_to_offers()


def adopt(endpoint: Endpoint, call_id: CallId, parent: Call, unseen: Callable[..., CallInfo]) -> Call:
    """The call that came of another one's REFER or Replaces; whoever hears of it first makes it."""
    call = endpoint._calls.get(call_id.serial)
    if call is None:
        try:
            info = _core.call_get_info(call_id)
        except PjsuaError:
            # Over already; its last state is on its way.
            info = unseen(call_id, parent.account.id, parent.account.uri, "", None)
        call = endpoint._calls[call_id.serial] = type(parent)(parent.account, call_id, info)
        parent.account.calls.add(call)
    return call


def on_call_transferred(endpoint: Endpoint, event: events.OnCallTransferred) -> None:
    if call := endpoint._calls.get(event.old_call_id.serial):
        call.transferred_to = endpoint._adopt(event.new_call_id, call)
        call.transferred_to.referred_from = call


def on_call_replaced(endpoint: Endpoint, event: events.OnCallReplaced) -> None:
    if call := endpoint._calls.get(event.old_call_id.serial):
        call.replaced_by = endpoint._adopt(event.new_call_id, call)
        call.replaced_by.replaces = call
        call.replaced_by._accepted = True


def on_held_request(endpoint: Endpoint, event: events.OnHeldRequest) -> None:
    if call := endpoint._calls.get(event.call_id.serial):
        call._requests.on_request(event)
    elif event.acc_id.serial in endpoint._accounts or not house.knows(event.acc_id):
        respond_for_nobody(event)


def on_call_transfer_status(endpoint: Endpoint, event: events.OnCallTransferStatus) -> None:
    if call := endpoint._calls.get(event.call_id.serial):
        call._transfers.on_status(event)


def on_held_request_end(endpoint: Endpoint, event: events.OnHeldRequestEnd) -> None:
    if call := endpoint._calls.get(event.call_id.serial):
        call._requests.on_end(event)


def handlers(endpoint: Endpoint) -> dict[type[events.Event], Callable[[Any], None]]:
    """Handlers that do not keep their endpoint alive: a forgotten one is to be noticed."""
    reference = weakref.ref(endpoint)

    def to_endpoint(handle: Callable[[Endpoint, Any], None]) -> Callable[[Any], None]:
        def handler(event: Any) -> None:
            if (owner := reference()) is not None:
                handle(owner, event)

        return handler

    return {
        events.OnCallReplaced: to_endpoint(on_call_replaced),
        events.OnCallTransferStatus: to_endpoint(on_call_transfer_status),
        events.OnCallTransferred: to_endpoint(on_call_transferred),
        events.OnHeldRequest: to_endpoint(on_held_request),
        events.OnHeldRequestEnd: to_endpoint(on_held_request_end),
    }
