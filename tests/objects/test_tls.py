"""TLS of an endpoint: whom it believes by itself and by its config; where media of its accounts binds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from objects.phones import TIMEOUT, call_between
from peers.certificates import Authority
from peers.kamailio import Kamailio
from peers.ports import free_port
from pyjsua import Account, Endpoint, RegistrationFailed, pjsua as pj
from pyjsua.pjsua import SrtpUse, TlsSetting, TransportConfig
from pyjsua.testing import SipServer

MakeEndpoint = Callable[..., Endpoint]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def proxy(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kamailio]:
    with Kamailio(
        users={"alice": "a-secret", "bob": "b-secret"},
        certificate=authority.issue("proxy", "IP:127.0.0.1", "DNS:a.test"),
        clients_ca=authority.file,
        directory=tmp_path_factory.mktemp("kamailio"),
    ) as running:
        yield running


async def register(endpoint: Endpoint, proxy: Kamailio, user: str, port: int = 0) -> Account:
    return await endpoint.register(
        f"sips:{user}@a.test",
        proxy.users[user],
        proxy=[f"sips:127.0.0.1:{port or proxy.tls_port};lr"],
        use_srtp=SrtpUse.MANDATORY,
        reg_retry_interval=0,
        timeout=TIMEOUT,
    )


def own(**setting: object) -> TransportConfig:
    return TransportConfig(tls_setting=TlsSetting(**setting))  # type: ignore[arg-type]


async def test_a_call_over_tls(make_endpoint: MakeEndpoint, proxy: Kamailio, authority: Authority) -> None:
    proxy.clear()
    trusting = own(ca_list_file=str(authority.file), verify_server=True)
    async with make_endpoint(transports=["tls"], transport_config=trusting) as endpoint:
        alice, bob = [await register(endpoint, proxy, user) for user in ("alice", "bob")]
        async with call_between(alice, bob, "sips:bob@a.test") as (out, into):
            await out.wait_media(TIMEOUT)
            await into.wait_media(TIMEOUT)
        await out.wait_ended(TIMEOUT)
    assert {message.transport for message in proxy.messages} == {"TLS"}
    assert any("RTP/SAVP" in message.raw.decode(errors="replace") for message in proxy.messages)


async def test_the_systems_certificates(
    make_endpoint: MakeEndpoint, proxy: Kamailio, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The system's list, as OpenSSL and Python's ssl take it from the environment.
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with make_endpoint(transports=["tls"]) as endpoint:
        account = await register(endpoint, proxy, "alice")
        assert account.registered


async def test_a_server_nobody_vouches_for(make_endpoint: MakeEndpoint, proxy: Kamailio) -> None:
    async with make_endpoint(transports=["tls"]) as endpoint:
        with pytest.raises(RegistrationFailed, match="ECERTVERIF"):
            await register(endpoint, proxy, "alice")
        assert not endpoint.accounts


async def test_a_server_that_is_not_asked_who_it_is(
    make_endpoint: MakeEndpoint, proxy: Kamailio, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    config = own(ca_list_file=str(authority.file))
    async with make_endpoint(transports=["tls"], transport_config=config) as endpoint:
        assert (await register(endpoint, proxy, "alice")).registered
    assert "certificates are not verified" in caplog.text


async def test_a_system_that_trusts_nobody(
    make_endpoint: MakeEndpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with make_endpoint(transports=["tls"]):
        assert "trusts no certificates" in caplog.text


async def test_a_client_certificate(
    make_endpoint: MakeEndpoint, proxy: Kamailio, authority: Authority
) -> None:
    mine = authority.issue("alice")
    config = own(
        ca_list_file=str(authority.file),
        cert_file=str(mine.file),
        privkey_file=str(mine.key),
        verify_server=True,
    )
    async with make_endpoint(transports=["tls"], transport_config=config) as endpoint:
        assert (await register(endpoint, proxy, "alice", proxy.mutual_tls_port)).registered


async def test_whoever_comes_second_with_a_config_has_its_own(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as first, make_endpoint() as second:
        async with make_endpoint(transport_config=TransportConfig(public_addr="192.0.2.1")) as third:
            assert second.address() == first.address() != third.address()
            assert third.address()[0] == "192.0.2.1"
        assert first.address()[0] == "127.0.0.1"


async def test_media_of_all_has_its_range(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    first = free_port(count=8, even=True)
    async with make_endpoint(rtp_cfg=TransportConfig(port=first, port_range=6)) as endpoint:
        alice, bob = [
            await endpoint.register(sip_server.aor(user), "secret", timeout=TIMEOUT)
            for user in ("1001", "1002")
        ]
        async with call_between(alice, bob, sip_server.aor("1002")) as calls:
            for call in calls:
                await call.wait_media(TIMEOUT)
                host, _, port = pj.call_get_med_transport_info(call.id).rtp_addr_name.rpartition(":")
                assert host == "127.0.0.1"
                assert first <= int(port) < first + 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"transports": ["sctp"]}, "transports: 'sctp' is none of udp"),
        ({"transports": []}, "transports: at least one"),
        ({"port": 5060, "transport_config": TransportConfig(port=5070)}, "port: 5060, but transport_config"),
        (
            {"bound_addr": "127.0.0.1", "transport_config": TransportConfig(bound_addr="127.0.0.2")},
            "bound_addr: '127.0.0.1', but transport_config",
        ),
    ],
)
def test_what_makes_no_sense(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Endpoint(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["transport_config", "rtp_cfg"])
def test_what_is_no_config(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}: TransportConfig expected, not str"):
        Endpoint(**{name: "tls"})  # type: ignore[arg-type]
