"""What PJSIP asks an application to decide: policies, and hooks that may say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..enums import HeldRequest, JbDiscardAlgo, RedirectOp, When
from ..ids import AccId
from ..struct import C_DEFAULT, Struct
from .call import CallSetting

if TYPE_CHECKING:
    from .. import events

__all__ = ["Decision", "Hooks", "Policy", "StreamSetting"]


@dataclass(slots=True, kw_only=True)
class Policy(Struct):
    """What is decided where no hook answers; the defaults are what C does when nobody listens.

    Each is named after the callback of `pjsua_callback` without its ``on_``. What waits for ``LATER`` waits
    only while somebody listens to the event of that name.
    """

    c_struct: ClassVar[str] = "pyj_policy"

    call_transfer_request2: int = C_DEFAULT
    """Answer to a REFER: a 2xx follows it, 300 to 699 refuses. Default 202."""
    call_replace_request2: int = C_DEFAULT
    """Answer to an INVITE with Replaces: 2xx lets it replace the call, 300 to 699 refuses. Default 200."""
    call_rx_reinvite: When = C_DEFAULT
    """A re-INVITE with an offer: answered by PJSIP, or ``LATER`` by `call_answer` or `call_answer_with_sdp`;
    after `later_ms` it is accepted as PJSIP would have. Default ``NOW``."""
    call_rx_offer: int = C_DEFAULT
    """Answer to an offer in a re-INVITE, an UPDATE, or a 2xx: 200 or 488. Default 200."""
    call_redirected: RedirectOp = C_DEFAULT
    """A redirection (3xx) of an outgoing call. ``PENDING`` waits for `call_process_redirect`, and after
    `later_ms` does what ``STOP`` does. Default ``STOP``."""
    auth_challenge: When = C_DEFAULT
    """A 401 or 407: answered with the account's credentials, or ``LATER`` by `auth_challenge_respond` or
    `auth_challenge_abandon`; after `later_ms` with the account's credentials. Default ``NOW``."""
    incoming_subscribe: int = C_DEFAULT
    """Answer to a SUBSCRIBE for presence: 200 accepts and tells at once, 202 accepts, 300 to 699 refuses.
    Default 200."""
    held_requests: HeldRequest = C_DEFAULT
    """What waits ahead of PJSIP for `held_request_respond`, while somebody listens to `OnHeldRequest`; after
    `later_ms`, or 20 s where that is more, the answers above are given. `call_hold_requests` is for one call.
    Default none."""
    later_ms: int = C_DEFAULT
    """How long anything waits for ``LATER``, in ms, 1 to 60000. Default 20000."""
    null_dev_on_error: bool = C_DEFAULT
    """Whether the null device takes the place of a sound device that stops, so that calls keep their clock;
    `OnMediaEvent` with ``AUD_DEV_ERROR`` tells of it. Default True."""
    reg_backoff: bool = C_DEFAULT
    """Whether the time between attempts to register doubles with each that fails, from
    ``AccConfig.reg_first_retry_interval``, a second at least, to `reg_retry_interval`, give or take
    `reg_retry_random_interval` or half of it, and never less than a Retry-After of up to an hour. Default
    False: the first comes after `reg_first_retry_interval`, the others after `reg_retry_interval`."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Decision:
    """What a hook may return instead of a bare status code."""

    code: int
    reason: str = ""
    """Reason phrase, up to 127 bytes of UTF-8; the usual one when empty."""
    opt: CallSetting | None = None
    """The call setting from here on; as it is when None."""


@dataclass(slots=True, kw_only=True)
class StreamSetting(Struct):
    """What of a stream may be changed before it is made (`pjsua_on_stream_precreate_param`)."""

    c_struct: ClassVar[str] = "pyj_stream_setting"

    jb_init: int = -1
    """Initial delay of the jitter buffer, ms; -1 for PJMEDIA's default, like the next three."""
    jb_min_pre: int = -1
    jb_max_pre: int = -1
    jb_max: int = -1
    jb_discard_algo: JbDiscardAlgo = C_DEFAULT
    rtcp_sdes_bye_disabled: bool = False
    rx_event_pt: int = -1
    """Payload type of telephone events that come in, -1 for none; audio only."""


@dataclass(slots=True, kw_only=True)
class Hooks:
    """Functions asked for a decision while PJSIP waits, each `timeout` seconds at most.

    Each takes the event of its name, in which the policy's answer stands, and returns a decision, or None for
    the policy's. They run in one thread of their own, one at a time; PJSIP's thread waits without the GIL.
    When the time is over PJSIP goes on with the policy's answer, and `HookTimeout` is raised in the hook. A
    hook that raises, or returns what it may not, is reported to the ``pyjsua`` logger. PJSIP holds locks
    while it waits: a hook may not call the library, which raises `InvalidState`. Its event's `seq` is 0, for
    the event itself is still to come.
    """

    timeout: float = 0.25
    """Seconds, 0.001 to 5. PJSIP's thread does nothing else meanwhile; a caller repeats itself after 0.5."""
    on_call_sdp_created: Callable[[events.OnCallSdpCreated], str | None] | None = None
    """Returns the SDP to use, with as many media lines; what is no SDP is not used, and the log says so."""
    on_stream_precreate: Callable[[events.OnStreamPrecreate], StreamSetting | None] | None = None
    on_call_transfer_request2: Callable[[events.OnCallTransferRequest2], int | Decision | None] | None = None
    """Returns 200 to 699; `Decision.opt` is for the new call."""
    on_call_replace_request2: Callable[[events.OnCallReplaceRequest2], int | Decision | None] | None = None
    """Returns 200 to 699."""
    on_call_rx_offer: Callable[[events.OnCallRxOffer], int | Decision | None] | None = None
    """Returns 200 or 488."""
    on_call_tx_offer: Callable[[events.OnCallTxOffer], CallSetting | None] | None = None
    on_call_redirected: Callable[[events.OnCallRedirected], RedirectOp | None] | None = None
    on_incoming_subscribe: Callable[[events.OnIncomingSubscribe], int | Decision | None] | None = None
    """Returns 200 to 699; `Decision.opt` means nothing here."""
    on_acc_find_for_incoming: Callable[[events.OnAccFindForIncoming], AccId | int | None] | None = None
    """Returns the account a request from outside any dialog is for."""
