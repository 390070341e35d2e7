"""The sound device, as a port of the conference bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _core, events
from .aio import Watchers
from .audio_port import AudioPort
from .config import SndDevParam
from .enums import AudDevCap, EchoFlag, MediaDir, MediaEventType, SndDevMode
from .errors import InvalidState, SoundDeviceError, from_status
from .ids import ConfPortId
from .info import AudDevInfo, EchoStat
from .library import SND_DEFAULT_CAPTURE_DEV, SND_DEFAULT_PLAYBACK_DEV, SND_NO_DEV, SND_NULL_DEV

__all__ = ["SoundDevice"]


class SoundDevice(AudioPort):
    """Slot 0: the null device, silent and with a clock of its own, until `open` is called.

    What is connected stays connected whatever device is open. A device that stops, because it was
    unplugged or its sound server ended or stood still for five seconds, is replaced by the null
    device, so that calls go on; `wait_lost` and `lost` tell of it. `open` and `refresh` take as
    long as the devices do: `asyncio.to_thread` keeps a loop going meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lost: SoundDeviceError | None = None
        self._closings = 0
        self._watchers = Watchers()

    @property
    def slot(self) -> ConfPortId | None:
        return ConfPortId(0)

    # -- what there is

    def devices(self) -> list[AudDevInfo]:
        """The sound devices there are (`pjsua_enum_aud_devs`), empty where there is no sound system.

        Looked for when first asked; `refresh` looks again.
        """
        return _core.enum_aud_devs()

    def refresh(self) -> list[AudDevInfo]:
        """Looks for devices anew: what was plugged in, and what has gone (`pjmedia_aud_dev_refresh`).

        What is open goes on. Indexes may change, names do not.
        """
        _core.aud_dev_refresh()
        return self.devices()

    def find(self, device: int | str | AudDevInfo, driver: str | None = None) -> AudDevInfo:
        """The device of that index or name; raises `SoundDeviceError` where there is none.

        `AudDevInfo` is found by its name and driver, wherever it stands in the list now.
        """
        if isinstance(device, bool) or not isinstance(device, int | str | AudDevInfo):
            raise TypeError(f"device: index, name or AudDevInfo expected, not {type(device).__name__}")
        wanted: int | str
        if isinstance(device, AudDevInfo):
            wanted, driver = device.name, device.driver
        else:
            wanted = device
        found = self.devices()
        for each in found:
            if driver is not None and each.driver != driver:
                continue
            if wanted == (each.name if isinstance(wanted, str) else each.id):
                return each
        names = ", ".join(repr(each.name) for each in found) or "none at all"
        of = "" if driver is None else f" of driver {driver!r}"
        raise _no_device(f"no sound device {wanted!r}{of}; there are {names}")

    # -- what is open

    @property
    def active(self) -> bool:
        """Whether real devices are open."""
        return _core.snd_is_active()

    @property
    def capture(self) -> AudDevInfo | None:
        """What is recorded from: None for the null device, or without a microphone."""
        if _core.get_snd_dev2().mode & SndDevMode.SPEAKER_ONLY:
            return None
        return self._open_device(_core.get_snd_dev()[0], lambda device: device.input_count > 0)

    @property
    def playback(self) -> AudDevInfo | None:
        """What is played into: None for the null device."""
        return self._open_device(_core.get_snd_dev()[1], lambda device: device.output_count > 0)

    def _open_device(self, index: int, fits: Callable[[AudDevInfo], bool]) -> AudDevInfo | None:
        if index in (SND_NULL_DEV, SND_NO_DEV) or not self.active:
            return None
        devices = self.devices()
        if index >= 0:
            return next((each for each in devices if each.id == index), None)
        # The name "default" stands for what ALSA's configuration says at the time.
        named = [each for each in devices if each.name == "default"]
        return next((each for each in named or devices if fits(each)), None)

    def open(
        self,
        capture_dev: int | str | AudDevInfo | None = SND_DEFAULT_CAPTURE_DEV,
        playback_dev: int | str | AudDevInfo = SND_DEFAULT_PLAYBACK_DEV,
        *,
        input_latency: int | None = None,
        output_latency: int | None = None,
    ) -> None:
        """Opens real devices in place of what is open, in calls too (`pjsua_set_snd_dev2`).

        Each by its index, its name or as `AudDevInfo`, the default one if left out; `capture_dev`
        None opens no microphone. Latencies are in ms, 0 to 60000, as they were if left out; the
        properties of that name tell what the devices made of them. Raises `SoundDeviceError` that
        names the device; what was open before is open again then, or the null device, and calls go on.
        """
        speaker_only = capture_dev is None
        capture = SND_DEFAULT_CAPTURE_DEV if capture_dev is None else self._index(capture_dev, "capture_dev")
        playback = self._index(playback_dev, "playback_dev")
        kept = {}
        for cap, latency in (
            (AudDevCap.INPUT_LATENCY, input_latency),
            (AudDevCap.OUTPUT_LATENCY, output_latency),
        ):
            if latency is not None:
                kept[cap] = latency
        for cap, latency in kept.items():
            _core.snd_set_setting(cap, latency)
        self._lost = None
        try:
            _core.set_snd_dev2(
                SndDevParam(
                    capture_dev=capture,
                    playback_dev=playback,
                    mode=SndDevMode.SPEAKER_ONLY if speaker_only else SndDevMode(0),
                )
            )
        except SoundDeviceError as error:
            names = [repr(playback_dev) if playback >= 0 else "the default"]
            if not speaker_only:
                names.insert(0, repr(capture_dev) if capture >= 0 else "the default")
            about = f"cannot open {' and '.join(dict.fromkeys(names))}"
            raise _named(error, about) from error

    def _index(self, device: int | str | AudDevInfo, name: str) -> int:
        if isinstance(device, bool) or not isinstance(device, int | str | AudDevInfo):
            raise TypeError(f"{name}: index, name or AudDevInfo expected, not {type(device).__name__}")
        if isinstance(device, int) and device < 0:
            return device
        return self.find(device).id

    def close(self) -> None:
        """Goes back to the null device (`pjsua_set_null_snd_dev`)."""
        _core.set_null_snd_dev()

    # -- a device that went away

    @property
    def lost(self) -> SoundDeviceError | None:
        """Why the device that was open last stopped by itself; None if it did not, and after `open`."""
        return self._lost

    async def wait_lost(self, timeout: float | None = None) -> SoundDeviceError:
        """Returns what the open device stopped with, once it did.

        Raises `TimeoutError`, and `InvalidState` when the endpoint is closed.
        """
        closings = self._closings
        await self._watchers.wait(
            lambda: self._lost is not None or self._closings != closings or not _core.get_state(), timeout
        )
        if self._lost is None:
            raise InvalidState("the Endpoint was closed")
        return self._lost

    def _endpoint_gone(self) -> None:
        self._closings += 1
        self._watchers.changed()

    def _on_media_event(self, event: events.OnMediaEvent) -> None:
        if event.event.type is not MediaEventType.AUD_DEV_ERROR:
            return
        stopped = event.event.aud_dev_err
        what = "playback" if stopped.dir is MediaDir.DECODING else "capture"
        # Both directions tell; what came first is the reason.
        if self._lost is None:
            self._lost = _named(
                from_status(stopped.status, _core.strerror(stopped.status), "", ""),
                f"the {what} device stopped",
            )
            self._watchers.changed()

    # -- its settings

    @property
    def input_latency(self) -> int:
        """Of the open capture device, ms; raises `SoundDeviceError` where there is none."""
        return self._latency(AudDevCap.INPUT_LATENCY)

    @property
    def output_latency(self) -> int:
        """Of the open playback device, ms; raises `SoundDeviceError` where there is none."""
        return self._latency(AudDevCap.OUTPUT_LATENCY)

    def _latency(self, cap: AudDevCap) -> int:
        if not self.active:
            raise _no_device("no sound device is open")
        return int(_core.snd_get_setting(cap))

    def set_input_volume(self, percent: int) -> None:
        """Volume of the microphone, 0 to 100, now and when one is opened (`pjsua_snd_set_setting`).

        Of ALSA's mixer `default`, whatever device is open. Raises `SoundDeviceError` where that has
        no volume.
        """
        self._set_volume(AudDevCap.INPUT_VOLUME_SETTING, percent)

    def set_output_volume(self, percent: int) -> None:
        """Volume of the speaker, 0 to 100, now and when one is opened; see `set_input_volume`."""
        self._set_volume(AudDevCap.OUTPUT_VOLUME_SETTING, percent)

    def _set_volume(self, cap: AudDevCap, percent: int) -> None:
        try:
            _core.snd_set_setting(cap, percent)
        except SoundDeviceError as error:
            raise _named(error, "the sound device has no volume that can be set") from error

    # -- echo

    def cancel_echo(self, tail_ms: int, algorithm: EchoFlag = EchoFlag.DEFAULT) -> None:
        """Takes what the speaker plays out of what the microphone hears (`pjsua_set_ec`).

        `tail_ms` is how long an echo may be, up to 1000; 0 switches it off. `algorithm` is
        `EchoFlag.SPEEX`, the default, or `EchoFlag.SIMPLE`, with other options. Now, and for every
        device opened later.
        """
        _core.set_ec(tail_ms, algorithm)

    @property
    def echo_tail(self) -> int:
        """Length of the echo that is cancelled, ms, 0 for none (`pjsua_get_ec_tail`)."""
        return _core.get_ec_tail()

    def echo_stats(self) -> EchoStat:
        """What the echo canceller does (`pjsua_get_ec_stat`).

        Raises `NotFound` where none runs, `PjsuaError` for Speex's, which keeps no figures.
        """
        return _core.get_ec_stat()

    def __repr__(self) -> str:
        return f"<SoundDevice {_core.get_snd_dev()}>" if _core.get_state() else "<SoundDevice>"


def _no_device(message: str) -> SoundDeviceError:
    status = _core.constant("PJMEDIA_EAUD_INVDEV")
    title = _core.strerror(status)
    return SoundDeviceError(message, status=status, name="PJMEDIA_EAUD_INVDEV", title=title)


def _named(error: Any, about: str) -> SoundDeviceError:
    return SoundDeviceError(
        f"{about}: {error.title}",
        status=error.status,
        name=error.name,
        title=error.title,
        call=error.call,
        log_line=error.log_line,
    )
