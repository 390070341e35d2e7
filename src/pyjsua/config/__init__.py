"""Values that go in: what accounts, calls, transports and the library are told.

Every class has the fields of its C struct under their C names; see the struct in
pjsua.h for the long explanation. Departures from C: an array's length replaces its
counter member, and the defaults listed in ``docs/departures.md`` differ.
"""

from __future__ import annotations

from .account import *
from .buddy import *
from .call import *
from .cfg import *
from .codec import *
from .decision import *
from .library import *
from .media import *
from .message import *
from .nat import *
from .network import *
from .socket import *
from .sound import *
from .srtp import *
from .text import *
from .tls import *
from .tone import *
from .transport import *

__all__ = [
    "AccConfig",
    "AccDelParam",
    "AuthCltPref",
    "BuddyConfig",
    "CallSendDtmfParam",
    "CallSendTextParam",
    "CallSetting",
    "Callbacks",
    "Cfg",
    "CodecParam",
    "CodecParamInfo",
    "CodecParamSetting",
    "ConfConnectParam",
    "Config",
    "CredInfo",
    "Decision",
    "Hooks",
    "IceConfig",
    "IceSessOptions",
    "IpChangeAccCfg",
    "IpChangeParam",
    "LoggingConfig",
    "MediaConfig",
    "MsgData",
    "MultipartPart",
    "Policy",
    "PublishcOpt",
    "QosParams",
    "RpidElement",
    "RtcpFbCap",
    "RtcpFbSetting",
    "SndDevParam",
    "Sockopt",
    "SockoptParams",
    "SrtpCrypto",
    "SrtpOpt",
    "SslCertLookupCriteria",
    "SslSockParam",
    "StreamSetting",
    "StunAuthCred",
    "TimerSetting",
    "TlsSetting",
    "ToneDesc",
    "TransportConfig",
    "TurnConfig",
    "TurnSockTlsCfg",
]
