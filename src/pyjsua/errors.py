"""What goes wrong, as one family of exceptions.

Every one is a `PjsuaError` with the status that caused it. Several are also the
builtin a Python programmer would expect (`ValueError`, `FileNotFoundError`, ...).
"""

from __future__ import annotations

import errno
import re
from typing import Final

from ._core import constant as c

__all__ = [
    "AddressInUse",
    "AuthenticationFailed",
    "Busy",
    "CallBusy",
    "CallCancelled",
    "CallDeclined",
    "CallFailed",
    "CallNotFound",
    "CallRedirected",
    "CallTimeout",
    "CallUnavailable",
    "CallUnreachable",
    "ForkedError",
    "HookTimeout",
    "InvalidArgument",
    "InvalidState",
    "MessageFailed",
    "MessageTimeout",
    "NoClock",
    "NoCommonCodec",
    "NotFound",
    "PjsuaError",
    "RegistrationFailed",
    "RegistrationTimeout",
    "RequestFailed",
    "RequestTimeout",
    "SipError",
    "SoundDeviceError",
    "StaleError",
    "SubscriptionFailed",
    "SubscriptionTimeout",
    "TooMany",
    "TransferFailed",
    "Unheard",
    "UnsupportedFormat",
]


class PjsuaError(Exception):
    """Base of all: what PJSIP, or a SIP peer, refused."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        name: str = "",
        title: str = "",
        call: str = "",
        sip_code: int = 0,
        log_line: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        """PJSIP's status code, 0 if a SIP peer is the cause."""
        self.name = name
        """Its name, such as ``"PJ_EINVAL"``, empty if it has none."""
        self.title = title
        """PJSIP's words for it, or the SIP reason phrase."""
        self.call = call
        """C function that returned it."""
        self.sip_code = sip_code
        """SIP status code, 0 if there is none."""
        self.log_line = log_line
        """Last error PJSIP logged in this thread during the call."""


class InvalidState(PjsuaError, RuntimeError):
    """Not in this state of the library: before `create`, `init` or `start`, or after `destroy`."""


class ForkedError(InvalidState):
    """This process was forked from one that runs PJSIP, which does not survive a fork."""


class NoClock(InvalidState):
    """The bridge's clock stands still: nothing is played or heard until a device runs, the null one too."""


class Unheard(InvalidState):
    """Nobody listens to the port, and what was written to it stays queued: a call on hold, no connection."""


class StaleError(PjsuaError, LookupError):
    """The call, account or port has gone; nothing was done to whatever has its slot now."""


class HookTimeout(PjsuaError, TimeoutError):
    """Raised in a hook whose time is over; PJSIP has gone on with the policy's answer."""

    def __init__(self) -> None:
        super().__init__("the time of this hook is over")


class InvalidArgument(PjsuaError, ValueError):
    """PJSIP does not accept an argument."""


class NoCommonCodec(InvalidArgument):
    """The other side offers none of these codecs."""


class NotFound(PjsuaError, LookupError):
    """What was named does not exist."""


class Busy(PjsuaError):
    """Something still uses it, or the same operation is under way."""


class TooMany(PjsuaError):
    """A limit of this build or of the configuration is reached; see `limits()`."""


class AddressInUse(PjsuaError, OSError):
    """The port to bind is taken."""


class SoundDeviceError(PjsuaError, OSError):
    """A sound device cannot be opened, or has not what it was asked for."""


class UnsupportedFormat(PjsuaError, ValueError):
    """A file is not one PJSIP can play."""


class SipError(PjsuaError):
    """A SIP peer said no, or nothing."""


class TransferFailed(SipError):
    """A transfer was refused, or the call it asked for failed, as `sip_code` says; 408 where nobody told."""


class CallFailed(SipError):
    """A call was not answered, or ended before what was waited for; subclasses say why."""


class CallBusy(CallFailed):
    """486 or 600."""


class CallDeclined(CallFailed):
    """603, or 403."""


class CallTimeout(CallFailed, TimeoutError):
    """Nobody answered in time: 408, 504, or the caller's own limit."""


class CallNotFound(CallFailed):
    """No such address: 404, 410, 484, 485 or 604."""


class CallRedirected(CallFailed):
    """3xx, and it was not followed: the targets are in the Contact headers of `Call.response`."""


class CallUnavailable(CallFailed):
    """480: not there at the moment."""


class CallCancelled(CallFailed):
    """487: cancelled before it was answered."""


