"""The plugin, in a pytest of its own."""

from __future__ import annotations

import pytest

from .alone import run_alone

SUITE = """
import pytest
from testing.wire import Wire

def options(server):
    with Wire(server) as phone:
        phone.send(phone.new("OPTIONS", server.uri))
        phone.response(200)

def test_default(sip_server):
    with Wire(sip_server, "1002") as phone:
        phone.register()
    assert sip_server.registrations_of("1002")

@pytest.mark.sip_server(users={"alice": "secret"}, domains=["a.test"])
def test_marked(sip_server):
    assert sip_server.aor("alice") == "sip:alice@a.test"
    with Wire(sip_server, "alice") as phone:
        phone.register()

def test_factory(sip_server_factory):
    a, b = sip_server_factory(domains=["a.test"]), sip_server_factory(domains=["b.test"])
    assert a.running and b.running and a.port != b.port
    options(a)

def test_fails(sip_server):
    options(sip_server)
    assert False, "on purpose"

def test_fails_with_two(sip_server_factory):
    for domain in ("a.test", "b.test"):
        options(sip_server_factory(domains=[domain]))
    assert False, "on purpose"

def test_fails_without_a_message(sip_server):
    assert False, "on purpose"

@pytest.mark.sip_server({"alice": "secret"})
def test_wrong_marker(sip_server):
    pass

def test_nothing_is_left():
    import threading
    assert threading.active_count() == 1
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    arguments = ["-rA", "--strict-markers", "-p", "no:cacheprovider", "-p", "pyjsua.testing.pytest_plugin"]
    printed, errors, _ = run_alone(f"import pytest; sys.exit(pytest.main({arguments}))", cwd=folder)
    return printed + errors


@pytest.mark.parametrize("name", ["test_default", "test_marked", "test_factory", "test_nothing_is_left"])
def test_passes(output: str, name: str) -> None:
    assert f"PASSED test_suite.py::{name}" in output


def test_a_failure_has_the_ladder(output: str) -> None:
    report = output.split("_ test_fails _")[1].split("_ test_fails_with_two _")[0]
    assert "SIP ladder" in report
    assert "- OPTIONS -" in report
    assert "200 OK" in report
    assert "proxy" in report


def test_two_servers_are_told_apart(output: str) -> None:
    report = output.split("_ test_fails_with_two _")[1].split("_ test_fails_without_a_message _")[0]
    assert "a.test" in report.split("SIP ladder")[1]
    assert "b.test" in report.split("SIP ladder")[1]


def test_no_messages_no_ladder(output: str) -> None:
    report = output.split("_ test_fails_without_a_message _")[1].split("short test summary")[0]
    assert "SIP ladder" not in report


def test_a_marker_takes_keywords_only(output: str) -> None:
    assert "the marker sip_server takes keyword arguments only" in output
