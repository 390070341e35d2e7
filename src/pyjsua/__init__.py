"""SIP accounts, calls and audio from Python, on PJSIP::

    async with pyjsua.Endpoint() as endpoint:
        account = await endpoint.register("sip:1001@example.com", password="secret")
        call = await account.call("sip:1002@example.com", timeout=30)
        await call.hangup()

`pyjsua.pjsua` is the low-level door, pjsua.h name for name.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import Account as Account, IncomingCalls as IncomingCalls
    from .audio_port import AudioPort as AudioPort
    from .buddy import (
        Buddy as Buddy,
        BuddyCall as BuddyCall,
        DialogState as DialogState,
        Presence as Presence,
    )
    from .build import build_info as build_info
    from .call import Call as Call
    from .call_audio import CallAudio as CallAudio
    from .call_end import CallEnd as CallEnd, EndedBy as EndedBy, EndedHow as EndedHow
    from .call_handler import CallHandler as CallHandler
    from .call_life import CallEvent as CallEvent, CallEventKind as CallEventKind
    from .call_request import Requests as Requests
    from .call_requests import (
        ReplaceRequest as ReplaceRequest,
        Replaces as Replaces,
        TransferRequest as TransferRequest,
    )
    from .call_times import CallTimes as CallTimes
    from .codecs import Codec as Codec, EndpointCodec as EndpointCodec
    from .conference import (
        Conference as Conference,
        ConferenceChange as ConferenceChange,
        Participant as Participant,
    )
    from .countries import (
        COUNTRIES as COUNTRIES,
        CountryTones as CountryTones,
        country_tones as country_tones,
    )
    from .delivery import EventStats as EventStats
    from .dtmf import Collected as Collected, CollectEnd as CollectEnd, Digit as Digit
    from .endpoint import Endpoint as Endpoint
    from .enums import *
    from .errors import *
    from .feed import Feed as Feed
    from .ip_change import IpChange as IpChange
    from .message import Message as Message
    from .message_waiting import (
        MessageCount as MessageCount,
        MessageWaiting as MessageWaiting,
        Mwi as Mwi,
    )
    from .messages import Delivery as Delivery, InstantMessage as InstantMessage, Typing as Typing
    from .mos import Mos as Mos
    from .native_port import NativePort as NativePort, get_include as get_include
    from .notifier import Notifier as Notifier, Subscriber as Subscriber
    from .offer import Offer as Offer
    from .player import Player as Player, Playlist as Playlist
    from .reason import Cause as Cause, Reason as Reason
    from .recorder import Recorder as Recorder
    from .registration import (
        RegistrationState as RegistrationState,
        RegistrationStatus as RegistrationStatus,
    )
    from .sip_messages import SipMessages as SipMessages
    from .sound_device import SoundDevice as SoundDevice
    from .stereo import StereoRecorder as StereoRecorder
    from .stream import AudioStream as AudioStream
    from .subscription import Notify as Notify, Subscription as Subscription
    from .tone import ToneDesc as ToneDesc, ToneGenerator as ToneGenerator
    from .transfer import Transfer as Transfer, TransferStatus as TransferStatus
    from .uri import NameAddr as NameAddr, Uri as Uri
    from .watcher import SubscribePolicy as SubscribePolicy, Watcher as Watcher

__version__: str

logging.getLogger("pyjsua").addHandler(logging.NullHandler())

# Loaded when a name is first asked for: every pytest run imports the package for its plugin, and
# `pyjsua.testing` needs none of this. First what is asked for most.
_MODULES = (
    "errors",
    "enums",
    "endpoint",
    "account",
    "audio_port",
    "buddy",
    "build",
    "call",
    "call_audio",
    "call_end",
    "call_handler",
    "call_request",
    "call_requests",
    "call_life",
    "call_times",
    "codecs",
    "conference",
    "countries",
    "delivery",
    "dtmf",
    "feed",
    "ip_change",
    "message",
    "mos",
    "message_waiting",
    "messages",
    "native_port",
    "notifier",
    "offer",
    "player",
    "reason",
    "recorder",
    "sip_messages",
    "registration",
    "sound_device",
    "stereo",
    "stream",
    "subscription",
    "tone",
    "transfer",
    "uri",
    "watcher",
)


def __getattr__(name: str) -> object:
    if name == "__version__":
        # importlib.metadata alone takes longer to import than all the rest.
        from importlib.metadata import version

        return version("pyjsua")
    where = ""
    # `from . import events` asks here before it imports: a module's name is not for this to find.
    if name.startswith("_"):
        pass
    elif importlib.util.find_spec(f"{__name__}.{name}") is not None:
        where = f" before 'import {__name__}.{name}'"
    else:
        for module_name in _MODULES:
            module = importlib.import_module(f".{module_name}", __name__)
            if name in getattr(module, "__all__"):  # noqa: B009 - a module's type has no __all__
                value: object = getattr(module, name)
                globals()[name] = value
                return value
        if hasattr(importlib.import_module(".pjsua", __name__), name):
            where = f"; {__name__}.pjsua has"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{where}")


def __dir__() -> list[str]:
    names = [name for module in _MODULES for name in importlib.import_module(f".{module}", __name__).__all__]
    return sorted({*globals(), *names})
