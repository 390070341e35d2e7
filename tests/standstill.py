"""A machine that stands still spoils what a test hears: then, and only then, one marked `hears` runs again.

A process of its own sleeps a hundredth of a second at a time and writes down when it woke late; the kernel
counts how long each thread of this process was ready and did not run. A failure in undisturbed time is a
failure; every second chance is named in the summary.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

__all__ = ["Standstill"]

CHANCES = 3
SECOND_CHANCE = "second chance"
LATE = 0.02
"""Seconds over its sleep after which the watch calls it a standstill: one packet of audio."""

STARVED = 0.1
"""Seconds one thread may wait for a processor in the course of a test."""

WATCH = f"""
import os, time
parent, last = os.getppid(), time.monotonic()
while os.getppid() == parent:
    time.sleep(0.01)
    now = time.monotonic()
    if now - last > 0.01 + {LATE}:
        print(last, now, flush=True)
    last = now
"""


class Standstill:
    """The pytest plugin."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the session
        self._watch: subprocess.Popen[bytes] | None = None
        self._second_chances: list[str] = []

    def start(self) -> None:
        if self._watch is None:
            self._watch = subprocess.Popen([sys.executable, "-I", "-c", WATCH], stdout=self._file)

    def longest(self, since: float) -> float:
        """Seconds of the longest standstill that ended after `since`, a time of the monotonic clock."""
        descriptor = self._file.fileno()
        text, _, _ = os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode().rpartition("\n")
        ends = [tuple(map(float, line.split())) for line in text.splitlines()]
        return max((end - begin for begin, end in ends if end > since), default=0.0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        if item.get_closest_marker("hears") is None:
            return None
        self.start()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reasons: list[str] = []
        for chance in range(1, CHANCES + 1):
            began, waits = time.monotonic(), waited()
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if chance == CHANCES or not any(report.failed for report in reports):
                break
            longest = self.longest(began)
            starved = max((wait - waits.get(task, 0.0) for task, wait in waited().items()), default=0.0)
            if longest:
                reason = f"the machine stood still for {longest * 1000:.0f} ms"
            elif starved > STARVED:
                reason = f"a thread waited {starved * 1000:.0f} ms for a processor"
            else:
                break
            reasons.append(reason)
        # By way of a report, since another process may write the summary.
        reports[-1].user_properties += [(SECOND_CHANCE, f"{item.nodeid}: {reason}") for reason in reasons]
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._second_chances += [str(text) for name, text in report.user_properties if name == SECOND_CHANCE]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._second_chances:
            terminalreporter.section("run again, because what they heard was disturbed")
            for line in self._second_chances:
                terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        if self._watch is not None:
            self._watch.kill()
            self._watch.wait()
        self._file.close()


def waited() -> dict[str, float]:
    """Seconds each thread of this process has been ready to run and was not, by its number."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            found[task.name] = int((task / "schedstat").read_text().split()[1]) / 1e9
        except OSError:
            # It has ended, or this kernel keeps no such count.
            continue
    return found
