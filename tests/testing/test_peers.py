"""SIPp and baresip at both ends: user agents that were not written with this server in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Literal

import pytest

from peers.baresip import Baresip
from peers.sipp import Sipp
from pyjsua.testing import Ladder, SipServer, Timers

USERS = {"1001": "secret", "1002": "secret"}

# SIPp 3.6 gives up where the first challenge is one it does not know, baresip 1.0 where any is.
md5_first = pytest.mark.sip_server(users=USERS, algorithms=("MD5", "SHA-256"))
md5_only = pytest.mark.sip_server(users=USERS, algorithms=("MD5",))

Transport = Literal["udp", "tcp"]
StartSipp = Callable[..., Sipp]


@pytest.fixture
def sipp() -> Iterator[StartSipp]:
    """Starts SIPps that are stopped when the test is over."""
    with ExitStack() as stack:

        def start(scenario: str, server: SipServer | None = None, **arguments: Any) -> Sipp:
            target = None if server is None else (server.host, server.port)
            return stack.enter_context(Sipp(scenario, target, **arguments))

        yield start


def register(
    server: SipServer, sipp: StartSipp, phone: Sipp, user: str = "1002", domain: str | None = None
) -> None:
    """Register where `phone` listens."""
    sipp(
        "uac_register",
        server,
        user=user,
        username=user,
        password="secret",
        transport=phone.transport,
        domain=domain,
        keys={"contact": phone.uri},
    ).wait()


def called(server: SipServer) -> list[str]:
    """What the server sent and received for INVITE, in order."""
    return [m.summary for m in server.trace if m.method == "INVITE"]


@md5_first
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call(sip_server: SipServer, sipp: StartSipp, transport: Transport) -> None:
    callee = sipp("uas_answer", user="1002", transport=transport)
    register(sip_server, sipp, callee)
    sipp("uac_call", sip_server, user="1002", username="1001", password="secret", transport=transport).wait()
    callee.wait()
    assert [m.summary for m in sip_server.trace if m.method == "REGISTER"] == [
        "REGISTER",
        "401 Unauthorized",
        "REGISTER",
        "200 OK",
    ]
    assert called(sip_server)[:2] == ["INVITE", "407 Proxy Authentication Required"]
    assert sorted(called(sip_server)[2:]) == sorted(
        ["INVITE", "100 Trying", "INVITE", *["180 Ringing", "200 OK"] * 2]
    )
    assert sip_server.ladder().participants == ["1002", "proxy", "1001"]


@md5_first
def test_many_calls_at_once(sip_server: SipServer, sipp: StartSipp) -> None:
    callee = sipp("uas_answer", user="1002", calls=50, trace=False)
    register(sip_server, sipp, callee)
    arguments = {
        "user": "1002",
        "username": "1001",
        "password": "secret",
        "calls": 50,
        "rate": 100.0,
        "hold": 50,
    }
    assert sipp("uac_call", sip_server, trace=False, **arguments).wait().successful == 50
    callee.wait()


@md5_first
def test_cancel(sip_server: SipServer, sipp: StartSipp) -> None:
    callee = sipp("uas_no_answer", user="1002")
    register(sip_server, sipp, callee)
    sipp("uac_cancel", sip_server, user="1002", username="1001", password="secret").wait()
    callee.wait()
    sip_server.wait_for(lambda m: m.is_response(487, "INVITE") and m.direction == "sent")


@md5_first
@pytest.mark.parametrize(
    ("scenario", "status"), [("uas_busy", 486), ("uas_decline", 603), ("uas_not_found", 404)]
)
def test_a_refusal(sip_server: SipServer, sipp: StartSipp, scenario: str, status: int) -> None:
    callee = sipp(scenario, user="1002")
    register(sip_server, sipp, callee)
    caller = sipp("uac_call", sip_server, user="1002", username="1001", password="secret")
    assert not caller.wait(check=False).ok
    sip_server.wait_for(lambda m: m.is_response(status, "INVITE") and m.direction == "sent")
    callee.wait()


@md5_first
@pytest.mark.parametrize(("user", "status"), [("1002", 480), ("nobody", 404)])
def test_nobody_registered(sip_server: SipServer, sipp: StartSipp, user: str, status: int) -> None:
    sipp("uac_call", sip_server, user=user, username="1001", password="secret").wait(check=False)
    sip_server.wait_for(lambda m: m.is_response(status, "INVITE"))


@pytest.mark.sip_server(users=USERS, algorithms=("MD5",), timers=Timers(t1=0.02))
def test_a_callee_that_is_gone(sip_server: SipServer, sipp: StartSipp) -> None:
    callee = sipp("uas_answer", user="1002")
    register(sip_server, sipp, callee)
    callee.stop()
    sipp("uac_call", sip_server, user="1002", username="1001", password="secret").wait(check=False)
    sip_server.wait_for(lambda m: m.is_response(408, "INVITE"))


@md5_first
def test_a_wrong_password(sip_server: SipServer, sipp: StartSipp) -> None:
    result = sipp("uac_register", sip_server, user="1001", username="1001", password="wrong").wait(
        check=False
    )
    assert not result.ok
    assert not sip_server.registrations


@md5_first
def test_forking(sip_server: SipServer, sipp: StartSipp) -> None:
    ringing, answering = sipp("uas_no_answer", user="1002"), sipp("uas_answer", user="1002")
    register(sip_server, sipp, ringing)
    register(sip_server, sipp, answering)
    sipp("uac_call", sip_server, user="1002", username="1001", password="secret").wait()
    answering.wait()
    # The other one was cancelled, or its scenario would have failed.
    ringing.wait()


@md5_first
def test_the_callee_hangs_up(sip_server: SipServer, sipp: StartSipp) -> None:
    callee = sipp("uas_bye_first", user="1002")
    register(sip_server, sipp, callee)
    sipp("uac_wait_bye", sip_server, user="1002", username="1001", password="secret").wait()
    callee.wait()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_domains(
    sip_server_factory: Callable[..., SipServer], sipp: StartSipp, transport: Transport
) -> None:
    a = sip_server_factory(USERS, domains=["a.test"], algorithms=("MD5",))
    b = sip_server_factory(USERS, domains=["b.test"], algorithms=("MD5",))
    a.add_route("b.test", b.host, b.port, transport)
    callee = sipp("uas_answer", user="1002")
    register(b, sipp, callee, domain="b.test")
    # SIPp writes one domain everywhere: its caller is a stranger to the first server, with no right to relay.
    caller = sipp("uac_call", a, user="1002", domain="b.test", username="1001", password="secret")
    assert not caller.wait(check=False).ok
    a.wait_for(lambda m: m.is_response(403, "INVITE"))
    c = sip_server_factory(domains=["c.test"], routes={"b.test": (b.host, b.port, transport)})
    b.add_route("c.test", c.host, c.port, transport)
    sipp(
        "uac_call", c, user="1002", domain="b.test", from_user="1001", username="1001", password="secret"
    ).wait()
    callee.wait()
    names = {c.addresses[0]: "c.test", b.addresses[0]: "b.test"}
    ladder = Ladder([*c.trace, *b.trace], names)
    assert ladder.participants[1:3] in (["b.test", "c.test"], ["c.test", "b.test"])
    between = [arrow for arrow in ladder.arrows if {arrow.source, arrow.destination} == {"b.test", "c.test"}]
    assert [arrow.label for arrow in between].count("BYE") == 1


@md5_only
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_baresip_calls_baresip(sip_server: SipServer, transport: Transport) -> None:
    proxy = (sip_server.host, sip_server.port)
    with (
        Baresip(sip_server.aor("1002"), proxy, password="secret", transport=transport, answer="auto"),
        Baresip(sip_server.aor("1001"), proxy, password="secret", transport=transport) as caller,
    ):
        sip_server.wait_registered("1001")
        sip_server.wait_registered("1002")
        caller.dial(sip_server.aor("1002"))
        caller.wait_event("CALL_ESTABLISHED")
        caller.hangup()
        sip_server.wait_for(lambda m: m.is_response(200, "BYE") and m.direction == "sent")
    assert "407 Proxy Authentication Required" in called(sip_server)
    sip_server.wait_unregistered("1001")
