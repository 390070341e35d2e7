"""Kamailio as registrar and proxy, with SIPp on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from peers.kamailio import Kamailio, ping
from peers.message import flow, select
from peers.sipp import Sipp, SippFailed
from peers.wire import WireClient

Proxy = Callable[..., Kamailio]
Start = Callable[..., Sipp]
Wire = Callable[..., WireClient]

USERS = {"1001": "secret-1001", "1002": "secret-1002"}


def register(sipp: Start, proxy: Kamailio, user: str, contact: str, **settings: str) -> None:
    sipp(
        "uac_register",
        proxy.address,
        user=user,
        domain=proxy.domain,
        username=user,
        password=settings.pop("password", proxy.users.get(user, "")),
        keys={"contact": contact, "expires": settings.pop("expires", "60")},
        **settings,
    ).wait()


def call(sipp: Start, proxy: Kamailio, caller: str, callee: str, **settings: object) -> Sipp:
    """A SIPp that calls `callee` (user@domain) as `caller` of the proxy's domain."""
    user, _, domain = callee.partition("@")
    return sipp(
        "uac_call", proxy.address, user=user, domain=domain, username=caller,
        password=proxy.users.get(caller, ""), from_domain=proxy.domain, hold=50, **settings,
    )  # fmt: skip


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_register_and_call_with_digest(kamailio: Proxy, sipp: Start, transport: str) -> None:
    proxy = kamailio("a.test", USERS)
    uas = sipp("uas_answer", user="1002", transport=transport)
    # Over UDP: a registration over TCP is bound to its connection, and this one ends with its SIPp.
    register(sipp, proxy, "1002", uas.uri)
    assert proxy.contacts("1002") == [uas.uri]
    proxy.wait_for(lambda m: m.status == 200)
    assert flow(proxy.messages) == ["REGISTER", "401", "REGISTER", "200"]
    proxy.clear()
    result = call(sipp, proxy, "1001", "1002@a.test", transport=transport).wait()
    assert flow(result.messages, "received") == ["407", "100", "180", "200", "200"]
    assert uas.wait(5).ok
    at_callee = select(uas.messages, method="INVITE", request=True)[0]
    assert f"{proxy.port}" in (at_callee.header("record-route") or "")
    assert len(at_callee.all("via")) == 2
    assert at_callee.header("proxy-authorization") is None
    bye = proxy.wait_for(lambda m: m.method == "BYE" and m.status == 200 and m.direction == "sent")
    assert bye.transport == transport.upper()


