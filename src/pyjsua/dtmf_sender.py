"""DTMF digits that go out: as RFC 4733 events, as SIP INFO, or as tones in the audio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from . import _core, events
from .aio import Watchers
from .enums import DialogCapStatus, DtmfMethod, Hdr, MediaDir, Role
from .errors import InvalidState, PjsuaError, SipError
from .finals import Finals
from .sent_request import SentRequest
from .tone import ToneGenerator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .call import Call
    from .struct import Header

__all__ = ["DtmfSender", "SendMethod", "SentMethod"]

SentMethod = DtmfMethod | Literal["inband"]
SendMethod = SentMethod | Literal["auto"]

AT_ONCE = 16
"""Events given to PJMEDIA in one go, which has room for 32."""
TONES_AT_ONCE = 31
INBAND_MSEC = 100
"""Length of a tone and of the silence after it where nobody says; RFC 4733 wants 40 at least."""


class DtmfSender:
    """Sends the digits of one call, one request after the other."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._lock = asyncio.Lock()
        self._watchers = Watchers()
        self._request: SentRequest | None = None
        self._answer: tuple[int, str] | None = None
        self._finals = Finals()

    async def send(
        self,
        digits: str,
        method: SendMethod,
        duration: int,
        gap: int,
        timeout: float | None,
        headers: Sequence[Header],
    ) -> SentMethod:
        check_digits(digits)
        if method not in ("auto", "inband") and method not in tuple(DtmfMethod):
            raise ValueError(f"method: {method!r} is neither a DtmfMethod nor 'auto' or 'inband'")
        check_ms(duration, "duration", 8000)
        check_ms(gap, "gap", 10000)
        async with asyncio.timeout(timeout), self._lock:
            self._require_call()
            chosen = self._choose() if method == "auto" else method
            if chosen == "inband":
                await self._send_tones(digits, duration, gap)
            elif chosen == DtmfMethod.SIP_INFO:
                await self._send_info(digits, duration, gap, headers)
            else:
                await self._send_events(digits, duration, gap)
        return chosen

    def _require_call(self) -> None:
        self._call._require_alive("Call.send_dtmf")

    # -- by which method

    def _choose(self) -> SentMethod:
        if self._takes_events():
            return DtmfMethod.RFC2833
        try:
            if _core.call_remote_has_cap(self._call.id, Hdr.ALLOW, None, "INFO") == DialogCapStatus.SUPPORTED:
                return DtmfMethod.SIP_INFO
        except PjsuaError:
            # Gone meanwhile: the tones find out.
            pass
        return "inband"

    def _takes_events(self) -> bool:
        info = self._call.info
        if not info.media_dir & MediaDir.ENCODING:
            return False
        try:
            return any(
                _core.call_get_stream_info(self._call.id, media.index).tx_event_pt >= 0
                for media in info.media
                if media.conf_slot.valid and media.conf_slot == info.conf_slot
            )
        except PjsuaError:
            return False

    # -- RFC 4733

    async def _send_events(self, digits: str, duration: int, gap: int) -> None:
        for piece in pieces(digits, 1 if gap else AT_ONCE):
            _core.call_send_dtmf(self._call.id, piece, DtmfMethod.RFC2833, duration)
            # PJMEDIA takes a digit from its queue with the last packet of its end, and tells nobody.
            while left := _core.call_get_queued_dtmf_digits(self._call.id):
                await asyncio.sleep(0.05 if left > 1 else 0.01)
            await asyncio.sleep(gap / 1000)

    # -- SIP INFO

    async def _send_info(self, digits: str, duration: int, gap: int, headers: Sequence[Header]) -> None:
        for digit in digits:
            self._answer = None
            _core.call_set_headers(self._call.id, "INFO", headers, True)
            cseq = _core.call_send_dtmf(self._call.id, digit, DtmfMethod.SIP_INFO, duration)
            self._request = SentRequest("INFO", cseq)
            try:
                await self._watchers.wait(lambda: self._answer is not None or self._call.ended)
            finally:
                self._request = None
            if self._answer is None:
                self._require_call()
            else:
                code, reason = self._answer
                if code >= 300:
                    raise SipError(f"INFO with digit {digit!r}: {code} {reason}", sip_code=code, title=reason)
            await asyncio.sleep(gap / 1000)

    def on_tsx_state(self, event: events.OnCallTsxState) -> None:
        if event.method != "INFO" or event.role != Role.UAC:
            return
        mine = self._request is not None and self._request.is_of(event)
        if self._finals.is_answer(event) and mine and self._answer is None:
            reason = event.message.reason if event.message is not None else ""
            self._answer = (event.status_code, reason)
            self._watchers.changed()

    def call_ended(self) -> None:
        self._watchers.changed()

    # -- tones

    async def _send_tones(self, digits: str, duration: int, gap: int) -> None:
        if "R" in digits.upper():
            raise ValueError(f"digits: {digits!r}: 'R', a hook flash, is no tone")
        if not self._call.audio.active:
            raise InvalidState(f"{self._call!r} has no audio to send tones in")
        if self._call.held_by_us:
            raise InvalidState(f"{self._call!r} is held: nobody would hear tones")
        with ToneGenerator() as tones:
            tones.connect(self._call.audio)
            for piece in pieces(digits, TONES_AT_ONCE):
                tones.play_digits(piece, on_msec=duration or INBAND_MSEC, off_msec=gap or INBAND_MSEC)
                # Not its wait_end: a call that ends takes the listener away.
                while tones.busy:
                    self._require_call()
                    await asyncio.sleep(0.01)
            self._require_call()


def pieces(digits: str, size: int) -> list[str]:
    return [digits[start : start + size] for start in range(0, len(digits), size)]


def check_digits(digits: str, name: str = "digits") -> None:
    if not isinstance(digits, str):
        raise TypeError(f"{name}: str expected, not {type(digits).__name__}")
    if not digits:
        raise ValueError(f"{name}: empty")
    for digit in digits:
        if digit not in _core.DTMF:
            raise ValueError(f"{name}: {digits!r}: {digit!r} is none of 0-9, *, #, A-D and R")


def check_ms(value: int, name: str, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: int expected, not {type(value).__name__}")
    if not 0 <= value <= most:
        raise ValueError(f"{name}: {value} is not between 0 and {most} ms")
