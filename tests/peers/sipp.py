"""SIPp as caller, callee or registrar: one of the scenarios beside this file, run as a process."""

from __future__ import annotations

import csv
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Literal

from peers.message import Message
from peers.missing import require
from peers.ports import bracketed, free_port
from peers.process import Peer

SCENARIOS = Path(__file__).with_name("scenarios")

DEFAULT_KEYS = {
    "expires": "3600",
    "min_expires": "120",
    "retry_after": "5",
    "direction": "sendrecv",
    "digits": "1234#",
    "text": "hello",
}
"""Values of the scenarios' keywords where a test gives none; `realm` is the domain, `contact` SIPp's URI."""

# Until SIPp 3.7 in local time, then as of RFC 3339, in UTC.
_RULE = re.compile(rb"^-{40,} (\d{4}-\d\d-\d\d)(?:[ \t]+|T)(\d\d:\d\d:\d\d\.\d+)(Z?).*\n", re.MULTILINE)
_WHAT = re.compile(rb"(\w+) message (sent|received) ?(?:\((\d+) bytes\)|\[(\d+)\] bytes) ?:\s*\n\n")


class SippFailed(AssertionError):
    """SIPp ended with failed calls or an error; the message carries its errors and its messages in short."""


@dataclass(frozen=True, slots=True)
class SippResult:
    """How a run ended. `stats` is the last row of SIPp's statistics file, by column name."""

    returncode: int
    successful: int
    failed: int
    retransmissions: int
    unexpected: int
    errors: str
    messages: list[Message] = field(repr=False)
    stats: Mapping[str, str] = field(repr=False)

    @property
    def ok(self) -> bool:
        return self.returncode == 0 and self.failed == 0


