"""Registration with a Kamailio that demands digest authentication: what is told, and what is on the wire."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from peers.kamailio import Kamailio
from peers.message import Message, flow, once, select
from pjsua.phone import Phone
from pyjsua import pjsua as pj
from pyjsua.testing import SipServer

USERS = {"1001": "secret-1001", "1002": "secret-1002", "1003": "secret-1003"}

Proxy = Callable[..., Kamailio]


def register(
    phone: Phone, proxy: Kamailio, user: str, /, password: str | None = None, **fields: Any
) -> pj.AccId:
    """Adds an account of the proxy's domain; its registrar is the proxy unless `fields` say otherwise."""
    credential = pj.CredInfo(realm="*", username=user, data=USERS[user] if password is None else password)
    fields.setdefault("reg_uri", proxy.uri)
    return phone.account(user, id=proxy.aor(user), **{"cred_info": [credential], **fields})


def registers(proxy: Kamailio, answers: int = 1) -> list[Message]:
    """REGISTERs and their answers, of which there are at least so many; none of them twice."""
    proxy.wait_for(lambda message: message.method == "REGISTER" and message.status is not None, count=answers)
    return once(select(proxy.messages, method="REGISTER"))


def nonce(credential: str | None) -> str | None:
    found = re.search(r'nonce="([^"]+)"', credential or "")
    return found[1] if found else None


def unregistered(message: Message) -> bool:
    return message.method == "REGISTER" and message.status == 200 and not message.all("contact")


