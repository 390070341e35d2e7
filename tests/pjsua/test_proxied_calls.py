"""Calls through Kamailio, which demands digest authentication of INVITE too: one domain, and two."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from peers.kamailio import Kamailio
from peers.message import flow, once, select
from peers.sipp import Sipp
from pjsua.phone import Phone
from pyjsua import pjsua as pj

Proxy = Callable[..., Kamailio]
State = pj.InvState


def register(phone: Phone, proxy: Kamailio, user: str, display: str = "") -> pj.AccId:
    """A registered account of the proxy's domain, with the proxy as its outbound proxy."""
    acc = phone.account(
        user,
        id=f'"{display}" <{proxy.aor(user)}>' if display else proxy.aor(user),
        reg_uri=f"sip:{proxy.domain}",
        proxy=[f"{proxy.uri};lr"],
        cred_info=[pj.CredInfo(realm="*", username=user, data=proxy.users[user])],
    )
    assert phone.wait_reg(acc).code == 200
    return acc


@pytest.fixture
def proxy(kamailio: Proxy) -> Kamailio:
    return kamailio("a.test", {"1001": "secret-1001", "1002": "secret-1002", "1003": "secret-1003"})


@pytest.fixture
def ringing(phone: Phone) -> Iterator[Phone]:
    """The phone, answering 180 and 200."""

    def answer(event: pj.OnIncomingCall) -> None:
        pj.call_answer(event.call_id, 180)
        pj.call_answer(event.call_id, 200)

    phone.answer = answer
    yield phone
    phone.answer = None


def test_call_and_hang_up(ringing: Phone, proxy: Kamailio) -> None:
    phone = ringing
    caller, callee = register(phone, proxy, "1001", "User 1001"), register(phone, proxy, "1002")
    proxy.clear()
    call = pj.call_make_call(caller, "sip:1002@a.test")
    incoming = phone.wait_incoming()
    other = incoming.call_id
    assert incoming.acc_id == callee
    assert incoming.info.remote_info == '"User 1001" <sip:1001@a.test>'
    assert incoming.info.local_info == "<sip:1002@a.test>"
    assert incoming.message is not None
    assert len(incoming.message.header_values("Via")) == 2
    for one in (call, other):
        phone.wait_state(one, State.CONFIRMED)
        phone.wait_media(one)
    pj.call_hangup(call)
    phone.wait_end(call)
    phone.wait_end(other)
    phone.wait_slots_free()
    proxy.wait_for(lambda message: message.method == "BYE" and message.status == 200, count=2)
    seen = select(once(proxy.messages), direction="received")
    assert flow(seen) == ["INVITE", "ACK", "INVITE", "100", "180", "200", "ACK", "BYE", "200"]
    assert flow(select(proxy.messages, method="INVITE", direction="sent"))[0] == "407"
    assert phone.states(call) == ["CALLING", "EARLY", "CONNECTING", "CONFIRMED", "DISCONNECTED"]


@pytest.mark.parametrize(
    ("user", "code", "reason"), [("1003", 480, "Temporarily Unavailable"), ("nobody", 404, "Not Found")]
)
def test_who_is_not_there(phone: Phone, proxy: Kamailio, user: str, code: int, reason: str) -> None:
    call = pj.call_make_call(register(phone, proxy, "1001"), f"sip:{user}@a.test")
    end = phone.wait_end(call)
    assert (end.last_status, end.last_status_text) == (code, reason)
    phone.check_call()


@pytest.mark.parametrize(("code", "reason"), [(486, "Busy Here"), (603, "Decline")])
def test_refused_by_the_callee(phone: Phone, proxy: Kamailio, code: int, reason: str) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, code)
    caller = register(phone, proxy, "1001")
    register(phone, proxy, "1002")
    call = pj.call_make_call(caller, "sip:1002@a.test")
    end = phone.wait_end(call)
    assert (end.last_status, end.last_status_text) == (code, reason)
    phone.wait_end(phone.wait_incoming().call_id)
    phone.wait_slots_free()


def test_cancelled_by_the_caller(phone: Phone, proxy: Kamailio) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 180)
    caller = register(phone, proxy, "1001")
    register(phone, proxy, "1002")
    call = pj.call_make_call(caller, "sip:1002@a.test")
    phone.wait_state(call, State.EARLY)
    pj.call_hangup(call)
    other = phone.wait_incoming().call_id
    assert phone.wait_end(other).last_status == 487
    phone.wait_end(call)
    phone.wait_slots_free()
    proxy.wait_for(lambda message: message.status == 487)


