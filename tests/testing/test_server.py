"""The life of a server, its settings, its trace."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from pyjsua.testing import NextHop, SipServer, Timers, TraceMessage

from .alone import run_alone
from .wire import Wire, WireMaker


def answers(server: SipServer) -> bool:
    with Wire(server) as phone:
        phone.send(phone.new("OPTIONS", server.uri))
        return phone.response(200).status == 200


def test_start_and_stop_are_idempotent() -> None:
    server = SipServer()
    assert not server.running
    server.stop()
    assert server.start() is server
    port, threads = server.port, threading.active_count()
    server.start()
    assert (server.port, threading.active_count()) == (port, threads)
    assert server.uri == f"sip:127.0.0.1:{port}"
    server.stop()
    server.stop()
    assert not server.running
    assert threading.active_count() == threads - 1


def test_restart_keeps_the_port_and_forgets_who_was_there(wire: WireMaker) -> None:
    server = SipServer({"1001": "secret"})
    with server:
        port = server.port
        wire(server).register()
        assert server.wait_registered("1001")
    assert server.registrations == {}
    assert any(m.is_request("REGISTER") for m in server.trace)
    with server:
        assert server.port == port
        assert answers(server)
        wire(server).register()


def test_stop_lets_go_of_everything() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with SipServer() as server:
        answers(server)
    before = descriptors()
    for _ in range(20):
        with SipServer(host=("127.0.0.1", "::1")) as server, Wire(server, transport="tcp") as phone:
            phone.send(phone.new("OPTIONS", server.uri))
            phone.response(200)
    assert descriptors() == before


def test_stop_ends_who_waits_for_an_unregistration(wire: WireMaker) -> None:
    with SipServer({"1001": "secret"}) as server:
        wire(server).register()
        waiting = threading.Thread(target=server.wait_unregistered, args=("1001", 30))
        waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_port_in_use_is_an_error_and_can_be_tried_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        server = SipServer(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            server.start()
        assert not server.running
    with server:
        assert answers(server)


def test_async_context() -> None:
    async def main() -> TraceMessage:
        async with SipServer() as server:
            waiting = asyncio.create_task(server.wait_for_async(lambda m: m.is_response(200, "OPTIONS")))
            assert await asyncio.to_thread(answers, server)
            return await waiting

    assert asyncio.run(main()).status == 200


def test_it_listens_on_loopback_alone() -> None:
    def bound(port: int) -> set[str]:
        tables = [Path(f"/proc/net/{name}").read_text() for name in ("udp", "tcp", "udp6", "tcp6")]
        local = [line.split()[1] for table in tables for line in table.splitlines()[1:]]
        return {address.split(":")[0] for address in local if int(address.split(":")[1], 16) == port}

    with SipServer() as server:
        assert bound(server.port) == {"0100007F"}


def test_a_wildcard_says_how_it_is_called(wire: WireMaker) -> None:
    with pytest.raises(ValueError, match="advertised_host"):
        SipServer(host="0.0.0.0")
    with SipServer(
        {"1001": "secret", "1002": "secret"}, host="0.0.0.0", advertised_host="127.0.0.1"
    ) as server:
        caller, callee = wire(server, "1001"), wire(server, "1002")
        callee.register()
        caller.invite(server.aor("1002"))
        arrived = callee.request("INVITE")
        assert arrived.headers.get("Record-Route") == f"<sip:127.0.0.1:{server.port};lr>"
        callee.answer(arrived, 486)
        caller.response(486)


@pytest.mark.parametrize(
    "arguments",
    [
        {"host": "localhost"},
        {"host": ()},
        {"port": 70000},
        {"port": -1},
        {"transports": ()},
        {"transports": ("tls",)},
        {"algorithms": ("CRC",)},
        {"algorithms": ()},
        {"min_expires": 10, "default_expires": 5},
        {"max_contacts": 0},
        {"routes": {"x.test": ("nohost", 5060)}},
        {"routes": {"x.test": ("127.0.0.1", 0)}},
        {"routes": {"x.test": ("127.0.0.1", 5060, "sctp")}},
    ],
    ids=str,
)
def test_settings_that_make_no_sense(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        SipServer(**arguments)


def test_timers_take_time() -> None:
    with pytest.raises(ValueError, match="timer"):
        Timers(t1=0)
    assert Timers().timeout == 32


def test_names() -> None:
    server = SipServer(domains=["A.test", "b.test"], routes={"C.test": NextHop("127.0.0.1", 5070)}, port=5999)
    assert (server.domain, server.aor("1001")) == ("a.test", "sip:1001@a.test")
    assert SipServer(host="::1", port=5999).aor("x") == "sip:x@[::1]:5999"
    assert "stopped" in repr(server)
    with pytest.raises(ValueError, match="without users"):
        server.add_user("a", "b")


def test_add_user(sip_server: SipServer, wire: WireMaker) -> None:
    sip_server.add_user("1009", "secret")
    wire(sip_server, "1009").register()
    sip_server.wait_registered("sip:1009@127.0.0.1")


def test_waiting_gives_up_and_says_what_it_saw(sip_server: SipServer) -> None:
    answers(sip_server)
    with pytest.raises(TimeoutError, match="OPTIONS, 200 OK"):
        sip_server.wait_for(lambda m: m.is_request("INVITE"), timeout=0.05)
    with pytest.raises(TimeoutError, match="1001 is not registered"):
        sip_server.wait_registered("1001", timeout=0.05)
    with pytest.raises(TimeoutError, match="OPTIONS, 200 OK"):
        asyncio.run(sip_server.wait_for_async(lambda m: m.is_request("INVITE"), timeout=0.05))


def test_waiting_for_what_comes_and_for_what_came(sip_server: SipServer) -> None:
    threading.Thread(target=answers, args=(sip_server,)).start()
    request = sip_server.wait_for(lambda m: m.is_request("OPTIONS"))
    reply = sip_server.wait_for(lambda m: m.is_response(200), after=request.number + 1)
    assert sip_server.wait_for(lambda m: m.is_request("OPTIONS")) is request
    assert (request.direction, reply.direction, request.transport) == ("received", "sent", "udp")
    assert request.destination == reply.source == (sip_server.host, sip_server.port)
    assert request.source == reply.destination
    assert request.monotonic <= reply.monotonic
    assert request.raw.startswith(b"OPTIONS ")
    with pytest.raises(TimeoutError):
        sip_server.wait_for(lambda m: m.is_request("OPTIONS"), timeout=0.05, after=request.number + 1)


def test_a_predicate_that_raises(sip_server: SipServer) -> None:
    def predicate(message: TraceMessage) -> bool:
        raise LookupError("on purpose")

    threading.Thread(target=answers, args=(sip_server,)).start()
    with pytest.raises(LookupError):
        sip_server.wait_for(predicate)
    assert answers(sip_server)


@pytest.mark.sip_server(trace_limit=4)
def test_the_trace_is_bounded(sip_server: SipServer) -> None:
    for _ in range(5):
        answers(sip_server)
    assert [m.number for m in sip_server.trace] == [6, 7, 8, 9]
    assert sip_server.trace.recorded == 10
    assert [m.summary for m in sip_server.trace[-2:]] == ["OPTIONS", "200 OK"]
    sip_server.trace.clear()
    assert len(sip_server.trace) == 0


def test_exit_with_a_running_server_is_silent() -> None:
    script = "from pyjsua.testing import SipServer; server = SipServer().start(); print(server.running)"
    assert run_alone(script) == ("True\n", "", 0)


def test_nothing_here_needs_the_extension() -> None:
    script = """
import threading
import pyjsua.testing, pyjsua.testing.pytest_plugin
others = [name for name in sys.modules if name.startswith("pyjsua.") and "testing" not in name]
assert sorted(others) == ["pyjsua.loop_reader", "pyjsua.uri"], others
assert threading.active_count() == 1
"""
    assert run_alone(script) == ("", "", 0)
