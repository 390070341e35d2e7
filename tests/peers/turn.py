"""coturn as a TURN server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from peers.missing import require
from peers.ports import free_port
from peers.process import Peer


class Turn(Peer):
    """Relays for `users` (passwords by name, long-term credentials of `realm`), over UDP and TCP.

    Its relayed addresses are of 127.0.0.1 as well, with ports from `relay_ports`; peers there are allowed.
    """

    name: ClassVar[str] = "turn"
    stop_timeout: ClassVar[float] = 2.0

    def __init__(
        self, users: Mapping[str, str], *, realm: str = "turn.test", directory: Path | None = None
    ) -> None:
        super().__init__(directory=directory)
        self._program = require("turnserver")
        self.port = free_port()
        first = free_port(count=40, even=True)
        self.relay_ports = range(first, first + 40)
        self.realm = realm
        self.users = dict(users)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        users = [f"--user={user}:{password}" for user, password in self.users.items()]
        files = {"log-file": "log", "pidfile": "pid", "userdb": "users"}
        return [
            self._program, "-n", "--no-tls", "--no-stdout-log", "--simple-log",
            "--verbose", *(f"--{option}={self.directory / name}" for option, name in files.items()),
            "--listening-ip=127.0.0.1", f"--listening-port={self.port}",
            "--relay-ip=127.0.0.1", "--allow-loopback-peers",
            f"--min-port={self.relay_ports[0]}", f"--max-port={self.relay_ports[-1]}",
            "--lt-cred-mech", f"--realm={self.realm}", *users,
            # 4.6 has a command line that wants these, and --no-cli; later ones have neither unless asked.
            f"--cli-port={free_port()}", "--cli-password=nobody's",
        ]  # fmt: skip

    @property
    def log(self) -> str:
        """What it says of its sessions."""
        file = self.directory / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def _wait_ready(self) -> None:
        self.wait_until(lambda: "UDP listener opened" in self.log, "it listens")

    def report(self) -> str:
        return "\n".join([super().report(), *self.log.splitlines()[-60:]])
