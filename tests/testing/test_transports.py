"""TCP, IPv6, and calls from one to the other."""

from __future__ import annotations

import socket

import pytest

from pyjsua.testing import SipServer

from .wire import Wire, WireMaker


def call(caller: Wire, callee: Wire) -> list[str]:
    """A whole call, hung up by the caller; returns the Record-Route that the callee saw."""
    invite = caller.invite(caller.server.aor(callee.user))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    ok = caller.response(200)
    caller.acknowledge(invite, ok)
    callee.request("ACK")
    caller.send(caller.in_dialog(invite, ok, "BYE"))
    callee.answer(callee.request("BYE"), 200, contact=False)
    caller.response(200, "BYE")
    return arrived.headers.get_all("Record-Route")


def test_call_over_tcp_uses_the_callees_connection(sip_server: SipServer, wire: WireMaker) -> None:
    caller, callee = wire(sip_server, "1001", "tcp"), wire(sip_server, "1002", "tcp")
    callee.register()
    assert call(caller, callee) == [f"<sip:127.0.0.1:{sip_server.port};transport=tcp;lr>"]


@pytest.mark.parametrize(("first", "second"), [("udp", "tcp"), ("tcp", "udp")])
def test_change_of_transport_records_both_routes(
    sip_server: SipServer, wire: WireMaker, first: str, second: str
) -> None:
    caller, callee = wire(sip_server, "1001", first), wire(sip_server, "1002", second)
    callee.register()
    routes = call(caller, callee)
    assert [";transport=tcp" in route for route in routes] == [second == "tcp", first == "tcp"]


@pytest.mark.sip_server(users={"1001": "secret", "1002": "secret"}, host=("127.0.0.1", "::1"))
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_ipv4_calls_ipv6(sip_server: SipServer, wire: WireMaker, transport: str) -> None:
    caller = wire(sip_server, "1001", transport)
    callee = wire(sip_server, "1002", transport, host="::1")
    callee.register()
    routes = call(caller, callee)
    assert [f"[::1]:{sip_server.port}" in route for route in routes] == [True, False]


@pytest.mark.sip_server(users={"1001": "secret", "1002": "secret"}, host="::1")
def test_ipv6_alone(sip_server: SipServer, wire: WireMaker) -> None:
    assert sip_server.uri == f"sip:[::1]:{sip_server.port}"
    caller, callee = wire(sip_server, "1001"), wire(sip_server, "1002")
    callee.register()
    call(caller, callee)


CLOSED = ("127.0.0.1", 9)


def test_a_registered_connection_is_used_whatever_the_contact_says(
    sip_server: SipServer, wire: WireMaker
) -> None:
    caller, callee = wire(sip_server, "1001"), wire(sip_server, "1002", "tcp")
    here = callee.hostport
    callee.address = CLOSED
    request = callee.new("REGISTER", sip_server.uri, to=f"<{callee.aor}>")
    request.headers.set("Via", request.require("Via").replace(callee.hostport, here))
    callee.send(request)
    final = callee.authorized(request, callee.response(401))
    callee.send(final)
    callee.response(200)
    caller.invite(sip_server.aor("1002"))
    assert callee.request("INVITE").uri == "sip:1002@127.0.0.1:9;transport=tcp"


@pytest.mark.parametrize("told", ["by its Via", "by where it comes from"])
def test_a_callers_connection_is_used_within_the_dialog(
    sip_server: SipServer, wire: WireMaker, told: str
) -> None:
    caller, callee = wire(sip_server, "1001", "tcp"), wire(sip_server, "1002")
    callee.register()
    passing = caller.contact
    caller.address = CLOSED
    contact = caller.contact if told == "by its Via" else passing
    invite = caller.new("INVITE", sip_server.aor("1002"))
    invite.headers.set("Contact", f"<{contact}>")
    caller.send(invite)
    challenge = caller.response(407)
    caller.acknowledge(invite, challenge)
    invite = caller.send(caller.authorized(invite, challenge))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    caller.acknowledge(invite, caller.response(200))
    callee.request("ACK")
    bye = callee.new("BYE", contact, to=arrived.require("From"), call_id=arrived.call_id)
    bye.headers.set("From", arrived.require("To") + ";tag=callee")
    for value in arrived.headers.get_all("Record-Route"):
        bye.headers.add("Route", value)
    callee.send(bye)
    assert caller.request("BYE").uri == contact


