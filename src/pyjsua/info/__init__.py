"""Values that come out: snapshots taken while PJSIP held the lock that guards them."""

from __future__ import annotations

from .account import *
from .buddy import *
from .call import *
from .library import *
from .media import *
from .pcm import *
from .stream import *
from .tls import *
from .transport import *

__all__ = [
    "AccInfo",
    "Admission",
    "AudDevErrData",
    "AudDevInfo",
    "BuddyDlgEventInfo",
    "BuddyInfo",
    "CallInfo",
    "CallMediaInfo",
    "CodecInfo",
    "ConfPortInfo",
    "DtmfInfo",
    "EchoStat",
    "Format",
    "HostPort",
    "IceComp",
    "IceTransportInfo",
    "JbState",
    "Limits",
    "MathStat",
    "MedTransportInfo",
    "MediaCodecInfo",
    "MediaEvent",
    "MediaTpErrData",
    "PcmMark",
    "PcmStats",
    "PresInfo",
    "PresStatus",
    "RegInfo",
    "RtcpFbCapInfo",
    "RtcpSdes",
    "RtcpStat",
    "RtcpStreamStat",
    "RxRtcpFbData",
    "SndDevInfo",
    "SrtpInfo",
    "SrtpPolicy",
    "SrtpRocInfo",
    "StreamInfo",
    "StreamStat",
    "TlsCertInfo",
    "TlsInfo",
    "TransportInfo",
    "TxtStreamData",
    "WavPlayerInfo",
]
