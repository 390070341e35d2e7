"""An account's registration, as a state with a life."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Self, Unpack

from . import _core, events
from .aio import Watchers
from .answers import Answer
from .config import AccConfig
from .errors import Busy, InvalidState, RegistrationTimeout, SipError, registration_error
from .feed import Feed, Feeds
from .ids import AccId
from .info import RegInfo
from .message import Message
from .struct import Header

if TYPE_CHECKING:
    from .config.account_options import AccountChanges

__all__ = ["RegistrationState", "RegistrationStatus"]


class RegistrationStatus(Enum):
    """Where a registration stands."""

    UNREGISTERED = "unregistered"
    REGISTERING = "registering"
    """The first REGISTER, or one after a failure, is under way."""
    REGISTERED = "registered"
    """The registrar has us, also while the registration is renewed."""
    UNREGISTERING = "unregistering"
    RETRYING = "retrying"
    """It failed, and PJSIP will try again."""
    FAILED = "failed"
    """It failed, and is not tried again unless somebody says so."""


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """A registration at one moment."""

    status: RegistrationStatus
    code: int = 0
    """SIP status of the last REGISTER, 0 before the first was answered."""
    reason: str = ""
    expires: int = 0
    """Seconds the registrar keeps us from then on."""
    error: SipError | None = None
    """Why it failed: `AuthenticationFailed`, `RegistrationTimeout`, `RegistrationFailed`."""
    failures: int = 0
    """How many in a row have failed."""
    retry_at: float | None = None
    """When it is tried again, in seconds of `time.monotonic`'s clock; None when it is not."""

    @property
    def retry_in(self) -> float | None:
        """Seconds from now until it is tried again, None when it is not."""
        return None if self.retry_at is None else max(0.0, self.retry_at - time.monotonic())


