"""For tests and demos: an embedded SIP registrar and proxy, a recorder of what passes, a ladder diagram.

Nothing here needs or starts PJSIP. The pytest plugin is `pyjsua.testing.pytest_plugin`.
"""

from __future__ import annotations

from .faults import Delay, Drop, Fault, Garbage, Respond
from .ladder import Arrow, Ladder
from .location import Registration
from .message import ParseError, Request, Response, parse_message
from .server import SipServer
from .settings import NextHop
from .timers import Timers
from .trace import Trace, TraceMessage

__all__ = [
    "Arrow",
    "Delay",
    "Drop",
    "Fault",
    "Garbage",
    "Ladder",
    "NextHop",
    "ParseError",
    "Registration",
    "Request",
    "Respond",
    "Response",
    "SipServer",
    "Timers",
    "Trace",
    "TraceMessage",
    "parse_message",
]
