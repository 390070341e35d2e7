"""A peer that is a process: started in a session of its own, stopped by its own id, its output kept."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self


class PeerDied(RuntimeError):
    """The process ended although it should be running; the message carries the end of its output."""


class PeerTimeout(TimeoutError):
    """Something expected of a peer did not happen in time."""


class Peer:
    """Base of every peer. Subclasses give `command()` and, if they can tell, `_wait_ready()`.

    `directory` is where the peer keeps its files; without one it gets a temporary directory that lives as
    long as the object. Peers are context managers; `start` and `stop` may be called repeatedly.
    """

    name: ClassVar[str] = "peer"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_timeout: ClassVar[float] = 5.0
    """Seconds that a process has to end by itself."""
    started: ClassVar[weakref.WeakSet[Peer]] = weakref.WeakSet()
    """Every peer started in this process that has not been stopped, for teardown and failure reports."""

    def __init__(self, *, directory: Path | None = None) -> None:
        if directory is None:
            directory = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
            weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        """The program and its arguments."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Environment variables on top of the test's own."""
        return {}

    def _prepare(self) -> None:
        """Write configuration files; called before every start."""

    def _wait_ready(self) -> None:
        """Return when the peer answers; raise `PeerTimeout` or `PeerDied`."""

    @property
    def output_file(self) -> Path:
        return self.directory / f"{self.name}.out"

    @property
    def output(self) -> str:
        """What the process wrote to stdout and stderr so far."""
        try:
            return self.output_file.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def report(self) -> str:
        """What a failing test should show of this peer: the last 100 lines of output by default."""
        return "\n".join(self.output.splitlines()[-100:])

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PeerDied(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal, None while running."""
        return None if self._process is None else self._process.poll()

    def start(self) -> Self:
        """Start the process and wait until it is ready. Starting a running peer does nothing."""
        if self.running:
            return self
        self._prepare()
        command = list(self.command())
        if threading.current_thread() is threading.main_thread():
            # A test run that is killed takes its peers along. The signal follows the parent *thread*, hence
            # only from the main one.
            setpriv = shutil.which("setpriv")
            if setpriv is not None:
                command = [setpriv, "--pdeathsig", "TERM", *command]
        with self.output_file.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=self._stdin(),
                stdout=self._stdout() or output,
                stderr=output,
                cwd=self.directory,
                env={**os.environ, "LC_ALL": "C", **self.environment()},
                start_new_session=True,
            )
        Peer.started.add(self)
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def _stdin(self) -> int:
        return subprocess.DEVNULL

    def _stdout(self) -> int | None:
        return None

    def wait_exit(self, timeout: float) -> int:
        """Wait until the process ends and return its exit status; `PeerTimeout` after `timeout` seconds."""
        process = self._process
        if process is None:
            raise PeerDied(f"{self.name} was not started")
        if not _wait_pid(process, timeout):
            raise PeerTimeout(
                f"{self.name} (pid {process.pid}) still runs after {timeout:g} s\n{self.report()}"
            )
        return process.wait()

    def stop(self, timeout: float | None = None) -> None:
        """End the process: politely, and after `timeout` seconds by SIGKILL to its own process group.

        Without `timeout` it is `stop_timeout`.
        """
        process = self._process
        if process is None:
            return
        Peer.started.discard(self)
        if process.poll() is None:
            self._ask_to_stop(process)
            if not _wait_pid(process, self.stop_timeout if timeout is None else timeout):
                _signal_group(process.pid, signal.SIGKILL)
                process.wait()
        # The leader is reaped; what is left of its group are children it did not wait for.
        _signal_group(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def kill(self) -> None:
        """End it without warning, with all that it started."""
        _signal_group(self.pid, signal.SIGKILL)

    def _ask_to_stop(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(self.stop_signal)

    def check_running(self) -> None:
        """Raise `PeerDied` with the output if the process has ended."""
        if not self.running:
            raise PeerDied(f"{self.name} ended with status {self.returncode}\n{self.report()}")

    def wait_until(self, condition: Callable[[], bool], what: str, timeout: float = 10.0) -> None:
        """Ask `condition` again and again, for state that the kernel shows but does not announce.

        Ends early with `PeerDied` if the process ends; `PeerTimeout` after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if self._process is not None and _wait_pid(self._process, 0.005):
                self.check_running()
            if time.monotonic() > deadline:
                raise PeerTimeout(f"{self.name}: {what} not within {timeout:g} s\n{self.report()}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _wait_pid(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait for the process's end without polling; True if it ended."""
    if process.poll() is not None:
        return True
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return process.poll() is not None
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        poller.poll(max(0, int(timeout * 1000)))
    finally:
        os.close(descriptor)
    return process.poll() is not None


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
