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
from .network import *
from .presence import *
from .sound import *
from .status import *
from .stream import *
from .transaction import *
from .transport import *

__all__ = [
    "AudDevCap",
    "AudDevRoute",
    "BuddyStatus",
    "CallFlag",
    "CallMediaStatus",
    "ConfOpType",
    "CredDataType",
    "DialogCapStatus",
    "DtmfMethod",
    "EchoFlag",
    "EvsubState",
    "FilePlayerOption",
    "FileWriterOption",
    "FormatId",
    "Hdr",
    "HoldType",
    "IceCandType",
    "IceSessRole",
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
    "NatType",
    "PortOp",
    "RedirectOp",
    "Rel100Use",
    "Role",
    "RpidActivity",
    "RpidElementType",
    "RtcpFbType",
    "SipTimerUse",
    "SndDevMode",
    "SrtpUse",
    "SslCertVerify",
    "SslProto",
    "State",
    "StatusCode",
    "TpProto",
    "TransportState",
    "TransportType",
    "TsxState",
    "When",
]


def enum_classes() -> dict[str, type[Any]]:
    """The enumerations by name, as the decoder of C structs wants them."""
    return {name: globals()[name] for name in __all__}
