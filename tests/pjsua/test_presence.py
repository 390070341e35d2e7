"""Presence between two accounts of one library: subscribed, told, refused, and gone."""

from __future__ import annotations

import pytest

from pjsua.phone import Phone, same, until
from pyjsua import pjsua as pj


def watch(phone: Phone, watcher: pj.AccId, user: str) -> pj.BuddyId:
    """`watcher` subscribes to a user of this library."""
    return pj.buddy_add(pj.BuddyConfig(uri=phone.uri(user), subscribe=True, acc_id=watcher))


def wait_info(phone: Phone, buddy: pj.BuddyId, **wanted: object) -> pj.BuddyInfo:
    """Waits until a buddy was told of with these fields."""
    return phone.wait(
        pj.OnBuddyState,
        lambda event: (
            same(event.buddy_id, buddy)
            and all(getattr(event.info, name) == value for name, value in wanted.items())
        ),
    ).info


def test_each_sees_the_other_come_and_go(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    of_bob, of_alice = watch(phone, alice, "bob"), watch(phone, bob, "alice")
    for buddy in (of_bob, of_alice):
        wait_info(phone, buddy, status=pj.BuddyStatus.OFFLINE, sub_state=pj.EvsubState.ACTIVE)
    pj.acc_set_online_status(bob, True)
    assert wait_info(phone, of_bob, status=pj.BuddyStatus.ONLINE).status_text == "Online"
    pj.acc_set_online_status(alice, True)
    wait_info(phone, of_alice, status=pj.BuddyStatus.ONLINE)
    busy = pj.RpidElement(activity=pj.RpidActivity.BUSY, note="im Gespräch <&>")
    pj.acc_set_online_status2(bob, True, busy)
    told = wait_info(phone, of_bob, status_text="im Gespräch <&>")
    assert told.rpid.activity is pj.RpidActivity.BUSY
    assert told.pres_status.info[0].basic_open
    read = pj.buddy_get_info(of_bob)
    assert read == told
    assert (read.id.serial, read.acc_id) == (of_bob.serial, alice)
    away = pj.RpidElement(activity=pj.RpidActivity.AWAY, note="later")
    pj.acc_set_online_status2(bob, False, away)
    gone = wait_info(phone, of_bob, status=pj.BuddyStatus.OFFLINE, status_text="later")
    assert gone.rpid.activity is pj.RpidActivity.AWAY
    assert pj.buddy_get_info(of_alice).status is pj.BuddyStatus.ONLINE


def test_one_who_subscribes_is_told_of_and_can_be_notified(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    buddy = watch(phone, alice, "bob")
    came = phone.wait(pj.OnIncomingSubscribe)
    assert same(came.acc_id, bob)
    assert came.message is not None
    assert came.message.method == "SUBSCRIBE"
    assert came.message.header("Event") == "presence"
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    pj.pres_notify(
        bob, came.srv_pres, pj.EvsubState.PENDING, msg_data=pj.MsgData(hdr_list=[("X-Why", "asking")])
    )
    pending = phone.wait(pj.OnBuddyEvsubState, lambda event: event.state is pj.EvsubState.PENDING)
    assert pending.message is not None
    assert pending.message.header("X-Why") == "asking"
    pj.pres_notify(bob, came.srv_pres, pj.EvsubState.TERMINATED, reason="rejected", with_body=False)
    ended = wait_info(phone, buddy, sub_state=pj.EvsubState.TERMINATED)
    assert (ended.sub_term_reason, ended.sub_term_code) == ("rejected", 200)
    over = phone.wait(pj.OnSrvSubscribeState, lambda event: event.state is pj.EvsubState.TERMINATED)
    assert same(over.srv_pres, came.srv_pres)
    assert same(over.acc_id, bob)
    with pytest.raises(pj.StaleError, match="srv_pres"):
        pj.pres_notify(bob, came.srv_pres, pj.EvsubState.ACTIVE)


def test_a_state_of_its_own_arrives(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    watch(phone, alice, "bob")
    came = phone.wait(pj.OnIncomingSubscribe)
    pj.pres_notify(bob, came.srv_pres, pj.EvsubState.UNKNOWN, state_str="dozing")
    phone.wait(pj.OnBuddyEvsubState, lambda event: event.state_name == "dozing")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"state": pj.EvsubState.NULL}, "state"),
        ({"state": 77}, "state"),
        ({"state": pj.EvsubState.UNKNOWN}, "state_str"),
        ({"state": pj.EvsubState.ACTIVE, "state_str": "dozing"}, "state_str"),
        ({"state": pj.EvsubState.TERMINATED, "reason": "no\r\nX: y"}, "reason"),
        ({"state": pj.EvsubState.TERMINATED, "reason": "two words"}, "reason"),
    ],
)
def test_what_no_notify_can_say_is_refused(phone: Phone, arguments: dict[str, object], name: str) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    watch(phone, alice, "bob")
    came = phone.wait(pj.OnIncomingSubscribe)
    with pytest.raises(ValueError, match=name):
        pj.pres_notify(bob, came.srv_pres, **arguments)  # type: ignore[arg-type]
    with pytest.raises(pj.PjsuaError, match="srv_pres"):
        pj.pres_notify(alice, came.srv_pres, pj.EvsubState.ACTIVE)


