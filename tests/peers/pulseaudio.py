"""A private PulseAudio daemon with two null sinks: a real sound path without hardware.

`speaker` is the default sink: what a program plays is in its monitor. `mic` is a second null sink whose
monitor is the default source: what is played into it, a program records.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from peers.missing import require
from peers.process import Peer, PeerTimeout
from peers.signals import Samples

_CONFIG = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=speaker rate={rate} channels=1
load-module module-null-sink sink_name=mic rate={rate} channels=1
set-default-sink speaker
set-default-source mic.monitor
"""

# The whole of ALSA's configuration: the distribution's would read more files after it, and let them win.
_ASOUND = """\
pcm.default { type pulse hint { show on description "the test's PulseAudio" } }
ctl.default { type pulse }
defaults.namehint { basic on extended on showall off }
"""


class PulseAudio(Peer):
    """A daemon of its own, on a socket of its own, at `rate` Hz; no bus, no hardware, nothing of the user's.

    `client_environment()` sends PulseAudio's and ALSA's clients to it, for a subprocess that plays and
    records; it holds a complete HOME, so nothing of the user's own settings counts.
    """

    name: ClassVar[str] = "pulseaudio"

    def __init__(self, rate: int = 48000, *, directory: Path | None = None) -> None:
        super().__init__(directory=directory)
        self._program = require(self.name)
        self._pactl = require("pactl")
        self._parec = require("parec")
        self._pacat = require("pacat")
        self.rate = rate
        # A socket's path may have 107 bytes, and a test's folder has a long name.
        self._short = tempfile.TemporaryDirectory(prefix="pulse-")
        self._socket = Path(self._short.name) / "native"

    @property
    def server(self) -> str:
        """Value of PULSE_SERVER."""
        return f"unix:{self._socket}"

    def client_environment(self) -> dict[str, str]:
        """Environment variables under which a program's default sound device is this daemon."""
        home = str(self.directory / "home")
        return {
            "PULSE_SERVER": self.server,
            "PULSE_CLIENTCONFIG": str(self.directory / "client.conf"),
            "ALSA_CONFIG_PATH": str(self.directory / "asound.conf"),
            "HOME": home,
            "XDG_RUNTIME_DIR": home,
            "XDG_CONFIG_HOME": home,
        }

    def environment(self) -> Mapping[str, str]:
        return {
            **self.client_environment(),
            "PULSE_RUNTIME_PATH": self._short.name,
            "PULSE_STATE_PATH": self._short.name,
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    def _prepare(self) -> None:
        (self.directory / "home").mkdir(mode=0o700, exist_ok=True)
        (self.directory / "default.pa").write_text(_CONFIG.format(socket=self._socket, rate=self.rate))
        (self.directory / "client.conf").write_text("autospawn = no\nenable-shm = no\n")
        (self.directory / "asound.conf").write_text(_ASOUND)

    def command(self) -> Sequence[str]:
        return [
            self._program, "--daemonize=no", "-n", "--use-pid-file=no", "--exit-idle-time=-1",
            "--disable-shm=yes", "--high-priority=no", "--realtime=no", "--log-target=stderr",
            "-F", str(self.directory / "default.pa"),
        ]  # fmt: skip

    def _wait_ready(self) -> None:
        self.wait_until(self._socket.exists, "socket there")
        self.wait_until(
            lambda: self._run("get-default-source").strip() == "mic.monitor", "sinks loaded", timeout=15
        )

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._pactl, *arguments],
            env={**os.environ, **self.client_environment()},
            capture_output=True,
            text=True,
            timeout=10,
        )
        return done.stdout if done.returncode == 0 else ""

    def clients(self) -> str:
        """What plays and records now, as pactl lists it."""
        return self._run("list", "short", "sink-inputs") + self._run("list", "short", "source-outputs")

    def record(self, source: str = "speaker.monitor", *, rate: int | None = None) -> Recorder:
        """Record mono from `source` until the `Recorder` is left: `with pulse.record() as heard: ...`."""
        return Recorder(self, self._parec, source, rate or self.rate)

    def play(self, samples: Samples, rate: int, sink: str = "mic") -> None:
        """Play mono samples into `sink` (`mic`: what programs record), and return when they were heard."""
        with self.start_playing(samples, rate, sink) as player:
            player.wait(len(samples) / rate + 10)

    def start_playing(self, samples: Samples, rate: int, sink: str = "mic") -> Player:
        """The same without waiting: `with pulse.start_playing(...) as player: ...`."""
        return Player(self, self._pacat, samples, rate, sink)

    def stop(self, timeout: float | None = None) -> None:
        super().stop(timeout)
        self._socket.unlink(missing_ok=True)


class _Client(Peer):
    """A program that plays into or records from the daemon."""

    def __init__(self, pulse: PulseAudio, label: str) -> None:
        super().__init__(directory=Path(tempfile.mkdtemp(prefix=f"{label}-", dir=pulse.directory)))
        self._pulse = pulse

    def environment(self) -> Mapping[str, str]:
        return self._pulse.client_environment()


class Recorder(_Client):
    """parec writing raw samples into a file. `samples` and `rate` hold the recording, also while it grows."""

    name: ClassVar[str] = "parec"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, pulse: PulseAudio, program: str, source: str, rate: int) -> None:
        super().__init__(pulse, "record")
        self._program = program
        self._source = source
        self.rate = rate
        self._file = self.directory / "raw"

    def command(self) -> Sequence[str]:
        return [
            self._program, "--raw", f"--device={self._source}", f"--rate={self.rate}", "--channels=1",
            "--format=s16le", "--latency-msec=20", "--process-time-msec=5", str(self._file),
        ]  # fmt: skip

    def _wait_ready(self) -> None:
        """Ready when the first samples came: what is played from now on is recorded."""
        self.wait_until(
            lambda: self._file.exists() and self._file.stat().st_size > 0, "first samples recorded"
        )

    @property
    def samples(self) -> Samples:
        data = self._file.read_bytes()
        return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.int16)

    def wait_seconds(self, seconds: float, timeout: float | None = None) -> None:
        """Wait until the recording is `seconds` long: time as the sound server counts it."""
        wanted = int(seconds * self.rate) * 2
        self.wait_until(
            lambda: self._file.stat().st_size >= wanted, f"{seconds} s recorded", timeout or seconds + 10
        )


class Player(_Client):
    """pacat playing raw samples; it ends by itself when the sink has played them."""

    name: ClassVar[str] = "pacat"

    def __init__(self, pulse: PulseAudio, program: str, samples: Samples, rate: int, sink: str) -> None:
        super().__init__(pulse, "play")
        self._program = program
        self._rate = rate
        self._sink = sink
        self._file = self.directory / "raw"
        self._file.write_bytes(samples.astype("<i2").tobytes())

    def command(self) -> Sequence[str]:
        return [
            self._program, "--playback", "--raw", f"--device={self._sink}", f"--rate={self._rate}",
            "--channels=1", "--format=s16le", "--latency-msec=400", "--process-time-msec=5", str(self._file),
        ]  # fmt: skip

    def wait(self, timeout: float) -> None:
        if self.wait_exit(timeout) != 0:
            raise PeerTimeout(f"pacat failed\n{self.report()}")
