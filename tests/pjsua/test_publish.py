"""PUBLISH of an account's presence at a server written by hand: entity tags, refreshing, removal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.message import Message
from peers.wire import WireClient
from pjsua.notifier import Notifier
from pjsua.phone import Phone
from pyjsua import pjsua as pj


@pytest.fixture
def notifier(wire_client: Callable[..., WireClient]) -> Notifier:
    return Notifier(wire_client())


def publish(notifier: Notifier, count: int, tag: str, expires: int = 3600) -> Message:
    """Answers the `count`th PUBLISH with an entity tag, and returns it once PJSIP has the tag."""
    request = notifier.wait("PUBLISH", count)
    notifier.answer(request, 200, "OK", SIP_ETag=tag, Expires=str(expires))
    # Nothing tells; what is asked on the same way comes behind it.
    behind = f"behind-{tag}"
    assert request.source is not None
    options = notifier.wire.request("OPTIONS", notifier.uri("alice"), call_id=behind)
    notifier.wire.send(options, request.source)
    notifier.wire.wait_for(lambda message: message.call_id == behind and bool(message.status))
    return request


def publisher(phone: Phone, notifier: Notifier, **fields: object) -> pj.AccId:
    return phone.account("alice", id=notifier.uri("alice"), publish_enabled=True, **fields)


def test_published_changed_and_removed(phone: Phone, notifier: Notifier) -> None:
    alice = publisher(phone, notifier, pidf_tuple_id="desk")
    pj.acc_set_online_status(alice, True)
    first = publish(notifier, 1, "one")
    assert first.header("event") == "presence"
    assert first.header("content-type") == "application/pidf+xml"
    assert first.header("sip-if-match") is None
    assert '<tuple id="desk">' in first.body
    assert "<basic>open</basic>" in first.body
    pj.acc_set_online_status2(alice, True, pj.RpidElement(activity=pj.RpidActivity.AWAY, note="a <b> & c"))
    second = publish(notifier, 2, "two")
    assert second.header("sip-if-match") == "one"
    assert "away" in second.body
    assert "a &lt;b&gt; &amp; c" in second.body
    pj.acc_set_online_status(alice, False)
    third = publish(notifier, 3, "three")
    assert third.header("sip-if-match") == "two"
    assert "<basic>closed</basic>" in third.body
    pj.acc_del(alice)
    last = notifier.wait("PUBLISH", 4)
    assert (last.header("sip-if-match"), last.header("expires"), last.body) == ("three", "0", "")
    notifier.answer(last, 200, "OK", Expires="0")


def test_refreshed_before_it_expires(phone: Phone, notifier: Notifier) -> None:
    alice = publisher(phone, notifier)
    pj.acc_set_online_status(alice, True)
    publish(notifier, 1, "one", expires=6)
    refresh = publish(notifier, 2, "two")
    assert refresh.header("sip-if-match") == "one"
    assert refresh.body == ""


def test_a_tag_the_server_has_forgotten_is_published_anew(phone: Phone, notifier: Notifier) -> None:
    alice = publisher(phone, notifier)
    pj.acc_set_online_status(alice, True)
    publish(notifier, 1, "one")
    pj.acc_set_online_status2(alice, True, pj.RpidElement(note="still here"))
    notifier.answer(notifier.wait("PUBLISH", 2), 412, "Conditional Request Failed")
    again = publish(notifier, 3, "three")
    assert again.header("sip-if-match") is None
    assert "still here" in again.body


def test_a_challenge_is_answered(phone: Phone, notifier: Notifier) -> None:
    cred = pj.CredInfo(realm="*", username="alice", data="secret")
    alice = publisher(phone, notifier, cred_info=[cred])
    pj.acc_set_online_status(alice, True)
    challenge = 'Digest realm="here", nonce="n1", algorithm=MD5'
    notifier.answer(notifier.wait("PUBLISH"), 401, "Who", WWW_Authenticate=challenge)
    again = publish(notifier, 2, "one")
    assert 'username="alice"' in (again.header("authorization") or "")
    assert "<basic>open</basic>" in again.body


def test_removed_when_the_library_goes(notifier: Notifier) -> None:
    with Phone() as phone:
        alice = publisher(phone, notifier)
        pj.acc_set_online_status(alice, True)
        publish(notifier, 1, "one")
        # The answer is in before anything else is asked.
        pj.acc_set_online_status2(alice, True, pj.RpidElement(note="x"))
        publish(notifier, 2, "two")
    last = notifier.wait("PUBLISH", 3)
    assert last.header("expires") == "0"
