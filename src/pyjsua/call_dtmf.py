"""The DTMF digits of a call, both ways."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from . import events
from .call_part import CallPart
from .dtmf import Collected, Digit, DigitQueue
from .dtmf_sender import DtmfSender, SendMethod, SentMethod, check_digits
from .struct import Header

__all__ = ["CallDtmf"]


class CallDtmf(CallPart):
    """Digits that are sent and digits that come in."""

    _digits: DigitQueue
    _dtmf_sender: DtmfSender

    async def send_dtmf(
        self,
        digits: str,
        *,
        method: SendMethod = "auto",
        duration: int = 0,
        gap: int = 0,
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> SentMethod:
        """Sends DTMF digits, ``0-9*#A-DR``, and returns once they are sent, with the method that was used.

        `method`: `DtmfMethod.RFC2833` (events in the audio, RFC 4733), returning when the last packet of
        the last digit has left; `DtmfMethod.SIP_INFO`, when the other side has agreed to each;
        ``"inband"``, tones in the audio, mixed with what else is said. ``"auto"`` takes events where they
        were negotiated, else INFO where the other side allows it, else tones.

        `duration` of a digit in ms, up to 8000, 0 for the default: 200 as events (100 with G.722), 160 as
        INFO, 100 in band. `gap` ms of silence follow each, at least 100 in band. Digits given meanwhile
        wait for their turn. `headers` are for INFO; the other methods send no message.

        Raises `ValueError` for what is no digit, `PjsuaError` where the codec has no events, `SipError`
        where INFO is refused, `StaleError` once the call has ended, `TimeoutError` after `timeout` seconds.
        Events are not sent while the call is on hold.
        """
        return await self._dtmf_sender.send(digits, method, duration, gap, timeout, headers)

    async def read_digit(self, timeout: float | None = None) -> str:
        """The next DTMF digit the other side sent, as soon as it begins.

        Raises `TimeoutError` after `timeout` seconds, `EOFError` once the call has ended. Digits come as
        RFC 4733 events or as SIP INFO, one sent both ways counts once; PJSIP does not hear tones in the
        audio.
        """
        return (await self._digits.begun(timeout)).digit

    async def dtmf(self) -> AsyncGenerator[Digit, None]:
        """The DTMF digits the other side sends, each when it is over, until the call ends."""
        while True:
            try:
                digit = await self._digits.whole()
            except EOFError:
                return
            yield digit

    async def collect(
        self,
        max_digits: int | None = None,
        *,
        timeout: float | None = 5.0,
        first_timeout: float | None = None,
        terminator: str = "#",
    ) -> Collected:
        """DTMF digits up to `max_digits`, up to a digit of `terminator`, or until none comes in `timeout` s.

        The first may take `first_timeout` seconds, where that is given. What came before and was not read
        counts; `drop_digits` forgets it. The end of the call is an end like the others.
        """
        if max_digits is not None and (isinstance(max_digits, bool) or not isinstance(max_digits, int)):
            raise TypeError(f"max_digits: int expected, not {type(max_digits).__name__}")
        if max_digits is not None and max_digits < 1:
            raise ValueError(f"max_digits: {max_digits} is less than 1")
        if terminator != "":
            check_digits(terminator, "terminator")
        first = timeout if first_timeout is None else first_timeout
        return await self._digits.collect(max_digits, timeout, terminator.upper(), first)

    def drop_digits(self) -> str:
        """Forgets the digits that came and were not read, and returns them."""
        return self._digits.drop()

    def _on_dtmf(self, event: events.OnDtmfEvent) -> None:
        self._digits.take_event(event)