class AccountRegistration:
    """What an `Account` has of registration."""

    id: AccId
    config: AccConfig
    _watchers: Watchers
    _closed: bool
    _deleted: bool

    if TYPE_CHECKING:

        @property
        def uri(self) -> str: ...

        def _require_open(self) -> None: ...

        def set_headers(self, which: str, headers: Sequence[Header]) -> None: ...

    def __init__(self, under_way: bool) -> None:
        self.registration: RegInfo | None = None
        """Outcome of the last REGISTER, None before the first."""
        self.registration_response: Message | None = None
        """What the last REGISTER was answered with, its headers with it; None where it was not answered."""
        self._registration_state = RegistrationState(
            RegistrationStatus.REGISTERING if under_way else RegistrationStatus.UNREGISTERED
        )
        self._registration_changes: Feeds[RegistrationState] = Feeds()
        self._under_way = under_way
        self._withdrawing = False
        self._sent = 0.0
        """When the last REGISTER that somebody asked for was sent."""
        self._started = 0
        """How many REGISTERs were begun; renewals by PJSIP itself do not count."""

    # -- state

    @property
    def registered(self) -> bool:
        """Whether the registrar has us."""
        reg = self.registration
        return reg is not None and reg.status == 0 and 200 <= reg.code < 300 and reg.expiration > 0

    @property
    def registration_state(self) -> RegistrationState:
        """Where the registration stands, and when it is tried again after a failure.

        A failure that may pass (408, 480, 500, 502, 503, 504, 6xx, a connection that broke) is tried again
        after ``reg_first_retry_interval`` seconds, 1 at least, then after twice as long each time, up to
        ``reg_retry_interval`` (300), each earlier or later by a random part of up to half of it, but no
        more than ``reg_retry_random_interval`` (10), and never before what a Retry-After asks for. With
        ``reg_retry_interval=0`` nothing is tried again.
        """
        return self._registration_state

    def registration_changes(self) -> Feed[RegistrationState]:
        """Each change of `registration_state`, until the account is closed. A failure is told once."""
        self._require_open()
        return self._registration_changes.open()

    # -- verbs

    async def register(self, timeout: float = 32.0, *, headers: Sequence[Header] | None = None) -> Self:
        """Registers, or renews the registration, and waits for the outcome.

        `headers` are on this REGISTER and on those after it, its renewals and its end, until others are
        given; the first one of an account has those of ``AccConfig.reg_hdr_list``, and keeps them. Raises
        `AuthenticationFailed`, `RegistrationTimeout`, `RegistrationFailed`.
        """
        self._require_registrar()
        self._require_open()
        if headers is not None:
            self.set_headers("REGISTER", headers)
        if self._withdrawing:
            await self._outcome(timeout)
        # Busy is a REGISTER that is under way already: its outcome will do.
        with contextlib.suppress(Busy):
            self._send(True)
        self._under_way = True
        return await self.wait_registered(timeout)

    async def wait_registered(self, timeout: float = 32.0, *, retries: bool = False) -> Self:
        """Waits for the outcome of a REGISTER under way; raises as `register` does.

        With `retries` it waits through the failures after which PJSIP tries again, until the registrar has
        us, it failed for good, or the time is over.
        """
        self._require_registrar()
        await self._outcome(timeout, retries)
        if not self.registered:
            self._require_open()
            reg = self.registration
            if reg is None or (reg.status == 0 and reg.code < 300):
                raise InvalidState(f"{self.uri} is not registered, and nothing is under way")
            raise registration_error(reg.code, reg.reason, reg.status, reg.status_text)
        return self

    async def unregister(self, timeout: float = 32.0) -> None:
        """Unregisters and waits for the outcome; nothing happens where there is no registration.

        One that failed is not tried again afterwards.
        """
        await self._outcome(timeout)
        if not self.registered:
            self._stop_retrying()
            return
        self._send(False)
        self._under_way = self._withdrawing = True
        await self._outcome(timeout)
        reg = self.registration
        if reg is not None and (reg.status or reg.code >= 300):
            raise registration_error(reg.code, reg.reason, reg.status, reg.status_text)

    def _send(self, renew: bool) -> None:
        before = time.monotonic()
        _core.acc_set_registration(self.id, renew)
        self._sent = before

    def _stop_retrying(self) -> None:
        if self._registration_state.status is RegistrationStatus.RETRYING and not self._deleted:
            # There is nothing to take back, which PJSIP says, and its timer stops.
            with contextlib.suppress(InvalidState, Busy):
                _core.acc_set_registration(self.id, False)
            self._change(replace(self._registration_state, status=RegistrationStatus.FAILED, retry_at=None))

    async def modify(self, timeout: float = 32.0, **changes: Unpack[AccountChanges]) -> Self:
        """Changes fields of its `AccConfig` by name (`pjsua_acc_modify`), and waits for the REGISTER this
        may want.

        Its calls go on. Raises `TypeError` for what is no such field, `ValueError` for a value that is
        wrong, and nothing has changed; as `register` does where the new registration failed, and the
        changes stay.
        """
        self._require_open()
        await self._outcome(timeout)
        config = replace(_core.acc_get_config(self.id), **changes)
        if not self.registered and not self.config.reg_uri and not config.reg_uri:
            config.register_on_acc_add = False
        started = self._started
        _core.acc_modify(self.id, config)
        self.config = replace(self.config, **changes)
        # PJSIP told of its REGISTER before it returned, but word of that is still in the queue; a timer's
        # is behind.
        all_told: Answer[events.OnTimer] = Answer()
        _core.schedule_timer(0, all_told)
        await all_told.wait(timeout)
        await self._outcome(timeout)
        if self._started != started and self.config.reg_uri:
            await self.wait_registered(timeout)
        return self

    async def _outcome(self, timeout: float, retries: bool = False) -> None:
        """Waits until no REGISTER of ours is under way."""

        def settled() -> bool:
            waiting = retries and self._registration_state.status is RegistrationStatus.RETRYING
            return self._closed if waiting else not self._under_way or self._deleted

        try:
            await self._watchers.wait(settled, timeout)
        except TimeoutError:
            raise RegistrationTimeout(f"no answer within {timeout} s", sip_code=408) from None

    def _require_registrar(self) -> None:
        if not self.config.reg_uri:
            raise InvalidState(f"{self.uri} has no registrar to register with")

    # -- events

    def _change(self, state: RegistrationState) -> None:
        before, self._registration_state = self._registration_state, state
        if state != before:
            self._registration_changes.put(state)
            self._watchers.changed()

    def _on_reg_started(self, event: events.OnRegStarted2) -> None:
        self._started += 1
        self._under_way = True
        self._withdrawing = not event.renew
        before = self._registration_state
        if not event.renew:
            self._change(replace(before, status=RegistrationStatus.UNREGISTERING, retry_at=None))
        elif before.status is not RegistrationStatus.REGISTERED:
            self._change(replace(before, status=RegistrationStatus.REGISTERING, retry_at=None))

    def _on_reg_state(self, event: events.OnRegState2) -> None:
        self.registration = event.info
        self.registration_response = event.message
        # What became of an earlier one, heard of late, is no outcome of the one that was sent since.
        if event.time >= self._sent:
            self._under_way = self._withdrawing = False
        self._change(self._state_after(event))
        # A renewal changes nothing, and somebody may wait for it.
        self._watchers.changed()

    def _state_after(self, event: events.OnRegState2) -> RegistrationState:
        reg = event.info
        if self.registered:
            return RegistrationState(RegistrationStatus.REGISTERED, reg.code, reg.reason, reg.expiration)
        if reg.status == 0 and reg.code < 300:
            return RegistrationState(RegistrationStatus.UNREGISTERED, reg.code, reg.reason)
        status, retry_at = RegistrationStatus.FAILED, None
        if reg.retry_ms >= 0:
            status, retry_at = RegistrationStatus.RETRYING, event.time + reg.retry_ms / 1000
        return RegistrationState(
            status if reg.renew else RegistrationStatus.UNREGISTERED,
            reg.code,
            reg.reason,
            error=registration_error(reg.code, reg.reason, reg.status, reg.status_text),
            failures=self._registration_state.failures + 1,
            retry_at=retry_at,
        )

    def _end_registration(self) -> None:
        self._under_way = self._withdrawing = False
        before = self._registration_state.status
        if before not in (RegistrationStatus.FAILED, RegistrationStatus.UNREGISTERED):
            self._change(RegistrationState(RegistrationStatus.UNREGISTERED))
        self._registration_changes.close()


def on_timer(event: events.OnTimer) -> None:
    if isinstance(event.user_data, Answer):
        event.user_data.set(event)
