"""What PJSIP asks an application to decide, decided by policy: what the other side of the wire sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from peers.message import select
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj

Wires = Callable[..., WireClient]


@contextmanager
def phone_with(policy: pj.Policy | None = None, hooks: pj.Hooks | None = None) -> Iterator[Phone]:
    config = pj.Config(max_calls=8, policy=policy or pj.Policy(), hooks=hooks or pj.Hooks())
    with Phone(config=config) as phone:
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        phone.account("alice")
        yield phone


def called(phone: Phone, wire: WireClient) -> tuple[HandCall, pj.CallId]:
    """A call from the wire that is up."""
    hand = HandCall(wire)
    count = len(phone.all(pj.OnIncomingCall))
    assert hand.invite(phone.uri("alice"), ("127.0.0.1", phone.port)).status == 200
    call = phone.wait(pj.OnIncomingCall, count=count + 1).call_id
    phone.wait_state(call, pj.InvState.CONFIRMED)
    return hand, call


def calling(phone: Phone, wire: WireClient) -> pj.CallId:
    acc = phone.account("caller")
    return pj.call_make_call(acc, f"sip:bob@127.0.0.1:{wire.port}")


def test_the_defaults_are_what_c_does() -> None:
    assert pj.Policy() == pj.Policy(
        call_transfer_request2=202,
        call_replace_request2=200,
        call_rx_reinvite=pj.When.NOW,
        call_rx_offer=200,
        call_redirected=pj.RedirectOp.STOP,
        auth_challenge=pj.When.NOW,
        incoming_subscribe=200,
        later_ms=20000,
    )


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (pj.Policy(call_transfer_request2=180), "call_transfer_request2"),
        (pj.Policy(call_replace_request2=700), "call_replace_request2"),
        (pj.Policy(call_rx_offer=480), "call_rx_offer"),
        (pj.Policy(later_ms=0), "later_ms"),
        (pj.Policy(call_redirected=9), "call_redirected"),  # type: ignore[arg-type]
        (pj.Policy(auth_challenge=7), "auth_challenge"),  # type: ignore[arg-type]
    ],
)
def test_a_bad_policy_is_refused(policy: pj.Policy, named: str) -> None:
    pj.create()
    with pytest.raises(ValueError, match=named):
        pj.init(pj.Config(policy=policy))
    pj.init()


@pytest.mark.parametrize(("code", "answered"), [(202, 202), (200, 200), (603, 603)])
def test_refer(wire_client: Wires, code: int, answered: int) -> None:
    wire, elsewhere = wire_client(), wire_client()
    with phone_with(pj.Policy(call_transfer_request2=code)) as phone:
        hand, call = called(phone, wire)
        target = f"sip:carol@127.0.0.1:{elsewhere.port}"
        assert hand.request("REFER", {"Refer-To": f"<{target}>"}).status == answered
        event = phone.wait(pj.OnCallTransferRequest2)
        assert (event.call_id, event.dst, event.code) == (call, f"<{target}>", code)
        older = phone.wait(pj.OnCallTransferRequest)
        assert (older.dst, older.code) == (event.dst, code)
        if code < 300:
            invite = HandCall(elsewhere).wait_invite()
            assert target in invite.start_line
        else:
            assert hand.request("INFO").status is not None
            assert select(elsewhere.messages, method="INVITE") == []


@pytest.mark.parametrize(("code", "answered"), [(200, 200), (486, 486)])
def test_invite_with_replaces(wire_client: Wires, code: int, answered: int) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_replace_request2=code)) as phone:
        first, call = called(phone, wire)
        theirs = first.local.rpartition("tag=")[2]
        ours = first.remote.rpartition("tag=")[2]
        second = HandCall(wire)
        replaces = {"Replaces": f"{first.call_id};to-tag={ours};from-tag={theirs}"}
        answer = second.invite(phone.uri("alice"), first.to, replaces)
        assert answer.status == answered
        event = phone.wait(pj.OnCallReplaceRequest2)
        assert (event.call_id, event.code) == (call, code)
        assert event.message is not None
        assert event.message.call_id == second.call_id
        if code < 300:
            first.respond(first.received("BYE"), 200)
            phone.wait_end(call)
        else:
            assert pj.call_is_active(call)


@pytest.mark.parametrize(("code", "answered"), [(200, 200), (488, 488)])
def test_an_offer_within_the_call(wire_client: Wires, code: int, answered: int) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_offer=code)) as phone:
        hand, call = called(phone, wire)
        answer = hand.request("INVITE", body=audio_offer("127.0.0.1", 40002, "sendonly"))
        hand.ack(answer)
        assert answer.status == answered
        event = phone.wait(pj.OnCallRxOffer)
        assert (event.call_id, event.code) == (call, code)
        assert "a=sendonly" in event.offer
        assert not phone.wait(pj.OnCallRxReinvite).later
        assert pj.call_is_active(call)


def test_an_offer_asked_for(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with() as phone:
        hand, call = called(phone, wire)
        answer = hand.request("INVITE")
        assert "m=audio" in answer.body
        assert phone.wait(pj.OnCallTxOffer).call_id == call


# -- re-INVITEs answered later


def reinvited(phone: Phone, wire: WireClient) -> tuple[HandCall, pj.CallId, tuple[int, str]]:
    """A call whose re-INVITE waits for an answer."""
    hand, call = called(phone, wire)
    cseq = hand.send("INVITE", body=audio_offer("127.0.0.1", 40002))
    event = phone.wait(pj.OnCallRxReinvite)
    assert event.later
    assert event.call_id == call
    assert "m=audio 40002" in event.offer
    assert hand.response(cseq, final=False).status == 100
    return hand, call, cseq


def test_a_reinvite_is_accepted_later(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call, cseq = reinvited(phone, wire)
        pj.call_answer(call, 200)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 200
        assert "m=audio" in answer.body
        with pytest.raises(pj.InvalidState):
            pj.call_answer(call, 200)
        assert pj.call_is_active(call)


def test_a_call_on_hold_stays_there_when_a_reinvite_is_accepted_later(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call = called(phone, wire)
        pj.call_set_hold(call)
        hand.accept(hand.received("INVITE"))
        held = pj.CallMediaStatus.LOCAL_HOLD
        phone.wait(pj.OnCallMediaState, lambda event: event.info.media_status is held)
        cseq = hand.send("INVITE", body=audio_offer("127.0.0.1", 40002))
        phone.wait(pj.OnCallRxReinvite)
        pj.call_answer(call, 200)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert "a=sendonly" in answer.body
        assert "a=sendrecv" not in answer.body


def test_a_reinvite_is_refused_later_and_the_next_accepted(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call, cseq = reinvited(phone, wire)
        pj.call_answer(call, 488)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 488
        cseq = hand.send("INVITE", body=audio_offer("127.0.0.1", 40004))
        assert phone.wait(pj.OnCallRxReinvite, count=2).later
        pj.call_answer(call, 200)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 200


def test_a_reinvite_nobody_answers_is_accepted_in_the_end(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER, later_ms=300)) as phone:
        hand, _, cseq = reinvited(phone, wire)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 200
        assert "m=audio" in answer.body


def test_hang_up_while_a_reinvite_waits(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call, cseq = reinvited(phone, wire)
        pj.call_hangup(call)
        assert hand.response(cseq).status == 487
        hand.respond(hand.received("BYE"), 200)
        phone.wait_end(call)
        phone.wait_slots_free()


def test_a_reinvite_cancelled_while_it_waits(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call, cseq = reinvited(phone, wire)
        # The same branch as the INVITE's, which is what it cancels.
        (invite,) = [m for m in select(wire.messages, method="INVITE", direction="sent") if m.cseq == cseq]
        head, _, _ = invite.raw.decode().partition("\r\nContent-Type")
        cancel = head.replace("INVITE sip", "CANCEL sip").replace(f"{cseq[0]} INVITE", f"{cseq[0]} CANCEL")
        wire.send(f"{cancel}\r\nContent-Length: 0\r\n\r\n", hand.to)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 487
        with pytest.raises(pj.InvalidState):
            pj.call_answer(call, 200)
        cseq = hand.send("INVITE", body=audio_offer("127.0.0.1", 40004))
        phone.wait(pj.OnCallRxReinvite, count=2)
        pj.call_answer(call, 200)
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 200


def test_a_reinvite_answered_with_an_sdp_of_our_own(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(call_rx_reinvite=pj.When.LATER)) as phone:
        hand, call, cseq = reinvited(phone, wire)
        made = phone.wait(pj.OnCallSdpCreated, lambda event: "m=audio 40002" in event.rem_sdp)
        with pytest.raises(ValueError, match="sdp"):
            pj.call_answer_with_sdp(call, "rubbish")
        pj.call_answer_with_sdp(call, made.sdp.replace("a=sendrecv", "a=recvonly"))
        answer = hand.response(cseq)
        hand.ack(answer)
        assert answer.status == 200
        assert "a=recvonly" in answer.body


# -- subscriptions


@pytest.mark.parametrize(("code", "answered"), [(200, 200), (202, 202), (403, 403)])
def test_a_subscription(wire_client: Wires, code: int, answered: int) -> None:
    wire = wire_client()
    with phone_with(pj.Policy(incoming_subscribe=code)) as phone:
        hand = HandCall(wire)
        hand.to, hand.target, hand.remote = (
            ("127.0.0.1", phone.port),
            phone.uri("alice"),
            f"<{phone.uri('alice')}>",
        )
        answer = hand.request("SUBSCRIBE", {"Event": "presence", "Expires": "300"})
        assert answer.status == answered
        event = phone.wait(pj.OnIncomingSubscribe)
        assert event.code == code
        if code == 200:
            hand.respond(hand.received("NOTIFY"), 200, "OK")
        if code >= 300:
            with pytest.raises(pj.StaleError):
                pj.pres_notify(event.acc_id, event.srv_pres, pj.EvsubState.ACTIVE)


# -- redirections


def redirected(phone: Phone, wire: WireClient, *contacts: str) -> tuple[HandCall, pj.CallId]:
    """A call that got a 302 and waits."""
    call = calling(phone, wire)
    hand = HandCall(wire)
    hand.respond(hand.wait_invite(), 302, "Moved", {"Contact": ", ".join(f"<{uri}>" for uri in contacts)})
    return hand, call


PENDING = pj.Policy(call_redirected=pj.RedirectOp.PENDING)


def test_a_redirection_is_not_followed_by_default(wire_client: Wires) -> None:
    wire, other = wire_client(), wire_client()
    with phone_with() as phone:
        _, call = redirected(phone, wire, f"sip:bob@127.0.0.1:{other.port}")
        # PJSIP's own, whatever the 3xx was.
        assert phone.wait_end(call).last_status == 487
        assert phone.wait(pj.OnCallRedirected).op is pj.RedirectOp.STOP
        assert other.messages == []
        with pytest.raises(pj.PjsuaError):
            pj.call_process_redirect(call, pj.RedirectOp.ACCEPT)


def test_a_redirection_is_accepted_later(wire_client: Wires) -> None:
    wire, other = wire_client(), wire_client()
    with phone_with(PENDING) as phone:
        target = f"sip:bob2@127.0.0.1:{other.port}"
        _, call = redirected(phone, wire, target)
        event = phone.wait(pj.OnCallRedirected)
        assert (event.call_id, event.target, event.op) == (call, target, pj.RedirectOp.PENDING)
        assert event.message is not None
        assert event.message.status_code == 302
        with pytest.raises(ValueError, match="cmd"):
            pj.call_process_redirect(call, pj.RedirectOp.PENDING)
        pj.call_process_redirect(call, pj.RedirectOp.ACCEPT)
        there = HandCall(other)
        invite = there.wait_invite()
        assert target in invite.start_line
        there.accept(invite)
        phone.wait_state(call, pj.InvState.CONFIRMED)
        with pytest.raises(pj.InvalidState):
            pj.call_process_redirect(call, pj.RedirectOp.ACCEPT)


def test_a_target_is_rejected_and_the_next_asked_about(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(PENDING) as phone:
        _, call = redirected(phone, wire, "sip:one@127.0.0.1:9", "sip:two@127.0.0.1:9")
        assert phone.wait(pj.OnCallRedirected).target == "sip:one@127.0.0.1:9"
        pj.call_process_redirect(call, pj.RedirectOp.REJECT)
        second = phone.wait(pj.OnCallRedirected, count=2)
        assert second.target == "sip:two@127.0.0.1:9"
        assert second.message is None
        pj.call_process_redirect(call, pj.RedirectOp.REJECT)
        phone.wait_end(call)
        phone.wait_slots_free()


@pytest.mark.parametrize("end", ["stop", "hang up", "hang up all", "deadline"])
def test_a_redirection_that_leads_nowhere(wire_client: Wires, end: str) -> None:
    wire = wire_client()
    later = 300 if end == "deadline" else 20000
    with phone_with(pj.Policy(call_redirected=pj.RedirectOp.PENDING, later_ms=later)) as phone:
        _, call = redirected(phone, wire, "sip:one@127.0.0.1:9")
        phone.wait(pj.OnCallRedirected)
        if end == "stop":
            pj.call_process_redirect(call, pj.RedirectOp.STOP)
        elif end == "hang up":
            pj.call_hangup(call)
        elif end == "hang up all":
            pj.call_hangup_all()
        phone.wait_end(call)
        phone.wait_slots_free()
        assert len(phone.all(pj.OnCallState, lambda e: e.info.state is pj.InvState.DISCONNECTED)) == 1
        phone.check_call()


# -- challenges answered later

CHALLENGE = {"Proxy-Authenticate": 'Digest realm="here", nonce="abc", algorithm=MD5'}
LATER = pj.Policy(auth_challenge=pj.When.LATER)


def challenged(phone: Phone, wire: WireClient) -> tuple[HandCall, pj.CallId, pj.OnAuthChallenge]:
    call = calling(phone, wire)
    hand = HandCall(wire)
    hand.respond(hand.wait_invite(), 407, "Who", CHALLENGE)
    event = phone.wait(pj.OnAuthChallenge)
    assert (event.call_id, event.method, event.later) == (call, "INVITE", True)
    assert event.message is not None
    assert event.message.status_code == 407
    return hand, call, event


def test_a_challenge_is_answered_later(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(LATER) as phone:
        hand, call, event = challenged(phone, wire)
        with pytest.raises(pj.PjsuaError):
            pj.auth_challenge_respond(event.challenge, [pj.CredInfo(realm="there", username="x", data="y")])
        pj.auth_challenge_respond(event.challenge, [pj.CredInfo(realm="here", username="me", data="pw")])
        invite = hand.wait_invite(count=2)
        assert 'username="me"' in (invite.header("proxy-authorization") or "")
        assert invite.cseq[0] > select(wire.messages, method="INVITE", request=True)[0].cseq[0]
        hand.accept(invite)
        phone.wait_state(call, pj.InvState.CONFIRMED)
        with pytest.raises(pj.StaleError):
            pj.auth_challenge_respond(event.challenge)


@pytest.mark.parametrize("end", ["abandon", "hang up", "hang up all", "deadline"])
def test_a_challenge_that_is_not_answered(wire_client: Wires, end: str) -> None:
    wire = wire_client()
    later = 300 if end == "deadline" else 20000
    with phone_with(pj.Policy(auth_challenge=pj.When.LATER, later_ms=later)) as phone:
        _, call, event = challenged(phone, wire)
        if end == "abandon":
            pj.auth_challenge_abandon(event.challenge)
        elif end == "hang up":
            pj.call_hangup(call)
        elif end == "hang up all":
            pj.call_hangup_all()
        info = phone.wait_end(call)
        if end in ("abandon", "deadline"):
            assert info.last_status == 401
        phone.wait_slots_free()
        with pytest.raises(pj.StaleError):
            pj.auth_challenge_abandon(event.challenge)
        assert len(phone.all(pj.OnCallState, lambda e: e.info.state is pj.InvState.DISCONNECTED)) == 1
        phone.check_call()


def registering(phone: Phone, wire: WireClient, **fields: object) -> tuple[pj.AccId, pj.OnAuthChallenge]:
    """An account whose REGISTER was challenged."""
    acc = phone.account("reg", reg_uri=f"sip:127.0.0.1:{wire.port}", **fields)
    register = wire.wait_for(lambda m: m.is_request and m.method == "REGISTER")
    challenge = {"WWW-Authenticate": 'Digest realm="here", nonce="abc", algorithm=MD5'}
    HandCall(wire).respond(register, 401, "Who", challenge)
    event = phone.wait(pj.OnAuthChallenge)
    assert (event.acc_id, event.method, event.later) == (acc, "REGISTER", True)
    return acc, event


def test_a_challenged_register_is_answered_later(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(LATER) as phone:
        acc, event = registering(phone, wire)
        pj.auth_challenge_respond(event.challenge, [pj.CredInfo(realm="*", username="me", data="pw")])
        again = wire.wait_for(lambda m: m.is_request and m.method == "REGISTER", count=2)
        assert 'username="me"' in (again.header("authorization") or "")
        HandCall(wire).respond(again, 200, "OK", {"Contact": again.header("contact") or "", "Expires": "300"})
        assert phone.wait_reg(acc).code == 200


def test_a_registrar_that_wants_ever_new_answers_gets_no_more_than_in_c(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(LATER) as phone:
        acc, event = registering(phone, wire)
        for count in range(2, 5):
            pj.auth_challenge_respond(event.challenge, [pj.CredInfo(realm="*", username="me", data="pw")])
            again = wire.wait_for(lambda m: m.is_request and m.method == "REGISTER", count=count)
            nonce = {"WWW-Authenticate": f'Digest realm="here", nonce="new{count}", algorithm=MD5'}
            HandCall(wire).respond(again, 401, "Who", nonce)
            event = phone.wait(pj.OnAuthChallenge, count=count)
        with pytest.raises(pj.PjsuaError, match="EAUTHSTALECOUNT"):
            pj.auth_challenge_respond(event.challenge, [pj.CredInfo(realm="*", username="me", data="pw")])
        pj.auth_challenge_abandon(event.challenge)
        assert phone.wait_reg(acc).code == 401


def test_an_abandoned_register_has_failed(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(LATER) as phone:
        acc, event = registering(phone, wire)
        pj.auth_challenge_abandon(event.challenge)
        assert phone.wait_reg(acc).code == 401


def test_the_account_goes_while_its_challenge_waits(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with(LATER) as phone:
        acc, event = registering(phone, wire)
        pj.acc_del(acc)
        with pytest.raises(pj.StaleError):
            pj.auth_challenge_respond(event.challenge)


def test_a_challenge_is_answered_from_the_account_by_default(wire_client: Wires) -> None:
    wire = wire_client()
    with phone_with() as phone:
        acc = phone.account("own", cred_info=[pj.CredInfo(realm="*", username="own", data="pw")])
        pj.call_make_call(acc, f"sip:bob@127.0.0.1:{wire.port}")
        hand = HandCall(wire)
        hand.respond(hand.wait_invite(), 407, "Who", CHALLENGE)
        assert 'username="own"' in (hand.wait_invite(count=2).header("proxy-authorization") or "")
        event = phone.wait(pj.OnAuthChallenge)
        assert (event.later, event.challenge) == (False, 0)


def test_destroy_with_everything_waiting(wire_client: Wires) -> None:
    moved, asks, again, registrar = (wire_client() for _ in range(4))
    policy = pj.Policy(
        call_redirected=pj.RedirectOp.PENDING,
        auth_challenge=pj.When.LATER,
        call_rx_reinvite=pj.When.LATER,
    )
    with phone_with(policy) as phone:
        redirected(phone, moved, "sip:one@127.0.0.1:9")
        hand = HandCall(asks)
        pj.call_make_call(phone.account("other"), f"sip:bob@127.0.0.1:{asks.port}")
        hand.respond(hand.wait_invite(), 407, "Who", CHALLENGE)
        reinvited(phone, again)
        acc = phone.account("reg", reg_uri=f"sip:127.0.0.1:{registrar.port}")
        register = registrar.wait_for(lambda m: m.is_request and m.method == "REGISTER")
        HandCall(registrar).respond(
            register, 401, "Who", {"WWW-Authenticate": 'Digest realm="here", nonce="abc", algorithm=MD5'}
        )
        phone.wait(pj.OnAuthChallenge, lambda event: event.acc_id == acc)
        phone.wait(pj.OnAuthChallenge, count=2)
        phone.wait(pj.OnCallRedirected)
    assert pj.get_state() is pj.State.NULL
    with Phone() as phone:
        phone.check_call()
        until(lambda: pj.call_get_count() == 0, "no call is left")
