"""A change of address made good for, accounts moved to another transport, listeners restarted, keep-alive."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from peers.baresip import Baresip
from peers.kamailio import Kamailio
from peers.message import Message, select
from peers.wire import WireClient
from pjsua.phone import Phone
from pyjsua import pjsua as pj


def test_registrations_and_calls_are_renewed(
    phone: Phone, kamailio: Callable[..., Kamailio], baresip: Callable[..., Baresip]
) -> None:
    proxy = kamailio("a.test", auth=False)
    here = f"127.0.0.1:{proxy.port}"
    far = baresip(answer="auto")
    caller = phone.account(
        "caller",
        id=f"sip:caller@{here}",
        reg_uri=f"sip:{here}",
        allow_contact_rewrite=True,
        contact_rewrite_method=2,
    )
    assert phone.wait_reg(caller).code == 200
    call = pj.call_make_call(caller, far.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)

    def registers() -> int:
        return len(select(proxy.messages, method="REGISTER", request=True))

    def invites() -> int:
        sent = phone.all(pj.OnCallTsxState, lambda e: e.method == "INVITE" and e.state is pj.TsxState.CALLING)
        return len(sent)

    def is_registered(message: Message) -> bool:
        return message.method == "REGISTER" and message.status == 200

    proxy.wait_for(is_registered)
    before = registers(), invites()
    pj.handle_ip_change(pj.IpChangeParam(restart_listener=False))
    phone.wait(pj.OnIpChangeProgress, lambda event: event.op is pj.IpChangeOp.COMPLETED)
    phone.wait_media(call, count=2)
    proxy.wait_for(is_registered, count=2)
    assert (registers(), invites()) == (before[0] + 1, before[1] + 1)
    steps = phone.all(pj.OnIpChangeProgress)
    mine = [event for event in steps if event.acc_id == caller]
    assert [event.op.name for event in mine] == ["ACC_UPDATE_CONTACT", "ACC_REINVITE_CALLS"]
    assert [event.status for event in steps] == [0] * len(steps)
    assert mine[0].acc_id.serial == caller.serial
    assert (mine[0].is_register, mine[0].code, mine[0].call_id) == (True, 200, -1)
    assert (mine[1].call_id, mine[1].call_id.serial) == (call, call.serial)
    assert steps[0].op is pj.IpChangeOp.SHUTDOWN_TP
    assert steps[0].acc_id == -1
    assert steps[-1].transport_id == -1
    pj.call_hangup(call)
    phone.wait_end(call)


def test_destroy_in_the_middle_of_it(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    """The flag pjsua sets in the process for 32 seconds does not outlive the library."""
    registrar = wire_client()
    phone.account("alice", reg_uri=f"sip:127.0.0.1:{registrar.port}", allow_contact_rewrite=True)
    registrar.wait_for(lambda message: message.method == "REGISTER")
    pj.handle_ip_change(pj.IpChangeParam(restart_listener=False))
    began = time.monotonic()
    pj.destroy(timeout=0.2)
    assert time.monotonic() - began < 3
    pj.create()
    pj.destroy()


def test_ip_change_without_accounts(phone: Phone) -> None:
    pj.handle_ip_change(pj.IpChangeParam(restart_listener=False, shutdown_transport=False))
    event = phone.wait(pj.OnIpChangeProgress)
    assert (event.op, event.status, event.acc_id, event.call_id) == (pj.IpChangeOp.COMPLETED, 0, -1, -1)
    with pytest.raises(TypeError, match=r"param"):
        pj.handle_ip_change(5)  # type: ignore[arg-type]


def test_an_account_is_moved_to_another_transport(
    phone: Phone, wire_client: Callable[..., WireClient]
) -> None:
    far = wire_client()
    other = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    acc = phone.account("alice")
    for n, transport in enumerate((phone.transport_id, other, phone.transport_id), 1):
        pj.acc_set_transport(acc, transport)
        pj.acc_send_request(acc, f"sip:bob@127.0.0.1:{far.port}", "OPTIONS")
        port = pj.transport_get_info(transport).local_name.port
        request = far.wait_for(lambda message: message.method == "OPTIONS", count=n)
        assert request.source == ("127.0.0.1", port)
        assert f"127.0.0.1:{port}" in (request.header("via") or "")
    pj.acc_set_transport(acc, -1)
    pj.transport_close(other)
    with pytest.raises(pj.StaleError, match="tp_id"):
        pj.acc_set_transport(acc, other)


@pytest.mark.parametrize("kind", [pj.TransportType.UDP, pj.TransportType.TCP])
def test_a_listener_is_restarted_at_another_port(
    phone: Phone, free_port: Callable[..., int], kind: pj.TransportType
) -> None:
    transport = pj.transport_create(kind, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    port = free_port()
    pj.transport_lis_restart(transport, pj.TransportConfig(port=port, bound_addr="127.0.0.1"))
    assert pj.transport_get_info(transport).local_addr == f"127.0.0.1:{port}"
    tcp = ";transport=tcp" if kind is pj.TransportType.TCP else ""
    pj.acc_send_request(phone.account("alice"), f"sip:bob@127.0.0.1:{port}{tcp}", "OPTIONS", token=1)
    assert phone.wait(pj.OnAccSendRequest).status_code == 200
    with pytest.raises(pj.PjsuaError, match="bound_addr"):
        pj.transport_lis_restart(transport, pj.TransportConfig(port=port, bound_addr="not an address"))


def test_a_listener_wants_a_port(phone: Phone) -> None:
    with pytest.raises(ValueError, match=r"cfg\.port"):
        pj.transport_lis_start(phone.transport_id, pj.TransportConfig(port=0))
    with pytest.raises(ValueError, match=r"cfg\.port"):
        pj.transport_lis_restart(phone.transport_id, pj.TransportConfig(port=65536))
    with pytest.raises(TypeError, match="cfg"):
        pj.transport_lis_restart(phone.transport_id, None)  # type: ignore[arg-type]


def test_a_keep_alive_that_would_never_pause_is_refused(phone: Phone) -> None:
    """PJSIP waits 80 to 100 % of the interval in whole seconds: of one second, nothing."""
    with pytest.raises(ValueError, match=r"cfg\.ka_interval: 1"):
        phone.account("alice", ka_interval=1)


def test_keep_alive_is_on_the_wire(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    registrar = wire_client()
    phone.account("alice", reg_uri=f"sip:127.0.0.1:{registrar.port}", ka_interval=2, ka_data="still here\r\n")
    request = registrar.wait_for(lambda message: message.method == "REGISTER")
    head = request.head.splitlines()
    kept = [line for line in head[1:] if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq", "Contact")]
    to = next(line for line in head if line.startswith("To:"))
    lines = ["SIP/2.0 200 OK", *kept, f"{to};tag=wire", "Expires: 300", "Content-Length: 0", "", ""]
    assert request.source is not None
    registrar.send("\r\n".join(lines), request.source)
    registrar.wait_for(lambda message: message.raw == b"still here\r\n", count=2)
