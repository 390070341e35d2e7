"""The sound device, as a port of the conference bridge."""

from __future__ import annotations

from . import _core, info, library
from .audio_port import AudioPort
from .ids import ConfPortId

__all__ = ["SoundDevice"]


class SoundDevice(AudioPort):
    """Slot 0: the null device until `open` is called."""

    @property
    def slot(self) -> ConfPortId | None:
        return ConfPortId(0)

    def devices(self) -> list[info.AudDevInfo]:
        """The sound devices there are (`pjsua_enum_aud_devs`)."""
        return _core.enum_aud_devs()

    def open(
        self,
        capture_dev: int = library.SND_DEFAULT_CAPTURE_DEV,
        playback_dev: int = library.SND_DEFAULT_PLAYBACK_DEV,
    ) -> None:
        """Opens real devices (`pjsua_set_snd_dev`); raises `SoundDeviceError`, and calls go on."""
        _core.set_snd_dev(capture_dev, playback_dev)

    def close(self) -> None:
        """Goes back to the null device (`pjsua_set_null_snd_dev`)."""
        _core.set_null_snd_dev()