class CallUnreachable(CallFailed, ConnectionError):
    """The message could not be delivered: no route, connection refused, name unknown, 5xx."""


class AuthenticationFailed(SipError):
    """The credentials were refused: 401 or 407."""


class RegistrationFailed(SipError):
    """The registrar said no."""


class RegistrationTimeout(RegistrationFailed, TimeoutError):
    """The registrar said nothing in time."""


class MessageFailed(SipError):
    """A MESSAGE was refused, or could not be delivered."""


class MessageTimeout(MessageFailed, TimeoutError):
    """Nobody answered a MESSAGE in time."""


class RequestFailed(SipError):
    """A request could not be sent, or its connection broke: there is no response."""


class RequestTimeout(RequestFailed, TimeoutError):
    """Nobody answered a request in time."""


class SubscriptionFailed(SipError):
    """A subscription was refused, or ended."""


class SubscriptionTimeout(SubscriptionFailed, TimeoutError):
    """Nobody answered a SUBSCRIBE in time."""


_CALL_CLASSES: Final[dict[int, type[SipError]]] = {
    **dict.fromkeys((300, 301, 302, 305, 380), CallRedirected),
    401: AuthenticationFailed,
    407: AuthenticationFailed,
    403: CallDeclined,
    404: CallNotFound,
    408: CallTimeout,
    410: CallNotFound,
    480: CallUnavailable,
    484: CallNotFound,
    485: CallNotFound,
    486: CallBusy,
    487: CallCancelled,
    500: CallUnreachable,
    502: CallUnreachable,
    503: CallUnreachable,
    504: CallTimeout,
    600: CallBusy,
    603: CallDeclined,
    604: CallNotFound,
}


def call_error(code: int, reason: str) -> SipError:
    """The exception for a call that ended with this SIP status, before it was answered or by a hang-up."""
    text = f"{code} {reason}" if code >= 300 else f"the call has ended: {code} {reason}"
    return _CALL_CLASSES.get(code, CallFailed)(text, sip_code=code, title=reason)


def message_error(code: int, reason: str) -> SipError:
    """The exception for a MESSAGE that was answered with this SIP status."""
    return _refused(code, reason, MessageFailed, MessageTimeout)


def subscription_error(code: int, reason: str) -> SipError:
    """The exception for a subscription that ended with this SIP status, or by a NOTIFY for this reason."""
    return _refused(code, reason, SubscriptionFailed, SubscriptionTimeout)


def _refused(code: int, reason: str, failed: type[SipError], timeout: type[SipError]) -> SipError:
    cls = AuthenticationFailed if code in (401, 407) else timeout if code in (408, 504) else failed
    return cls(f"{code} {reason}", sip_code=code, title=reason)


def request_error(method: str, code: int, reason: str) -> SipError:
    """The exception for a request that had no response; the status is PJSIP's own."""
    cls = RequestTimeout if code == 408 else RequestFailed
    return cls(f"{method}: {code} {reason}".rstrip(), sip_code=code, title=reason)


_NAME = re.compile(r"\((PJ\w*|PYJ\w*)\)\s*$")
_REFUSED_AGAIN = ("PJSIP_EAUTHSTALECOUNT", "PJSIP_EFAILEDCREDENTIAL")
"""What PJSIP calls credentials that were refused again, with a new nonce each time or with the same."""


def registration_error(code: int, reason: str, status: int = 0, status_text: str = "") -> SipError:
    """The exception for a REGISTER that failed."""
    if code in (401, 407) or (code == 403 and not status):
        cls: type[SipError] = AuthenticationFailed
    elif code in (408, 504):
        cls = RegistrationTimeout
    else:
        cls = RegistrationFailed
    said = f"{code} {reason}" if code else ""
    found = _NAME.search(status_text)
    name = found[1] if found else ""
    if name in _REFUSED_AGAIN:
        status_text = f"the user name or the password is wrong ({name})"
    text = ": ".join(part for part in (said, status_text) if part) or "no answer"
    return cls(text, sip_code=code, status=status, name=name, title=reason or status_text)


