"""Events: their order, and that a snapshot shows the call as it was at that moment."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from peers.sipp import Sipp
from pjsua.phone import Phone, same, until
from pyjsua import pjsua as pj

State = pj.InvState


def conversation(phone: Phone, code: int = 200) -> tuple[pj.CallId, pj.CallId]:
    """A whole call between two accounts of this library."""

    def answer(event: pj.OnIncomingCall) -> None:
        pj.call_answer(event.call_id, 180)
        pj.call_answer(event.call_id, code)

    phone.answer = answer
    phone.account("b", id=f'"Bob" <{phone.uri("b")}>')
    call = pj.call_make_call(phone.account("a", id=f'"Ann" <{phone.uri("a")}>'), phone.uri("b"))
    other = phone.wait_incoming().call_id
    if code == 200:
        for one in (call, other):
            phone.wait_state(one, State.CONFIRMED)
            phone.wait_media(one)
        pj.call_hangup(call)
    for one in (call, other):
        phone.wait_end(one)
    phone.wait_slots_free()
    return call, other


def states(phone: Phone, call: pj.CallId) -> list[pj.OnCallState]:
    return phone.all(pj.OnCallState, lambda event: same(event.call_id, call))


def test_states_and_statuses(phone: Phone) -> None:
    call, other = conversation(phone)
    shown = {
        one: [(e.info.state.name, e.info.last_status) for e in states(phone, one)] for one in (call, other)
    }
    assert shown[call] == [
        ("CALLING", 0), ("EARLY", 180), ("CONNECTING", 200), ("CONFIRMED", 200), ("DISCONNECTED", 200),
    ]  # fmt: skip
    assert shown[other] == [
        ("EARLY", 180), ("CONNECTING", 200), ("CONFIRMED", 200), ("DISCONNECTED", 200),
    ]  # fmt: skip


def test_snapshots(phone: Phone) -> None:
    call, other = conversation(phone)
    # RFC 3261, 19.1.1: a From and a To carry no port.
    ann = '"Ann" <sip:a@127.0.0.1>'
    incoming = phone.wait_incoming().info
    assert incoming.remote_info == ann
    assert incoming.local_info == "<sip:b@127.0.0.1>"
    assert incoming.role is pj.Role.UAS
    first = phone.wait_state(call, State.CALLING).info
    assert (first.local_info, first.remote_info) == (f'"Ann" <{phone.uri("a")}>', phone.uri("b"))
    assert first.role is pj.Role.UAC
    assert first.remote_contact == ""
    confirmed = phone.wait_state(call, State.CONFIRMED).info
    assert confirmed.remote_contact == f'"Bob" <sip:b@127.0.0.1:{phone.port}>'
    assert confirmed.call_id == incoming.call_id
    assert confirmed.media_status is pj.CallMediaStatus.ACTIVE
    assert [media.type for media in confirmed.media] == [pj.MediaType.AUDIO]
    end = phone.wait_end(other)
    assert end.media_status is pj.CallMediaStatus.NONE
    assert end.conf_slot == -1
    assert end.total_duration >= end.connect_duration >= 0
    with pytest.raises(AttributeError):
        end.state = State.NULL  # type: ignore[misc]


def test_messages_behind_them(phone: Phone) -> None:
    call, other = conversation(phone)
    lines = {}
    for one in (call, other):
        messages = [event.message for event in states(phone, one)]
        lines[one] = [m and (m.sent, m.start_line.removeprefix("SIP/2.0 ").split()[0]) for m in messages]
    # Our own BYE has not left when its end is told.
    assert lines[call] == [(True, "INVITE"), (False, "180"), (False, "200"), (True, "ACK"), None]
    assert lines[other] == [(True, "180"), (True, "200"), (False, "ACK"), (False, "BYE")]
    invite = phone.wait_incoming().message
    assert invite is not None
    assert invite.uri == phone.uri("b")
    assert invite.header("f") == invite.header("From")
    assert invite.header("from").startswith('"Ann" <sip:a@127.0.0.1>;tag=')
    assert invite.call_id == phone.wait_incoming().info.call_id
    assert invite.header("Content-Type") == "application/sdp"
    assert len(invite.body) == int(invite.header("Content-Length"))
    assert invite.remote_addr == invite.local_addr == f"127.0.0.1:{phone.port}"
    assert invite.transport == "UDP"


def test_total_order(phone: Phone) -> None:
    for _ in range(3):
        conversation(phone)
    numbers = [event.seq for event in phone.events if not isinstance(event, pj.OlderEvent)]
    assert numbers == sorted(set(numbers))
    incoming = [phone.wait_incoming(count=n) for n in (1, 2, 3)]
    for event in incoming:
        # Its media is made before the call is told of, and tells of itself.
        kinds = (pj.OnIncomingCall, pj.OnCallState, pj.OnCallTsxState, pj.OnCallMediaState)
        own = [e for e in phone.events if isinstance(e, kinds) and same(e.call_id, event.call_id)]
        assert own[0] is event, "nothing is told of a call before it came in"
        state = [e for e in own if isinstance(e, pj.OnCallState)]
        assert [e.info.state for e in state] == sorted(e.info.state for e in state)
        assert all(one.time <= two.time for one, two in itertools.pairwise(state))


def test_streams_tell_their_figures_at_the_end(phone: Phone) -> None:
    call, other = conversation(phone)
    assert [e.stream_idx for e in phone.all(pj.OnStreamCreated2)] == [0, 0]
    ends = phone.all(pj.OnStreamDestroyed)
    assert sorted(e.call_id for e in ends) == sorted((call, other))
    for event in ends:
        assert event.seq < states(phone, event.call_id)[-1].seq
        assert event.stat.codec != ""


def test_transactions(phone: Phone) -> None:
    call, _ = conversation(phone)
    told = [
        (e.method, e.role.name, e.state.name, e.status_code)
        for e in phone.all(pj.OnCallTsxState, lambda e: same(e.call_id, call))
    ]
    assert told[0] == ("INVITE", "UAC", "CALLING", 0)
    assert ("INVITE", "UAC", "PROCEEDING", 180) in told
    assert ("INVITE", "UAC", "TERMINATED", 200) in told


def test_refused_calls_tell_why_on_both_sides(phone: Phone) -> None:
    call, other = conversation(phone, 486)
    assert [phone.wait_end(one).last_status for one in (call, other)] == [486, 486]
    assert phone.states(other) == ["EARLY", "DISCONNECTED"]


def test_a_call_that_cannot_be_made_tells_nothing(phone: Phone) -> None:
    acc = phone.account("a")
    with pytest.raises(
        pj.InvalidArgument, match=r"^pjsua_call_make_call: dst_uri 'sip:b@127.0.0.1:9;transport=tls'"
    ):
        pj.call_make_call(acc, "sip:b@127.0.0.1:9;transport=tls")
    made = conversation(phone)
    assert {event.call_id.serial for event in phone.all(pj.OnCallState)} == {call.serial for call in made}
    assert len(phone.all(pj.OnCallState, lambda e: e.info.state is State.DISCONNECTED)) == 2


def test_the_scripts_own_loop(sipp: Callable[..., Sipp]) -> None:
    """`events()` in place of handlers: the same events, one at a time, and incoming calls once it is read."""
    pj.create()
    pj.init(pj.Config(max_calls=2))
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    media = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    pj.acc_add(pj.AccConfig(id=f"sip:b@127.0.0.1:{port}", rtp_cfg=media))
    unheard = sipp("uac_call", ("127.0.0.1", port), user="b")
    unheard.wait(check=False)
    assert [m.status for m in unheard.messages if m.direction == "received"][-1] == 480
    loop = pj.events(timeout=10)
    uac = sipp("uac_call", ("127.0.0.1", port), user="b", hold=50, delay=0.2)
    seen = []
    for event in loop:
        if isinstance(event, pj.OnIncomingCall):
            pj.call_answer(event.call_id)
        if isinstance(event, pj.OnCallState):
            seen.append(event.info.state)
            if event.info.state is State.DISCONNECTED and State.CONFIRMED in seen:
                break
    assert seen[-3:] == [State.CONNECTING, State.CONFIRMED, State.DISCONNECTED]
    assert uac.wait().ok
    loop.close()  # type: ignore[attr-defined]
    pj.destroy()
    left = list(pj.events(timeout=10))
    assert not any(isinstance(event, pj.OnIncomingCall) for event in left)
    assert list(pj.events(timeout=10)) == [], "it ends at once when nothing can come"


def test_handlers_and_events_exclude_each_other(phone: Phone) -> None:
    with pytest.raises(RuntimeError, match=r"^events\(\) and handlers exclude each other"):
        pj.events()


def test_a_second_reader_is_refused() -> None:
    pj.create()
    pj.init()
    first = pj.events(timeout=5)
    reading = threading.Thread(target=lambda: list(first), daemon=True)
    reading.start()

    def refused() -> bool:
        try:
            next(pj.events(timeout=0), None)
        except RuntimeError as error:
            return str(error) == "events() is being read by another thread"
        return False

    until(refused, "the second reader is refused")
    pj.destroy()
    reading.join(10)
    assert not reading.is_alive(), "destroy ends the loop"


def test_the_older_of_a_pair_comes_first_and_once_per_digit(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("b")
    call = pj.call_make_call(phone.account("a"), phone.uri("b"))
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_media(one)
    pj.call_send_dtmf(call, "4*")
    until(lambda: len(phone.all(pj.OnDtmfDigit2)) == 2, "both digits are there")
    assert [event.digit for event in phone.all(pj.OnDtmfDigit)] == ["4", "*"]
    assert [event.info.digit for event in phone.all(pj.OnDtmfDigit2)] == ["4", "*"]
    assert all(same(event.call_id, other) for event in phone.all(pj.OnDtmfDigit))
    both = (pj.OnStreamCreated, pj.OnStreamCreated2)
    created = [event for event in phone.events if isinstance(event, both)]
    assert [type(event) for event in created] == [pj.OnStreamCreated, pj.OnStreamCreated2] * 2
    assert created[0].seq == created[1].seq