def test_wrong_password_for_a_call(phone: Phone, proxy: Kamailio) -> None:
    acc = phone.account(
        "1001",
        id=proxy.aor("1001"),
        proxy=[f"{proxy.uri};lr"],
        cred_info=[pj.CredInfo(realm="*", username="1001", data="wrong")],
    )
    end = phone.wait_end(pj.call_make_call(acc, "sip:1002@a.test"))
    assert end.last_status == 407
    phone.check_call()


def test_two_domains(ringing: Phone, two_kamailios: tuple[Kamailio, Kamailio]) -> None:
    phone = ringing
    a, b = two_kamailios
    callers = [register(phone, a, "1001"), register(phone, b, "2001")]
    for count, (acc, uri, proxies) in enumerate(
        [(callers[0], "sip:2001@b.test", (a, b)), (callers[1], "sip:1001@a.test", (b, a))], start=1
    ):
        call = pj.call_make_call(acc, uri)
        incoming = phone.wait_incoming(count=count)
        assert incoming.acc_id == callers[count % 2]
        for one in (call, incoming.call_id):
            phone.wait_state(one, State.CONFIRMED)
            phone.wait_media(one)
        call_id = pj.call_get_info(call).call_id
        pj.call_hangup(incoming.call_id)
        phone.wait_end(call)
        phone.wait_end(incoming.call_id)
        phone.wait_slots_free()
        for proxy in proxies:
            proxy.wait_for(
                lambda m, call_id=call_id: m.call_id == call_id and m.method == "BYE" and m.status == 200  # type: ignore[misc]
            )
        challenges = [flow(select(proxy.messages, call_id=call_id)).count("407") for proxy in proxies]
        assert challenges == [1, 0], "the caller's own proxy asks for its password, the other does not"


def test_caller_at_the_other_end_is_sipp(ringing: Phone, proxy: Kamailio, sipp: Callable[..., Sipp]) -> None:
    register(ringing, proxy, "1002")
    uac = sipp(
        "uac_call", proxy.address, user="1002", domain="a.test", username="1001", password="secret-1001"
    )
    assert uac.wait().ok
    assert flow(uac.messages, "received") == ["407", "100", "180", "200", "200"]
    call = ringing.wait_incoming().call_id
    assert ringing.wait_end(call).last_status == 200


def test_callee_at_the_other_end_is_sipp(phone: Phone, proxy: Kamailio, sipp: Callable[..., Sipp]) -> None:
    uas = sipp("uas_answer", user="1002")
    sipp(
        "uac_register", proxy.address, user="1002", domain="a.test", username="1002",
        password="secret-1002", keys={"contact": uas.uri},
    ).wait()  # fmt: skip
    call = pj.call_make_call(register(phone, proxy, "1001"), "sip:1002@a.test")
    phone.wait_state(call, State.CONFIRMED)
    assert "SIPpTag" in (pj.call_get_info(call).remote_info + uas.messages[-1].head)
    pj.call_hangup(call)
    assert uas.wait().ok


def test_challenges_are_answered_later(proxy: Kamailio) -> None:
    """Kamailio's of a REGISTER and of an INVITE, by credentials that the account does not have."""
    config = pj.Config(max_calls=4, policy=pj.Policy(auth_challenge=pj.When.LATER))
    with Phone(config=config) as phone:
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        acc = phone.account("1001", id=proxy.aor("1001"), reg_uri="sip:a.test", proxy=[f"{proxy.uri};lr"])
        cred = pj.CredInfo(realm="a.test", username="1001", data="secret-1001")
        register = phone.wait(pj.OnAuthChallenge)
        assert (register.acc_id, register.method, register.later) == (acc, "REGISTER", True)
        pj.auth_challenge_respond(register.challenge, [cred])
        assert phone.wait_reg(acc).code == 200
        call = pj.call_make_call(acc, "sip:1001@a.test")
        invite = phone.wait(pj.OnAuthChallenge, count=2)
        assert (invite.call_id, invite.method) == (call, "INVITE")
        assert invite.message is not None
        assert invite.message.status_code == 407
        pj.auth_challenge_respond(invite.challenge, [cred])
        phone.wait_state(call, pj.InvState.CONFIRMED)
        credentials = [
            message.header("proxy-authorization")
            for message in proxy.messages
            if message.is_request and message.method == "INVITE" and message.direction == "received"
        ]
        assert credentials[0] is None
        assert 'username="1001"' in (credentials[1] or "")
        pj.call_hangup(call)
        phone.wait_end(call)