def test_wrong_password_is_challenged_again(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    with pytest.raises(SippFailed):
        register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9", password="wrong")
    proxy.wait_for(lambda m: m.status == 401, count=2)
    assert flow(proxy.messages) == ["REGISTER", "401", "REGISTER", "401"]
    assert proxy.contacts("1001") == []


def test_wrong_password_can_be_forbidden(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS, forbid=True)
    with pytest.raises(SippFailed, match="403 Forbidden"):
        register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9", password="wrong")
    register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9")


def test_unregister(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9")
    assert proxy.contacts("1001")
    register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9", expires="0")
    assert proxy.contacts("1001") == []


def test_sha256_challenge(kamailio: Proxy, wire_client: Wire) -> None:
    """SIPp computes MD5 only, so the answer is computed here."""
    from hashlib import sha256

    proxy = kamailio("a.test", USERS, algorithm="SHA-256")
    wire = wire_client()

    def send(cseq: int, headers: dict[str, str]) -> None:
        wire.send(
            wire.request(
                "REGISTER", "sip:a.test", from_uri=proxy.aor("1001"), to_uri=proxy.aor("1001"),
                call_id="c", cseq=cseq, headers=headers,
            ),
            proxy.address,
        )  # fmt: skip

    send(1, {})
    challenge = wire.wait_for(lambda m: m.status == 401).header("www-authenticate") or ""
    assert "algorithm=SHA-256" in challenge.replace('"', "")
    match = re.search(r'nonce="([^"]+)"', challenge)
    assert match is not None

    def digest(text: str) -> str:
        return sha256(text.encode()).hexdigest()

    secret = digest("1001:a.test:secret-1001")
    response = digest(f"{secret}:{match[1]}:00000001:x:auth:{digest('REGISTER:sip:a.test')}")
    send(
        2,
        {
            "Authorization": f'Digest username="1001", realm="a.test", nonce="{match[1]}", uri="sip:a.test", '
            f'response="{response}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="x"'
        },
    )
    wire.wait_for(lambda m: m.status == 200)
    assert len(proxy.contacts("1001")) == 1


def test_without_authentication(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio()
    uas = sipp("uas_answer", user="bob")
    register(sipp, proxy, "bob", uas.uri)
    result = call(sipp, proxy, "alice", "bob@a.test").wait()
    assert flow(result.messages, "received") == ["100", "180", "200", "200"]
    assert not select(proxy.messages, status=401) + select(proxy.messages, status=407)


@pytest.mark.parametrize(("callee", "status"), [("1002", 480), ("nobody", 404)])
def test_unreachable_users(kamailio: Proxy, sipp: Start, callee: str, status: int) -> None:
    proxy = kamailio("a.test", USERS)
    result = call(sipp, proxy, "1001", f"{callee}@a.test").wait(check=False)
    assert flow(select(result.messages, method="INVITE"), "received")[-1] == str(status)


def test_foreign_domains(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    result = call(sipp, proxy, "1001", "x@elsewhere.test").wait(check=False)
    assert flow(select(result.messages, method="INVITE"), "received") == ["407", "404"]
    stranger = sipp("uac_call", proxy.address, user="x", domain="elsewhere.test").wait(check=False)
    assert flow(stranger.messages, "received")[0] == "403"


@pytest.mark.parametrize(("callee", "status"), [("uas_busy", 486), ("uas_decline", 603)])
def test_refusal_comes_through(kamailio: Proxy, sipp: Start, callee: str, status: int) -> None:
    proxy = kamailio("a.test", USERS)
    uas = sipp(callee, user="1002")
    register(sipp, proxy, "1002", uas.uri)
    result = call(sipp, proxy, "1001", "1002@a.test").wait(check=False)
    assert flow(select(result.messages, method="INVITE"), "received") == ["407", "100", str(status)]
    assert uas.wait(5).ok


def test_cancel_comes_through(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    uas = sipp("uas_no_answer", user="1002")
    register(sipp, proxy, "1002", uas.uri)
    caller = sipp(
        "uac_cancel",
        proxy.address,
        user="1002",
        domain="a.test",
        username="1001",
        password="secret-1001",
        hold=50,
    )
    assert flow(caller.wait().messages, "received") == ["407", "100", "180", "200", "487"]
    assert flow(uas.wait(5).messages) == ["INVITE", "180", "CANCEL", "200", "487", "ACK"]


def test_repeated_invite_is_absorbed(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio()
    uas = sipp("uas_slow", user="bob", hold=300)
    register(sipp, proxy, "bob", uas.uri)
    result = sipp("uac_retransmit", proxy.address, user="bob", domain="a.test", hold=20).wait()
    invites = select(result.messages, method="INVITE", direction="sent")
    # SIPp takes the second 100 for a retransmission, and sends its INVITE once more.
    assert len(invites) >= 2
    assert len({invite.raw for invite in invites}) == 1
    assert len(select(result.messages, status=100)) >= 2
    assert len(select(uas.messages, method="INVITE", direction="received")) == 1


def test_bye_from_the_callee(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    uas = sipp("uas_bye_first", user="1002", hold=50)
    register(sipp, proxy, "1002", uas.uri)
    caller = sipp(
        "uac_wait_bye", proxy.address, user="1002", domain="a.test", username="1001", password="secret-1001"
    )
    assert caller.wait().ok
    assert uas.wait(5).ok


def test_two_domains_call_each_other(two_kamailios: tuple[Kamailio, Kamailio], sipp: Start) -> None:
    here, there = two_kamailios
    for home, other, caller, callee in ((here, there, "1001", "2002"), (there, here, "2001", "1002")):
        uas = sipp("uas_answer", user=callee)
        register(sipp, other, callee, uas.uri)
        result = sipp(
            "uac_call", home.address, user=callee, domain=other.domain, username=caller,
            password=f"secret-{caller}", hold=50, from_domain=home.domain,
        ).wait()  # fmt: skip
        assert flow(select(result.messages, method="INVITE"), "received")[0] == "407"
        assert uas.wait(5).ok
        invite = select(uas.messages, method="INVITE", request=True)[0]
        assert len(invite.all("via")) == 3
        assert len((",".join(invite.all("record-route"))).split("sip:")) == 3


def test_fault_injection_and_recording(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio(first='if (is_method("REGISTER")) { sl_send_reply("503", "Down"); exit; }')
    with pytest.raises(SippFailed):
        register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9")
    proxy.wait_for(lambda m: m.status == 503)
    assert flow(proxy.messages) == ["REGISTER", "503"]
    request, answer = proxy.messages
    assert (request.direction, answer.direction) == ("received", "sent")
    assert request.destination == answer.source == proxy.address
    assert 0 < answer.time - request.time < 1


def test_ipv6(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS, host="::1")
    uas = sipp("uas_answer", user="1002", host="::1")
    register(sipp, proxy, "1002", uas.uri, host="::1")
    assert call(sipp, proxy, "1001", "1002@a.test", host="::1").wait().ok


def test_min_expires(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio(
        "a.test", USERS, min_expires=120, modparams='modparam("registrar", "min_expires_mode", 1)'
    )
    with pytest.raises(SippFailed, match="423"):
        register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9", expires="30")


def test_restart_forgets_bindings(kamailio: Proxy, sipp: Start) -> None:
    proxy = kamailio("a.test", USERS)
    register(sipp, proxy, "1001", "sip:1001@127.0.0.1:9")
    proxy.stop()
    with pytest.raises(ConnectionRefusedError):
        _ask_once(proxy)
    proxy.start()
    assert b"200 Keepalive" in ping(proxy.address, 5)
    assert proxy.contacts("1001") == []


def _ask_once(proxy: Kamailio) -> None:
    proxy.rpc("core.version", timeout=2)
