"""Events of what PJSIP asked an application to decide; each says what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..config.call import CallSetting
from ..config.decision import StreamSetting
from ..enums import HeldRequest, RedirectOp, SrtpUse
from ..ids import AccId, CallId, RequestId
from ..message import Message
from .event import Event, OlderEvent

__all__ = [
    "OnAccFindForIncoming",
    "OnAuthChallenge",
    "OnCallRedirected",
    "OnCallReplaceRequest",
    "OnCallReplaceRequest2",
    "OnCallRxOffer",
    "OnCallRxReinvite",
    "OnCallSdpCreated",
    "OnCallTransferRequest",
    "OnCallTransferRequest2",
    "OnCallTxOffer",
    "OnCreateMediaTransportSrtp",
    "OnHeldRequest",
    "OnHeldRequestEnd",
    "OnStreamPrecreate",
]


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallSdpCreated(Event):
    """The SDP of an offer or answer was made."""

    c_struct: ClassVar[str] = "pyj_on_call_sdp_created"

    call_id: CallId
    acc_id: AccId
    sdp: str
    """As it stands, the hook's change included; on hold its directions are still to be set."""
    rem_sdp: str
    """The offer it answers, empty when it is an offer."""
    changed: bool
    """Whether the hook changed it."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnStreamPrecreate(Event):
    """A stream is about to be made."""

    c_struct: ClassVar[str] = "pyj_on_stream_precreate"

    call_id: CallId
    acc_id: AccId
    stream_idx: int
    changed: bool
    """Whether the hook changed the setting."""
    setting: StreamSetting


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCreateMediaTransportSrtp(Event):
    """The SRTP layer of a media transport is about to be made; not among those of `events()`."""

    c_struct: ClassVar[str] = "pyj_on_create_media_transport_srtp"

    call_id: CallId
    acc_id: AccId
    media_idx: int
    use: SrtpUse
    """As the account has it."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTransferRequest2(Event):
    """The other side asked to be called elsewhere: a REFER."""

    c_struct: ClassVar[str] = "pyj_on_call_transfer_request2"

    call_id: CallId
    acc_id: AccId
    dst: str
    """Refer-To, as it came."""
    code: int
    """The answer; a 2xx means the new call is being made."""
    opt: CallSetting
    """Of the new call."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallReplaceRequest2(Event):
    """An INVITE with Replaces came in for a call."""

    c_struct: ClassVar[str] = "pyj_on_call_replace_request2"

    call_id: CallId
    """The call to be replaced."""
    acc_id: AccId
    code: int
    """The answer; a 2xx means it is being replaced."""
    reason: str
    """The hook's reason phrase."""
    opt: CallSetting
    """Of the new call."""
    message: Message | None
    """The INVITE."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallRxReinvite(Event):
    """A re-INVITE with an offer came in."""

    c_struct: ClassVar[str] = "pyj_on_call_rx_reinvite"

    call_id: CallId
    acc_id: AccId
    offer: str
    """Its SDP."""
    later: bool
    """Whether it waits for `call_answer` or `call_answer_with_sdp`."""
    message: Message | None


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallRxOffer(Event):
    """An offer came in within a call; not for a re-INVITE that is answered later."""

    c_struct: ClassVar[str] = "pyj_on_call_rx_offer"

    call_id: CallId
    acc_id: AccId
    offer: str
    code: int
    """The answer, 200 or 488."""
    opt: CallSetting


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTxOffer(Event):
    """The other side's INVITE without an SDP asks for an offer."""

    c_struct: ClassVar[str] = "pyj_on_call_tx_offer"

    call_id: CallId
    acc_id: AccId
    opt: CallSetting


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallRedirected(Event):
    """An outgoing call was redirected."""

    c_struct: ClassVar[str] = "pyj_on_call_redirected"

    call_id: CallId
    acc_id: AccId
    target: str
    """URI of the target to try next."""
    op: RedirectOp
    """What was decided; ``PENDING`` waits for `call_process_redirect`."""
    message: Message | None
    """The response, None when the target before it was rejected by `call_process_redirect`."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnAuthChallenge(Event):
    """A request of ours was challenged: 401 or 407."""

    c_struct: ClassVar[str] = "pyj_on_auth_challenge"

    call_id: CallId
    """-1 outside of calls."""
    acc_id: AccId
    method: str
    """Of the challenged request."""
    later: bool
    """Whether it waits for `auth_challenge_respond` or `auth_challenge_abandon`. A BYE, a request of a call
    being hung up, and those of subscriptions and publications never wait."""
    challenge: int
    """What to call those with; 0 when it does not wait."""
    message: Message | None
    """The response."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnHeldRequest(Event):
    """A request waits for `held_request_respond`; see `Policy.held_requests`."""

    c_struct: ClassVar[str] = "pyj_on_held_request"

    call_id: CallId
    """The call to be transferred, replaced or changed; -1 outside of calls."""
    acc_id: AccId
    request: RequestId
    kind: HeldRequest
    wait_ms: int
    """How long it waits, from now on."""
    message: Message | None
    """The request."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnHeldRequestEnd(Event):
    """A held request was decided without the program."""

    c_struct: ClassVar[str] = "pyj_on_held_request_end"

    call_id: CallId
    acc_id: AccId
    request: RequestId
    kind: HeldRequest
    code: int
    """487 for one that was cancelled, 481 where its call ended, or 487 for a re-INVITE, 0 where the policy
    decided in the end."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnAccFindForIncoming(Event):
    """The account a request from outside any dialog is for was looked for."""

    c_struct: ClassVar[str] = "pyj_on_acc_find_for_incoming"

    acc_id: AccId
    """The account found, or the hook's."""
    changed: bool
    """Whether it is the hook's."""
    message: Message | None
    """The request."""


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallTransferRequest(OlderEvent):
    """The other side asked to be called elsewhere; see `OnCallTransferRequest2`."""

    newer: ClassVar[type[Event]] = OnCallTransferRequest2

    call_id: CallId
    acc_id: AccId
    dst: str
    code: int


@dataclass(slots=True, frozen=True, kw_only=True)
class OnCallReplaceRequest(OlderEvent):
    """An INVITE with Replaces came in for a call; see `OnCallReplaceRequest2`."""

    newer: ClassVar[type[Event]] = OnCallReplaceRequest2

    call_id: CallId
    acc_id: AccId
    code: int
    reason: str
    message: Message | None
