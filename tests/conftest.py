"""Fixtures for tests against real peers; see tests/peers/.

Each factory fixture starts what it is asked for in a folder below the test's `tmp_path` and stops it
afterwards by its own process id. A peer that is not installed fails the test and names the package.
"""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

import lanes
from peers.asterisk import Asterisk
from peers.baresip import Baresip
from peers.kamailio import Kamailio, two_kamailios as make_two_kamailios
from peers.missing import MissingPeer
from peers.pipewire import PipeWire
from peers.ports import free_port as next_free_port
from peers.process import Peer
from peers.pulseaudio import PulseAudio
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from peers.turn import Turn
from peers.wire import WireClient
from standstill import Standstill

P = TypeVar("P", bound=Peer)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Standstill(), "standstill")
    # A shell starts what it runs in the background without Ctrl-C, which programs of the tests would inherit.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return lanes.scheduler(config, log)


if not faulthandler.is_enabled():
    faulthandler.enable()

_used: pytest.StashKey[list[Peer]] = pytest.StashKey()


@pytest.fixture(autouse=True)
def _only_own_peers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stop what a test started, the last first: a user agent unregisters while its registrar still runs."""
    before = set(Peer.started)
    yield
    for peer in reversed(request.node.stash.get(_used, [])):
        peer.stop()
    for peer in set(Peer.started) - before:
        peer.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach to a failing test what its peers wrote and saw."""
    report = yield
    if report.failed:
        peers = {id(peer): peer for peer in [*item.stash.get(_used, []), *Peer.started]}
        for peer in peers.values():
            try:
                text = peer.report()
            except Exception as error:
                # A report that cannot be made must not hide the failure it was for.
                text = f"no report: {error!r}"
            report.sections.append((f"{peer.name} in {peer.directory}", text))
    return report


def _factory(request: pytest.FixtureRequest, tmp_path: Path, kind: type[P]) -> Callable[..., P]:
    used = request.node.stash.setdefault(_used, [])

    def make(*args: Any, start: bool = True, **settings: Any) -> P:
        # Counted per test, so that two of one kind never share a folder.
        settings.setdefault("directory", tmp_path / f"{kind.name}-{len(used) + 1}")
        peer = _or_fail(lambda: kind(*args, **settings))
        used.append(peer)
        return peer.start() if start else peer

    return make


def _or_fail(make: Callable[[], P]) -> P:
    try:
        return make()
    except MissingPeer as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def free_port() -> Callable[..., int]:
    """`free_port(host="127.0.0.1", count=1, even=False)`: a port free for UDP and TCP."""
    return next_free_port


@pytest.fixture
def kamailio(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Kamailio]:
    """`kamailio(domain, users, ...)` starts a registrar and proxy; the arguments are `Kamailio`'s."""
    return _factory(request, tmp_path, Kamailio)


@pytest.fixture
def two_kamailios(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Kamailio, Kamailio]:
    """Running proxies of a.test (users 1001, 1002) and b.test (2001, 2002), passwords `secret-<user>`."""
    try:
        pair = make_two_kamailios(tmp_path)
    except MissingPeer as missing:
        pytest.fail(str(missing), pytrace=False)
    request.node.stash.setdefault(_used, []).extend(pair)
    for proxy in pair:
        proxy.start()
    return pair


@pytest.fixture
def sipp(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Sipp]:
    """`sipp(scenario, target=None, ...)` starts a SIPp; the arguments are `Sipp`'s."""
    return _factory(request, tmp_path, Sipp)


@pytest.fixture
def baresip(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Baresip]:
    """`baresip(aor, proxy, password=...)` starts a user agent; the arguments are `Baresip`'s."""
    return _factory(request, tmp_path, Baresip)


@pytest.fixture
def asterisk(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Asterisk]:
    """`asterisk(users)` starts a telephone system; the arguments are `Asterisk`'s."""
    return _factory(request, tmp_path, Asterisk)


SOUND_SERVERS: dict[str, type[PulseAudio]] = {"pulseaudio": PulseAudio, "pipewire": PipeWire}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sound-server", choices=list(SOUND_SERVERS), default="pulseaudio",
        help="what stands behind ALSA where a test has the fixture pulseaudio",
    )  # fmt: skip


@pytest.fixture
def pulseaudio(request: pytest.FixtureRequest, tmp_path: Path) -> PulseAudio:
    """A running sound server with the null sinks `speaker` and `mic`."""
    return _factory(request, tmp_path, SOUND_SERVERS[request.config.getoption("--sound-server")])()


@pytest.fixture
def rtp_watcher(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., RtpWatcher]:
    """`rtp_watcher(...)` starts an RTP endpoint; the arguments are `RtpWatcher`'s."""
    return _factory(request, tmp_path, RtpWatcher)


@pytest.fixture
def turn(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Turn]:
    """`turn(users)` starts a TURN server; the arguments are `Turn`'s."""
    return _factory(request, tmp_path, Turn)


@pytest.fixture
def wire_client(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., WireClient]:
    """`wire_client(...)` starts a raw UDP client; the arguments are `WireClient`'s."""
    return _factory(request, tmp_path, WireClient)
