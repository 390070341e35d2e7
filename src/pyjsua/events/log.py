"""The two records that go to `logging`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import CallId
from ..message import Message
from .event import Event

__all__ = ["LogLine", "SipTrace"]


@dataclass(slots=True, frozen=True, kw_only=True)
class LogLine(Event):
    """A line of PJSIP's log, on its way to the ``pyjsua.pjsip`` logger."""

    c_struct: ClassVar[str] = "pyj_log_line"

    level: int
    """1 (error) to 6."""
    text: str


@dataclass(slots=True, frozen=True, kw_only=True)
class SipTrace(Event):
    """A SIP message as it crossed the wire, on its way to the ``pyjsua.sip`` logger."""

    c_struct: ClassVar[str] = "pyj_sip_trace"

    call_id: CallId
    """-1 for a message of no call, and for the INVITE that begins one."""
    account: str
    """URI of the account it is of, found by its address where it is of no call; empty for none."""
    message: Message | None
