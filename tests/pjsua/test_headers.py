"""Headers on every message PJSIP sends, also where its functions take none, as they cross the wire."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from peers.wire import WireClient
from pjsua.hand import HandCall
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj
from pyjsua.testing import SipServer

State = pj.InvState
MakeWire = Callable[..., WireClient]
Headers = list[tuple[str, str]]

HOSTILE: Headers = [
    ("X-A", "plain"),
    ("X-A", "again"),
    ("x-a", ""),
    ("X-Quotes", 'a "b\\"; c=<sip:x@y>, d'),
    ("X-Colons", ":: : X-Not: a header"),
    ("X-Percent", "%s%n%0d%0a {0}"),
    ("X-Text", "\u00e9\u4e16 \U0001f600"),
    ("X-Tab", "a\tb"),
    ("!%*_+`'~", "a token"),
    ("X-Long", "x" * 4000),
]


def crossed(
    phone: Phone, method: str, code: int = 0, *, sent: bool = False, call: int | None = None, count: int = 1
) -> pj.Message:
    """Waits for a message on the wire and returns it, as it came in unless `sent`."""

    def wanted(event: pj.OnSipMessage) -> bool:
        message = event.message
        assert message is not None
        return (
            message.method == method
            and message.status_code == code
            and message.sent is sent
            and (call is None or same(event.call_id, call))
        )

    message = phone.wait(pj.OnSipMessage, wanted, count=count).message
    assert message is not None
    return message


def added(message: pj.Message) -> Headers:
    """The headers of a message that PJSIP has no part in."""
    return [(name, value) for name, value in message.headers if name.lower().startswith("x-")]


def data(*headers: tuple[str, str]) -> pj.MsgData:
    return pj.MsgData(hdr_list=headers)


def test_every_message_of_a_call() -> None:
    """Both ends are ours; each message is looked at as it came in at the other."""
    with Phone(config=pj.Config(max_calls=4, require_100rel=pj.Rel100Use.MANDATORY)) as phone:
        caller = pj.call_make_call(phone.account("a"), phone.uri("a"), None, data(("X-Invite", "1")))
        callee = phone.wait_incoming().call_id
        assert added(crossed(phone, "INVITE")) == [("X-Invite", "1")]
        for call, side in ((caller, "caller"), (callee, "callee")):
            for method in ("BYE", "PRACK", "UPDATE", "INFO", "INVITE", "ACK"):
                pj.call_set_headers(call, method, [("X-Side", side), ("X-Request", method)])
                which = f"200 {method}" if method != "ACK" else "2xx INFO"
                pj.call_set_headers(call, which, [("X-Two", side)])
        pj.call_set_headers(callee, "1xx *", [("X-Early", "yes")])
        pj.call_set_headers(callee, "*", [("X-All", "")])
        # Those of an answer are on that answer alone.
        pj.call_answer(callee, 180, None, data(("X-Ring", "1"), ("X-Ring", "2")))
        ringing = crossed(phone, "INVITE", 180)
        assert added(ringing) == [
            ("X-Early", "yes"), ("X-All", ""), ("X-Ring", "1"), ("X-Ring", "2"),
        ]  # fmt: skip
        assert added(crossed(phone, "PRACK")) == [("X-Side", "caller"), ("X-Request", "PRACK")]
        assert added(crossed(phone, "PRACK", 200)) == [("X-Two", "callee"), ("X-All", "")]
        pj.call_answer(callee, 200, None, data(("X-Room", "305")))
        answer = crossed(phone, "INVITE", 200)
        assert added(answer) == [("X-Two", "callee"), ("X-All", ""), ("X-Room", "305")]
        assert added(crossed(phone, "ACK")) == [("X-Side", "caller"), ("X-Request", "ACK")]
        phone.wait_state(callee, State.CONFIRMED)
        pj.call_update(caller)
        assert added(crossed(phone, "UPDATE")) == [("X-Side", "caller"), ("X-Request", "UPDATE")]
        assert added(crossed(phone, "UPDATE", 200)) == [("X-Two", "callee"), ("X-All", "")]
        pj.call_send_dtmf(caller, "5", pj.DtmfMethod.SIP_INFO)
        assert added(crossed(phone, "INFO")) == [("X-Side", "caller"), ("X-Request", "INFO")]
        assert added(crossed(phone, "INFO", 200)) == [("X-Two", "callee"), ("X-Two", "callee"), ("X-All", "")]
        pj.call_reinvite(callee)
        again = crossed(phone, "INVITE", call=caller)
        assert added(again) == [("X-Side", "callee"), ("X-Request", "INVITE"), ("X-All", "")]
        # None of the first answer's.
        assert added(crossed(phone, "INVITE", 200, call=callee)) == [("X-Two", "caller")]
        crossed(phone, "ACK", call=caller)
        pj.call_set_headers(callee, "*", [])
        pj.call_set_headers(caller, "BYE", [("X-Last", "word")])
        pj.call_hangup(caller, msg_data=data(("Reason", "SIP;cause=200"), ("X-Own", "1")))
        bye = crossed(phone, "BYE")
        assert added(bye) == [("X-Last", "word"), ("X-Own", "1")]
        assert bye.header_values("Reason") == ("SIP;cause=200",)
        assert added(crossed(phone, "BYE", 200)) == [("X-Two", "callee")]


def test_a_cancel_its_answers_and_a_refusal(phone: Phone) -> None:
    account = phone.account("a")
    caller = pj.call_make_call(account, phone.uri("a"))
    callee = phone.wait_incoming().call_id
    pj.call_answer(callee, 180, None, data(("X-Ring", "1")))
    phone.wait_state(caller, State.EARLY)
    pj.call_set_headers(callee, "200 CANCEL", [("X-Seen", "yes")])
    pj.call_set_headers(callee, "487 INVITE", [("X-Gone", "yes")])
    pj.call_set_headers(caller, "ACK", [("X-Ack", "of a refusal")])
    pj.call_hangup(caller, msg_data=data(("Reason", "SIP;cause=487")))
    assert crossed(phone, "CANCEL").header_values("Reason") == ("SIP;cause=487",)
    assert added(crossed(phone, "CANCEL", 200)) == [("X-Seen", "yes")]
    assert added(crossed(phone, "INVITE", 487)) == [("X-Gone", "yes")]
    assert added(crossed(phone, "ACK")) == [("X-Ack", "of a refusal")]
    phone.wait_slots_free()
    pj.call_make_call(account, phone.uri("a"))
    callee = phone.wait_incoming(count=2).call_id
    pj.call_hangup(callee, 486, None, data(("Warning", '399 x "busy"'), ("Retry-After", "9")))
    refusal = crossed(phone, "INVITE", 486)
    assert (refusal.header("Warning"), refusal.header_values("Retry-After")) == ('399 x "busy"', ("9",))


@pytest.mark.parametrize("answered", [False, True], ids=["rings", "answers"])
def test_a_hangup_before_anything_was_heard(answered: bool, phone: Phone, wire_client: MakeWire) -> None:
    """PJSIP waits for a provisional response with its CANCEL, and has forgotten the headers by then."""
    wire = wire_client()
    far = HandCall(wire)
    call = pj.call_make_call(phone.account("a"), f"sip:far@127.0.0.1:{wire.port}")
    invite = far.wait_invite()
    pj.call_hangup(call, msg_data=data(("Reason", "Q.850;cause=16"), ("X-Why", "done")))
    if answered:
        far.accept(invite)
        end = far.received("BYE")
    else:
        far.respond(invite, 180)
        end = far.received("CANCEL")
    assert end.all("reason") == ["Q.850;cause=16"]
    assert end.all("x-why") == ["done"]
    far.respond(end, 200)
    if not answered:
        far.respond(invite, 487)
        far.received("ACK")


def test_retransmissions_have_them_once(phone: Phone, wire_client: MakeWire) -> None:
    """What is sent again is what was sent: nothing is added twice, nor anything set since."""
    wire = wire_client()
    far = HandCall(wire)
    account = phone.account("a")
    pj.acc_set_headers(account, "INVITE", [("X-Account", "a")])
    call = pj.call_make_call(account, f"sip:far@127.0.0.1:{wire.port}", None, data(("X-Own", "1")))
    invite = far.wait_invite()
    pj.call_set_headers(call, "INVITE", [("X-Late", "1")])
    second = far.wait_invite(count=2)
    assert invite.raw == second.raw
    assert (invite.all("x-account"), invite.all("x-own")) == (["a"], ["1"])
    pj.call_set_headers(call, "ACK", [("X-Ack", "1")])
    far.accept(invite)
    phone.wait_state(call, State.CONFIRMED)
    far.respond(invite, 200, "OK")
    acks = [far.received("ACK", count) for count in (1, 2)]
    assert [ack.all("x-ack") for ack in acks] == [["1"], ["1"]]
    pj.call_hangup(call, msg_data=data(("X-Bye", "1")))
    byes = [far.received("BYE", count) for count in (1, 2)]
    assert byes[0].raw == byes[1].raw
    assert byes[0].all("x-bye") == ["1"]
    far.respond(byes[0], 200)


def test_a_message_of_an_account(phone: Phone, sip_server: SipServer) -> None:
    """Requests by their From, responses by whom PJSIP found; a challenged request once each time."""
    account = pj.acc_add(
        phone.account_config(
            "1001",
            id=sip_server.aor("1001"),
            reg_uri=sip_server.uri,
            cred_info=[pj.CredInfo(realm="*", username="1001", data="secret")],
            register_on_acc_add=False,
        )
    )
    other = phone.account("b")
    pj.acc_set_headers(account, "*", [("X-Tenant", "7")])
    pj.acc_set_headers(account, "REGISTER", [("X-Device", "desk"), ("X-Device", "second")])
    pj.acc_set_registration(account, True)
    assert phone.wait_reg(account).code == 200
    messages = [event.message for event in phone.all(pj.OnSipMessage)]
    registers = [message for message in messages if message and message.sent]
    assert [message.method for message in registers] == ["REGISTER", "REGISTER"], "a challenge, answered"
    wanted = [("X-Tenant", "7"), ("X-Device", "desk"), ("X-Device", "second")]
    assert [added(message) for message in registers] == [wanted, wanted]
    pj.acc_send_request(account, phone.uri("b"), "OPTIONS")
    assert added(crossed(phone, "OPTIONS")) == [("X-Tenant", "7")]
    assert added(crossed(phone, "OPTIONS", 200)) == []
    pj.im_send(other, phone.uri("1001"), None, "hi")
    assert added(crossed(phone, "MESSAGE", sent=True)) == []
    assert added(crossed(phone, "MESSAGE", 200, sent=True)) == [("X-Tenant", "7")]
    # An INVITE from outside, and the calls of the account, whatever their From.
    pj.call_make_call(other, phone.uri("1001"))
    callee = phone.wait_incoming().call_id
    pj.call_hangup(callee, 486)
    for code in (100, 486):
        assert added(crossed(phone, "INVITE", code, sent=True)) == [("X-Tenant", "7")]
    phone.wait_slots_free()
    config = pj.acc_get_config(account)
    config.id, config.reg_uri = phone.uri("moved"), ""
    pj.acc_modify(account, config)
    pj.acc_set_headers(account, "*", [])
    pj.acc_set_headers(account, "OPTIONS", [("X-Moved", "yes")])
    pj.acc_send_request(account, phone.uri("b"), "OPTIONS")
    assert added(crossed(phone, "OPTIONS", count=2)) == [("X-Moved", "yes")]


def test_what_goes_beside_a_call(phone: Phone) -> None:
    """REFER, SUBSCRIBE, NOTIFY, MESSAGE and their answers have those of the account that sends them."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    alice, bob = phone.account("alice"), phone.account("bob")
    for account, name in ((alice, "alice"), (bob, "bob")):
        pj.acc_set_headers(account, "*", [("X-Of", name)])
    call = pj.call_make_call(alice, phone.uri("bob"))
    other = phone.wait_incoming().call_id
    phone.wait_state(other, State.CONFIRMED)
    pj.call_send_im(call, None, "hello")
    pj.call_xfer(call, f"<{phone.uri('bob')}>", data(("X-Why", "busy")))
    assert added(crossed(phone, "MESSAGE")) == [("X-Of", "alice")]
    assert added(crossed(phone, "MESSAGE", 200)) == [("X-Of", "bob")]
    assert added(crossed(phone, "REFER")) == [("X-Why", "busy"), ("X-Of", "alice")]
    assert added(crossed(phone, "REFER", 202)) == [("X-Of", "bob")]
    assert added(crossed(phone, "NOTIFY")) == [("X-Of", "bob")]
    assert added(crossed(phone, "NOTIFY", 200)) == [("X-Of", "alice")]
    pj.call_hangup_all()
    phone.wait_slots_free()
    seen = len(phone.all(pj.OnSipMessage))
    pj.buddy_add(pj.BuddyConfig(uri=phone.uri("bob"), acc_id=alice, subscribe=True))
    assert added(crossed(phone, "SUBSCRIBE")) == [("X-Of", "alice")]
    assert added(crossed(phone, "SUBSCRIBE", 200)) == [("X-Of", "bob")]
    phone.wait(pj.OnBuddyEvsubState, lambda event: event.state is pj.EvsubState.ACTIVE)
    later = [event.message for event in phone.all(pj.OnSipMessage)[seen:]]
    notify = next(message for message in later if message and message.method == "NOTIFY" and not message.sent)
    assert added(notify) == [("X-Of", "bob")]


