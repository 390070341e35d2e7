"""SIP accounts, calls and audio from Python, on PJSIP.

    async with pyjsua.Endpoint() as endpoint:
        account = await endpoint.register("sip:1001@example.com", password="secret")
        call = await account.call("sip:1002@example.com", timeout=30)
        await call.hangup()

`pyjsua.pjsua` is the low-level door, pjsua.h name for name.
"""

from __future__ import annotations

import logging
from importlib.metadata import version as _version

from .account import Account as Account, IncomingCalls as IncomingCalls
from .audio import (
    AudioPort as AudioPort,
    CallAudio as CallAudio,
    Player as Player,
    Recorder as Recorder,
    SoundDevice as SoundDevice,
)
from .call import Call as Call, CallEnd as CallEnd
from .endpoint import Endpoint as Endpoint
from .enums import *
from .errors import *
from .message import Message as Message

__version__ = _version("pyjsua")

logging.getLogger("pyjsua").addHandler(logging.NullHandler())
