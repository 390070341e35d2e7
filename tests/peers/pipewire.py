"""A private PipeWire with the null sinks of `PulseAudio`, for the same clients; ALSA comes by its own plugin.

Debian's pipewire-alsa cannot be installed beside its pulseaudio, so tools/trees has a tree for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from peers.missing import require
from peers.pulseaudio import PulseAudio

_CONFIG = """\
context.properties = { core.daemon = true core.name = pipewire-0 default.clock.rate = %(rate)d }
context.spa-libs = {
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}
context.modules = [
    { name = libpipewire-module-protocol-native }
    { name = libpipewire-module-metadata }
    { name = libpipewire-module-spa-node-factory }
    { name = libpipewire-module-client-node }
    { name = libpipewire-module-client-device }
    { name = libpipewire-module-access }
    { name = libpipewire-module-adapter }
    { name = libpipewire-module-link-factory }
    { name = libpipewire-module-session-manager }
]
context.objects = [
    { factory = spa-node-factory args = {
        factory.name = support.node.driver node.name = driver node.group = pipewire.dummy
        priority.driver = 20000 } }
    %(sinks)s
]
context.exec = [ { path = "wireplumber" args = "" } { path = "pipewire-pulse" args = "" } ]
"""

_SINK = """\
{ factory = adapter args = {
        factory.name = support.null-audio-sink node.name = %s media.class = Audio/Sink audio.position = MONO
        object.linger = true monitor.passthrough = true } }
"""

_ASOUND = """\
pcm.default { type pipewire hint { show on description "the test's PipeWire" } }
ctl.default { type pipewire }
defaults.namehint { basic on extended on showall off }
"""


# WirePlumber ends where it cannot ask logind who sits here, which it does for Bluetooth; its 0.4 and its 0.5.
_WIREPLUMBER = {
    "bluetooth.lua.d/51-off.lua": "bluez_monitor.enabled = false\n",
    "wireplumber.conf.d/51-off.conf": (
        "wireplumber.profiles = { main = { hardware.bluetooth = disabled support.logind = disabled } }\n"
    ),
}


class PipeWire(PulseAudio):
    """PipeWire, WirePlumber and pipewire-pulse, on a D-Bus and on sockets of their own."""

    name: ClassVar[str] = "pipewire"

    def __init__(self, rate: int = 48000, *, directory: Path | None = None) -> None:
        super().__init__(rate, directory=directory)
        self._bus = require("dbus-run-session")
        for program in ("wireplumber", "pipewire-pulse"):
            require(program)

    def client_environment(self) -> dict[str, str]:
        return {**super().client_environment(), "PIPEWIRE_RUNTIME_DIR": str(self._socket.parent)}

    def environment(self) -> Mapping[str, str]:
        """dbus-run-session says where the bus is."""
        environment = dict(super().environment())
        del environment["DBUS_SESSION_BUS_ADDRESS"]
        return environment

    def _prepare(self) -> None:
        super()._prepare()
        sinks = "    ".join(_SINK % name for name in ("speaker", "mic"))
        (self.directory / "pipewire.conf").write_text(_CONFIG % {"rate": self.rate, "sinks": sinks})
        (self.directory / "asound.conf").write_text(_ASOUND)
        for name, text in _WIREPLUMBER.items():
            path = self.directory / "home" / "wireplumber" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def command(self) -> Sequence[str]:
        return [self._bus, "--", self._program, "-c", str(self.directory / "pipewire.conf")]

    def _wait_ready(self) -> None:
        self.wait_until(self._socket.exists, "socket there")
        self.wait_until(self._choose, "sinks there", timeout=15)

    def _choose(self) -> bool:
        """Whether the null sinks are the defaults, which the session manager has to be there for."""
        self._run("set-default-sink", "speaker")
        self._run("set-default-source", "mic.monitor")
        chosen = [self._run(f"get-default-{end}").strip() for end in ("sink", "source")]
        return chosen == ["speaker", "mic.monitor"]
