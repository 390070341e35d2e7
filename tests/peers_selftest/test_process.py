"""Peers start, stop and fail as the harness promises, and leave nothing behind."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from peers import missing
from peers.kamailio import Kamailio
from peers.ports import free_port
from peers.process import Peer, PeerDied, PeerTimeout
from peers.sipp import Sipp


class Shell(Peer):
    name: ClassVar[str] = "shell"

    def __init__(self, script: str) -> None:
        super().__init__()
        self._script = script

    def command(self) -> Sequence[str]:
        return ["sh", "-c", self._script]


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, marks=[pytest.mark.asterisk] if program == "asterisk" else [])
        for program in sorted(missing.PACKAGES)
    ],
)
def test_every_peer_is_installed(program: str) -> None:
    missing.require(program)


def test_missing_peer_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(missing.PACKAGES, "no-such-program", "the-package")
    with pytest.raises(missing.MissingPeer, match="apt-get install the-package"):
        missing.require("no-such-program")


def test_stubborn_process_and_its_children_are_killed() -> None:
    peer = Shell(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; sleep 60' & echo ready; wait; sleep 60"
    ).start()
    peer.wait_until(lambda: len(peer.output.split()) == 2, "output")
    child = next(int(word) for word in peer.output.split() if word.isdigit())
    peer.stop(timeout=0.2)
    assert not peer.running
    # SIGKILL is on its way to the orphan; its end is up to the kernel.
    for _ in range(200):
        if not os.path.exists(f"/proc/{child}") or "Z (" in _state(child):
            break
        time.sleep(0.01)
    else:
        pytest.fail(f"child {child} survived")


def _state(pid: int) -> str:
    try:
        return next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "State" in line)
    except OSError:
        return "Z ("


def test_wait_exit_has_a_deadline() -> None:
    with Shell("sleep 60") as peer:
        begun = time.monotonic()
        with pytest.raises(PeerTimeout, match="still runs"):
            peer.wait_exit(0.1)
        assert time.monotonic() - begun < 5


def test_death_while_waiting_is_told_with_the_output() -> None:
    with pytest.raises(PeerDied, match="status 3\nno config"), Shell("echo no config; exit 3") as peer:
        peer.wait_until(lambda: False, "never", timeout=20)


def test_stop_is_idempotent_and_restart_works() -> None:
    peer = Shell("sleep 60")
    peer.stop()
    first = peer.start().pid
    assert peer.start().pid == first
    peer.stop()
    peer.stop()
    assert peer.start().pid != first
    peer.stop()
    assert peer not in Peer.started


def test_kamailio_with_a_bad_config_fails_at_once(kamailio: Callable[..., Kamailio]) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerDied, match="bogus_function"):
        kamailio(first="bogus_function();")
    assert time.monotonic() - begun < 5


def test_kamailio_on_a_taken_port_fails_at_once(kamailio: Callable[..., Kamailio]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises((PeerDied, PeerTimeout)):
            kamailio(port=taken.getsockname()[1])


def test_sipp_with_a_bad_scenario_fails_at_once(sipp: Callable[..., Sipp], tmp_path: Path) -> None:
    scenario = tmp_path / "bad.xml"
    scenario.write_text("<scenario><nonsense/></scenario>")
    with pytest.raises(PeerDied):
        sipp(scenario)


def test_ports_are_distinct_and_free() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", ports[0]))
