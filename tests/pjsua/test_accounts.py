"""Accounts: what they are told, asked, bound to and deleted by."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from peers.kamailio import Kamailio
from peers.wire import WireClient
from pjsua.hand import HandCall
from pjsua.phone import Phone
from pyjsua import pjsua as pj


class Thing:
    """Something a weak reference can watch."""


def test_user_data_lives_as_long_as_its_account(phone: Phone) -> None:
    first, second = phone.account("first"), phone.account("second")
    thing = Thing()
    watched = weakref.ref(thing)
    pj.acc_set_user_data(first, thing)
    assert pj.acc_get_user_data(first) is thing
    assert pj.acc_get_user_data(int(first)) is thing
    assert pj.acc_get_user_data(second) is None
    del thing
    gc.collect()
    assert watched() is not None
    pj.acc_del(first)
    gc.collect()
    assert watched() is None
    third = phone.account("third")
    assert third == first, "the slot is expected to be reused"
    assert pj.acc_get_user_data(third) is None
    with pytest.raises(pj.StaleError, match="acc_id"):
        pj.acc_get_user_data(first)
    with pytest.raises(pj.StaleError, match="acc_id"):
        pj.acc_set_user_data(first, 1)


def test_user_data_is_taken_back_with_none_and_with_the_library(phone: Phone) -> None:
    acc = phone.account("alice")
    pj.acc_set_user_data(acc, "one")
    pj.acc_set_user_data(acc, None)
    assert pj.acc_get_user_data(acc) is None
    thing = Thing()
    watched = weakref.ref(thing)
    pj.acc_set_user_data(acc, thing)
    del thing
    pj.destroy(timeout=0.0)
    gc.collect()
    assert watched() is None


def test_acc_del2_leaves_an_account_with_a_call_unless_forced(
    phone: Phone, kamailio: Callable[..., Kamailio]
) -> None:
    proxy = kamailio("a.test", auth=False)
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    callee = phone.account("callee")
    caller = phone.account(
        "caller", id=f"sip:caller@127.0.0.1:{proxy.port}", reg_uri=f"sip:127.0.0.1:{proxy.port}"
    )
    assert phone.wait_reg(caller).code == 200
    call = pj.call_make_call(caller, phone.uri("callee"))
    phone.wait_state(call, pj.InvState.CONFIRMED)
    with pytest.raises(pj.PjsuaError) as error:
        pj.acc_del2(caller)
    assert error.value.name == "PJ_EBUSY"
    assert pj.acc_is_valid(caller)
    assert pj.acc_get_info(caller).status == 200, "it is still registered"
    pj.acc_del2(caller, pj.AccDelParam(force=True))
    assert not pj.acc_is_valid(caller)
    pj.acc_del2(callee, pj.AccDelParam(force=True))
    pj.call_hangup_all()


def test_acc_enum_info_tells_of_all(phone: Phone) -> None:
    assert pj.acc_enum_info() == []
    accounts = [phone.account(user) for user in ("a", "b", "c")]
    infos = pj.acc_enum_info()
    assert [info.id for info in infos] == accounts
    assert [info.id.serial for info in infos] == [acc.serial for acc in accounts]
    assert infos == [pj.acc_get_info(acc) for acc in accounts]


def test_acc_find_for_outgoing_goes_by_the_domain(phone: Phone) -> None:
    assert pj.acc_find_for_outgoing("sip:x@example.org") == -1
    default = phone.account("default")
    config = phone.account_config("other", id="sip:other@example.org", register_on_acc_add=False)
    config.reg_uri = "sip:example.org"
    other = pj.acc_add(config, is_default=False)
    assert pj.acc_find_for_outgoing("sip:somebody@example.org") == other
    assert pj.acc_find_for_outgoing("sip:somebody@example.org").serial == other.serial
    assert pj.acc_find_for_outgoing("sip:somebody@example.net") == default
    with pytest.raises(ValueError, match="url"):
        pj.acc_find_for_outgoing("")


def test_online_status_is_read_back(phone: Phone) -> None:
    acc = phone.account("alice")
    pj.acc_set_online_status(acc, True)
    assert pj.acc_get_info(acc).online_status
    busy = pj.RpidElement(activity=pj.RpidActivity.BUSY, note="On the phone", id="p1")
    pj.acc_set_online_status2(acc, True, busy)
    info = pj.acc_get_info(acc)
    assert info.rpid == busy
    assert info.online_status_text == "On the phone"
    pj.acc_set_online_status(acc, False)
    info = pj.acc_get_info(acc)
    assert not info.online_status
    assert info.rpid.note == ""
    with pytest.raises(ValueError, match=r"pr\.note"):
        pj.acc_set_online_status2(acc, True, pj.RpidElement(note="a\r\nb"))
    with pytest.raises(TypeError, match="pr"):
        pj.acc_set_online_status2(acc, True, None)  # type: ignore[arg-type]


def test_uac_contact_is_where_the_account_is_reached(phone: Phone) -> None:
    acc = phone.account("alice")
    contact = pj.acc_create_uac_contact(acc, "sip:bob@127.0.0.1:5999")
    assert contact == f"<sip:alice@127.0.0.1:{phone.port};ob>"
    with pytest.raises(ValueError, match="uri"):
        pj.acc_create_uac_contact(acc, "")
    pj.acc_del(acc)
    with pytest.raises(pj.StaleError):
        pj.acc_create_uac_contact(acc, "sip:bob@127.0.0.1:5999")


def test_what_is_told_of_an_account_that_has_gone_names_no_other(
    phone: Phone, wire_client: Callable[..., WireClient]
) -> None:
    gone = phone.account("gone")
    hand = HandCall(wire_client())
    uri = f"sip:bob@127.0.0.1:{hand.wire.port}"
    call = pj.call_make_call(gone, uri)
    hand.accept(hand.wait_invite())
    phone.wait_state(call, pj.InvState.CONFIRMED)
    pj.im_send(gone, uri, content="hi", user_data="before")
    message = hand.wire.wait_for(lambda m: m.is_request and m.method == "MESSAGE")
    pj.acc_del(gone)
    # An id without a serial would mean whoever has the slot, now or later.
    assert pj.call_get_info(call).acc_id == -1
    hand.send("INFO")
    assert phone.wait(pj.OnCallTsxState, lambda event: event.method == "INFO").acc_id == -1
    assert int(phone.account("stranger")) == int(gone)
    HandCall(hand.wire).respond(message, 200)
    assert phone.wait(pj.OnPagerStatus2, lambda event: event.user_data == "before").acc_id == -1
    pj.call_hangup(call)
    assert phone.wait_end(call).acc_id == -1
