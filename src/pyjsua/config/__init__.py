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
from .network import *
from .sound import *
from .text import *
from .transport import *

__all__ = [
    "AccConfig",
    "AccDelParam",
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
    "IpChangeParam",
    "LoggingConfig",
    "MediaConfig",
    "MsgData",
    "Policy",
    "RpidElement",
    "SndDevParam",
    "StreamSetting",
    "TimerSetting",
    "TransportConfig",
]
