"""The user agents under test as processes, and the loads put on them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from peers.ports import free_port  # noqa: E402
from peers.sipp import Sipp  # noqa: E402

RTP_PORT = 34000
"""Lowest RTP port of a user agent: PJSIP takes the next free one from here on."""


class AgentDied(RuntimeError):
    """A user agent ended under load, or never began."""


@dataclass(frozen=True)
class Kind:
    """One user agent: how it is called in the tables and started."""

    name: str
    title: str
    command: tuple[str, ...]
    max_calls: int = 1024
    highest_rate: int = 10000
    """Calls per second above which it is known to break."""


class Agent:
    """A user agent running on one core, as ``with Agent(kind, cpu) as agent``."""

    def __init__(self, kind: Kind, cpu: int | None) -> None:
        self.kind = kind
        self.port = free_port()
        self._cpu = cpu

    def __enter__(self) -> Self:
        command = [*self.kind.command, str(self.port), str(RTP_PORT), str(self.kind.max_calls)]
        if self._cpu is not None:
            command = ["taskset", "-c", str(self._cpu), *command]
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._unread = b""
        try:
            # PJSIP writes to the same stream until it is told to log nothing.
            while self._line(20.0) != "ready":
                pass
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _line(self, timeout: float) -> str:
        assert self._process.stdout is not None
        end = time.monotonic() + timeout
        while b"\n" not in self._unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise AgentDied(f"{self.kind.name}: no answer in {timeout:.0f} s")
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                raise AgentDied(f"{self.kind.name}: {self.last_words()}")
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode(errors="replace").strip()

    def last_words(self) -> str:
        """How it ended, and the end of what it wrote to stderr."""
        code = self._process.wait(10)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"exit code {code}" + (f": {lines[-1]}" if lines else "")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def cpu(self) -> float:
        """Seconds of CPU it has used, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def rss(self) -> float:
        """Resident memory in MB."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def ask(self, what: str) -> dict[str, int]:
        """``memory`` or ``trim``: what it says of its heap."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n".encode())
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._line(10.0))
        return answer


@dataclass(frozen=True)
class Load:
    """What SIPp saw."""

    rate: int
    """Calls per second asked for."""
    reached: float
    calls: int
    failed: int
    retransmissions: int

    @property
    def kept_up(self) -> bool:
        """Less than 0.1 % of the calls failed, and they came at the rate asked for."""
        return self.failed < 0.001 * self.calls and self.reached >= 0.97 * self.rate


def sipp_calls(agent: Agent, rate: int, seconds: float) -> Load:
    """SIPp calls, waits for the 200 and hangs up at once, `rate` times a second."""
    calls = max(round(rate * seconds), 20)
    sipp = Sipp(
        "uac_churn",
        ("127.0.0.1", agent.port),
        user="churn",
        calls=calls,
        rate=rate,
        limit=max(agent.kind.max_calls * 3 // 4, agent.kind.max_calls - 100),
        hold=0,
        timeout=3 * seconds + 15,
        recv_timeout=4,
        trace=False,
    )
    began = time.monotonic()
    sipp.start()
    result = sipp.wait(check=False)
    elapsed = time.monotonic() - began
    stats = result.stats
    done = result.successful + result.failed
    # SIPp killed at its time limit counts what it had not done as neither.
    failed = max(result.failed, calls - result.successful)
    reached = float(stats.get("CallRate(C)") or 0) or done / elapsed
    return Load(rate, reached, calls, failed, result.retransmissions)


@dataclass(frozen=True)
class Latency:
    """INVITE to 200, in milliseconds."""

    p50: float
    p99: float
    calls: int


def caller_calls(agent: Agent, caller: Path, calls: int, rate: int) -> Latency:
    """c/caller.c calls one at a time."""
    done = subprocess.run(
        [str(caller), str(agent.port), str(calls), str(rate)],
        capture_output=True,
        text=True,
        timeout=calls / rate * 3 + 20,
        check=False,
    )
    if done.returncode or not agent.alive:
        why = done.stderr.strip() if agent.alive else agent.last_words()
        raise AgentDied(f"{agent.kind.name}: {why}")
    waits = [float(line) / 1000 for line in done.stdout.split()]
    return Latency(statistics.median(waits), percentile(waits, 0.99), calls)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]
