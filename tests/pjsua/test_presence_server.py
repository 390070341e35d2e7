"""What a server may answer a subscription with and notify, right or wrong: the wire is written by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peers.wire import WireClient
from pjsua.notifier import DIALOG_INFO, PIDF, Notifier, dialog_info, pidf, status
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj

XPIDF = "application/xpidf+xml"

RUBBISH = {
    "nothing but a bracket": "<",
    "no end": "<presence>",
    "open elements": "<presence>" * 50,
    "deep": "<a>" * 4000,
    "deep inside": "<presence xmlns='x'><tuple id='1'>" + "<a>" * 4000,
    "a declaration": "<?xml",
    "an attribute without value": "<presence><tuple id=></tuple></presence>",
    "a NUL": "<presence\0/>",
    "no XML": "Ünsinn" * 500,
    "another document": "<dialog-info/>",
}


@pytest.fixture
def notifier(wire_client: Callable[..., WireClient]) -> Notifier:
    return Notifier(wire_client())


def watch(phone: Phone, notifier: Notifier, *, calls: bool = False) -> pj.BuddyId:
    account = phone.account("alice")
    return pj.buddy_add(
        pj.BuddyConfig(
            uri=notifier.uri("bob"), subscribe=not calls, subscribe_dlg_event=calls, acc_id=account
        )
    )


def wait_status(phone: Phone, text: str) -> pj.BuddyInfo:
    return phone.wait(pj.OnBuddyState, lambda event: event.info.status_text == text).info


def test_a_status_is_read_with_note_and_activity(phone: Phone, notifier: Notifier) -> None:
    buddy = watch(phone, notifier)
    subscribe = notifier.accept()
    assert subscribe.header("event") == "presence"
    assert PIDF in (subscribe.header("accept") or "")
    assert notifier.notify(subscribe, status("open", "Tom &amp; Ännchen", "<rpid:busy/>"), PIDF) == 200
    info = wait_status(phone, "Tom & Ännchen")
    assert info.status is pj.BuddyStatus.ONLINE
    assert info.rpid.activity is pj.RpidActivity.BUSY
    assert (info.rpid.id, info.pres_status.info[0].id) == ("p1", "t1")
    assert same(info.id, buddy)
    many = pidf("".join(f"<tuple id='t{n}'><status><basic>open</basic></status></tuple>" for n in range(20)))
    assert notifier.notify(subscribe, many, PIDF) == 200
    told = phone.wait(pj.OnBuddyState, lambda event: len(event.info.pres_status.info) > 1).info
    assert [one.id for one in told.pres_status.info] == [f"t{n}" for n in range(8)]


def test_a_notify_without_a_body_changes_no_status_and_leaves_no_dangling_text(
    phone: Phone, notifier: Notifier
) -> None:
    """pjsua resets the pool a document's texts lie in: a long one's memory was freed."""
    buddy = watch(phone, notifier)
    subscribe = notifier.accept()
    long = ("long " * 1800).strip()
    assert notifier.notify(subscribe, status("open", long, "<rpid:away/>"), PIDF) == 200
    wait_status(phone, long)
    for count in range(3):
        assert notifier.notify(subscribe) == 200
        phone.wait(pj.OnBuddyState, lambda event: event.info.status_text == "Online", count=count + 1)
    info = pj.buddy_get_info(buddy)
    assert info.status is pj.BuddyStatus.ONLINE
    assert (info.rpid.note, info.pres_status.info[0].id) == ("", "")
    assert notifier.notify(subscribe, status("closed", "back"), PIDF) == 200
    assert wait_status(phone, "back").status is pj.BuddyStatus.OFFLINE


@pytest.mark.parametrize("content_type", [PIDF, XPIDF, "multipart/mixed;boundary=x", "text/plain"])
def test_rubbish_does_not_hurt(phone: Phone, notifier: Notifier, content_type: str) -> None:
    watch(phone, notifier)
    subscribe = notifier.accept()
    for body in RUBBISH.values():
        assert notifier.notify(subscribe, body, content_type) in (200, 400, 488)
    assert notifier.notify(subscribe, status("open", "after all"), PIDF) == 200
    wait_status(phone, "after all")


@pytest.mark.parametrize(
    "body",
    [
        pidf("<tuple><status><basic>open</basic></status></tuple>"),
        pidf("<tuple id='a'/><tuple/>"),
        "--x\r\nContent-Type: application/pidf+xml\r\n\r\n" + pidf("<tuple/>") + "\r\n--x--\r\n",
    ],
    ids=["one", "the second", "in a part"],
)
def test_a_tuple_without_id_is_refused(phone: Phone, notifier: Notifier, body: str) -> None:
    """PJSIP reads through the pointer to the attribute that is not there, and the process ends."""
    watch(phone, notifier)
    subscribe = notifier.accept()
    content_type = "multipart/mixed;boundary=x" if body.startswith("--") else PIDF
    assert notifier.notify(subscribe, body, content_type) == 400
    assert notifier.notify(subscribe, status("open", "after all"), PIDF) == 200
    wait_status(phone, "after all")


def test_tuples_may_lack_all_else(phone: Phone, notifier: Notifier) -> None:
    watch(phone, notifier)
    subscribe = notifier.accept()
    for inside in (
        "<tuple id='t'/>",
        "<tuple id='t'><status/></tuple>",
        "<person><activities/></person>",
        "",
    ):
        assert notifier.notify(subscribe, pidf(inside), PIDF) == 200
    assert notifier.notify(subscribe, status("open", "after all"), PIDF) == 200
    wait_status(phone, "after all")


def test_a_refusal_is_told(phone: Phone, notifier: Notifier) -> None:
    buddy = watch(phone, notifier)
    notifier.answer(notifier.wait("SUBSCRIBE"), 403, "Not you")
    info = phone.wait(pj.OnBuddyState, lambda event: event.info.sub_state is pj.EvsubState.TERMINATED).info
    assert (info.sub_term_code, info.sub_term_reason) == (403, "Not you")
    assert pj.buddy_get_info(buddy).sub_term_reason == "Not you"
    assert pj.buddy_get_info(buddy).status is pj.BuddyStatus.UNKNOWN


def test_an_end_with_deactivated_subscribes_anew(phone: Phone, notifier: Notifier) -> None:
    watch(phone, notifier)
    subscribe = notifier.accept()
    assert notifier.notify(subscribe, state="terminated;reason=deactivated") == 200
    again = notifier.accept(2)
    assert again.call_id != subscribe.call_id
    assert notifier.notify(again, status("open", "again"), PIDF) == 200
    wait_status(phone, "again")


CALL = (
    "<dialog id='d1' call-id='c1' local-tag='lt' remote-tag='rt' direction='recipient'>"
    "<state>early</state><duration>7</duration>"
    "<local><identity display='Bob'>sip:bob@x</identity><target uri='sip:bob@y'/></local>"
    "<remote><identity display='A &amp; B'>sip:al@x</identity><target uri='sip:al@y'/></remote></dialog>"
)


def test_a_buddys_call_is_read(phone: Phone, notifier: Notifier) -> None:
    buddy = watch(phone, notifier, calls=True)
    subscribe = notifier.accept()
    assert subscribe.header("event") == "dialog"
    assert notifier.notify(subscribe, dialog_info(CALL), DIALOG_INFO) == 200
    info = phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_state == "early").info
    assert same(info.id, buddy)
    assert (info.dialog_id, info.dialog_call_id, info.dialog_direction) == ("d1", "c1", "recipient")
    assert (info.dialog_local_tag, info.dialog_remote_tag, info.dialog_duration) == ("lt", "rt", "7")
    assert (info.local_identity, info.local_identity_display) == ("sip:bob@x", "Bob")
    assert (info.remote_identity, info.remote_identity_display) == ("sip:al@x", "A & B")
    assert (info.dialog_info_state, info.dialog_info_entity) == ("full", "sip:bob@127.0.0.1")
    assert (info.sub_state, info.sub_state_name) == (pj.EvsubState.ACTIVE, "ACTIVE")
    assert pj.buddy_get_dlg_event_info(buddy) == info


def test_what_the_next_document_leaves_out_is_forgotten(phone: Phone, notifier: Notifier) -> None:
    """PJSIP clears the pointers of what is not there and keeps the lengths: pjsua would copy from NULL."""
    buddy = watch(phone, notifier, calls=True)
    subscribe = notifier.accept()
    bare = dialog_info("<dialog id='d1'><state>terminated</state></dialog>")
    for body in (dialog_info(CALL), dialog_info(CALL), bare, bare):
        assert notifier.notify(subscribe, body, DIALOG_INFO) == 200
    phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_state == "terminated", count=2)
    info = pj.buddy_get_dlg_event_info(buddy)
    assert (info.dialog_state, info.local_identity, info.remote_target_uri) == ("terminated", "", "")
    assert notifier.notify(subscribe) == 200
    phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_info_state == "", count=3)
    for body in RUBBISH.values():
        assert notifier.notify(subscribe, body, DIALOG_INFO) in (200, 488)
    assert notifier.notify(subscribe, dialog_info(CALL), DIALOG_INFO) == 200
    phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_state == "early", count=3)


def test_the_end_of_a_call_subscription_is_told(phone: Phone, notifier: Notifier) -> None:
    buddy = watch(phone, notifier, calls=True)
    subscribe = notifier.accept()
    assert notifier.notify(subscribe, dialog_info(CALL), DIALOG_INFO) == 200
    phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_state == "early")
    pj.buddy_subscribe_dlg_event(buddy, False)
    assert notifier.accept(2).header("expires") == "0"
    assert notifier.notify(subscribe, state="terminated;reason=timeout") == 200
    ended = phone.wait(pj.OnBuddyEvsubDlgEventState, lambda event: event.state is pj.EvsubState.TERMINATED)
    assert same(ended.buddy_id, buddy)
