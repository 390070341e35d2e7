"""TLS to Kamailio: certificates that are believed, and those that are not, on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.certificates import Authority
from peers.kamailio import Kamailio
from pjsua.phone import Phone
from pyjsua import pjsua as pj


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kamailio]:
    with Kamailio(
        users={"alice": "a-secret", "bob": "b-secret"},
        certificate=authority.issue("proxy", "IP:127.0.0.1", "DNS:a.test"),
        clients_ca=authority.file,
        directory=tmp_path_factory.mktemp("kamailio"),
    ) as running:
        yield running


def transport(**setting: object) -> pj.TransportId:
    tls = pj.TlsSetting(verify_server=True, **setting)  # type: ignore[arg-type]
    return pj.transport_create(
        pj.TransportType.TLS, pj.TransportConfig(port=0, bound_addr="127.0.0.1", tls_setting=tls)
    )


def register(
    phone: Phone,
    server: Kamailio,
    user: str,
    via: pj.TransportId,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    **fields: object,
) -> pj.AccId:
    """An account that registers by that transport; whether it could is to be seen."""
    return phone.account(
        user,
        id=f"sips:{user}@a.test",
        reg_uri="sips:a.test",
        proxy=[f"sips:{host}:{port or server.tls_port};lr"],
        transport_id=via,
        cred_info=[pj.CredInfo(realm="*", username=user, data=server.users[user])],
        use_srtp=pj.SrtpUse.MANDATORY,
        srtp_secure_signaling=2,
        **fields,
    )


def test_a_call_by_sips_and_srtp(phone: Phone, server: Kamailio, authority: Authority) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    via = transport(ca_list_file=str(authority.file))
    alice, bob = register(phone, server, "alice", via), register(phone, server, "bob", via)
    assert (phone.wait_reg(alice).code, phone.wait_reg(bob).code) == (200, 200)
    connected = phone.wait(pj.OnTransportState, lambda event: event.state is pj.TransportState.CONNECTED)
    assert connected.remote_port == server.tls_port
    assert connected.tls.established
    assert connected.tls.verify_status == 0
    assert (connected.tls.remote_cert.subject_cn, connected.tls.remote_cert.issuer_cn) == ("proxy", "Test CA")
    assert set(connected.tls.remote_cert.alt_names) == {"127.0.0.1", "a.test"}
    assert connected.tls.cipher.startswith("ECDHE-")
    contact = server.contacts("alice")[0]
    assert contact.startswith("sips:alice@127.0.0.1:")
    call = pj.call_make_call(alice, "sips:bob@a.test")
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
        phone.wait_media(one)
        assert pj.call_get_med_transport_info(one).srtp.active
    pj.call_hangup(call)
    phone.wait_end(other)
    ended = server.wait_for(lambda message: message.method == "BYE" and message.status == 200)
    assert "SIP/2.0/TLS" in (ended.header("via") or "")
    assert {message.transport for message in server.messages} == {"TLS"}


def refused(phone: Phone, acc: pj.AccId, count: int = 1) -> pj.TlsInfo:
    """What the account's TLS connection was that came to nothing because of the certificate."""
    info = phone.wait_reg(acc)
    assert info.code == 503
    assert "PJSIP_TLS_ECERTVERIF" in info.reason
    event = phone.wait(
        pj.OnTransportState, lambda event: event.state is pj.TransportState.DISCONNECTED, count=count
    )
    assert event.status != 0
    return event.tls


def test_a_server_that_is_not_believed(
    phone: Phone, server: Kamailio, authority: Authority, tmp_path: Path
) -> None:
    strangers = tmp_path / "strangers"
    by_strangers = transport(ca_buf=Authority(strangers, "Somebody else").file.read_bytes())
    tls = refused(phone, register(phone, server, "alice", by_strangers))
    assert tls.verify_status & (pj.SslCertVerify.UNTRUSTED | pj.SslCertVerify.ISSUER_NOT_FOUND)
    assert tls.remote_cert.issuer_cn == "Test CA"
    # The name in the URI is not one of the certificate's.
    by_name = transport(ca_buf=authority.file.read_bytes())
    tls = refused(phone, register(phone, server, "alice", by_name, host="localhost"), count=2)
    assert tls.verify_status == pj.SslCertVerify.IDENTITY_NOT_MATCH


def test_a_certificate_is_demanded(phone: Phone, server: Kamailio, authority: Authority) -> None:
    without = transport(ca_list_file=str(authority.file))
    info = phone.wait_reg(register(phone, server, "alice", without, port=server.mutual_tls_port))
    assert info.code == 503
    own = authority.issue("alice")
    with_one = transport(
        ca_list_file=str(authority.file),
        cert_file=str(own.file),
        privkey_file=str(own.key),
        proto=pj.SslSockProto.TLS1_3,
    )
    alice = register(phone, server, "alice", with_one, port=server.mutual_tls_port)
    assert phone.wait_reg(alice).code == 200
    connected = phone.wait(
        pj.OnTransportState,
        lambda event: (
            event.state is pj.TransportState.CONNECTED and event.tls.local_cert.subject_cn == "alice"
        ),
    )
    assert connected.remote_port == server.mutual_tls_port
    # Only TLS 1.3 has ciphers of such names.
    assert connected.tls.cipher.startswith("TLS_")


def test_outbound(phone: Phone, server: Kamailio, authority: Authority) -> None:
    """RFC 5626: who it is stays the same over connections, and `reg-id` says which of them it is."""
    server.clear()
    via = transport(ca_list_file=str(authority.file))
    instance = "<urn:uuid:00000000-0000-4000-8000-0123456789ab>"
    alice = register(phone, server, "alice", via, rfc5626_instance_id=instance, rfc5626_reg_id="3")
    bob = register(phone, server, "bob", via, use_rfc5626=0)
    assert (phone.wait_reg(alice).code, phone.wait_reg(bob).code) == (200, 200)
    with_it, without = (
        server.wait_for(
            lambda m, user=user: m.is_request and m.method == "REGISTER" and user in m.header("to")  # type: ignore[misc]
        )
        for user in ("alice", "bob")
    )
    contact = with_it.header("contact") or ""
    assert set(contact.split(";")) >= {f'+sip.instance="{instance}"', "reg-id=3"}
    assert ";ob>" in contact
    assert "outbound" in (with_it.header("supported") or "")
    assert "reg-id" not in (without.header("contact") or "")
