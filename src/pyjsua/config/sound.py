"""Sound devices and connections of the conference bridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import SndDevMode
from ..struct import C_DEFAULT, Struct

__all__ = ["ConfConnectParam", "SndDevParam"]


@dataclass(slots=True, kw_only=True)
class SndDevParam(Struct):
    """Which sound devices to open, and how (`pjsua_snd_dev_param`)."""

    c_struct: ClassVar[str] = "pjsua_snd_dev_param"

    capture_dev: int = C_DEFAULT
    """Index of `enum_aud_devs`, `SND_DEFAULT_CAPTURE_DEV`, `SND_NULL_DEV` or `SND_NO_DEV`."""
    playback_dev: int = C_DEFAULT
    """Index of `enum_aud_devs`, `SND_DEFAULT_PLAYBACK_DEV`, `SND_NULL_DEV` or `SND_NO_DEV`."""
    mode: SndDevMode = C_DEFAULT
    use_default_settings: bool = C_DEFAULT
    """Forget what `snd_set_setting` set, and take what the device has."""


@dataclass(slots=True, kw_only=True)
class ConfConnectParam(Struct):
    """How one port hears another (`pjsua_conf_connect_param`)."""

    c_struct: ClassVar[str] = "pjsua_conf_connect_param"

    level: float = C_DEFAULT
    """Gain of this connection, 0.0 to 128.0: 0.0 silent, 1.0 as it is, 2.0 twice the amplitude."""
