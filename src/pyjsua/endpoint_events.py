"""Which of an endpoint's objects an event is for."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from . import _core, account_events, call_transfers, events
from .audio_port import on_conf_op_completed
from .call import Call, unseen_call
from .errors import PjsuaError
from .ids import CallId
from .player import Player
from .sharing import house
from .sip_messages import SipMessages
from .tone import ToneGenerator

if TYPE_CHECKING:
    from .account import Account
    from .endpoint import Endpoint
    from .ip_change import IpChanges
    from .overload import Drain
    from .sound_device import SoundDevice

__all__: list[str] = []

ENDING = 256
"""Ended calls remembered until their BYE is answered, which not every peer does."""


class EndpointEvents:
    """What an `Endpoint` does with its events."""

    sound: SoundDevice
    _accounts: dict[int, Account]
    _calls: dict[int, Call]
    _ending: dict[str, list[Call]]
    _ip_changes: IpChanges
    _drain: Drain

    def _handlers(self) -> dict[type[events.Event], Callable[[Any], None]]:
        return {
            events.OnCallState: _weak(self._on_call_state),
            events.OnCallMediaState: _weak(self._on_call_media_state),
            events.OnCallTsxState: _weak(self._on_call_tsx_state),
            events.OnIncomingCall: _weak(self._on_incoming_call),
            events.OnCallRedirected: _weak(self._on_call_redirected),
            events.OnDtmfEvent: _weak(self._on_dtmf_event),
            events.OnStreamDestroyed: _weak(self._on_stream_destroyed),
            events.OnRegState2: _weak(self._on_reg_state2),
            events.OnMediaEvent: _weak(self.sound._on_media_event),
            events.OnPlayerEof: Player._on_player_eof,
            events.OnConfOpCompleted: on_conf_op_completed,
            events.OnSipMessage: SipMessages._on_sip_message,
            events.OnToneEnd: ToneGenerator._on_tone_end,
            events.ByeResponse: _weak(self._on_bye_response),
            events.OnIpChangeProgress: _weak(self._ip_changes.on_progress),
            **account_events.handlers(cast("Endpoint", self)),
            **call_transfers.handlers(cast("Endpoint", self)),
        }

    def _on_call_media_state(self, event: events.OnCallMediaState) -> None:
        if call := self._calls.get(event.call_id.serial):
            call._on_media(event)

    def _on_call_redirected(self, event: events.OnCallRedirected) -> None:
        if call := self._calls.get(event.call_id.serial):
            call._on_redirected(event)

    def _on_call_tsx_state(self, event: events.OnCallTsxState) -> None:
        if call := self._calls.get(event.call_id.serial):
            call._on_tsx(event)

    def _on_incoming_call(self, event: events.OnIncomingCall) -> None:
        if account := self._accounts.get(event.acc_id.serial):
            account._on_incoming(event)
        elif not house.knows(event.acc_id):
            # To an account that has gone.
            with contextlib.suppress(PjsuaError):
                _core.call_hangup(event.call_id, 480)

    def _on_dtmf_event(self, event: events.OnDtmfEvent) -> None:
        if call := self._calls.get(event.call_id.serial):
            call._on_dtmf(event)

    def _on_stream_destroyed(self, event: events.OnStreamDestroyed) -> None:
        if call := self._calls.get(event.call_id.serial):
            call._on_stream_end(event)

    def _on_reg_state2(self, event: events.OnRegState2) -> None:
        if account := self._accounts.get(event.acc_id.serial):
            account._on_reg_state(event)

    def _on_bye_response(self, event: events.ByeResponse) -> None:
        for call in self._ending.get(event.call_id, ()):
            call.bye_status = event.status_code
        # A challenge is answered with another BYE.
        if event.status_code not in (401, 407):
            self._ending.pop(event.call_id, None)

    def _on_call_state(self, event: events.OnCallState) -> None:
        call = self._calls.get(event.call_id.serial)
        if call is None:
            return
        try:
            call._on_state(event)
        finally:
            if call.ended:
                self._forget_call(call)

    def _forget_call(self, call: Call) -> None:
        del self._calls[call.id.serial]
        # One that was refused or cancelled has no BYE.
        if call._hung_up and (call.answered or call._accepted):
            self._ending.setdefault(call.sip_call_id, []).append(call)
            if len(self._ending) > ENDING:
                del self._ending[next(iter(self._ending))]
        call.account.calls.discard(call)
        self._drain.changed()

    def _adopt(self, call_id: CallId, parent: Call) -> Call:
        return call_transfers.adopt(cast("Endpoint", self), call_id, parent, unseen_call)


def _weak(method: Callable[[Any], None]) -> Callable[[Any], None]:
    """A handler that does not keep its endpoint alive: a forgotten one is to be noticed."""
    reference = weakref.WeakMethod(method)

    def handler(event: Any) -> None:
        if (found := reference()) is not None:
            found(event)

    return handler
