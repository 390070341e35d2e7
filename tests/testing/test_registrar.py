"""REGISTER, as a raw socket sees it answered."""

from __future__ import annotations

import time

import pytest

from pyjsua.testing import Response, SipServer

from .wire import Wire, WireMaker


def bound(response: Response) -> list[str]:
    """The contact URIs of a 200."""
    return [value.split(">")[0].lstrip("<") for value in response.headers.get_all("Contact")]


def register(phone: Wire, **changes: str) -> Response:
    """One REGISTER with the given headers, through its challenge, to its final response."""
    request = phone.new("REGISTER", phone.server.uri, to=f"<{phone.aor}>")
    for name, value in changes.items():
        if value:
            request.headers.set(name, value)
        else:
            request.headers.remove(name)
    phone.send(request)
    phone.send(phone.authorized(request, phone.response(401)))
    final = phone.receive()
    assert isinstance(final, Response)
    return final


def test_challenge_offers_each_algorithm_best_first(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    offered = phone.response(401).headers.get_all("WWW-Authenticate")
    assert [value.split("algorithm=")[1].split(",")[0] for value in offered] == ["SHA-256", "MD5"]
    assert all('qop="auth"' in value and "stale" not in value for value in offered)


@pytest.mark.parametrize("pick", [0, 1], ids=["SHA-256", "MD5"])
def test_registers_with_either_algorithm(sip_server: SipServer, wire: WireMaker, pick: int) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    phone.send(phone.authorized(request, phone.response(401), pick=pick))
    assert bound(phone.response(200)) == [phone.contact]
    (registration,) = sip_server.wait_registered("1001")
    assert str(registration.contact) == phone.contact
    assert registration.source == phone.address


@pytest.mark.parametrize(("username", "password"), [("1001", "wrong"), ("nobody", "secret"), ("nobody", "")])
def test_wrong_credentials_are_challenged_again(
    sip_server: SipServer, wire: WireMaker, username: str, password: str
) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    phone.send(phone.authorized(request, phone.response(401), username=username, password=password))
    assert "stale" not in phone.response(401).require("WWW-Authenticate")
    assert not sip_server.registrations


def test_credentials_for_another_realm_do_not_count(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    challenge = phone.response(401)
    elsewhere = challenge.copy()
    elsewhere.headers.set(
        "WWW-Authenticate", challenge.require("WWW-Authenticate").replace("127.0.0.1", "b.test")
    )
    other = phone.send(phone.authorized(request, elsewhere))
    phone.response(401)
    # Beside those for this realm they do no harm.
    both = phone.authorized(request, challenge)
    both.headers.prepend("Authorization", other.require("Authorization"))
    both.headers.set("Via", phone.again(both).require("Via"))
    phone.send(both)
    phone.response(200)


def test_somebody_elses_address_is_forbidden(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{sip_server.aor('1002')}>"))
    phone.send(phone.authorized(request, phone.response(401), username="1001"))
    phone.response(403)
    assert not sip_server.registrations


def test_a_replayed_request_is_stale(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    challenge = phone.response(401)
    first = phone.send(phone.authorized(request, challenge))
    phone.response(200)
    phone.send(phone.again(first))
    assert "stale=true" in phone.response(401).require("WWW-Authenticate")
    phone.send(phone.authorized(phone.again(first), challenge, nc=2))
    phone.response(200)


@pytest.mark.sip_server(users={"1001": "secret"}, nonce_lifetime=-1.0)
def test_an_old_nonce_is_stale(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    phone.send(phone.authorized(request, phone.response(401)))
    assert "stale=true" in phone.response(401).require("WWW-Authenticate")


def test_removing_one_contact_and_all(sip_server: SipServer, wire: WireMaker) -> None:
    desk, mobile = wire(sip_server), wire(sip_server)
    desk.register()
    assert sorted(bound(mobile.register())) == sorted([desk.contact, mobile.contact])
    assert bound(mobile.register(expires=0)) == [desk.contact]
    mobile.register()
    assert bound(register(mobile, Contact="*", Expires="0")) == []
    sip_server.wait_unregistered("1001")


@pytest.mark.parametrize("expires", ["", "60"])
def test_star_without_expires_0_is_refused(sip_server: SipServer, wire: WireMaker, expires: str) -> None:
    phone = wire(sip_server)
    phone.register()
    assert register(phone, Contact="*", Expires=expires).status == 400
    assert len(sip_server.registrations_of("1001")) == 1


def test_fetch_lists_the_contacts(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.register(expires=120)
    (value,) = register(phone, Contact="").headers.get_all("Contact")
    contact, _, expires = value.partition(">;expires=")
    assert contact == f"<{phone.contact}"
    assert 110 <= int(expires) <= 120


@pytest.mark.sip_server(users={"1001": "secret"}, default_expires=100, min_expires=30, max_expires=200)
@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        ("", "60", 60),
        (";expires=50", "60", 50),
        ("", "", 100),
        ("", "99999", 200),
        ("", "4294967296", 200),
        ("", "rubbish", 100),
    ],
)
def test_how_long_a_binding_lasts(
    sip_server: SipServer, wire: WireMaker, contact: str, header: str, granted: int
) -> None:
    phone = wire(sip_server)
    assert register(phone, Contact=f"<{phone.contact}>{contact}", Expires=header).status == 200
    assert [one.expires for one in sip_server.registrations_of("1001")] == [granted]


@pytest.mark.sip_server(users={"1001": "secret"}, min_expires=30)
def test_too_brief(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    response = register(phone, Expires="29")
    assert (response.status, response.headers.get("Min-Expires")) == (423, "30")
    assert not sip_server.registrations


def test_a_binding_expires(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.register(expires=1)
    sip_server.wait_registered("1001")
    began = time.monotonic()
    sip_server.wait_unregistered("1001", timeout=20)
    assert time.monotonic() - began < 10, "who waits is told, and need not wait to the end"
    assert not sip_server.registrations
    assert bound(register(phone, Contact="")) == []


@pytest.mark.sip_server(users={"1001": "secret"}, max_contacts=2)
def test_too_many_contacts(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    three = ", ".join(f"<sip:1001@127.0.0.1:{port}>" for port in (6001, 6002, 6003))
    assert register(phone, Contact=three).status == 403
    assert not sip_server.registrations


def test_cseq_must_rise(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>", cseq=10))
    challenge = phone.response(401)
    phone.send(phone.authorized(request, challenge))
    phone.response(200)
    request.headers.set("CSeq", "5 REGISTER")
    phone.send(phone.authorized(request, challenge, nc=2))
    phone.response(400)


@pytest.mark.parametrize("contact", ["<mailto:a@b.test>", "<sip:a b@c>", "nonsense", '"x <sip:a@127.0.0.1>'])
def test_bad_contact(sip_server: SipServer, wire: WireMaker, contact: str) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    challenge = phone.response(401)
    final = phone.authorized(request, challenge)
    final.headers.set("Contact", contact)
    phone.send(final)
    phone.response(400)


def test_require_is_refused(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.send(
        phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>", headers=[("Require", "gruu, nothing")])
    )
    assert phone.response(420).headers.get("Unsupported") == "gruu, nothing"


def test_foreign_address_of_record(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.send(phone.new("REGISTER", sip_server.uri, to="<sip:1001@elsewhere.test>"))
    phone.response(404)


@pytest.mark.sip_server(users={"1001": "secret", "1001@b.test": "other"}, domains=["a.test", "b.test"])
def test_several_domains(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    phone.aor = "sip:1001@b.test"
    request = phone.send(phone.new("REGISTER", "sip:b.test", to=f"<{phone.aor}>"))
    challenge = phone.response(401)
    assert 'realm="b.test"' in challenge.require("WWW-Authenticate")
    phone.send(phone.authorized(request, challenge, password="other"))
    phone.response(200)
    assert set(sip_server.registrations) == {"1001@b.test"}
    # The server's address stands for its first domain.
    phone.aor = f"sip:1001@127.0.0.1:{sip_server.port}"
    phone.register()
    assert set(sip_server.registrations) == {"1001@a.test", "1001@b.test"}


@pytest.mark.sip_server(users=None)
def test_without_users_everybody_is_let_in(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server, "anybody")
    phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    phone.response(200)
    sip_server.wait_registered("anybody")


def test_a_retransmission_gets_the_same_answer(sip_server: SipServer, wire: WireMaker) -> None:
    phone = wire(sip_server)
    request = phone.send(phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>"))
    first = phone.response(401)
    phone.send(request)
    assert bytes(phone.response(401)) == bytes(first)
