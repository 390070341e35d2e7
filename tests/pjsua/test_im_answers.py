"""MESSAGEs the program answers itself, `AccConfig.auto_repond_sip_message` being off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from peers.wire import WireClient
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj


@pytest.fixture
def slow() -> Iterator[Phone]:
    """With an account "bob" that answers for itself, and half a second for it to do so."""
    with Phone(config=pj.Config(policy=pj.Policy(later_ms=500))) as phone:
        phone.account("alice")
        phone.account("bob", auto_repond_sip_message=False)
        yield phone


def sent(phone: Phone, text: str, to: str = "bob") -> pj.OnPager2:
    pj.im_send(0, phone.uri(to), content=text, user_data=text)
    return phone.wait(pj.OnPager2, lambda event: event.body == text)


def fate(phone: Phone, text: str) -> pj.OnPagerStatus2:
    return phone.wait(pj.OnPagerStatus2, lambda event: event.user_data == text)


def test_the_program_answers(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob", auto_repond_sip_message=False)
    one, two = sent(phone, "one"), sent(phone, "two")
    assert same(one.acc_id, bob)
    assert one.request >= 0
    assert not same(one.request, two.request)
    assert not phone.all(pj.OnPagerStatus2)
    with pytest.raises(pj.StaleError, match="request"):
        pj.acc_send_response(alice, one.request, 200)
    with pytest.raises(ValueError, match="st_code"):
        pj.acc_send_response(bob, one.request, 180)
    with pytest.raises(ValueError, match="msg_data"):
        pj.acc_send_response(
            bob, one.request, 200, msg_data=pj.MsgData(content_type="text/plain", msg_body="x")
        )
    # Larger than any packet, and so the MESSAGE goes on waiting.
    large = pj.MsgData(hdr_list=[("X-Large", "x" * 1050)] * 15)
    with pytest.raises(pj.PjsuaError, match="PJSIP_EMSGTOOLONG"):
        pj.acc_send_response(bob, one.request, 200, msg_data=large)
    with pytest.raises(ValueError, match="st_text"):
        pj.acc_send_response(bob, one.request, 200, "x" * 1025)
    headers = pj.MsgData(hdr_list=[("X-Why", "busy")])
    pj.acc_send_response(bob, two.request, 486, "Not Now", headers)
    refused = fate(phone, "two")
    assert (refused.status, refused.reason) == (486, "Not Now")
    assert refused.message is not None
    assert refused.message.header("X-Why") == "busy"
    pj.acc_send_response(bob, one.request, 202)
    assert fate(phone, "one").status == 202
    for request in (one.request, two.request):
        with pytest.raises(pj.StaleError, match="request"):
            pj.acc_send_response(bob, request, 200)


def test_one_that_is_answered_by_itself_waits_for_nobody(phone: Phone) -> None:
    phone.account("alice")
    came = sent(phone, "hello", "alice")
    assert came.request == -1
    assert fate(phone, "hello").status == 200
    with pytest.raises(ValueError, match="request"):
        pj.acc_send_response(0, came.request, 200)


def test_nobody_answers(slow: Phone) -> None:
    came = sent(slow, "hello")
    assert fate(slow, "hello").status == 480
    with pytest.raises(pj.StaleError, match="request"):
        pj.acc_send_response(1, came.request, 200)


def test_the_account_goes_meanwhile(phone: Phone) -> None:
    phone.account("alice")
    bob = phone.account("bob", auto_repond_sip_message=False)
    sent(phone, "hello")
    pj.acc_del(bob)
    assert fate(phone, "hello").status == 480


def test_nobody_listens(wire_client: Callable[..., WireClient]) -> None:
    wire = wire_client()
    config = pj.Config()
    config.cb.on_call_state = lambda event: None
    pj.create()
    pj.init(config)
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    uri = f"sip:bob@127.0.0.1:{port}"
    pj.acc_add(pj.AccConfig(id=uri, auto_repond_sip_message=False))
    text = {"Content-Type": "text/plain"}
    wire.send(wire.request("MESSAGE", uri, headers=text, body="hello"), ("127.0.0.1", port))
    assert wire.wait_for(lambda message: bool(message.status)).status == 480


def test_only_so_many_wait(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    wire = wire_client()
    bob = phone.account("bob", auto_repond_sip_message=False)
    for n in range(1025):
        message = wire.request(
            "MESSAGE",
            phone.uri("bob"),
            call_id=f"one-of-many-{n}",
            headers={"Content-Type": "text/plain"},
            body="hi",
        )
        wire.send(message, ("127.0.0.1", phone.port))
        if n % 50 == 0:
            phone.wait(pj.OnPager2, lambda event: event.request >= 0, count=min(n + 1, 1024))
    assert wire.wait_for(lambda m: (m.status or 0) >= 200).status == 480
    pj.acc_send_response(bob, phone.all(pj.OnPager2)[0].request, 200)
    wire.wait_for(lambda m: m.status == 200)


def test_who_says_goodbye_keeps_nobody_waiting(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    wire, silent = wire_client(), wire_client()
    phone.account("bob", auto_repond_sip_message=False)
    phone.account("alice", reg_uri=f"sip:127.0.0.1:{silent.port}")
    silent.wait_for(lambda m: m.method == "REGISTER")
    uri, port = phone.uri("bob"), phone.port
    # It waits for an answer to its REGISTER, and gets none.
    destroyed = threading.Thread(target=pj.destroy, kwargs={"timeout": 3.0})
    destroyed.start()
    with suppress(pj.InvalidState):
        while True:
            pj.acc_get_count()
    message = wire.request("MESSAGE", uri, headers={"Content-Type": "text/plain"}, body="hi")
    wire.send(message, ("127.0.0.1", port))
    assert wire.wait_for(lambda m: (m.status or 0) >= 200).status == 480
    destroyed.join()