def test_hostile_headers_of_others(phone: Phone, wire_client: MakeWire) -> None:
    """Read as they came, in each kind of message: in order, with repeats, compact and folded."""
    phone.account("a")
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    wire = wire_client()
    far = HandCall(wire)
    there = ("127.0.0.1", phone.port)
    # A dictionary has no repeats: they are lines of one value.
    evil = {
        "X-A": "1\r\nX-B: 2\r\nx-a: three\r\nX-A:",
        "s": "folded\r\n \tover\r\n  lines",
        "X-T": 'a\t;b="c,d"',
    }
    wanted = [
        ("X-A", "1"),
        ("X-B", "2"),
        ("x-a", "three"),
        ("X-A", ""),
        ("s", "folded over lines"),
        ("X-T", 'a\t;b="c,d"'),
    ]
    names = {name for name, _ in wanted}

    def check(message: pj.Message | None) -> None:
        assert message is not None
        assert [header for header in message.headers if header[0] in names] == wanted
        assert message.header_values("x-A") == ("1", "three", "")
        assert message.header("subject") == "folded over lines"

    far.invite(phone.uri("a"), there, evil)
    incoming = phone.wait_incoming()
    check(incoming.message)
    far.send("ACK", evil)
    phone.wait_state(incoming.call_id, State.CONFIRMED)
    check(crossed(phone, "ACK", count=2))
    far.request("INFO", evil)
    check(phone.wait(pj.OnCallTsxState, lambda event: event.method == "INFO").message)
    pj.call_reinvite(incoming.call_id)
    far.respond(far.received("INVITE"), 486, headers=evil)
    check(crossed(phone, "INVITE", 486))
    far.request("BYE", evil)
    phone.wait_end(incoming.call_id)
    check(phone.all(pj.OnCallState)[-1].message)
    for method in ("OPTIONS", "MESSAGE", "NOTIFY", "REFER", "SUBSCRIBE"):
        wire.send(wire.request(method, phone.uri("a"), headers=evil), there)
        check(crossed(phone, method))


