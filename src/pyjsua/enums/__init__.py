"""pjsua's enumerations, valued from the headers PJSIP was built with.

The build reads these files: every name given to ``c()`` becomes an entry of the
table `_core` serves it from, so no number is written in Python.
"""

from __future__ import annotations

from typing import Any

from .account import *
from .call import *
from .decision import *
from .library import *
from .media import *
from .nat import *
from .network import *
from .pcm import *
from .presence import *
from .qos import *
from .sound import *
from .srtp import *
from .status import *
from .stream import *
from .tls import *
from .transaction import *
from .transport import *

__all__ = [
    "AudDevCap",
    "AudDevRoute",
    "AuthAlgorithmType",
    "BuddyStatus",
    "CallFlag",
    "CallMediaStatus",
    "ConfOpType",
    "ContactRewriteMethod",
    "CreateMediaTransportFlag",
    "CredDataType",
    "DestroyFlag",
    "DialogCapStatus",
    "DtmfMethod",
    "EchoFlag",
    "EvsubState",
    "FilePlayerOption",
    "FileWriterOption",
    "FormatId",
    "Hdr",
    "HeldRequest",
    "HoldType",
    "IceCandType",
    "IceConfigUse",
    "IceSessRole",
    "IceSessTrickle",
    "IceStransOp",
    "IceStransState",
    "InvState",
    "IpChangeOp",
    "Ipv6Use",
    "JbDiscardAlgo",
    "MedTpSt",
    "MediaDir",
    "MediaEventType",
    "MediaType",
    "Nat64Opt",
    "NatType",
    "PcmMarkOutcome",
    "PortOp",
    "QosFlag",
    "QosType",
    "QosWmmPrio",
    "RedirectOp",
    "RegUseProxy",
    "Rel100Use",
    "Role",
    "RpidActivity",
    "RpidElementType",
    "RtcpFbType",
    "SipSiprecUse",
    "SipTimerUse",
    "SndDevId",
    "SndDevMode",
    "SrtpCryptoOption",
    "SrtpKeyingMethod",
    "SrtpUse",
    "SslCertLookupType",
    "SslCertVerify",
    "SslCipher",
    "SslCurve",
    "SslEntropy",
    "SslMethod",
    "SslSockProto",
    "State",
    "StatusCode",
    "StunPasswdType",
    "StunUse",
    "TpProto",
    "TransportState",
    "TransportType",
    "TsxState",
    "TurnConfigUse",
    "TurnTpType",
    "UpnpUse",
    "VidReqKeyframeMethod",
    "When",
]


def enum_classes() -> dict[str, type[Any]]:
    """The enumerations by name, as the decoder of C structs wants them."""
    return {name: globals()[name] for name in __all__}
