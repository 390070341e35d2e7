"""STUN servers found, given up and waited for, and the kind of NAT they see."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from peers.stun import StunServer
from pjsua.phone import Missing, Phone, until
from pyjsua import _core, pjsua as pj


@pytest.fixture
def server() -> Iterator[StunServer]:
    with StunServer() as started:
        yield started


@pytest.fixture
def silent() -> Iterator[StunServer]:
    with StunServer(silent=True) as started:
        yield started


def test_a_server_is_found(phone: Phone, server: StunServer) -> None:
    token = object()
    pj.resolve_stun_servers([server.address], token=token)
    event = phone.wait(pj.OnStunResolutionComplete)
    assert event.token is token
    assert (event.status, event.status_text) == (0, "")
    assert (event.name, event.addr, event.index) == (server.address, server.address, 0)
    assert server.requests == 1


def test_the_first_that_answers_is_taken(phone: Phone, server: StunServer) -> None:
    pj.resolve_stun_servers(["no such host", server.address], token="both", wait=True)
    event = phone.wait(pj.OnStunResolutionComplete)
    assert (event.token, event.name, event.index) == ("both", server.address, 1)


def test_no_server_at_all(phone: Phone) -> None:
    with pytest.raises(pj.PjsuaError, match="srv"):
        pj.resolve_stun_servers(["no such host"], wait=True, token="none")
    event = phone.wait(pj.OnStunResolutionComplete)
    assert event.token == "none"
    assert event.status != 0
    assert event.status_text
    assert (event.name, event.addr, event.index) == ("", "", -1)


def test_a_resolution_is_cancelled(phone: Phone, silent: StunServer) -> None:
    for token in ("one", "two"):
        pj.resolve_stun_servers([silent.address], token=token)
    pj.cancel_stun_resolution("one", notify_cb=True)
    event = phone.wait(pj.OnStunResolutionComplete)
    assert event.token == "one"
    assert pj.strerror(event.status) == event.status_text
    assert "PJ_ECANCELLED" in event.status_text
    pj.cancel_stun_resolution("two")
    with pytest.raises(pj.PjsuaError) as error:
        pj.cancel_stun_resolution("two")
    assert error.value.name == "PJ_ENOTFOUND"
    with pytest.raises(ValueError, match="token"):
        pj.cancel_stun_resolution(None)
    with pytest.raises(Missing):
        phone.wait(pj.OnStunResolutionComplete, count=2, timeout=0.3)


def test_the_servers_in_use_are_replaced(phone: Phone, server: StunServer) -> None:
    pj.update_stun_servers([server.address], wait=True)
    event = phone.wait(pj.OnStunResolutionComplete)
    assert (event.token, event.status, event.addr) == (None, 0, server.address)


def test_the_kind_of_nat_is_found(phone: Phone, server: StunServer) -> None:
    with pytest.raises(pj.PjsuaError) as error:
        pj.get_nat_type()
    assert error.value.name == "PJ_EPENDING"
    pj.update_stun_servers([server.address], wait=True)
    pj.detect_nat_type()
    event = phone.wait(pj.OnNatDetect)
    assert (event.status, event.status_text) == (0, "")
    # The machine may answer with the address of any interface: a socket of PJSIP's is bound to all of them.
    assert event.nat_type not in (pj.NatType.UNKNOWN, pj.NatType.ERR_UNKNOWN, pj.NatType.BLOCKED)
    assert event.nat_type_name
    assert pj.get_nat_type() is event.nat_type
    assert server.requests > 1


def test_no_nat_without_a_server(phone: Phone) -> None:
    with pytest.raises(pj.PjsuaError) as error:
        pj.detect_nat_type()
    assert error.value.name == "PJNATH_ESTUNINSERVER"


@pytest.mark.parametrize("what", ["resolving", "waiting", "detecting", "updating"])
def test_destroy_does_not_wait_for_a_silent_server(phone: Phone, silent: StunServer, what: str) -> None:
    errors: list[BaseException] = []

    def inside() -> None:
        try:
            if what == "waiting":
                pj.resolve_stun_servers([silent.address], wait=True)
            elif what == "updating":
                pj.update_stun_servers([silent.address], wait=True)
            else:
                pj.detect_nat_type()
        except BaseException as error:
            errors.append(error)

    waiter = threading.Thread(target=inside)
    if what == "resolving":
        pj.resolve_stun_servers([silent.address], token="for ever")
    else:
        if what == "detecting":
            pj.update_stun_servers([silent.address])
        waiter.start()
    until(lambda: silent.requests > 0, "a request to the server")
    until(lambda: _core.entrants() == (what != "resolving"), "the thread inside")
    began = time.monotonic()
    pj.destroy()
    assert time.monotonic() - began < 3
    if what != "resolving":
        waiter.join(5)
        # pjsua forgives its own servers a failure: `stun_ignore_failure` is on by default.
        assert [type(error) for error in errors] == ([] if what == "updating" else [pj.PjsuaError])


def test_destroy_while_the_nat_is_looked_at(phone: Phone, server: StunServer) -> None:
    pj.update_stun_servers([server.address], wait=True)
    server.silent = True
    before = server.requests
    pj.detect_nat_type()
    until(lambda: server.requests > before, "a request to the server")
    pj.destroy()
    pj.create()
    pj.destroy()


@pytest.mark.parametrize(
    "srv", [[], [""], ["a" * 256], ["a"] * 65, "127.0.0.1", [b"a"], ["a\r\nb"], ["a\0"], None, 5]
)
def test_bad_servers(phone: Phone, srv: list[str]) -> None:
    with pytest.raises((TypeError, ValueError), match="srv"):
        pj.resolve_stun_servers(srv)
    with pytest.raises((TypeError, ValueError), match="srv"):
        pj.update_stun_servers(srv)


def test_more_servers_than_pjsua_holds(phone: Phone) -> None:
    with pytest.raises(ValueError, match="srv: 9 servers, not 1 to 8"):
        pj.update_stun_servers(["127.0.0.1:9"] * 9)
