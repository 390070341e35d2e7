"""Requests of any method outside of calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import _core, events
from .answers import Answer, Unanswered
from .config import AccConfig, MsgData
from .digest_client import authorizations
from .errors import RequestTimeout, request_error
from .ids import AccId
from .message import Message
from .struct import Header
from .uri import address_of

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__: list[str] = []


def request_data(body: str, content_type: str, headers: Sequence[Header]) -> MsgData | None:
    if not isinstance(body, str):
        raise TypeError(f"body: str expected, not {type(body).__name__}")
    if body:
        return MsgData(hdr_list=tuple(headers), content_type=content_type, msg_body=body)
    return MsgData(hdr_list=tuple(headers)) if headers else None


def response_of(method: str, code: int, reason: str, message: Message | None) -> Message:
    """The response; raises where there was none."""
    if message is None or message.is_request:
        raise request_error(method, code, reason)
    return message


class AccountRequests:
    """What an `Account` has of requests."""

    endpoint: Endpoint
    id: AccId
    config: AccConfig
    _unanswered: Unanswered

    if TYPE_CHECKING:

        def _require_open(self) -> None: ...

    async def request(
        self,
        method: str,
        uri: str,
        *,
        body: str = "",
        content_type: str = "text/plain",
        headers: Sequence[Header] = (),
        timeout: float | None = None,
    ) -> Message:
        """Sends a request of any method outside of any dialog, and returns the response, whatever it says
        (`pjsua_acc_send_request`).

        A digest challenge is answered once with the account's credentials; what they do not fit is the
        response. Raises `RequestTimeout` when nobody answered, after `timeout` seconds or the 32 PJSIP
        waits, `RequestFailed` when it could not be sent, `ValueError` for a `uri` or `method` that is none.
        What has a function of its own (INVITE, REGISTER, ...) PJSIP knows nothing of when it is sent so.
        """
        self._require_open()
        try:
            async with asyncio.timeout(timeout):
                response = await self._exchange(method, uri, body, content_type, headers)
                if response.status_code in (401, 407):
                    target = str(address_of(uri))
                    answers = authorizations(response, method, target, self.config.cred_info)
                    if answers:
                        both = (*headers, *answers)
                        response = await self._exchange(method, uri, body, content_type, both)
        except TimeoutError as error:
            if isinstance(error, RequestTimeout):
                raise
            raise RequestTimeout(f"no answer within {timeout} s", sip_code=408) from None
        return response

    async def _exchange(
        self, method: str, uri: str, body: str, content_type: str, headers: Sequence[Header]
    ) -> Message:
        self._require_open()
        answer: Answer[events.OnAccSendRequest] = Answer()
        _core.acc_send_request(self.id, uri, method, answer, request_data(body, content_type, headers))
        event = await self._unanswered.wait(answer, None)
        return response_of(method, event.status_code, event.reason, event.message)


def on_acc_send_request(event: events.OnAccSendRequest) -> None:
    if isinstance(event.token, Answer):
        event.token.set(event)
