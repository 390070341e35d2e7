"""Events of messages, of typing, and of real-time text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import AccId, CallId, RequestId
from ..info import TxtStreamData
from ..message import Message
from .event import Event, OlderEvent

__all__ = [
    "OnCallRxText",
    "OnPager",
    "OnPager2",
    "OnPagerStatus",
    "OnPagerStatus2",
    "OnTyping",
    "OnTyping2",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPager2(Event):
    """A MESSAGE came in; it has been answered with 200, unless it waits in `request`."""

    c_struct: ClassVar[str] = "pyj_on_pager"

    call_id: CallId
    """-1 for one outside a call."""
    acc_id: AccId
    from_uri: str
    """C's `from`."""
    to_uri: str
    """C's `to`."""
    contact: str
    mime_type: str
    """Type and subtype, without parameters."""
    body: str
    """Bytes that are not UTF-8 survive as surrogates."""
    request: RequestId
    """What `acc_send_response` answers, where `AccConfig.auto_repond_sip_message` is off; -1 elsewhere."""
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPagerStatus2(Event):
    """What became of a message sent by `im_send` or `call_send_im`."""

    c_struct: ClassVar[str] = "pyj_on_pager_status"

    call_id: CallId
    acc_id: AccId
    to_uri: str
    """C's `to`."""
    body: str
    user_data: object
    """What was given when it was sent."""
    status: int
    """SIP status; 408 and 503 also when nobody answered."""
    reason: str
    message: Message | None
    """The response, None when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnTyping2(Event):
    """Somebody began or stopped typing (RFC 3994)."""

    c_struct: ClassVar[str] = "pyj_on_typing"

    call_id: CallId
    """-1 outside a call."""
    acc_id: AccId
    from_uri: str
    """C's `from`."""
    to_uri: str
    """C's `to`."""
    contact: str
    is_typing: bool
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallRxText(Event):
    """Real-time text came in (RFC 4103)."""

    c_struct: ClassVar[str] = "pyj_on_call_rx_text"

    call_id: CallId
    data: TxtStreamData


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPager(OlderEvent):
    """A MESSAGE came in; `OnPager2` has the message and the account, too."""

    newer: ClassVar[type[Event]] = OnPager2

    call_id: CallId
    from_uri: str
    to_uri: str
    contact: str
    mime_type: str
    body: str


@dataclass(slots=True, frozen=True, kw_only=True)
class OnPagerStatus(OlderEvent):
    """What became of a message; `OnPagerStatus2` has the response and the account, too."""

    newer: ClassVar[type[Event]] = OnPagerStatus2

    call_id: CallId
    to_uri: str
    body: str
    user_data: object
    status: int
    reason: str


@dataclass(slots=True, frozen=True, kw_only=True)
class OnTyping(OlderEvent):
    """Somebody began or stopped typing; `OnTyping2` has the message and the account, too."""

    newer: ClassVar[type[Event]] = OnTyping2

    call_id: CallId
    from_uri: str
    to_uri: str
    contact: str
    is_typing: bool