class Sipp(Peer):
    """One run of SIPp with `scenario` (a name in `scenarios/`, or a path).

    A `uac_*` scenario needs `target`, the address messages go to; `user` is whom it calls or registers at
    `domain` (default: the target), and `username`/`password` answer a challenge; the caller is
    `from_user` (default: `username`) at `from_domain` (default: `domain`). Without `target` SIPp is a
    server and ends after `calls` calls (0: runs until stopped). `rate` is calls per second, `limit` the
    most at once, `hold` the milliseconds of the scenarios' pauses. `keys` fills `[name]` in a scenario.
    `delay` is how many seconds it waits after its start before the first call.

    Media: `[media_port]` of the SDP is `media_port` (a free one by default); SIPp reads and drops what
    comes there, or echoes it with `rtp_echo` (on for `uas_answer_media`). `rtp_port` puts another port into
    the SDP instead, where an RtpWatcher listens. `media_files` are put into SIPp's working directory.

    SIPp ends by itself `timeout` seconds after its start whatever happens, and is killed soon after.
    """

    name: ClassVar[str] = "sipp"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(
        self,
        scenario: str | Path,
        target: tuple[str, int] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        transport: Literal["udp", "tcp"] = "udp",
        user: str = "service",
        domain: str | None = None,
        username: str | None = None,
        password: str | None = None,
        from_user: str | None = None,
        from_domain: str | None = None,
        calls: int = 1,
        rate: float | None = None,
        limit: int | None = None,
        hold: int = 200,
        timeout: float = 30.0,
        recv_timeout: float | None = None,
        keys: Mapping[str, str] | None = None,
        media_port: int | None = None,
        rtp_port: int | None = None,
        rtp_echo: bool | None = None,
        media_files: Mapping[str, bytes] | None = None,
        retransmit: bool = True,
        delay: float = 0.0,
        trace: bool = True,
        extra: Sequence[str] = (),
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self._program = require("sipp")
        path = Path(scenario)
        self.scenario = path if path.suffix == ".xml" else SCENARIOS / f"{scenario}.xml"
        if not self.scenario.is_file():
            raise FileNotFoundError(f"no SIPp scenario {self.scenario}")
        self.target = target
        self.host = host
        self.port = free_port(host) if port is None else port
        self.transport = transport
        self.media_port = free_port(host, count=4, even=True) if media_port is None else media_port
        self._user = user
        self._username = username
        self._password = password
        self._calls = calls
        self._rate = rate
        self._limit = limit
        self._hold = hold
        self._timeout = timeout
        self._recv_timeout = recv_timeout
        self._rtp_echo = self.scenario.stem == "uas_answer_media" if rtp_echo is None else rtp_echo
        self._media_files = dict(media_files or {})
        self._retransmit = retransmit
        self._delay = delay
        self._trace = trace
        self._extra = list(extra)
        where = self.address if target is None else target
        self._domain = domain or f"{bracketed(where[0])}:{where[1]}"
        self._keys = {
            "domain": self._domain,
            "from_user": from_user or username or "sipp",
            "rtp_port": str(self.media_port if rtp_port is None else rtp_port),
            **DEFAULT_KEYS,
            "from_domain": from_domain or self._domain,
            "realm": self._domain,
            "contact": self.uri,
            **(keys or {}),
        }

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return (self.host, self.port)

    @property
    def uri(self) -> str:
        """URI that reaches it directly, user included."""
        suffix = ";transport=tcp" if self.transport == "tcp" else ""
        return f"sip:{self._user}@{bracketed(self.host)}:{self.port}{suffix}"

    def _prepare(self) -> None:
        for file in (self._file("messages"), self._file("errors"), self._file("stats"), self._file("log")):
            file.unlink(missing_ok=True)
        for name, content in self._media_files.items():
            (self.directory / name).write_bytes(content)

    def _file(self, kind: str) -> Path:
        return self.directory / f"{kind}.log"

    def command(self) -> Sequence[str]:
        command = [
            self._program, "-sf", str(self.scenario), "-nostdin", "-skip_rlimit",
            "-i", bracketed(self.host), "-bind_local", "-p", str(self.port),
            "-t", "u1" if self.transport == "udp" else "t1",
            "-ci", "127.0.0.1", "-cp", str(free_port()),
            "-mi", self.host, "-mp", str(self.media_port),
            "-s", self._user, "-d", str(self._hold), "-timer_resol", "1",
            "-timeout", f"{max(1, round(self._timeout))}s", "-timeout_error", "-deadcall_wait", "0",
            "-trace_err", "-error_file", str(self._file("errors")),
            "-trace_stat", "-stf", str(self._file("stats")), "-fd", "1",
            "-trace_logs", "-log_file", str(self._file("log")),
        ]  # fmt: skip
        if self._trace:
            command += ["-trace_msg", "-message_file", str(self._file("messages"))]
        if self._delay:
            command += ["-sleep", f"{round(self._delay * 1000)}ms"]
        if self._calls:
            command += ["-m", str(self._calls)]
        if self._rate is not None:
            # SIPp takes whole calls per period.
            command += ["-r", str(round(self._rate * 10)), "-rp", "10000"]
        if self._limit is not None:
            command += ["-l", str(self._limit)]
        if self._recv_timeout is not None:
            command += ["-recv_timeout", str(round(self._recv_timeout * 1000))]
        if self._rtp_echo:
            command.append("-rtp_echo")
        if "register" in self.scenario.stem or "message" in self.scenario.stem:
            # Outside of a call, SIPp's BYE after a failure would be noise on the wire.
            command += ["-default_behaviors", "all,-bye"]
        if not self._retransmit:
            command.append("-nr")
        for name, value in self._keys.items():
            command += ["-key", name, value]
        if self._username is not None:
            command += ["-au", self._username, "-ap", self._password or ""]
            register = self.scenario.stem.startswith("uac_register")
            command += ["-auth_uri", self._domain if register else f"{self._user}@{self._domain}"]
        command += self._extra
        if self.target is not None:
            command.append(f"{bracketed(self.target[0])}:{self.target[1]}")
        return command

    def _wait_ready(self) -> None:
        """A server is ready when the kernel lists its port: SIPp is silent, and a probe would be a call."""
        if self.target is None:
            self.wait_until(lambda: _bound(self.transport, self.port), f"port {self.port} bound")

    def wait(self, timeout: float | None = None, *, check: bool = True) -> SippResult:
        """Wait until SIPp has done its calls. `SippFailed` unless every call succeeded, with `check`."""
        try:
            self.wait_exit(self._timeout + 5.0 if timeout is None else timeout)
        finally:
            self.stop()
        result = self.result()
        if check and not result.ok:
            raise SippFailed(f"{self.scenario.stem}: {result}\n{self.report()}")
        return result

    def finish(self, timeout: float = 10.0, *, check: bool = True) -> SippResult:
        """Take no new calls, wait for those going on, and return the result: for a server with `calls=0`."""
        if self.running and self._process is not None:
            self._process.send_signal(signal.SIGUSR1)
        return self.wait(timeout, check=check)

    def run(self, *, check: bool = True) -> SippResult:
        """Start and wait."""
        self.start()
        return self.wait(check=check)

    def result(self) -> SippResult:
        """What is known now; complete once SIPp has ended."""
        stats = self._stats()

        def count(column: str) -> int:
            return int(stats.get(column) or 0)

        code = self.returncode
        return SippResult(
            returncode=-1 if code is None else code,
            successful=count("SuccessfulCall(C)"),
            failed=count("FailedCall(C)"),
            retransmissions=count("Retransmissions(C)"),
            unexpected=count("FailedUnexpectedMessage(C)"),
            errors=self.errors,
            messages=self.messages,
            stats=stats,
        )

    def _stats(self) -> dict[str, str]:
        try:
            with self._file("stats").open(newline="") as file:
                rows = list(csv.reader(file, delimiter=";"))
        except FileNotFoundError:
            return {}
        return dict(zip(rows[0], rows[-1], strict=False)) if len(rows) > 1 else {}

    @property
    def errors(self) -> str:
        """What SIPp complained of."""
        return _read(self._file("errors"))

    @property
    def log(self) -> list[str]:
        """Lines written by a scenario's <log> actions."""
        return _read(self._file("log")).splitlines()

    @property
    def messages(self) -> list[Message]:
        """Messages sent and received so far, with the microsecond in which SIPp sent or read each.

        SIPp is a process of its own: a test that holds the GIL does not shift these times.
        """
        try:
            return parse_messages(self._file("messages").read_bytes())
        except FileNotFoundError:
            return []

    def report(self) -> str:
        lines = [f"{m.time:.6f} {m.direction:8} {m.transport} {m.start_line}" for m in self.messages[-100:]]
        return "\n".join([super().report(), "--- errors", self.errors[-4000:], "--- messages", *lines])


def parse_messages(trace: bytes) -> list[Message]:
    """Messages of a file that SIPp wrote with -trace_msg."""
    messages = []
    rule = _RULE.search(trace)
    while rule is not None:
        end = rule.end()
        what = _WHAT.match(trace, end)
        if what is not None:
            # By its length, so that nothing inside a message is taken for the next rule.
            end = what.end() + int(what[3] or what[4])
            stamp = datetime.strptime(f"{rule[1].decode()} {rule[2].decode()}", "%Y-%m-%d %H:%M:%S.%f")
            if rule[3]:
                stamp = stamp.replace(tzinfo=UTC)
            messages.append(
                Message(
                    time=stamp.timestamp(),
                    direction="sent" if what[2] == b"sent" else "received",
                    transport=what[1].decode(),
                    raw=trace[what.end() : end],
                )
            )
        rule = _RULE.search(trace, end)
    return messages


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _bound(transport: str, port: int) -> bool:
    """Whether this machine has a socket bound to `port` (TCP: listening)."""
    for suffix in ("", "6"):
        with Path(f"/proc/net/{transport}{suffix}").open() as file:
            for line in list(file)[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and (
                    transport == "udp" or fields[3] == "0A"
                ):
                    return True
    return False