def test_hostile_values_come_through(phone: Phone) -> None:
    pj.acc_set_headers(phone.account("b"), "200 OPTIONS", HOSTILE)
    account = phone.account("a")
    # PJSIP prints a long request before anybody adds to it, to see whether it is one for TCP.
    pj.acc_set_headers(account, "OPTIONS", [("X-Late", "yes")])
    pj.acc_send_request(account, phone.uri("b"), "OPTIONS", None, data(*HOSTILE))
    assert crossed(phone, "OPTIONS").header_values("X-Late") == ("yes",)
    names = {name.lower() for name, _ in HOSTILE}
    for message in (crossed(phone, "OPTIONS"), crossed(phone, "OPTIONS", 200)):
        assert [header for header in message.headers if header[0].lower() in names] == HOSTILE


OWN = ["Via", "v", "FROM", "t", "Call-ID", "i", "CSeq", "Max-Forwards", "Content-Length", "Content-Type"]
ENDS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x7f"]


@pytest.mark.parametrize(
    ("headers", "error", "match"),
    [
        *(([(name, "1")], ValueError, r"\[0\] name: .* is PJSIP's to write") for name in OWN),
        ([("X", "1"), ("", "2")], ValueError, r"\[1\] name: '' is not a header name"),
        ([("X Y", "1")], ValueError, r"\[0\] name"),
        ([("X\u00e9", "1")], ValueError, r"\[0\] name"),
        ([("X:", "1")], ValueError, r"\[0\] name"),
        *(([("X", f"a{end}X-Evil: 1")], ValueError, r"\[0\] value") for end in ENDS),
        ([("X", 1)], TypeError, r"\[0\] value"),
        ([(b"X", "1")], TypeError, r"\[0\] name"),
        (["X: 1"], TypeError, r"\[0\]"),
        ("X: 1", TypeError, "headers"),
        (7, TypeError, "headers"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_header(headers: Any, error: type[Exception], match: str, phone: Phone) -> None:
    account = phone.account("a")
    call = pj.call_make_call(account, phone.uri("a"))
    phone.wait_incoming()
    with pytest.raises(error, match=match if match == "headers" else f"headers{match}"):
        pj.call_set_headers(call, "*", headers)
    with pytest.raises(error, match="headers"):
        pj.acc_set_headers(account, "*", headers)
    with pytest.raises(error, match=r"msg_data\.hdr_list"):
        pj.acc_send_request(account, phone.uri("a"), "OPTIONS", None, pj.MsgData(hdr_list=headers))
    pj.acc_send_request(account, phone.uri("a"), "OPTIONS")
    assert added(crossed(phone, "OPTIONS")) == []


@pytest.mark.parametrize(
    "which", ["", " BYE", "BYE ", "B YE", "700 BYE", "99 BYE", "2x BYE", "* ", "200 ACK", "BY\u00c9", "*x"]
)
def test_what_names_no_message(which: str, phone: Phone) -> None:
    account = phone.account("a")
    with pytest.raises(ValueError, match=r"^which"):
        pj.acc_set_headers(account, which, [("X", "1")])


def test_too_much(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    """More than a rule holds raises; more than a packet holds is left out, and the call goes on."""
    account = phone.account("a")
    with pytest.raises(ValueError, match="headers: bytes"):
        pj.acc_set_headers(account, "*", [("X", "x" * 8000)])
    with pytest.raises(ValueError, match=r"msg_data\.hdr_list: bytes"):
        pj.acc_send_request(account, phone.uri("a"), "OPTIONS", None, data(("X", "x" * 16000)))
    for n in range(64):
        pj.acc_set_headers(account, f"M{n}", [("X", str(n))])
    with pytest.raises(pj.TooMany):
        pj.acc_set_headers(account, "M64", [("X", "1")])
    pj.acc_set_headers(account, "M63", [])
    pj.acc_set_headers(account, "* BYE", [("X-Acc", "x" * 7900)])
    caller = pj.call_make_call(account, phone.uri("a"))
    callee = phone.wait_incoming().call_id
    with pytest.raises(pj.PjsuaError, match="EMSGTOOLONG"):
        pj.call_answer(callee, 200, None, data(("X", "x" * 8000)))
    pj.call_set_headers(callee, "* BYE", [("X-Call", "x" * 7900)])
    pj.call_answer(callee, 200)
    phone.wait_state(callee, State.CONFIRMED)
    with caplog.at_level(logging.WARNING, "pyjsua.pjsip"):
        pj.call_hangup(caller)
        assert added(crossed(phone, "BYE", 200)) == []
        phone.wait_slots_free()
    pj.destroy()
    assert "no room for the headers" in caplog.text