def test_register_renew_unregister(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001", reg_timeout=300)
    info = phone.wait_reg(acc)
    assert (info.code, info.reason, info.status, info.expiration) == (200, "OK", 0, 300)
    assert info.renew
    assert not info.is_unreg
    assert flow(registers(proxy, 2)) == ["REGISTER", "401", "REGISTER", "200"]
    (contact,) = proxy.contacts("1001")
    assert contact.startswith(f"sip:1001@127.0.0.1:{phone.port}")

    shown = pj.acc_get_info(acc)
    assert (shown.status, shown.has_registration, shown.acc_uri) == (200, True, "sip:1001@a.test")
    assert 0 < shown.expires <= 300

    pj.acc_set_registration(acc, True)
    assert phone.wait_reg(acc, count=2).code == 200
    assert proxy.contacts("1001") == [contact]

    pj.acc_set_registration(acc, False)
    gone = phone.wait_reg(acc, count=3)
    assert (gone.code, gone.expiration, gone.is_unreg, gone.renew) == (200, 0, True, False)
    proxy.wait_for(unregistered)
    assert proxy.contacts("1001") == []
    assert select(registers(proxy, 2), request=True)[-1].header("expires") == "0"

    started = [event.renew for event in phone.all(pj.OnRegStarted2)]
    assert started == [True, True, False]

    pj.acc_set_registration(acc, True)
    assert phone.wait_reg(acc, count=4).code == 200
    assert len(proxy.contacts("1001")) == 1


@pytest.fixture
def one_processor() -> Iterator[None]:
    """All threads of this process share a processor, so that whoever is woken runs at once."""
    threads = {int(name): os.sched_getaffinity(int(name)) for name in os.listdir("/proc/self/task")}
    chosen = {min(os.sched_getaffinity(0))}
    for thread in threads:
        os.sched_setaffinity(thread, chosen)
    yield
    for thread, processors in threads.items():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(thread, processors)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system chooses processors itself")
def test_begin_is_told_before_the_outcome(phone: Phone, one_processor: None) -> None:
    # The server's thread inherits the processor.
    with SipServer({"1001": USERS["1001"]}) as server:
        acc = phone.account(
            "1001",
            id=server.aor("1001"),
            reg_uri=server.uri,
            register_on_acc_add=False,
            cred_info=[pj.CredInfo(realm="*", username="1001", data=USERS["1001"])],
        )

        def send(times: int) -> None:
            # Whoever is woken by what it sends comes before it: the answer is there before it goes on.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
            for count in range(1, times + 1):
                pj.acc_set_registration(acc, count % 2 == 1)
                phone.wait_reg(acc, count=count)

        sender = threading.Thread(target=send, args=(40,))
        sender.start()
        sender.join()
    told = [type(event) for event in phone.events if isinstance(event, pj.OnRegStarted2 | pj.OnRegState2)]
    assert told == [pj.OnRegStarted2, pj.OnRegState2] * 40


def test_event_carries_the_response(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001")
    phone.wait_reg(acc)
    event = phone.all(pj.OnRegState2)[0]
    assert event.message is not None
    assert event.message.status_code == 200
    assert event.message.method == "REGISTER"
    assert event.message.remote_addr == f"127.0.0.1:{proxy.port}"
    (sent,) = select(registers(proxy, 2), status=200)
    assert event.message.raw == sent.raw
    assert event.message.header_values("Contact") == tuple(sent.all("contact"))


def test_renews_by_itself_before_it_expires(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS, max_expires=6)
    acc = register(phone, proxy, "1001", reg_delay_before_refresh=5)
    assert phone.wait_reg(acc).expiration == 6
    assert phone.wait_reg(acc, count=2).code == 200
    first, second = phone.all(pj.OnRegState2)
    assert second.time - first.time < 6
    assert len(proxy.contacts("1001")) == 1


def test_acc_del_unregisters_on_its_way(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001")
    phone.wait_reg(acc)
    pj.acc_del(acc)
    proxy.wait_for(unregistered)
    assert proxy.contacts("1001") == []
    last = select(registers(proxy, 2), request=True)[-1]
    assert last.header("expires") == "0"
    assert pj.acc_get_count() == 0
    with pytest.raises(pj.StaleError, match=rf"acc_id {acc}"):
        pj.acc_get_info(acc)


def test_acc_del_takes_back_a_register_that_is_under_way(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    pj.acc_del(register(phone, proxy, "1001"))
    proxy.wait_for(unregistered)
    assert proxy.contacts("1001") == []


def test_destroy_unregisters_every_account(kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    with Phone() as phone:
        for user in USERS:
            phone.wait_reg(register(phone, proxy, user))
        assert [len(proxy.contacts(user)) for user in USERS] == [1, 1, 1]
        pj.destroy()
        assert [proxy.contacts(user) for user in USERS] == [[], [], []]
        ends = phone.all(pj.OnRegState2, lambda event: event.info.is_unreg)
        assert [event.info.code for event in ends] == [200, 200, 200]


def test_destroy_waits_for_the_accounts_just_deleted(kamailio: Proxy) -> None:
    """The unregistration is asked for its password first, after a while, and is to be sent a second time."""
    slow = """
    if (is_method("REGISTER") && $hdr(Expires) == "0" && !is_present_hf("Authorization")) usleep("50000");"""
    proxy = kamailio("a.test", USERS, first=slow, modparams='loadmodule "cfgutils.so"')
    with Phone() as phone:
        accounts = [register(phone, proxy, user) for user in USERS]
        for acc in accounts:
            phone.wait_reg(acc)
        for acc in accounts:
            pj.acc_del(acc)
        pj.destroy()
    assert [proxy.contacts(user) for user in USERS] == [[], [], []]


def test_several_accounts(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    accounts = {user: register(phone, proxy, user) for user in USERS}
    for acc in accounts.values():
        assert phone.wait_reg(acc).code == 200
    assert pj.acc_get_count() == 3
    assert pj.enum_accs() == list(accounts.values())
    assert pj.acc_get_default() == accounts["1003"]
    pj.acc_set_default(accounts["1001"])
    assert pj.acc_get_default() == accounts["1001"]

    pj.acc_del(accounts["1002"])
    proxy.wait_for(unregistered)
    assert [len(proxy.contacts(user)) for user in USERS] == [1, 0, 1]
    assert [pj.acc_is_valid(acc) for acc in accounts.values()] == [True, False, True]

    again = register(phone, proxy, "1002")
    assert phone.wait_reg(again).code == 200
    assert pj.acc_is_valid(again)
    assert not pj.acc_is_valid(accounts["1002"])


def test_registrar_on_another_port_by_proxy(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001", reg_uri="sip:a.test", proxy=[f"{proxy.uri};lr"])
    assert phone.wait_reg(acc).code == 200
    assert len(proxy.contacts("1001")) == 1
    request = select(registers(proxy, 2), request=True)[-1]
    assert request.start_line == "REGISTER sip:a.test SIP/2.0"
    assert request.header("route") == f"<{proxy.uri};lr>"


def test_the_credential_of_the_realm_is_taken(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    credentials = [
        pj.CredInfo(realm="b.test", username="1001", data="for b"),
        pj.CredInfo(realm="a.test", username="1001", data=USERS["1001"]),
    ]
    acc = register(phone, proxy, "1001", cred_info=credentials)
    assert phone.wait_reg(acc).code == 200


def test_sha_256(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS, algorithm="SHA-256")
    acc = register(phone, proxy, "1001")
    assert phone.wait_reg(acc).code == 200
    answered = select(registers(proxy, 2), request=True)[-1].header("authorization") or ""
    assert "SHA-256" in answered


def test_over_tcp(kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    with Phone(transport=pj.TransportType.TCP) as phone:
        acc = register(phone, proxy, "1001", reg_uri=f"{proxy.uri};transport=tcp")
        assert phone.wait_reg(acc).code == 200
        assert {message.transport for message in registers(proxy)} == {"TCP"}
        pj.acc_del(acc)
        proxy.wait_for(unregistered)


def test_over_ipv6(kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS, host="::1")
    with Phone(host="::1", transport=pj.TransportType.UDP6) as phone:
        acc = register(phone, proxy, "1001")
        assert phone.wait_reg(acc).code == 200
        (contact,) = proxy.contacts("1001")
        assert contact.startswith(f"sip:1001@[::1]:{phone.port}")


@pytest.mark.parametrize(("forbid", "code"), [(False, 401), (True, 403)])
def test_wrong_password_then_the_right_one(phone: Phone, kamailio: Proxy, forbid: bool, code: int) -> None:
    proxy = kamailio("a.test", USERS, forbid=forbid)
    acc = register(phone, proxy, "1001", password="wrong")
    info = phone.wait_reg(acc)
    assert info.code == code
    assert pj.acc_get_info(acc).status == code
    assert proxy.contacts("1001") == []
    tried = registers(proxy, 2)
    credentials = [message.header("authorization") for message in select(tried, request=True)]
    # Kamailio's nonces are of their second: another one in the last answer is worth another try.
    assert len(credentials) in (2, 3)
    assert len(set(map(nonce, credentials))) == len(credentials)
    assert flow(select(tried, request=False)) == ["401"] * (len(credentials) - 1) + [str(code)]

    right = phone.account_config(
        "1001",
        id=proxy.aor("1001"),
        reg_uri=proxy.uri,
        cred_info=[pj.CredInfo(realm="*", username="1001", data=USERS["1001"])],
    )
    pj.acc_modify(acc, right)
    assert phone.wait_reg(acc, count=2).code == 200
    assert len(proxy.contacts("1001")) == 1
    phone.check_call()


def test_no_credential(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001", cred_info=[])
    info = phone.wait_reg(acc)
    assert info.code == 401
    assert info.status != 0
    assert "PJSIP_ENOCREDENTIAL" in info.status_text
    phone.check_call()


def test_password_is_nowhere_to_be_seen(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    phone.wait_reg(register(phone, proxy, "1001"))
    assert "secret-1001" not in repr(phone.events)
    assert "secret-1001" not in repr(phone.account_config("1", cred_info=[pj.CredInfo(data="secret-1001")]))
    assert not any(b"secret-1001" in message.raw for message in proxy.messages)


def test_removed_while_it_registers(phone: Phone, kamailio: Proxy) -> None:
    proxy = kamailio("a.test", USERS)
    acc = register(phone, proxy, "1001")
    pj.acc_del(acc)
    again = register(phone, proxy, "1001")
    assert phone.wait_reg(again).code == 200
    told = phone.all(pj.OnRegState2, lambda event: event.acc_id.serial == acc.serial)
    assert all(event.info.code == 200 for event in told)
    # Where the registrar was quicker than we, it is registered first; nothing comes after it is not.
    assert [event.info.renew for event in told] in ([], [True], [False], [True, False])
