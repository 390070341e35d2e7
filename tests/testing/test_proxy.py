"""Forwarding by RFC 3261 section 16, as raw sockets at both ends see it."""

from __future__ import annotations

import pytest

from pyjsua.testing import Request, Respond, Response, SipServer

from .wire import Wire, WireMaker


@pytest.fixture
def caller(sip_server: SipServer, wire: WireMaker) -> Wire:
    return wire(sip_server, "1001")


@pytest.fixture
def callee(sip_server: SipServer, wire: WireMaker) -> Wire:
    phone = wire(sip_server, "1002")
    phone.register()
    return phone


def test_a_whole_call(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    assert arrived.uri == callee.contact
    assert arrived.max_forwards == 69
    assert len(arrived.headers.get_all("Via")) == 2
    assert arrived.headers.get_all("Record-Route") == [f"<sip:127.0.0.1:{sip_server.port};lr>"]
    assert "Proxy-Authorization" not in arrived.headers
    caller.response(100)
    callee.answer(arrived, 180)
    assert caller.response(180).to.tag == "callee"
    callee.answer(arrived, 200)
    ok = caller.response(200)
    assert ok.via.branch == invite.via.branch
    assert len(ok.headers.get_all("Via")) == 1
    caller.acknowledge(invite, ok)
    ack = callee.request("ACK")
    assert ack.uri == callee.contact
    assert "Route" not in ack.headers
    caller.send(caller.in_dialog(invite, ok, "BYE"))
    callee.answer(callee.request("BYE"), 200, contact=False)
    caller.response(200, "BYE")


def test_the_callee_hangs_up(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    caller.acknowledge(invite, caller.response(200))
    callee.request("ACK")
    bye = callee.new("BYE", caller.contact, to=arrived.require("From"), call_id=arrived.call_id)
    bye.headers.set("From", arrived.require("To") + ";tag=callee")
    for value in arrived.headers.get_all("Record-Route"):
        bye.headers.add("Route", value)
    callee.send(bye)
    caller.answer(caller.request("BYE"), 200, contact=False)
    callee.response(200, "BYE")


def test_a_re_invite_from_either_side(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    ok = caller.response(200)
    caller.acknowledge(invite, ok)
    callee.request("ACK")
    again = caller.send(caller.in_dialog(invite, ok, "INVITE"))
    callee.answer(callee.request("INVITE"), 488)
    caller.acknowledge(again, caller.response(488))
    callee.request("ACK")
    back = callee.new("INVITE", caller.contact, to=arrived.require("From"), call_id=arrived.call_id)
    back.headers.set("From", arrived.require("To") + ";tag=callee")
    for value in arrived.headers.get_all("Record-Route"):
        back.headers.add("Route", value)
    callee.send(back)
    caller.answer(caller.request("INVITE"), 200)
    callee.acknowledge(back, callee.response(200))
    assert caller.request("ACK").uri == caller.contact


@pytest.mark.parametrize("route", ["sip:{address};lr", "sip:someone@{address};lr", "sip:localhost:{port};lr"])
def test_as_an_outbound_proxy(sip_server: SipServer, caller: Wire, callee: Wire, route: str) -> None:
    value = route.format(address=f"127.0.0.1:{sip_server.port}", port=sip_server.port)
    caller.invite(sip_server.aor("1002"), headers=[("Route", f"<{value}>")])
    assert "Route" not in callee.request("INVITE").headers


def test_rport_and_received(sip_server: SipServer, caller: Wire) -> None:
    request = caller.new("OPTIONS", sip_server.uri)
    request.headers.set("Via", "SIP/2.0/UDP 192.0.2.7:9;rport;branch=z9hG4bKnat")
    caller.send(request)
    via = caller.response(200).via
    assert via.params["received"] == "127.0.0.1"
    assert via.params["rport"] == str(caller.address[1])


def test_without_rport_the_via_port_counts(sip_server: SipServer, wire: WireMaker) -> None:
    asking, hearing = wire(sip_server), wire(sip_server)
    request = asking.new("OPTIONS", sip_server.uri, rport=False)
    request.headers.set("Via", f"SIP/2.0/UDP 127.0.0.1:{hearing.address[1]};branch=z9hG4bKother")
    asking.send(request)
    hearing.response(200)
    assert asking.silent(0.1)


def test_a_wrong_password_does_not_call(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    caller.password = "wrong"
    caller.invite(sip_server.aor("1002"))
    caller.response(407)
    assert callee.silent(0.1)


@pytest.mark.parametrize(
    ("user", "status"),
    [("1003", 404), ("1002", 480), ("", 484)],
    ids=["unknown", "not registered", "no user"],
)
def test_nobody_there(sip_server: SipServer, caller: Wire, user: str, status: int) -> None:
    if not user:
        caller.send(caller.new("INVITE", sip_server.uri))
    else:
        caller.invite(sip_server.aor(user))
    response = caller.response(status)
    assert response.to.tag


@pytest.mark.parametrize("status", [486, 480, 404, 302, 603, 500, 401])
def test_a_refusal_comes_back_and_is_acknowledged(
    sip_server: SipServer, caller: Wire, callee: Wire, status: int
) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, status)
    refusal = caller.response(status)
    assert refusal.to.tag == "callee"
    ack = callee.request("ACK")
    assert ack.via.branch == arrived.via.branch
    assert ack.to.tag == "callee"
    caller.acknowledge(invite, refusal)
    # The caller's ACK ends at the proxy: section 17 has it hop by hop.
    assert callee.silent(0.1)


def test_503_does_not_pass_for_the_proxys_own(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    caller.invite(sip_server.aor("1002"))
    callee.answer(callee.request("INVITE"), 503)
    caller.response(500)


def test_cancel(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 180)
    caller.response(180)
    cancel = Request(invite.headers.copy(), b"", "CANCEL", invite.uri)
    cancel.headers.set("CSeq", f"{invite.cseq[0]} CANCEL")
    caller.send(cancel)
    caller.response(200, "CANCEL")
    cancelled = callee.request("CANCEL")
    assert cancelled.via.branch == arrived.via.branch
    assert len(cancelled.headers.get_all("Via")) == 1
    callee.answer(cancelled, 200, contact=False)
    callee.answer(arrived, 487)
    callee.request("ACK")
    caller.acknowledge(invite, caller.response(487, "INVITE"))


def test_cancel_waits_for_a_provisional_response(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    caller.response(100)
    cancel = Request(invite.headers.copy(), b"", "CANCEL", invite.uri)
    cancel.headers.set("CSeq", f"{invite.cseq[0]} CANCEL")
    caller.send(cancel)
    caller.response(200, "CANCEL")
    assert callee.silent(0.2)
    callee.answer(arrived, 180)
    callee.answer(callee.request("CANCEL"), 200, contact=False)
    callee.answer(arrived, 487)
    caller.response(487, "INVITE")


def test_cancel_of_nothing(sip_server: SipServer, caller: Wire) -> None:
    caller.send(caller.new("CANCEL", sip_server.aor("1002")))
    caller.response(481)


def test_a_retransmitted_invite_is_absorbed(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    caller.response(100)
    caller.send(invite)
    caller.response(100)
    callee.answer(arrived, 486)
    refusal = caller.response(486)
    caller.send(invite)
    assert bytes(caller.response(486)) == bytes(refusal)
    callee.request("ACK")
    assert callee.silent(0.1)


def test_a_retransmitted_200_comes_through(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    caller.response(200)
    callee.answer(arrived, 200)
    caller.response(200)


def test_max_forwards_0(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    request = caller.new("MESSAGE", sip_server.aor("1002"))
    request.headers.set("Max-Forwards", "0")
    caller.send(request)
    caller.response(483)


def test_a_loop_is_found(sip_server_factory: type[SipServer], wire: WireMaker) -> None:
    one = sip_server_factory(domains=["one.test"])
    two = sip_server_factory(domains=["two.test"])
    one.add_route("nowhere.test", "127.0.0.1", two.port)
    two.add_route("nowhere.test", "127.0.0.1", one.port)
    phone = wire(one)
    phone.send(phone.new("MESSAGE", "sip:x@nowhere.test"))
    phone.response(482)


@pytest.mark.parametrize(
    ("method", "status"), [("OPTIONS", 200), ("FROBNICATE", 501), ("MESSAGE", 405), ("INVITE", 484)]
)
def test_requests_to_the_server_itself(sip_server: SipServer, caller: Wire, method: str, status: int) -> None:
    caller.send(caller.new(method, sip_server.uri))
    caller.response(status)


def test_an_unknown_method_is_forwarded(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    request = caller.send(caller.new("FROBNICATE", sip_server.aor("1002")))
    caller.send(caller.authorized(request, caller.response(407)))
    callee.answer(callee.request("FROBNICATE"), 200)
    caller.response(200)


def test_proxy_require(sip_server: SipServer, caller: Wire) -> None:
    caller.send(caller.new("INVITE", sip_server.aor("1002"), headers=[("Proxy-Require", "foo")]))
    assert caller.response(420).headers.get("Unsupported") == "foo"


@pytest.mark.parametrize(
    ("uri", "status"),
    [("sips:1002@127.0.0.1", 416), ("tel:+358", 416), ("nobodyKnowsThisScheme:x", 416), ("1002", 400)],
)
def test_uris_that_are_not_served(sip_server: SipServer, caller: Wire, uri: str, status: int) -> None:
    caller.send(caller.new("INVITE", uri, to="<sip:1002@127.0.0.1>"))
    caller.response(status)


def test_strangers_may_call_our_users_but_not_relay(
    sip_server: SipServer, caller: Wire, callee: Wire
) -> None:
    caller.send(caller.new("MESSAGE", "sip:x@192.0.2.1", sender="sip:stranger@far.test"))
    caller.response(403)
    caller.send(caller.new("MESSAGE", sip_server.aor("1002"), sender="sip:stranger@far.test"))
    callee.answer(callee.request("MESSAGE"), 200)
    caller.response(200)


def test_a_user_of_ours_may_call_an_address(sip_server: SipServer, caller: Wire, wire: WireMaker) -> None:
    outside = wire(sip_server, "outside")
    caller.invite(outside.contact)
    arrived = outside.request("INVITE")
    assert arrived.uri == outside.contact
    outside.answer(arrived, 486)
    caller.response(486)


def test_an_unknown_domain(sip_server: SipServer, caller: Wire) -> None:
    caller.invite("sip:x@unknown.test")
    caller.response(404)


def test_a_strict_router_before_us(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    """Its request has our Record-Route URI for Request-URI, and the target as last Route (16.4)."""
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    ok = caller.response(200)
    caller.acknowledge(invite, ok)
    callee.request("ACK")
    bye = caller.in_dialog(invite, ok, "BYE")
    ours = bye.headers.remove_first("Route").strip("<>")
    bye.headers.add("Route", f"<{bye.uri}>")
    bye.uri = ours
    caller.send(bye)
    arrived = callee.request("BYE")
    assert arrived.uri == callee.contact
    assert "Route" not in arrived.headers


def test_a_strict_router_after_us(sip_server: SipServer, caller: Wire, wire: WireMaker) -> None:
    strict = wire(sip_server, "strict")
    request = caller.new(
        "MESSAGE",
        "sip:x@far.test",
        headers=[("Route", f"<sip:127.0.0.1:{sip_server.port};lr>"), ("Route", f"<sip:{strict.hostport}>")],
    )
    caller.send(request)
    caller.send(caller.authorized(request, caller.response(407)))
    arrived = strict.request("MESSAGE")
    assert arrived.uri == f"sip:{strict.hostport}"
    assert arrived.headers.get_all("Route") == ["<sip:x@far.test>"]


def test_a_peer_that_ignores_record_route_is_served(
    sip_server: SipServer, caller: Wire, callee: Wire
) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = callee.request("INVITE")
    callee.answer(arrived, 200)
    ok = caller.response(200)
    ok.headers.remove("Record-Route")
    caller.acknowledge(invite, ok)
    callee.request("ACK")
    caller.send(caller.in_dialog(invite, ok, "BYE"))
    callee.request("BYE")


def test_a_stray_response_goes_nowhere(sip_server: SipServer, caller: Wire, callee: Wire) -> None:
    request = caller.new("MESSAGE", callee.contact)
    request.headers.prepend("Via", f"SIP/2.0/UDP 127.0.0.1:{sip_server.port};branch=z9hG4bKnone")
    caller.send(request.response(200))
    caller.send(caller.new("OPTIONS", sip_server.uri))
    assert isinstance(caller.receive(), Response)
    assert callee.silent(0.1)


def test_two_servers_with_two_domains(sip_server_factory: type[SipServer], wire: WireMaker) -> None:
    users = {"1001": "secret", "1002": "secret"}
    a = sip_server_factory(users, domains=["a.test"])
    b = sip_server_factory(users, domains=["b.test"], routes={"a.test": ("127.0.0.1", a.port, "udp")})
    a.add_route("b.test", "127.0.0.1", b.port)
    alice, bob = wire(a, "1001"), wire(b, "1002")
    alice.register()
    bob.register()
    invite = alice.invite("sip:1002@b.test")
    arrived = bob.request("INVITE")
    assert len(arrived.headers.get_all("Record-Route")) == 2
    assert [via.split(";")[0] for via in arrived.headers.get_all("Via")] == [
        f"SIP/2.0/UDP 127.0.0.1:{b.port}",
        f"SIP/2.0/UDP 127.0.0.1:{a.port}",
        f"SIP/2.0/UDP {alice.hostport}",
    ]
    bob.answer(arrived, 200)
    ok = alice.response(200)
    alice.acknowledge(invite, ok)
    bob.request("ACK")
    alice.send(alice.in_dialog(invite, ok, "BYE"))
    bob.answer(bob.request("BYE"), 200, contact=False)
    alice.response(200, "BYE")
    # And back, over the route given to the constructor.
    bob.invite("sip:1001@a.test")
    alice.answer(alice.request("INVITE"), 486)
    bob.response(486)


def test_a_fault_in_between_servers(sip_server_factory: type[SipServer], wire: WireMaker) -> None:
    users = {"1001": "secret"}
    a, b = sip_server_factory(users, domains=["a.test"]), sip_server_factory(domains=["b.test"])
    a.add_route("b.test", "127.0.0.1", b.port)
    b.set_fault("INVITE", Respond(488))
    phone = wire(a)
    phone.invite("sip:1002@b.test")
    phone.response(488)
