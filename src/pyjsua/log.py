"""PJSIP's log and the SIP trace as Python logging.

``pyjsua.pjsip`` has PJSIP's own log; the source file it came from is `record.pj_sender`.
``pyjsua.sip`` has every SIP message at DEBUG, with `sip_call_id`, `sip_sent`, `sip_direction` (``"sent"``,
``"received"``), `sip_message`, `sip_account` and `sip_call` on the record: the URI of the account it is of,
by the address where it is of no call of ours (None where no account has that), and the `CallId`, None outside
of calls and for the INVITE that begins one. Digest answers, other credentials, passwords in URIs, and SDP's
keys and passwords of ICE read ``***`` in both; `sip_message` has them, as the wire had. Both are asked at
`create` whether they want anything, so a line nobody wants is not even formatted.
"""

from __future__ import annotations

import logging

from . import _core, events
from .redaction import redacted

__all__ = ["deliver_log_line", "deliver_sip_trace", "offer", "pjsip_level"]

pjsip_logger = logging.getLogger("pyjsua.pjsip")
sip_logger = logging.getLogger("pyjsua.sip")

# PJSIP's levels 1 (error) to 6, in logging's terms.
LEVELS = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG, 5, 4)


def pjsip_level() -> int:
    """The PJSIP log level that gives the logger what it lets pass and no more."""
    level = pjsip_logger.getEffectiveLevel()
    return max((n for n in range(1, 7) if LEVELS[n] >= level), default=1)


def offer() -> None:
    """Has log lines and the trace copied, the trace if its logger wants it."""
    _core.set_wanted("LogLine", True)
    _core.set_wanted("SipTrace", sip_logger.isEnabledFor(logging.DEBUG))


def deliver_log_line(event: events.LogLine) -> None:
    level = LEVELS[min(max(event.level, 1), 6)]
    if pjsip_logger.isEnabledFor(level):
        # With msg_logging PJSIP's own log has messages in it too.
        sender, _, text = redacted(event.text.lstrip()).partition(" ")
        pjsip_logger.log(level, "%s", text.strip(), extra={"pj_sender": sender, "pj_time": event.time})


def deliver_sip_trace(event: events.SipTrace) -> None:
    message = event.message
    if message is None or not sip_logger.isEnabledFor(logging.DEBUG):
        return
    sip_logger.debug(
        "%s %s %s\n%s",
        "sent to" if message.sent else "received from",
        message.remote_addr,
        message.transport,
        redacted(message.text),
        extra={
            "sip_call_id": message.call_id,
            "sip_sent": message.sent,
            "sip_direction": "sent" if message.sent else "received",
            "sip_message": message,
            "sip_call": event.call_id if event.call_id >= 0 else None,
            "sip_account": redacted(event.account) or None,
        },
    )
