"""What is said within a call besides audio: MESSAGE, typing, real-time text, and requests of any method."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import _core, events
from .answers import Answer, Unanswered
from .call_part import CallPart
from .config import CallSendTextParam, MsgData
from .enums import Role
from .errors import InvalidState, RequestTimeout, TooMany, request_error
from .feed import Feed, Feeds
from .finals import Finals
from .message import Message
from .messages import Delivery, InstantMessage, Typing, delivered
from .msg_data import message_data
from .requests import request_data, response_of
from .sent_request import SentRequest
from .struct import Header

if TYPE_CHECKING:
    from .account import Account
    from .dtmf_sender import DtmfSender

__all__: list[str] = []

EARLY = 64
"""Messages and texts kept for the first who asks: they may come before the program gets to it."""

ENDS = (408, 481)
"""Answers for which PJSIP ends a call that is not up yet, before it tells of them (RFC 3261, 12.2.1.2)."""

PIECE = 48
"""Bytes of text handed to PJSIP at a time: it takes 64 that were not sent yet."""


class CallMessages(CallPart):
    """What a `Call` has of messages, text and requests."""

    account: Account
    _dtmf_sender: DtmfSender

    def __init__(self) -> None:
        self._messages: Feeds[InstantMessage] = Feeds(EARLY)
        self._typing: Feeds[Typing] = Feeds()
        self._text: Feeds[str] = Feeds(EARLY)
        self._unanswered = Unanswered()
        self._requesting = asyncio.Lock()
        self._request: tuple[SentRequest, Answer[events.OnCallTsxState]] | None = None
        self._request_finals: dict[str, Finals] = {}

    # -- MESSAGE

    async def send_message(
        self,
        body: str | bytes,
        *,
        content_type: str = "text/plain",
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> Delivery:
        """Sends a MESSAGE within the call, and returns what it was answered with (`pjsua_call_send_im`).

        Raises as `Account.send_message` does, and `StaleError` once the call has ended.
        """
        self._require_alive("Call.send_message")

        def send(answer: Answer[events.OnPagerStatus2]) -> None:
            _core.call_send_im(self.id, content_type, body, message_data(headers), answer)

        return await delivered(send, self._unanswered, timeout)

    def messages(self) -> Feed[InstantMessage]:
        """The messages that come within the call, until it ends.

        Who asks first gets those that came before, 64 at most. `Account.messages` has them, too.
        """
        return self._messages.open()

    def send_typing(self, is_typing: bool = True, *, headers: Sequence[Header] = ()) -> None:
        """Tells the other side that typing began, or stopped (`pjsua_call_send_typing_ind`)."""
        self._require_alive("Call.send_typing")
        _core.call_send_typing_ind(self.id, is_typing, message_data(headers))

    def typing(self) -> Feed[Typing]:
        """When the other side begins and stops typing, until the call ends."""
        return self._typing.open()

    # -- real-time text

    async def send_text(self, text: str, timeout: float | None = None) -> None:
        """Sends real-time text (RFC 4103), and returns when PJSIP has taken all of it.

        The call wants ``CallSetting(txt_cnt=1)`` at both ends. Some 200 bytes go in a second; a new line is
        ``"\\r\\n"``, backspace takes back a character. Raises `ValueError` for an empty text, `StaleError`
        once the call has ended, `PjsuaError` where it has no text, `TimeoutError` after `timeout` seconds.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: str expected, not {type(text).__name__}")
        if not text:
            raise ValueError("text: empty")
        async with asyncio.timeout(timeout):
            for piece in pieces(text):
                while not self._take_text(piece):
                    await asyncio.sleep(0.1)

    def _take_text(self, piece: str) -> bool:
        self._require_alive("Call.send_text")
        try:
            _core.call_send_text(self.id, CallSendTextParam(text=piece))
        except TooMany:
            return False
        return True

    def text(self) -> Feed[str]:
        """The real-time text the other side sends, as it comes, until the call ends.

        Who asks first gets what came before, 64 pieces at most.
        """
        return self._text.open()

    # -- requests

    async def request(
        self,
        method: str,
        *,
        body: str = "",
        content_type: str = "text/plain",
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> Message:
        """Sends a request of any method within the call, such as INFO, and returns the response, whatever
        it says (`pjsua_call_send_request`).

        One at a time: another waits for its turn. Raises `RequestTimeout` when nobody answered,
        `RequestFailed` where the answer is 481 and ends a call that was not answered yet, `ValueError` for
        what is no method and for those that have functions of their own (INVITE, BYE, ...), `StaleError`
        once the call has ended, `InvalidState` where it ends before the answer.
        """
        data = request_data(body, content_type, headers)
        try:
            async with asyncio.timeout(timeout), contextlib.AsyncExitStack() as turns:
                # DTMF may be INFO, too.
                await turns.enter_async_context(self._dtmf_sender._lock)
                await turns.enter_async_context(self._requesting)
                event = await self._exchange(method, data)
        except TimeoutError:
            raise RequestTimeout(f"no answer within {timeout} s", sip_code=408) from None
        return response_of(method, event.status_code, "", event.message)

    async def _exchange(self, method: str, data: MsgData | None) -> events.OnCallTsxState:
        self._require_alive("Call.request")
        answer: Answer[events.OnCallTsxState] = Answer()
        self._request = SentRequest(method, _core.call_send_request(self.id, method, data)), answer
        try:
            return await self._unanswered.wait(answer, None)
        except InvalidState:
            if self.end is not None and self.end.code in ENDS:
                raise request_error(method, self.end.code, self.end.reason) from None
            raise
        finally:
            self._request = None

    # -- events

    def _on_text(self, event: events.OnCallRxText) -> None:
        if event.data.text:
            self._text.put(event.data.text)

    def _on_request_tsx(self, event: events.OnCallTsxState) -> None:
        if event.role != Role.UAC:
            return
        answered = self._request_finals.setdefault(event.method, Finals()).is_answer(event)
        if self._request is None:
            return
        request, answer = self._request
        if request.is_of(event) and answered:
            answer.set(event)

    def _end_messages(self) -> None:
        self._messages.close()
        self._typing.close()
        self._text.close()
        self._unanswered.end(self)


def pieces(text: str) -> list[str]:
    """Pieces of a text, none longer than what PJSIP takes at a time; no character is cut."""
    out: list[str] = []
    for character in text:
        if out and len((out[-1] + character).encode("utf-8", "surrogateescape")) <= PIECE:
            out[-1] += character
        else:
            out.append(character)
    return out
