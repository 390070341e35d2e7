"""Events of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import AccId
from ..info import RegInfo
from ..message import Message
from .event import Event

__all__ = ["OnRegStarted2", "OnRegState2"]


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
