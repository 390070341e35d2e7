"""Events: what PJSIP's callbacks told, as frozen values.

Each class is named after its callback in `pjsua_callback`. They are delivered in the
order things happened, `seq` rising by one, in the dispatcher thread, in the script's
`events()` loop, or in the asyncio loop of an `Endpoint`.
"""

from __future__ import annotations

from .account import *
from .call import *
from .decision import *
from .event import *
from .im import *
from .log import *
from .media import *
from .network import *
from .notifier import *
from .pcm import *
from .presence import *
from .transport import *

__all__ = [
    "ByeResponse",
    "Event",
    "LogLine",
    "OlderEvent",
    "OnAccFindForIncoming",
    "OnAccSendRequest",
    "OnAuthChallenge",
    "OnBuddyDlgEventState",
    "OnBuddyEvsubDlgEventState",
    "OnBuddyEvsubState",
    "OnBuddyState",
    "OnCallMediaEvent",
    "OnCallMediaState",
    "OnCallMediaTransportState",
    "OnCallRedirected",
    "OnCallReplaceRequest",
    "OnCallReplaceRequest2",
    "OnCallReplaced",
    "OnCallRxOffer",
    "OnCallRxReinvite",
    "OnCallRxText",
    "OnCallSdpCreated",
    "OnCallState",
    "OnCallTransferRequest",
    "OnCallTransferRequest2",
    "OnCallTransferStatus",
    "OnCallTransferred",
    "OnCallTsxState",
    "OnCallTxOffer",
    "OnConfOpCompleted",
    "OnCreateMediaTransportSrtp",
    "OnDtmfDigit",
    "OnDtmfDigit2",
    "OnDtmfEvent",
    "OnHeldRequest",
    "OnHeldRequestEnd",
    "OnIceTransportError",
    "OnIncomingCall",
    "OnIncomingSubscribe",
    "OnIpChangeProgress",
    "OnMediaEvent",
    "OnMwiInfo",
    "OnMwiState",
    "OnNatDetect",
    "OnNotify",
    "OnNotifyStatus",
    "OnPager",
    "OnPager2",
    "OnPagerStatus",
    "OnPagerStatus2",
    "OnPcmMark",
    "OnPcmSpeech",
    "OnPlayerEof",
    "OnRegStarted",
    "OnRegStarted2",
    "OnRegState",
    "OnRegState2",
    "OnRejectedIncomingCall",
    "OnSipMessage",
    "OnSndDevOperation",
    "OnSrvSubscribeState",
    "OnStreamCreated",
    "OnStreamCreated2",
    "OnStreamDestroyed",
    "OnStreamPrecreate",
    "OnStunResolutionComplete",
    "OnSubscribe",
    "OnSubscribeEnd",
    "OnSubscriberRefresh",
    "OnSubscriberState",
    "OnSubscriptionState",
    "OnTimer",
    "OnToneEnd",
    "OnTransportState",
    "OnTyping",
    "OnTyping2",
    "SipTrace",
]
