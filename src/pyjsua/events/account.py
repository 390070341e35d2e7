"""Events of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import AccId
from ..info import RegInfo
from ..message import Message
from .event import Event, OlderEvent

__all__ = ["OnAccSendRequest", "OnRegStarted", "OnRegStarted2", "OnRegState", "OnRegState2"]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnAccSendRequest(Event):
    """A request of `acc_send_request` was answered for good, or failed."""

    c_struct: ClassVar[str] = "pyj_on_acc_send_request"

    acc_id: AccId
    token: object
    """What `acc_send_request` was given."""
    status_code: int
    """SIP status; 408 when nobody answered, 503 when it could not be sent."""
    reason: str
    message: Message | None
    """The response, None when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRegStarted2(Event):
    """A REGISTER is being sent."""

    c_struct: ClassVar[str] = "pyj_on_reg_started2"

    acc_id: AccId
    renew: bool
    """False when it unregisters."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRegState2(Event):
    """A REGISTER was answered, or failed."""

    c_struct: ClassVar[str] = "pyj_on_reg_state2"

    acc_id: AccId
    info: RegInfo
    message: Message | None
    """The response, None when there was none."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRegStarted(OlderEvent):
    """A REGISTER is being sent; see `OnRegStarted2`."""

    newer: ClassVar[type[Event]] = OnRegStarted2

    acc_id: AccId
    renew: bool
    """False when it unregisters."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnRegState(OlderEvent):
    """A REGISTER was answered, or failed; `OnRegState2` says how."""

    newer: ClassVar[type[Event]] = OnRegState2

    acc_id: AccId
