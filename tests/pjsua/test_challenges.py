"""401 and 407 left for later, where what they belong to does not stay as it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from peers.wire import WireClient
from pjsua.hand import HandCall
from pjsua.phone import Phone
from pyjsua import pjsua as pj

Wires = Callable[..., WireClient]
CHALLENGE = {"Proxy-Authenticate": 'Digest realm="here", nonce="abc", algorithm=MD5'}


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(config=pj.Config(policy=pj.Policy(auth_challenge=pj.When.LATER))) as made:
        yield made


def credentials(name: str) -> list[pj.CredInfo]:
    return [pj.CredInfo(realm="*", username=name, data="pw")]


def replaced(phone: Phone, acc: pj.AccId, name: str) -> None:
    """The account goes, and one of other credentials has its slot."""
    pj.acc_del(acc)
    assert int(phone.account(name, cred_info=credentials(name))) == int(acc)


def test_another_account_in_the_slot_of_a_calls_own_lends_no_credentials(
    phone: Phone, wire_client: Wires
) -> None:
    acc = phone.account("first", cred_info=credentials("first"))
    hand = HandCall(wire_client())
    pj.call_make_call(acc, f"sip:bob@127.0.0.1:{hand.wire.port}")
    hand.respond(hand.wait_invite(), 407, "Who", CHALLENGE)
    event = phone.wait(pj.OnAuthChallenge)
    replaced(phone, acc, "second")
    pj.auth_challenge_respond(event.challenge)
    # Those it began with.
    assert 'username="first"' in (hand.wait_invite(count=2).header("proxy-authorization") or "")


@pytest.mark.parametrize("own", [True, False])
def test_a_call_is_challenged_after_its_account_has_gone(phone: Phone, wire_client: Wires, own: bool) -> None:
    acc = phone.account("first", cred_info=credentials("first") if own else [])
    hand = HandCall(wire_client())
    call = pj.call_make_call(acc, f"sip:bob@127.0.0.1:{hand.wire.port}")
    hand.accept(hand.wait_invite())
    phone.wait_state(call, pj.InvState.CONFIRMED)
    replaced(phone, acc, "second")
    pj.call_reinvite(call)
    hand.respond(hand.wait_invite(count=2), 407, "Who", CHALLENGE)
    event = phone.wait(pj.OnAuthChallenge)
    assert (event.call_id, event.acc_id) == (call, -1)
    if not own:
        with pytest.raises(pj.PjsuaError, match="ENOCREDENTIAL"):
            pj.auth_challenge_respond(event.challenge)
        pj.auth_challenge_respond(event.challenge, credentials("third"))
    else:
        pj.auth_challenge_respond(event.challenge)
    again = hand.wait_invite(count=3).header("proxy-authorization") or ""
    assert f'username="{"first" if own else "third"}"' in again


def test_who_destroys_is_unregistered_whatever_the_policy(phone: Phone, wire_client: Wires) -> None:
    wire = wire_client()
    challenge = {"WWW-Authenticate": 'Digest realm="here", nonce="abc", algorithm=MD5'}
    acc = phone.account("me", reg_uri=f"sip:127.0.0.1:{wire.port}", cred_info=credentials("me"))

    def registers(count: int, status: int) -> str:
        register = wire.wait_for(lambda m: m.is_request and m.method == "REGISTER", count=count)
        binding = {"Contact": register.header("contact") or "", "Expires": "300"}
        HandCall(wire).respond(register, status, "OK", challenge if status == 401 else binding)
        return register.header("authorization") or ""

    registers(1, 200)
    assert phone.wait_reg(acc).code == 200
    destroyed = threading.Thread(target=pj.destroy)
    destroyed.start()
    registers(2, 401)
    # Nobody can answer any more, and so the account's own credentials do.
    assert 'username="me"' in registers(3, 200)
    began = time.monotonic()
    destroyed.join()
    assert time.monotonic() - began < 2
