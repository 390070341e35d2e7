"""Asterisk as a telephone system: registrar, dial plan, music, voice mail, a queue, messages and hints."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from peers import signals
from peers.missing import require
from peers.ports import free_port
from peers.process import Peer

MUSIC_HZ = 700.0
"""What somebody who waits hears."""

_CONFIG = Path(__file__).with_name("asterisk")


class Asterisk(Peer):
    """An Asterisk of its own on UDP and TCP, at `host:port`, with the files of tests/peers/asterisk.

    `users` maps user names to passwords; each registers, is challenged, may be dialled by its name, and has a
    mail box of that name. The dial plan is in extensions.conf. Music on hold is a tone of `MUSIC_HZ`.
    """

    name: ClassVar[str] = "asterisk"
    stop_timeout: ClassVar[float] = 3.0

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        host: str = "127.0.0.1",
        codecs: str = "ulaw,alaw,g722,gsm,opus",
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self._program = require("asterisk")
        self.host = host
        self.port = free_port(host)
        self.users = dict(users)
        self.codecs = codecs

    def aor(self, user: str) -> str:
        """Address of record of a user, or of an extension of the dial plan."""
        return f"sip:{user}@{self.host}:{self.port}"

    @property
    def recordings(self) -> Path:
        """Where MixMonitor writes."""
        return self.directory / "spool" / "monitor"

    def _prepare(self) -> None:
        for name in ("etc", "lib", "spool/monitor", "log", "run", "db", "music"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        music = signals.tone(MUSIC_HZ, 4.0, 8000, amplitude=0.3)
        signals.write_wav(self.directory / "music" / "tone.wav", music, 8000)
        values = {"directory": str(self.directory), "host": self.host, "port": str(self.port)}
        values["codecs"] = self.codecs
        for source in _CONFIG.iterdir():
            whole, _, per_user = source.read_text().partition(";; for each user\n")
            for user, password in self.users.items():
                whole += per_user.replace("@user@", user).replace("@password@", password)
            for name, value in values.items():
                whole = whole.replace(f"@{name}@", value)
            (self.directory / "etc" / source.name).write_text(whole)

    def command(self) -> Sequence[str]:
        return [self._program, "-f", "-C", str(self.directory / "etc" / "asterisk.conf")]

    def _wait_ready(self) -> None:
        self.wait_until(lambda: self.tell("core waitfullybooted", check=False) != "", "booted", timeout=30.0)

    def tell(self, command: str, *, check: bool = True) -> str:
        """What a command of Asterisk's console prints; empty where it is not up, without `check`."""
        asked = [self._program, "-C", str(self.directory / "etc" / "asterisk.conf"), "-rx", command]
        done = subprocess.run(asked, capture_output=True, text=True, errors="replace", timeout=30.0)
        if done.returncode and check:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return "" if done.returncode else done.stdout

    def report(self) -> str:
        log = self.directory / "log" / "full"
        text = log.read_text(errors="replace") if log.exists() else ""
        return "\n".join([super().report(), *text.splitlines()[-150:]])