def test_a_dropped_connection_is_a_lost_contact(sip_server: SipServer, wire: WireMaker) -> None:
    caller, callee = wire(sip_server, "1001"), wire(sip_server, "1002", "tcp")
    callee.register()
    callee.close()
    caller.invite(sip_server.aor("1002"))
    # Nobody listens at the passing port of a closed connection: the new one is refused at once.
    caller.response(500)


def test_a_connection_lost_during_the_call_attempt(sip_server: SipServer, wire: WireMaker) -> None:
    caller, callee = wire(sip_server, "1001"), wire(sip_server, "1002", "tcp")
    callee.register()
    caller.invite(sip_server.aor("1002"))
    callee.answer(callee.request("INVITE"), 180)
    caller.response(180)
    callee.close()
    caller.response(500)


def test_a_response_finds_its_way_after_the_connection_closed(sip_server: SipServer, wire: WireMaker) -> None:
    """The caller listens where its Via says (section 18.2.2)."""
    callee = wire(sip_server, "1002")
    callee.register()
    caller = wire(sip_server, "1001", "tcp")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        caller.address = listener.getsockname()[:2]
        caller.invite(sip_server.aor("1002"))
        arrived = callee.request("INVITE")
        caller.response(100)
        caller.close()
        # The server has to have seen the connection go before it answers.
        with wire(sip_server, "1001", "tcp") as other:
            other.send(other.new("OPTIONS", sip_server.uri))
            other.response(200)
        callee.answer(arrived, 486)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(4096).startswith(b"SIP/2.0 486")


def test_messages_in_pieces_and_in_one_piece(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server, transport="tcp")
    one = bytes(phone.new("OPTIONS", sip_server.uri))
    for at in range(0, len(one), 40):
        phone.send_raw(one[at : at + 40])
    phone.response(200)
    three = b"".join(bytes(phone.new("OPTIONS", sip_server.uri)) for _ in range(3))
    phone.send_raw(b"\r\n" + three)
    for _ in range(3):
        phone.response(200)


def test_keep_alive(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server, transport="tcp")
    phone.send_raw(b"\r\n\r\n")
    assert phone.receive_raw() == b"\r\n"
    assert len(sip_server.trace) == 0


@pytest.mark.parametrize("length", ["-5", "many", "99999999999", "0\r\nl: 0", None])
def test_a_stream_that_cannot_be_framed_is_closed(
    sip_server: SipServer, wire: WireMaker, length: str | None
) -> None:
    phone = wire(sip_server, transport="tcp")
    raw = bytes(phone.new("OPTIONS", sip_server.uri))
    line = b"" if length is None else f"Content-Length: {length}\r\n".encode()
    phone.send_raw(raw.replace(b"Content-Length: 0\r\n", line))
    phone.response(400)
    with pytest.raises(ConnectionError):
        phone.receive_raw()


def flood(phone: Wire) -> None:
    while True:
        phone.send_raw(b"X" * 10_000)


def test_headers_without_end_are_cut_off(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server, transport="tcp")
    # Closed or reset, whichever the kernel says first.
    with pytest.raises((ConnectionError, BrokenPipeError)):
        flood(phone)
    other = wire(sip_server, transport="tcp")
    other.send(other.new("OPTIONS", sip_server.uri))
    other.response(200)


def test_two_servers_over_tcp(sip_server_factory: type[SipServer], wire: WireMaker) -> None:
    users = {"1001": "secret", "1002": "secret"}
    a, b = sip_server_factory(users, domains=["a.test"]), sip_server_factory(users, domains=["b.test"])
    a.add_route("b.test", "127.0.0.1", b.port, "tcp")
    alice, bob = wire(a, "1001"), wire(b, "1002")
    bob.register()
    invite = alice.invite("sip:1002@b.test")
    arrived = bob.request("INVITE")
    assert [";transport=tcp" in value for value in arrived.headers.get_all("Record-Route")] == [
        False,
        True,
        True,
        False,
    ]
    bob.answer(arrived, 200)
    ok = alice.response(200)
    alice.acknowledge(invite, ok)
    bob.request("ACK")
    bye = bob.new("BYE", alice.contact, to=arrived.require("From"), call_id=arrived.call_id)
    bye.headers.set("From", arrived.require("To") + ";tag=callee")
    for value in arrived.headers.get_all("Record-Route"):
        bye.headers.add("Route", value)
    bob.send(bye)
    alice.answer(alice.request("BYE"), 200, contact=False)
    bob.response(200, "BYE")