_BY_STATUS: Final[dict[int, type[PjsuaError]]] = {
    c("PYJ_EFORKED"): ForkedError,
    c("PYJ_ESTATE"): InvalidState,
    c("PYJ_ESTALE"): StaleError,
    c("PYJ_ETHREAD"): InvalidState,
    c("PYJ_EHOOK"): InvalidState,
    c("PYJ_ENOCLOCK"): NoClock,
    c("PYJ_EUNHEARD"): Unheard,
    c("PJ_EINVAL"): InvalidArgument,
    c("PJ_EINVALIDOP"): InvalidState,
    c("PJ_ENAMETOOLONG"): InvalidArgument,
    c("PJ_EAFNOTSUP"): InvalidArgument,
    c("PJ_ENOTFOUND"): NotFound,
    c("PJ_EEXISTS"): Busy,
    c("PJ_EBUSY"): Busy,
    c("PJ_ETOOMANY"): TooMany,
    c("PJSIP_EBUSY"): Busy,
    c("PJSIP_EINVALIDURI"): InvalidArgument,
    c("PJSIP_EINVALIDREQURI"): InvalidArgument,
    c("PJSIP_EINVALIDSCHEME"): InvalidArgument,
    c("PJSIP_EUNSUPTRANSPORT"): InvalidArgument,
    c("PJSIP_ESESSIONTERMINATED"): StaleError,
    c("PJSIP_ESESSIONSTATE"): InvalidState,
    c("PJMEDIA_SDPNEG_NOANSCODEC"): NoCommonCodec,
    c("PJMEDIA_ENOTVALIDWAVE"): UnsupportedFormat,
    c("PJMEDIA_EWAVEUNSUPP"): UnsupportedFormat,
    c("PJMEDIA_EWAVETOOSHORT"): UnsupportedFormat,
    c("PJMEDIA_EAUD_NODEV"): SoundDeviceError,
    c("PJMEDIA_EAUD_NODEFDEV"): SoundDeviceError,
    c("PJMEDIA_EAUD_INVDEV"): SoundDeviceError,
    c("PJMEDIA_EAUD_INIT"): SoundDeviceError,
    c("PJMEDIA_EAUD_SYSERR"): SoundDeviceError,
    c("PJMEDIA_EAUD_INVCAP"): SoundDeviceError,
    c("PJMEDIA_EAUD_NOTREADY"): SoundDeviceError,
    c("PYJ_EADDRINUSE"): AddressInUse,
}

# What fails so fast that the INVITE finds out: a name nobody knows, a connection that is refused. A moment
# later it is a 503.
_UNDELIVERABLE: Final[set[int]] = {c("PJ_ERESOLVE"), c("PJLIB_UTIL_EDNS_NXDOMAIN")} | {
    c("PJ_ERRNO_START_SYS") + number
    for number in (
        errno.EACCES,
        errno.EADDRNOTAVAIL,
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENOTCONN,
        errno.EPERM,
        errno.EPIPE,
        errno.ETIMEDOUT,
    )
}

_HINTS: Final[dict[tuple[str, int], str]] = {
    ("pjsua_acc_add", c("PJ_EINVALIDOP")): "an account wants a transport first: transport_create()",
    ("pjsua_snd_get_setting", c("PJ_EINVALIDOP")): "no sound device was opened yet: set_snd_dev()",
    ("pjsua_create", c("PYJ_ESTATE")): "the library exists already",
    ("pjsua_init", c("PYJ_ESTATE")): "it takes create() first, and init() only once",
    ("pjsua_start", c("PYJ_ESTATE")): "it takes init() first, and start() only once",
}


def from_status(status: int, title: str, call: str, log_line: str, about: str = "") -> PjsuaError:
    """The exception for a status `call` returned; the core raises what this gives.

    `about` names the argument it was returned for, with its value.
    """
    code = status - c("PJSIP_ERRNO_START")
    if call == "held_request_respond" and 300 <= code < 700:
        return call_error(code, title)
    found = _NAME.search(title)
    name = found[1] if found else ""
    cls = _BY_STATUS.get(status)
    if cls is None:
        cls = SoundDeviceError if "snd_dev" in call else PjsuaError
    if call == "pjsua_call_make_call" and status in _UNDELIVERABLE:
        cls = CallUnreachable
    text = _HINTS.get((call, status)) or title
    if status == c("PYJ_ESTATE") and (call, status) not in _HINTS:
        text = "the library is not created, initialised and started, or is being destroyed"
    if status in (c("PYJ_ESTATE"), c("PYJ_EFORKED"), c("PYJ_EHOOK")):
        about = ""
    message = ": ".join(part for part in (call, about, text) if part)
    return cls(message, status=status, name=name, title=title, call=call, log_line=log_line)
