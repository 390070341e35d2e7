"""The library itself: user agent, log, event handlers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ..enums import Rel100Use, SipSiprecUse, SipTimerUse, SrtpUse
from ..struct import C_DEFAULT, Struct
from . import decision
from .account import CredInfo, TimerSetting
from .srtp import SrtpOpt

if TYPE_CHECKING:
    from .. import events

__all__ = ["Callbacks", "Config", "LoggingConfig"]


@dataclass(slots=True, kw_only=True)
class Callbacks:
    """Handlers by event, run in the dispatcher thread, one at a time, in order (`pjsua_callback`).

    Each takes the event of its name and returns nothing. A handler that raises is
    reported to the ``pyjsua`` logger; the next event is delivered all the same.
    """

    on_call_state: Callable[[events.OnCallState], Any] | None = None
    on_incoming_call: Callable[[events.OnIncomingCall], Any] | None = None
    on_call_tsx_state: Callable[[events.OnCallTsxState], Any] | None = None
    on_call_transfer_status: Callable[[events.OnCallTransferStatus], Any] | None = None
    on_call_replaced: Callable[[events.OnCallReplaced], Any] | None = None
    on_call_transferred: Callable[[events.OnCallTransferred], Any] | None = None
    on_held_request: Callable[[events.OnHeldRequest], Any] | None = None
    on_held_request_end: Callable[[events.OnHeldRequestEnd], Any] | None = None
    on_acc_send_request: Callable[[events.OnAccSendRequest], Any] | None = None
    on_call_media_state: Callable[[events.OnCallMediaState], Any] | None = None
    on_call_sdp_created: Callable[[events.OnCallSdpCreated], Any] | None = None
    on_stream_precreate: Callable[[events.OnStreamPrecreate], Any] | None = None
    on_stream_created: Callable[[events.OnStreamCreated], Any] | None = None
    on_stream_created2: Callable[[events.OnStreamCreated2], Any] | None = None
    on_stream_destroyed: Callable[[events.OnStreamDestroyed], Any] | None = None
    on_dtmf_digit: Callable[[events.OnDtmfDigit], Any] | None = None
    on_dtmf_digit2: Callable[[events.OnDtmfDigit2], Any] | None = None
    on_dtmf_event: Callable[[events.OnDtmfEvent], Any] | None = None
    on_call_transfer_request: Callable[[events.OnCallTransferRequest], Any] | None = None
    on_call_transfer_request2: Callable[[events.OnCallTransferRequest2], Any] | None = None
    on_call_replace_request: Callable[[events.OnCallReplaceRequest], Any] | None = None
    on_call_replace_request2: Callable[[events.OnCallReplaceRequest2], Any] | None = None
    on_call_rx_offer: Callable[[events.OnCallRxOffer], Any] | None = None
    on_call_rx_reinvite: Callable[[events.OnCallRxReinvite], Any] | None = None
    on_call_tx_offer: Callable[[events.OnCallTxOffer], Any] | None = None
    on_reg_started: Callable[[events.OnRegStarted], Any] | None = None
    on_reg_started2: Callable[[events.OnRegStarted2], Any] | None = None
    on_reg_state: Callable[[events.OnRegState], Any] | None = None
    on_reg_state2: Callable[[events.OnRegState2], Any] | None = None
    on_incoming_subscribe: Callable[[events.OnIncomingSubscribe], Any] | None = None
    on_srv_subscribe_state: Callable[[events.OnSrvSubscribeState], Any] | None = None
    on_buddy_state: Callable[[events.OnBuddyState], Any] | None = None
    on_buddy_dlg_event_state: Callable[[events.OnBuddyDlgEventState], Any] | None = None
    on_buddy_evsub_state: Callable[[events.OnBuddyEvsubState], Any] | None = None
    on_buddy_evsub_dlg_event_state: Callable[[events.OnBuddyEvsubDlgEventState], Any] | None = None
    on_pager: Callable[[events.OnPager], Any] | None = None
    on_pager2: Callable[[events.OnPager2], Any] | None = None
    on_pager_status: Callable[[events.OnPagerStatus], Any] | None = None
    on_pager_status2: Callable[[events.OnPagerStatus2], Any] | None = None
    on_typing: Callable[[events.OnTyping], Any] | None = None
    on_typing2: Callable[[events.OnTyping2], Any] | None = None
    on_call_rx_text: Callable[[events.OnCallRxText], Any] | None = None
    on_nat_detect: Callable[[events.OnNatDetect], Any] | None = None
    on_call_redirected: Callable[[events.OnCallRedirected], Any] | None = None
    on_mwi_state: Callable[[events.OnMwiState], Any] | None = None
    on_mwi_info: Callable[[events.OnMwiInfo], Any] | None = None
    on_subscription_state: Callable[[events.OnSubscriptionState], Any] | None = None
    on_notify: Callable[[events.OnNotify], Any] | None = None
    on_subscribe: Callable[[events.OnSubscribe], Any] | None = None
    on_subscribe_end: Callable[[events.OnSubscribeEnd], Any] | None = None
    on_subscriber_refresh: Callable[[events.OnSubscriberRefresh], Any] | None = None
    on_subscriber_state: Callable[[events.OnSubscriberState], Any] | None = None
    on_notify_status: Callable[[events.OnNotifyStatus], Any] | None = None
    on_transport_state: Callable[[events.OnTransportState], Any] | None = None
    on_call_media_transport_state: Callable[[events.OnCallMediaTransportState], Any] | None = None
    on_ice_transport_error: Callable[[events.OnIceTransportError], Any] | None = None
    on_call_media_event: Callable[[events.OnCallMediaEvent], Any] | None = None
    on_media_event: Callable[[events.OnMediaEvent], Any] | None = None
    on_snd_dev_operation: Callable[[events.OnSndDevOperation], Any] | None = None
    on_stun_resolution_complete: Callable[[events.OnStunResolutionComplete], Any] | None = None
    on_ip_change_progress: Callable[[events.OnIpChangeProgress], Any] | None = None
    on_rejected_incoming_call: Callable[[events.OnRejectedIncomingCall], Any] | None = None
    on_sip_message: Callable[[events.OnSipMessage], Any] | None = None
    on_timer: Callable[[events.OnTimer], Any] | None = None
    on_conf_op_completed: Callable[[events.OnConfOpCompleted], Any] | None = None
    on_player_eof: Callable[[events.OnPlayerEof], Any] | None = None
    on_pcm_mark: Callable[[events.OnPcmMark], Any] | None = None
    on_pcm_speech: Callable[[events.OnPcmSpeech], Any] | None = None
    on_tone_end: Callable[[events.OnToneEnd], Any] | None = None
    on_create_media_transport_srtp: Callable[[events.OnCreateMediaTransportSrtp], Any] | None = None
    on_acc_find_for_incoming: Callable[[events.OnAccFindForIncoming], Any] | None = None
    on_auth_challenge: Callable[[events.OnAuthChallenge], Any] | None = None


@dataclass(slots=True, kw_only=True)
class Config(Struct):
    """The user agent (`pjsua_config`)."""

    c_struct: ClassVar[str] = "pjsua_config"
    c_counts: ClassVar[dict[str, str]] = {
        "nameserver": "nameserver_count",
        "outbound_proxy": "outbound_proxy_cnt",
        "stun_srv": "stun_srv_cnt",
        "cred_info": "cred_count",
    }

    max_calls: int = C_DEFAULT
    """Calls at once, 1 to `limits().max_calls`; more raises, nothing is clamped."""
    thread_cnt: int = C_DEFAULT
    """PJSIP worker threads; 0 means the script calls `handle_events` itself."""
    nameserver: Sequence[str] = C_DEFAULT
    """DNS servers for SRV records, 4 at most; none leaves names to the system's resolver, without SRV."""
    force_lr: bool = C_DEFAULT
    """``;lr`` is added to proxies without it."""
    outbound_proxy: Sequence[str] = C_DEFAULT
    """Proxies of every account, before its own; SIP URIs, 4 at most."""
    stun_domain: str = C_DEFAULT
    """Deprecated in C; use `stun_srv`."""
    stun_host: str = C_DEFAULT
    """Deprecated in C; use `stun_srv`."""
    stun_srv: Sequence[str] = C_DEFAULT
    """STUN servers, tried in turn: ``"host"`` or ``"host:port"``, 8 at most."""
    stun_try_ipv6: bool = C_DEFAULT
    stun_ignore_failure: bool = C_DEFAULT
    """Goes on without STUN when no server answers."""
    stun_map_use_stun2: bool = C_DEFAULT
    """RFC 5389's messages for the mapped address of SIP."""
    nat_type_in_sdp: int = C_DEFAULT
    """NAT type in SDP: 0 no, 1 its number, 2 its number and name."""
    require_100rel: Rel100Use = C_DEFAULT
    use_timer: SipTimerUse = C_DEFAULT
    use_siprec: SipSiprecUse = C_DEFAULT
    enable_unsolicited_mwi: bool = C_DEFAULT
    timer_setting: TimerSetting = C_DEFAULT
    cred_info: Sequence[CredInfo] = C_DEFAULT
    user_agent: str = C_DEFAULT
    """User-Agent header, none when empty."""
    use_srtp: SrtpUse = C_DEFAULT
    srtp_secure_signaling: int = C_DEFAULT
    srtp_optional_dup_offer: bool = C_DEFAULT
    """With `SrtpUse.OPTIONAL`: every line is offered twice, as ``RTP/SAVP`` and ``RTP/AVP``."""
    srtp_opt: SrtpOpt = C_DEFAULT
    hangup_forked_call: bool = C_DEFAULT
    """Ends the second call a forking proxy made."""
    enable_upnp: bool = C_DEFAULT
    """Without effect: this build has no UPnP."""
    upnp_if_name: str = C_DEFAULT
    """Interface for UPnP, any when empty."""
    no_refer_sub: bool = C_DEFAULT
    """``Refer-Sub: false`` in REFER: the transfer makes no subscription, RFC 4488."""
    cb: Callbacks = field(default_factory=Callbacks)
    """Event handlers; with none set, the script reads `events()`."""
    policy: decision.Policy = field(default_factory=decision.Policy)
    """What is decided where no hook answers."""
    hooks: decision.Hooks = field(default_factory=decision.Hooks)
    """Functions asked for a decision while PJSIP waits."""


@dataclass(slots=True, kw_only=True)
class LoggingConfig(Struct):
    """PJSIP's log, delivered to the ``pyjsua.pjsip`` logger (`pjsua_logging_config`).

    `console_level` does not exist here: nothing is ever written to the console.
    """

    c_struct: ClassVar[str] = "pjsua_logging_config"

    msg_logging: bool = C_DEFAULT
    """PJSIP's own message log, cut at 4000 bytes; the ``pyjsua.sip`` logger has whole messages."""
    level: int = C_DEFAULT
    """0 (nothing) to 6 (everything); by default what the ``pyjsua.pjsip`` logger lets pass."""
    log_filename: str = C_DEFAULT
    """A file PJSIP writes itself, none when empty."""
    log_file_flags: int = C_DEFAULT
