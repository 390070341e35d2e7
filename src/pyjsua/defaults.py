"""The defaults and copies of settings, under the names pjsua.h has for them.

A class called without arguments is the same as its default, and `copy.deepcopy` nearly the
same as its copy; these are for those who look for the C names.
"""

from __future__ import annotations

import copy
from dataclasses import fields
from typing import TypeVar

from .config import (
    AccConfig,
    AccDelParam,
    BuddyConfig,
    CallSendDtmfParam,
    CallSendTextParam,
    CallSetting,
    ConfConnectParam,
    Config,
    IceConfig,
    IpChangeParam,
    LoggingConfig,
    MediaConfig,
    MsgData,
    SndDevParam,
    SrtpOpt,
    TransportConfig,
    TurnConfig,
)
from .struct import Struct

__all__ = [
    "acc_config_default",
    "acc_config_dup",
    "acc_del_param_default",
    "buddy_config_default",
    "call_send_dtmf_param_default",
    "call_send_text_param_default",
    "call_setting_default",
    "conf_connect_param_default",
    "config_default",
    "config_dup",
    "ice_config_dup",
    "ip_change_param_default",
    "logging_config_default",
    "logging_config_dup",
    "media_config_default",
    "msg_data_clone",
    "msg_data_init",
    "snd_dev_param_default",
    "srtp_opt_default",
    "srtp_opt_dup",
    "transport_config_default",
    "transport_config_dup",
    "turn_config_dup",
]

S = TypeVar("S", bound=Struct)


def config_default() -> Config:
    """The user agent's settings as C has them by default (`pjsua_config_default`)."""
    return Config()


def logging_config_default() -> LoggingConfig:
    """The log's settings by default (`pjsua_logging_config_default`)."""
    return LoggingConfig()


def media_config_default() -> MediaConfig:
    """The media settings by default (`pjsua_media_config_default`)."""
    return MediaConfig()


def transport_config_default() -> TransportConfig:
    """A transport's settings by default (`pjsua_transport_config_default`)."""
    return TransportConfig()


def acc_config_default() -> AccConfig:
    """An account's settings by default (`pjsua_acc_config_default`).

    As in C, what `Config` says for all accounts is taken from there once the library exists.
    """
    return AccConfig()


def acc_del_param_default() -> AccDelParam:
    """How an account is deleted by default (`pjsua_acc_del_param_default`)."""
    return AccDelParam()


def buddy_config_default() -> BuddyConfig:
    """A buddy's settings by default (`pjsua_buddy_config_default`)."""
    return BuddyConfig()


def call_send_dtmf_param_default() -> CallSendDtmfParam:
    """DTMF by default (`pjsua_call_send_dtmf_param_default`)."""
    return CallSendDtmfParam()


def call_send_text_param_default() -> CallSendTextParam:
    """Real-time text by default (`pjsua_call_send_text_param_default`)."""
    return CallSendTextParam()


def call_setting_default() -> CallSetting:
    """A call's settings by default (`pjsua_call_setting_default`)."""
    return CallSetting()


def conf_connect_param_default() -> ConfConnectParam:
    """A connection of two ports by default (`pjsua_conf_connect_param_default`)."""
    return ConfConnectParam()


def snd_dev_param_default() -> SndDevParam:
    """The sound device by default (`pjsua_snd_dev_param_default`)."""
    return SndDevParam()


def ip_change_param_default() -> IpChangeParam:
    """What `handle_ip_change` does by default (`pjsua_ip_change_param_default`)."""
    return IpChangeParam()


def srtp_opt_default() -> SrtpOpt:
    """SRTP's settings by default (`pjsua_srtp_opt_default`)."""
    return SrtpOpt()


def msg_data_init() -> MsgData:
    """Nothing to add to a message (`pjsua_msg_data_init`)."""
    return MsgData()


def config_dup(src: Config) -> Config:
    """A copy that shares nothing but the handlers themselves (`pjsua_config_dup`)."""
    return _dup(Config, src)


def logging_config_dup(src: LoggingConfig) -> LoggingConfig:
    """A copy (`pjsua_logging_config_dup`)."""
    return _dup(LoggingConfig, src)


def transport_config_dup(src: TransportConfig) -> TransportConfig:
    """A copy (`pjsua_transport_config_dup`)."""
    return _dup(TransportConfig, src)


def acc_config_dup(src: AccConfig) -> AccConfig:
    """A copy (`pjsua_acc_config_dup`)."""
    return _dup(AccConfig, src)


def ice_config_dup(src: IceConfig) -> IceConfig:
    """A copy (`pjsua_ice_config_dup`)."""
    return _dup(IceConfig, src)


def turn_config_dup(src: TurnConfig) -> TurnConfig:
    """A copy (`pjsua_turn_config_dup`)."""
    return _dup(TurnConfig, src)


def srtp_opt_dup(src: SrtpOpt) -> SrtpOpt:
    """A copy (`pjsua_srtp_opt_dup`)."""
    return _dup(SrtpOpt, src)


def msg_data_clone(rhs: MsgData) -> MsgData:
    """A copy (`pjsua_msg_data_clone`)."""
    return _dup(MsgData, rhs, "rhs")


def _dup(cls: type[S], src: S, name: str = "src") -> S:
    if not isinstance(src, cls):
        raise TypeError(f"{name}: {cls.__name__} expected, not {type(src).__name__}")
    return _copy_struct(src)


def _copy_struct(src: S) -> S:
    out = copy.copy(src)
    for field in fields(src):  # type: ignore[arg-type]
        setattr(out, field.name, _copy_value(getattr(src, field.name)))
    return out


def _copy_value(value: object) -> object:
    if isinstance(value, Struct):
        return _copy_struct(value)
    if isinstance(value, tuple | list):
        return tuple(_copy_value(element) for element in value)
    # Handlers are shared, the set of them is not.
    return copy.copy(value) if hasattr(value, "__dataclass_fields__") else value
