"""MESSAGE (RFC 3428), and who is typing (RFC 3994)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _core, events
from .answers import Answer, Unanswered
from .errors import InvalidState, MessageTimeout, StaleError, message_error
from .feed import Feed, Feeds
from .ids import AccId, RequestId
from .message import Message
from .msg_data import message_data
from .redaction import redacted
from .struct import Header

if TYPE_CHECKING:
    from .account import Account
    from .call import Call
    from .endpoint import Endpoint

__all__ = ["Delivery", "InstantMessage", "Typing"]

TEMPORARILY_UNAVAILABLE = 480

ADDRESS = re.compile(r"(sips?:(?:[^@>]*@)?)(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])", re.I | re.A)
"""A URI whose host is an IP address."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a message of ours was answered with."""

    code: int
    """200, or 202 where it is kept for later."""
    reason: str
    response: Message | None
    """None where PJSIP has it no more."""


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody began or stopped typing."""

    account: Account
    call: Call | None
    """The call it came in, None outside of calls."""
    from_uri: str
    is_typing: bool
    request: Message | None


class InstantMessage:
    """A MESSAGE that came in.

    It has been answered with 200, unless the account has ``auto_repond_sip_message=False``: then it `waits`
    for `answer`, and after 20 s, or with nobody to listen, is refused with 480.
    """

    def __init__(self, account: Account, call: Call | None, event: events.OnPager2) -> None:
        self.account = account
        self.call = call
        """The call it came in, None outside of calls."""
        self.from_uri = event.from_uri
        self.to_uri = event.to_uri
        self.content_type = event.mime_type
        """Type and subtype, without parameters."""
        self.body = event.body
        """Bytes that are not UTF-8 survive as surrogates."""
        self.request = event.message
        """The MESSAGE as it came, with its headers."""
        self._request_id: RequestId | None = event.request if event.request >= 0 else None

    @property
    def waits(self) -> bool:
        """Whether it is to be answered by `answer`."""
        return self._request_id is not None

    def answer(self, code: int = 200, reason: str | None = None, *, headers: Sequence[Header] = ()) -> None:
        """Answers it, 200 to 699 (`pjsua_acc_send_response`).

        Raises `InvalidState` where it was answered already, `StaleError` where its time was over.
        """
        if self._request_id is None:
            raise InvalidState("this message has been answered")
        _core.acc_send_response(self.account.id, self._request_id, code, reason, message_data(headers))
        self._request_id = None

    async def reply(
        self,
        body: str | bytes,
        *,
        content_type: str = "text/plain",
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> Delivery:
        """Sends a message back, in the call it came in if it came in one; as `Account.send_message` does."""
        if self.call is not None:
            return await self.call.send_message(
                body, content_type=content_type, headers=headers, timeout=timeout
            )
        return await self.account.send_message(
            self.reply_to, body, content_type=content_type, headers=headers, timeout=timeout
        )

    @property
    def reply_to(self) -> str:
        """Where a reply goes: to who sent it, and where that is an address without a domain, to where it came
        from. A From has no port, by which alone somebody without a server can be reached.
        """
        found = ADDRESS.search(self.from_uri)
        if found is None or self.request is None:
            return self.from_uri
        transport = self.request.transport.lower().rstrip("6")
        suffix = "" if transport == "udp" else f";transport={transport}"
        return f"{found[1]}{self.request.remote_addr}{suffix}"

    def _refuse(self) -> None:
        if self.waits:
            with contextlib.suppress(StaleError, InvalidState):
                self.answer(TEMPORARILY_UNAVAILABLE)

    def __repr__(self) -> str:
        return f"<InstantMessage {self.content_type} from {redacted(self.from_uri)}>"


async def delivered(
    send: Callable[[Answer[events.OnPagerStatus2]], None], unanswered: Unanswered, timeout: float | None
) -> Delivery:
    """Sends a message and waits for what becomes of it."""
    answer: Answer[events.OnPagerStatus2] = Answer()
    send(answer)
    try:
        event = await unanswered.wait(answer, timeout)
    except TimeoutError:
        raise MessageTimeout(f"no answer within {timeout} s", sip_code=408) from None
    if event.status >= 300:
        raise message_error(event.status, event.reason)
    return Delivery(event.status, event.reason, event.message)


class AccountMessages:
    """What an `Account` has of messages."""

    endpoint: Endpoint
    id: AccId

    if TYPE_CHECKING:

        def _require_open(self) -> None: ...

    def __init__(self) -> None:
        self._messages: Feeds[InstantMessage] = Feeds()
        self._typing: Feeds[Typing] = Feeds()
        self._unanswered = Unanswered()

    async def send_message(
        self,
        uri: str,
        body: str | bytes,
        *,
        content_type: str = "text/plain",
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> Delivery:
        """Sends a MESSAGE outside of calls, and returns what it was answered with (`pjsua_im_send`).

        Raises `MessageFailed` with the code when it was refused, `AuthenticationFailed` among them,
        `MessageTimeout` when nobody answered: after `timeout` seconds, or the 32 PJSIP waits. `ValueError`
        for a `uri` or `content_type` that is none. Over UDP a message of more than
        1300 bytes goes by TCP, if there is such a transport. Cancelled, it may have been delivered all the
        same.
        """
        self._require_open()

        def send(answer: Answer[events.OnPagerStatus2]) -> None:
            _core.im_send(self.id, uri, content_type, body, message_data(headers), answer)

        return await delivered(send, self._unanswered, timeout)

    def messages(self) -> Feed[InstantMessage]:
        """The messages that come to this account, those within its calls too; every reader gets each."""
        self._require_open()
        return self._messages.open()

    def send_typing(self, uri: str, is_typing: bool = True, *, headers: Sequence[Header] = ()) -> None:
        """Tells somebody that typing began, or stopped, outside of calls (`pjsua_im_typing`)."""
        self._require_open()
        _core.im_typing(self.id, uri, is_typing, message_data(headers))

    def typing(self) -> Feed[Typing]:
        """Who begins and stops typing, within calls too."""
        self._require_open()
        return self._typing.open()

    def _end_messages(self) -> None:
        self._messages.close()
        self._typing.close()
        self._unanswered.end(self)


def on_pager(account: Account, call: Call | None, event: events.OnPager2) -> None:
    message = InstantMessage(account, call, event)
    heard = account._messages.put(message)
    if call is not None:
        heard = call._messages.put(message) or heard
    if not heard:
        message._refuse()


def on_typing(account: Account, call: Call | None, event: events.OnTyping2) -> None:
    typing = Typing(account, call, event.from_uri, event.is_typing, event.message)
    account._typing.put(typing)
    if call is not None:
        call._typing.put(typing)


def on_pager_status(event: events.OnPagerStatus2) -> None:
    if isinstance(event.user_data, Answer):
        event.user_data.set(event)
