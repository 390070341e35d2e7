"""Agreeing upon the media of a call anew: re-INVITE, UPDATE, hold."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from . import _core, events
from .audio_port import AudioPort, stale
from .call_part import CallPart
from .config import CallSetting
from .enums import CallFlag, CallMediaStatus, InvState, MediaDir, Role, TsxState
from .errors import InvalidState, PjsuaError, call_error
from .finals import Finals
from .msg_data import message_data
from .sent_request import SentRequest
from .struct import Header

__all__ = ["CallMedia"]

REQUEST_PENDING = 491
BUSY_PAUSE = 0.2
"""Seconds until it is looked again whether a request is under way: nothing tells of the ACK that ends one."""


def glare_pause(owner: bool) -> float:
    """Seconds until what was refused with 491 is sent again: its caller waits longer (RFC 3261, 14.1)."""
    return random.randint(210, 400) / 100 if owner else random.randint(0, 200) / 100


@dataclass(slots=True)
class Renegotiation:
    """A re-INVITE or UPDATE of ours that is under way."""

    method: str
    codecs_before: tuple[tuple[str, ...] | None] | None = None
    """What it would replace, where it has another list."""
    held: bool | None = None
    """Whether we hold the call once the other side agrees; None where that stays as it is."""
    began: float = 0.0
    """When it was about to be sent."""
    request: SentRequest | None = None
    """None until word of its sending has come."""
    answer: tuple[int, str] | None = None
    """Status and reason of its final response."""

    def is_of(self, event: events.OnCallTsxState) -> bool:
        """Whether this is news of it: PJSIP sends some of its own, of which word may still be on its way."""
        if self.request is None and event.state == TsxState.CALLING and event.time >= self.began:
            self.request = SentRequest(self.method, event.cseq)
        return self.request is not None and self.request.is_of(event)


class CallMedia(CallPart):
    """What is agreed upon, and how that changes."""

    _held: bool
    _changing_hold: bool
    """Whether somebody waits for it to be."""
    _renegotiation: Renegotiation | None
    _transactions: int
    """How often there was news of one within the call."""
    _finals: dict[str, Finals]

    # -- what is agreed upon

    @property
    def held_by_us(self) -> bool:
        """Whether we hold the call, by `hold`."""
        return self._held

    @property
    def held_by_them(self) -> bool:
        """Whether the other side holds the call: it wants to hear nothing from us."""
        if self.ended or not self._answered:
            return False
        if self.info.media_status is CallMediaStatus.REMOTE_HOLD:
            return True
        return self._held and not self.info.media_dir & MediaDir.ENCODING

    # -- to change it

    async def hold(
        self,
        *,
        music: AudioPort | None = None,
        headers: Sequence[Header] = (),
        timeout: float | None = 32.0,
    ) -> Self:
        """Holds the call, and returns when the other side has agreed (`pjsua_call_set_hold2`).

        From the start the other side hears nothing of what is connected with `audio` but `music`, a player
        for instance; a call that is held already only changes its music. Connections are kept for `unhold`.
        Raises as `reinvite` does, and then the call is not held. Holding a call that is not answered is
        `InvalidState`.
        """
        if music is not None and not isinstance(music, AudioPort):
            raise TypeError(f"music: AudioPort expected, not {type(music).__name__}")
        message = message_data(headers)
        self._require_confirmed("Call.hold")
        self._require_settled("Call.hold")
        if music is self.audio:
            raise ValueError("music: the other side would hear itself")
        if music is not None and music.gone:
            raise stale(music, "Call.hold")
        if self._held:
            self.audio._hold(music)
            return self
        asked = False

        def send() -> None:
            nonlocal asked
            _core.call_set_hold2(self.id, 0, message)
            if not asked:
                asked = True
                self.audio._hold(music)

        self._changing_hold = True
        try:
            await self._renegotiate(Renegotiation("INVITE", held=True), send, timeout)
        finally:
            self._changing_hold = False
            if asked and not self._held:
                self.audio._unhold()
        return self

    async def unhold(self, *, headers: Sequence[Header] = (), timeout: float | None = 32.0) -> Self:
        """Ends `hold`, and returns when the other side has agreed (`PJSUA_CALL_UNHOLD`).

        What was connected with `audio` is heard again. Nothing happens where the call is not held by us.
        Raises as `reinvite` does, and then the call stays held.
        """
        message = message_data(headers)
        self._require_confirmed("Call.unhold")
        self._require_settled("Call.unhold")
        if self._held:
            self._changing_hold = True
            try:
                await self._renegotiate(
                    Renegotiation("INVITE", held=False),
                    lambda: _core.call_reinvite(self.id, CallFlag.UNHOLD, message),
                    timeout,
                )
            finally:
                self._changing_hold = False
        return self

    async def reinvite(
        self,
        *,
        codecs: Sequence[str] | None = None,
        direction: MediaDir | None = None,
        offer: bool = True,
        setting: CallSetting | None = None,
        headers: Sequence[Header] = (),
        timeout: float | None = 32.0,
    ) -> Self:
        """Agrees upon the media anew, with other `codecs` if there are any (`pjsua_call_reinvite`).

        `direction` is ours of every audio line from now on, as `MediaDir.ENCODING` for an announcement;
        without `offer` the other side makes one. `setting` has all of it, and goes with neither.

        Returns when the other side has agreed. A request of the other side that crossed ours (491) is let
        go first, and ours is sent again. Raises `CallFailed` with what it said when it has not agreed, and
        all is as it was; `TimeoutError` after `timeout` seconds, when the other side may still agree or
        refuse; `InvalidState` while another of ours is under way or one of `offers` waits, and before
        the call is answered; `StaleError` once it has ended.
        """
        message = message_data(headers)
        opt = self._setting(direction, offer, setting)
        self._require_confirmed("Call.reinvite")
        before = _core.call_get_codecs(self.id)

        def send() -> None:
            if codecs is not None:
                _core.call_set_codecs(self.id, codecs)
            try:
                _core.call_reinvite(self.id, CallFlag(0) if opt is None else opt, message)
            except PjsuaError:
                _core.call_set_codecs(self.id, before)
                raise

        await self._renegotiate(Renegotiation("INVITE", (before,)), send, timeout)
        return self

    async def update(
        self,
        *,
        direction: MediaDir | None = None,
        offer: bool = True,
        setting: CallSetting | None = None,
        headers: Sequence[Header] = (),
        timeout: float | None = 32.0,
    ) -> Self:
        """Agrees upon the media anew by UPDATE, RFC 3311 (`pjsua_call_update2`).

        Without `offer` it only refreshes the session. The other side has to allow UPDATE, and to answer it at
        once: no person is asked. Raises as `reinvite` does.
        """
        message = message_data(headers)
        opt = self._setting(direction, offer, setting)
        self._require_alive("Call.update")
        await self._renegotiate(
            Renegotiation("UPDATE"), lambda: _core.call_update2(self.id, opt, message), timeout
        )
        return self

    @staticmethod
    def _setting(direction: MediaDir | None, offer: bool, setting: CallSetting | None) -> CallSetting | None:
        if setting is not None:
            if direction is not None or not offer:
                raise ValueError("setting: it says the direction, and whether there is an offer, itself")
            return setting
        if direction is None and offer:
            return None
        out = CallSetting()
        if direction is not None:
            out.flag |= CallFlag.SET_MEDIA_DIR
            out.media_dir = (MediaDir(direction),) * max(1, out.aud_cnt)
        if not offer:
            out.flag |= CallFlag.NO_SDP_OFFER
        return out

    def _require_confirmed(self, verb: str) -> None:
        self._require_alive(verb)
        if self.state is not InvState.CONFIRMED:
            raise InvalidState(f"{verb}: {self!r} is not answered")

    def _require_settled(self, verb: str) -> None:
        """Whether the call is held is not known, nor to be changed, while that is being agreed upon."""
        told = self._renegotiation
        if self._changing_hold or (told is not None and told.held is not None):
            raise InvalidState(f"{verb}: {self!r} is being held, or that is being ended")

    async def _renegotiate(
        self, mine: Renegotiation, send: Callable[[], None], timeout: float | None
    ) -> None:
        def send_mine() -> None:
            began = time.monotonic()
            send()
            self._renegotiation = mine
            mine.began, mine.request, mine.answer = began, None, None

        async with asyncio.timeout(timeout):
            try:
                send_mine()
            except InvalidState:
                # Theirs is being answered at this moment, or PJSIP settles on one codec.
                if (
                    self.state is not InvState.CONFIRMED
                    or self._renegotiation is not None
                    or self._requests.offer_waits
                ):
                    raise
                await self._send_once_free(send_mine)
            while True:
                await self._watchers.wait(lambda: mine.answer is not None or self.ended)
                if self.end is not None:
                    raise call_error(self.end.code, self.end.reason)
                assert mine.answer is not None
                code, reason = mine.answer
                if code < 300:
                    return
                if code != REQUEST_PENDING:
                    raise call_error(code, reason)
                await asyncio.sleep(glare_pause(not self.incoming))
                await self._send_once_free(send_mine)

    async def _send_once_free(self, send: Callable[[], None]) -> None:
        """Sends when no other request about the media is under way, of the other side or of PJSIP's own."""
        while True:
            await self._watchers.wait(lambda: not self._requests.offer_waits or self.ended)
            self._require_alive("Call")
            seen = self._transactions
            try:
                send()
                return
            except InvalidState:
                if self.state is not InvState.CONFIRMED:
                    raise
            with contextlib.suppress(TimeoutError):
                await self._next_transaction(seen)

    async def _next_transaction(self, seen: int) -> None:
        await self._watchers.wait(lambda: self._transactions != seen or self.ended, BUSY_PAUSE)

    def _on_renegotiation(self, event: events.OnCallTsxState) -> None:
        """Notes what a re-INVITE or UPDATE of ours was answered with."""
        self._transactions += 1
        self._watchers.changed()
        if event.method not in self._finals or event.role != Role.UAC:
            return
        answered = self._finals[event.method].is_answer(event)
        mine = self._renegotiation
        if mine is None or mine.method != event.method or not mine.is_of(event) or not answered:
            return
        self._renegotiation = None
        mine.answer = event.status_code, event.message.reason if event.message else "no answer"
        if event.status_code >= 300:
            if mine.codecs_before is not None:
                # Gone already, or ending.
                with contextlib.suppress(PjsuaError):
                    _core.call_set_codecs(self.id, mine.codecs_before[0])
        elif mine.held is not None and not self.ended:
            self._held = mine.held
            if not mine.held:
                self.audio._unhold()
            elif not self.audio._on_hold:
                # Nobody waited for it any more, and the other side is not to hear us all the same.
                self.audio._hold(None)
        self._watchers.changed()
