"""Transports that cannot be made, and accounts without one."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj

Type = pj.TransportType


@pytest.mark.parametrize(("kind", "sock"), [(Type.UDP, socket.SOCK_DGRAM), (Type.TCP, socket.SOCK_STREAM)])
def test_port_in_use(phone: Phone, kind: pj.TransportType, sock: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, sock) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is Type.TCP:
            taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(pj.AddressInUse, match=rf"cfg.port {port}: Address already in use") as caught:
            pj.transport_create(kind, pj.TransportConfig(port=port, bound_addr="127.0.0.1"))
        assert isinstance(caught.value, OSError)
        assert caught.value.call == "pjsua_transport_create"
        assert pj.enum_transports() == [phone.transport_id]
    made = pj.transport_create(kind, pj.TransportConfig(port=port, bound_addr="127.0.0.1"))
    assert pj.transport_get_info(made).local_name.port == port
    phone.check_call()


@pytest.mark.parametrize("port", [-1, 65536, 70000, 2**31, 2**63])
def test_port_out_of_range(phone: Phone, port: int) -> None:
    with pytest.raises(ValueError, match=rf"^cfg\.port: {port} is not between 0 and"):
        pj.transport_create(Type.UDP, pj.TransportConfig(port=port))
    with pytest.raises(ValueError, match=rf"^cfg\.rtp_cfg\.port: {port} is not between 0 and"):
        phone.account("a", rtp_cfg=pj.TransportConfig(port=port))


@pytest.mark.parametrize("kind", [0, 99, -1, 2**31 - 1, Type.LOOP, Type.UNSPECIFIED])
def test_no_such_type(phone: Phone, kind: int) -> None:
    with pytest.raises(ValueError, match=rf"^type: {int(kind)} is no transport this build has$"):
        pj.transport_create(kind)


@pytest.mark.parametrize("kind", ["UDP", None, True, 1.0])
def test_type_of_the_wrong_type(phone: Phone, kind: Any) -> None:
    with pytest.raises(TypeError, match=rf"^type: int expected, not {type(kind).__name__}$"):
        pj.transport_create(kind)


@pytest.mark.parametrize("kind", [Type.UDP, Type.TCP])
def test_address_that_is_not_ours(phone: Phone, kind: pj.TransportType) -> None:
    with pytest.raises(
        pj.PjsuaError, match=r"cfg.bound_addr '203\.0\.113\.7'.*Cannot assign requested address"
    ):
        pj.transport_create(kind, pj.TransportConfig(bound_addr="203.0.113.7"))
    phone.check_call()


def test_more_than_there_are(phone: Phone) -> None:
    config = pj.TransportConfig(bound_addr="127.0.0.1")
    made = [pj.transport_create(Type.UDP, config) for _ in range(pj.limits().max_transports - 1)]
    with pytest.raises(pj.TooMany):
        pj.transport_create(Type.UDP, config)
    for transport in made:
        pj.transport_close(transport)
    phone.check_call()


def test_no_account_without_a_transport() -> None:
    pj.create()
    pj.init()
    with pytest.raises(pj.InvalidState, match=r"transport"):
        pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1"))
    pj.transport_create(Type.UDP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.start()
    pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1"))


def test_rtp_port_in_use(phone: Phone) -> None:
    """RTP goes to the next pair of ports."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        phone.account("b")
        acc = phone.account("a", rtp_cfg=pj.TransportConfig(port=port, bound_addr="127.0.0.1"))
        call = pj.call_make_call(acc, phone.uri("b"))
        phone.wait_media(call)
        pj.call_hangup(call)
        phone.wait_slots_free()


def test_local_account(phone: Phone) -> None:
    acc = pj.acc_add_local(phone.transport_id)
    assert pj.acc_get_info(acc).acc_uri == f"<sip:127.0.0.1:{phone.port}>"
    assert not pj.acc_get_info(acc).has_registration
