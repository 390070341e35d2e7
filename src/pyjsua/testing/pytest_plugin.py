"""Fixtures for tests that need a SIP server; pytest loads this module where pyjsua is installed::

    def test_call(sip_server):
        sip_server.uri, sip_server.aor("1001")         # users 1001 and 1002, password "secret"

    @pytest.mark.sip_server(users={"alice": "secret"}, domains=["a.test"])
    def test_domain(sip_server): ...

    def test_two(sip_server_factory):
        a, b = sip_server_factory(domains=["a.test"]), sip_server_factory(domains=["b.test"])

Both take the arguments of `SipServer`. The ladder of what passed is attached to the report of a failed test.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .server import SipServer

#: What `sip_server` knows unless its marker says otherwise.
DEFAULT_USERS = {"1001": "secret", "1002": "secret"}

MAX_REPORTED = 300

_servers = pytest.StashKey["list[SipServer]"]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "sip_server(**arguments): arguments of the sip_server fixture's SipServer"
    )


@pytest.fixture
def sip_server_factory(request: pytest.FixtureRequest) -> Iterator[Callable[..., SipServer]]:
    """Makes and starts servers that are stopped when the test is over."""
    from .server import SipServer

    servers: list[SipServer] = []
    request.node.stash[_servers] = servers

    def make(*args: Any, **arguments: Any) -> SipServer:
        server = SipServer(*args, **arguments)
        servers.append(server)
        return server.start()

    yield make
    for server in reversed(servers):
        server.stop()


@pytest.fixture
def sip_server(request: pytest.FixtureRequest, sip_server_factory: Callable[..., SipServer]) -> SipServer:
    """A running SipServer with the users 1001 and 1002, or as the marker `sip_server` asks."""
    marker = request.node.get_closest_marker("sip_server")
    if marker is not None and marker.args:
        raise pytest.UsageError("the marker sip_server takes keyword arguments only")
    arguments: dict[str, Any] = {"users": DEFAULT_USERS} | (marker.kwargs if marker else {})
    return sip_server_factory(**arguments)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    servers = item.stash.get(_servers, [])
    if report.failed and any(server.trace for server in servers):
        report.sections.append(("SIP ladder", _ladder(servers)))
    return report


def _ladder(servers: list[SipServer]) -> str:
    from .ladder import Ladder

    messages = sorted((message for server in servers for message in server.trace), key=lambda m: m.monotonic)
    names = {
        address: server.domain if len(servers) > 1 else "proxy"
        for server in servers
        for address in server.addresses
    }
    text = Ladder(messages[-MAX_REPORTED:], names).text()
    left_out = len(messages) - MAX_REPORTED
    return text if left_out <= 0 else f"(the first {left_out} messages are left out)\n{text}"
