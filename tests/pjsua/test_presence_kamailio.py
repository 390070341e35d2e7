"""Presence, calls and waiting messages by way of Kamailio's presence server, with digest authentication."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from peers.kamailio import Kamailio
from peers.presence import presence
from peers.wire import WireClient
from pjsua.notifier import DIALOG_INFO, SUMMARY, dialog_info
from pjsua.phone import Phone, same
from pyjsua import pjsua as pj


@pytest.fixture
def server(kamailio: Callable[..., Kamailio], tmp_path: Path) -> Kamailio:
    return kamailio(**presence(tmp_path, {"alice": "a-secret", "bob": "b-secret"}))


def account(phone: Phone, server: Kamailio, user: str, **fields: object) -> pj.AccId:
    cred = pj.CredInfo(realm="*", username=user, data=server.users[user])
    proxy = f"{server.uri};lr"
    return phone.account(user, id=server.aor(user), cred_info=[cred], proxy=[proxy], **fields)


def watch(server: Kamailio, watcher: pj.AccId, user: str, *, calls: bool = False) -> pj.BuddyId:
    return pj.buddy_add(
        pj.BuddyConfig(uri=server.aor(user), subscribe=not calls, subscribe_dlg_event=calls, acc_id=watcher)
    )


def publish(wire: WireClient, server: Kamailio, user: str, event: str, body: str, content_type: str) -> None:
    headers = {"Event": event, "Expires": "600", "Content-Type": content_type, "X-Trusted": "yes"}
    wire.send(wire.request("PUBLISH", server.aor(user), headers=headers, body=body), server.address)
    wire.wait_for(lambda message: message.status == 200)


def test_what_is_published_is_told_to_who_watches(phone: Phone, server: Kamailio) -> None:
    alice = account(phone, server, "alice")
    bob = account(phone, server, "bob", publish_enabled=True)
    buddy = watch(server, alice, "bob")
    phone.wait(pj.OnBuddyEvsubState, lambda event: event.state is pj.EvsubState.ACTIVE)
    pj.acc_set_online_status2(bob, True, pj.RpidElement(activity=pj.RpidActivity.BUSY, note="Tee & Gebäck"))
    told = phone.wait(pj.OnBuddyState, lambda event: event.info.status is pj.BuddyStatus.ONLINE)
    assert same(told.buddy_id, buddy)
    assert told.info.status_text == "Tee & Gebäck"
    assert told.info.rpid.activity is pj.RpidActivity.BUSY
    pj.acc_set_online_status(bob, False)
    phone.wait(pj.OnBuddyState, lambda event: event.info.status is pj.BuddyStatus.OFFLINE)
    pj.acc_set_online_status(bob, True)
    phone.wait(pj.OnBuddyState, lambda event: event.info.status_text == "Online")
    pj.acc_del(bob)
    phone.wait(pj.OnBuddyState, lambda event: event.info.status is pj.BuddyStatus.OFFLINE, count=2)
    pj.buddy_subscribe_pres(buddy, False)
    phone.wait(pj.OnBuddyState, lambda event: event.info.sub_state is pj.EvsubState.TERMINATED)


def test_a_buddys_call_is_told(
    phone: Phone, server: Kamailio, wire_client: Callable[..., WireClient]
) -> None:
    alice = account(phone, server, "alice")
    watch(server, alice, "bob", calls=True)
    phone.wait(pj.OnBuddyEvsubDlgEventState, lambda event: event.state is pj.EvsubState.ACTIVE)
    call = (
        '<dialog id="d1" call-id="c1" direction="recipient"><state>confirmed</state>'
        "<remote><identity>sip:carol@a.test</identity></remote></dialog>"
    )
    body = dialog_info(call).replace("sip:bob@127.0.0.1", server.aor("bob"))
    publish(wire_client(), server, "bob", "dialog", body, DIALOG_INFO)
    told = phone.wait(pj.OnBuddyDlgEventState, lambda event: event.info.dialog_state == "confirmed").info
    assert (told.dialog_call_id, told.dialog_direction) == ("c1", "recipient")
    assert told.remote_identity == "sip:carol@a.test"


def test_waiting_messages_are_told(
    phone: Phone, server: Kamailio, wire_client: Callable[..., WireClient]
) -> None:
    alice = account(phone, server, "alice", reg_uri=server.uri, mwi_enabled=True)
    assert phone.wait_reg(alice).code == 200
    phone.wait(pj.OnMwiState, lambda event: event.state is pj.EvsubState.ACTIVE)
    body = f"Messages-Waiting: yes\r\nMessage-Account: {server.aor('alice')}\r\nVoice-Message: 4/8 (1/2)\r\n"
    publish(wire_client(), server, "alice", "message-summary", body, SUMMARY)
    info = phone.wait(pj.OnMwiInfo, lambda event: event.waiting)
    assert info.solicited
    assert info.summary["voice-message"] == "4/8 (1/2)"