def test_unsubscribing_ends_it_on_both_sides(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    buddy = watch(phone, alice, "bob")
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    pj.buddy_subscribe_pres(buddy, False)
    wait_info(phone, buddy, sub_state=pj.EvsubState.TERMINATED)
    phone.wait(pj.OnSrvSubscribeState, lambda event: event.state is pj.EvsubState.TERMINATED)
    assert not pj.buddy_get_info(buddy).monitor_pres
    assert pj.buddy_get_info(buddy).status is pj.BuddyStatus.UNKNOWN
    pj.buddy_subscribe_pres(buddy, True)
    phone.wait(
        pj.OnBuddyState,
        lambda event: event.info.sub_state is pj.EvsubState.ACTIVE and event.info.monitor_pres,
        count=2,
    )


def test_a_deleted_buddy_unsubscribes_and_is_stale(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    buddy = watch(phone, alice, "bob")
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    pj.buddy_set_user_data(buddy, "mine")
    assert pj.buddy_get_user_data(buddy) == "mine"
    pj.buddy_del(buddy)
    phone.wait(pj.OnSrvSubscribeState, lambda event: event.state is pj.EvsubState.TERMINATED)
    other = pj.buddy_add(pj.BuddyConfig(uri=phone.uri("carol")))
    assert other == buddy, "the slot is used again"
    assert pj.buddy_get_user_data(other) is None
    assert pj.buddy_is_valid(other)
    assert not pj.buddy_is_valid(buddy)
    for use in (
        pj.buddy_get_info, pj.buddy_get_dlg_event_info, pj.buddy_del, pj.buddy_update_pres,
        pj.buddy_update_dlg_event, pj.buddy_get_user_data,
    ):  # fmt: skip
        with pytest.raises(pj.StaleError, match="buddy_id"):
            use(buddy)
    assert pj.enum_buddies() == [other]
    assert pj.get_buddy_count() == 1


def test_buddies_are_found_by_their_uri(phone: Phone) -> None:
    one = pj.buddy_add(pj.BuddyConfig(uri='"Ännchen" <sip:one@127.0.0.1:5070>'))
    assert same(pj.buddy_find("sip:ONE@127.0.0.1:5070"), one)
    assert pj.buddy_find("sip:one@127.0.0.1") == -1
    assert pj.buddy_get_info(one).uri == '"Ännchen" <sip:one@127.0.0.1:5070>'


def test_more_buddies_than_there_is_room_for_raises(phone: Phone) -> None:
    added = 0

    def fill() -> None:
        nonlocal added
        for added in range(10000):
            pj.buddy_add(pj.BuddyConfig(uri=f"sip:{added}@127.0.0.1"))

    with pytest.raises(pj.PjsuaError, match=r"cfg\.uri"):
        fill()
    assert pj.get_buddy_count() == added == len(pj.enum_buddies())
    assert added >= 256


def test_bad_buddies_are_refused(phone: Phone) -> None:
    account = phone.account("alice")
    pj.acc_del(account)
    for config, named in (
        (pj.BuddyConfig(uri=""), "cfg.uri"),
        (pj.BuddyConfig(uri="tel:123"), "cfg.uri"),
        (pj.BuddyConfig(uri="sip:" + "x" * 10000), "cfg.uri"),
        (pj.BuddyConfig(uri="sip:a@b\r\nX: y"), "uri"),
        (pj.BuddyConfig(uri="sip:a@127.0.0.1", acc_id=account), "cfg.acc_id"),
        (pj.BuddyConfig(uri="sip:a@127.0.0.1", acc_id=pj.AccId(10**6)), "cfg.acc_id"),
    ):
        with pytest.raises((ValueError, pj.PjsuaError), match=named):
            pj.buddy_add(config)
    assert pj.get_buddy_count() == 0


def test_an_account_takes_its_buddies_along(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    buddy = watch(phone, alice, "bob")
    free = pj.buddy_add(pj.BuddyConfig(uri=phone.uri("bob")))
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    pj.acc_del(alice)
    assert [int(one) for one in pj.enum_buddies()] == [int(free)]
    assert not pj.buddy_is_valid(buddy)
    phone.wait(pj.OnSrvSubscribeState, lambda event: event.state is pj.EvsubState.TERMINATED)


def test_a_watched_account_that_goes_says_so(phone: Phone) -> None:
    alice, bob = phone.account("alice"), phone.account("bob")
    buddy = watch(phone, alice, "bob")
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    pj.acc_del(bob)
    assert wait_info(phone, buddy, sub_state=pj.EvsubState.TERMINATED).sub_term_reason == "noresource"


def test_destroy_with_live_subscriptions() -> None:
    for _ in range(3):
        with Phone() as phone:
            alice, bob = phone.account("alice"), phone.account("bob")
            buddies = [watch(phone, alice, "bob"), watch(phone, bob, "alice")]
            for buddy in buddies:
                wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
            srv_pres = phone.wait(pj.OnIncomingSubscribe).srv_pres
        with Phone():
            assert not pj.buddy_is_valid(buddies[0])
            with pytest.raises(pj.PjsuaError):
                pj.pres_notify(0, srv_pres, pj.EvsubState.ACTIVE)


def test_status_changes_while_subscriptions_come_and_go(phone: Phone) -> None:
    """pjsua walks an account's subscriptions without a lock: one that ends meanwhile keeps it walking."""
    alice, bob = phone.account("alice"), phone.account("bob")
    ended = 0
    for turn in range(40):
        buddies = [watch(phone, alice, "bob") for _ in range(4)]
        for buddy in buddies:
            wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
        for n, buddy in enumerate(buddies):
            pj.buddy_del(buddy)
            pj.acc_set_online_status2(bob, True, pj.RpidElement(note=f"{turn}.{n}"))
        ended += len(buddies)
        phone.wait(pj.OnSrvSubscribeState, lambda e: e.state is pj.EvsubState.TERMINATED, count=ended)
    until(lambda: "server/UAS subscriptions: 0" in pj.pres_dump(), "all subscriptions are gone")


def test_the_dump_names_both_sides(phone: Phone) -> None:
    alice = phone.account("alice")
    phone.account("bob")
    buddy = watch(phone, alice, "bob")
    wait_info(phone, buddy, sub_state=pj.EvsubState.ACTIVE)
    assert "Number of server/UAS subscriptions: 1\nNumber of client/UAC subscriptions: 1\n" in pj.pres_dump()
    text = pj.pres_dump(True)
    assert f"ACTIVE {phone.uri('bob')}" in text
    assert "ACTIVE sip:alice@" in text
