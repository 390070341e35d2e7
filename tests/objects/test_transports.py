"""UDP, TCP and IPv6, with servers and without, and calls between two domains."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, record, registered
from peers.kamailio import Kamailio
from peers.signals import strongest_tone, tone, write_wav
from peers.sipp import Sipp
from pyjsua import Account, Call, Endpoint, PjsuaError, State, pjsua as pj
from pyjsua.testing import SipServer

pytestmark = pytest.mark.hears

MakeEndpoint = Callable[..., Endpoint]


async def heard_both_ways(endpoint: Endpoint, calls: tuple[Call, Call], directory: Path) -> None:
    """Fails unless each end hears the tone the other plays."""
    out, into = calls
    with (
        endpoint.player(write_wav(directory / "low.wav", tone(440, 1, 8000), 8000), loop=True) as low,
        endpoint.player(write_wav(directory / "high.wav", tone(1000, 1, 8000), 8000), loop=True) as high,
    ):
        low.connect(out.audio)
        high.connect(into.audio)
        recordings = await asyncio.gather(
            record(into.audio, endpoint, directory / "into.wav", 0.7),
            record(out.audio, endpoint, directory / "out.wav", 0.7),
        )
    for (samples, rate), frequency in zip(recordings, (440, 1000), strict=True):
        found = strongest_tone(samples[rate // 3 :], rate)
        assert abs(found.frequency - frequency) < 5, found


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_registered_calls_over(
    transport: str, make_endpoint: MakeEndpoint, sip_server: SipServer, tmp_path: Path
) -> None:
    parameter = ";transport=tcp" if transport == "tcp" else ""
    async with make_endpoint(transports=[transport]) as endpoint:
        alice, bob = [
            await endpoint.register(sip_server.aor(user) + parameter, "secret", timeout=TIMEOUT)
            for user in ("1001", "1002")
        ]
        async with call_between(alice, bob, sip_server.aor("1002") + parameter) as calls:
            await heard_both_ways(endpoint, calls, tmp_path)
    assert {message.transport for message in sip_server.trace} == {transport}
    assert any(message.is_response(407, "INVITE") for message in sip_server.trace)
    assert not sip_server.registrations


@pytest.mark.parametrize("transport", ["udp", "tcp", "udp6", "tcp6"])
async def test_straight_calls_over(transport: str, make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    bound = "::1" if transport.endswith("6") else "127.0.0.1"
    async with make_endpoint(transports=[transport], bound_addr=bound) as endpoint:
        assert endpoint.address(transport)[0] == bound
        alice, bob = (local_account(endpoint, user, transport) for user in ("alice", "bob"))
        async with call_between(alice, bob, direct_uri(endpoint, "bob", transport)) as calls:
            await heard_both_ways(endpoint, calls, tmp_path)
            assert calls[0].audio.stats().remote_addr.startswith("[::1]" if bound == "::1" else bound)


@pytest.mark.sip_server(host="::1", users={"1001": "secret", "1002": "secret"})
async def test_registered_calls_over_ipv6(
    make_endpoint: MakeEndpoint, sip_server: SipServer, tmp_path: Path
) -> None:
    async with make_endpoint(transports=["udp6"], bound_addr="::1") as endpoint:
        alice = await registered(endpoint, sip_server, "1001")
        bob = await registered(endpoint, sip_server, "1002")
        async with call_between(alice, bob, sip_server.aor("1002")) as calls:
            await heard_both_ways(endpoint, calls, tmp_path)
    assert {message.source[0] for message in sip_server.trace} == {"::1"}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sipp_calls_and_is_called_over(
    transport: str, make_endpoint: MakeEndpoint, sipp: Callable[..., Sipp]
) -> None:
    async with make_endpoint(transports=[transport]) as endpoint:
        account = local_account(endpoint, "alice", transport)
        callee = sipp("uas_answer", transport=transport)
        await (await account.call(callee.uri, timeout=TIMEOUT)).hangup()
        await asyncio.to_thread(callee.wait)
        incoming = account.incoming()
        caller = sipp("uac_call", endpoint.address(transport), transport=transport, user="alice", hold=50)
        call = await (await anext(incoming)).answer()
        await call.wait_ended(TIMEOUT)
        await asyncio.to_thread(caller.wait)


async def test_an_address_of_the_wrong_family(make_endpoint: MakeEndpoint) -> None:
    for transport, bound in (("udp6", "127.0.0.1"), ("udp", "::1")):
        with pytest.raises((ValueError, PjsuaError)):
            await make_endpoint(transports=[transport], bound_addr=bound).open()
        assert pj.get_state() == State.NULL


async def call_across(
    endpoint: Endpoint, alice: Account, bob: Account, uri: str, directory: Path
) -> tuple[Call, Call]:
    async with call_between(alice, bob, uri) as calls:
        await heard_both_ways(endpoint, calls, directory)
    return calls


async def test_two_domains(
    make_endpoint: MakeEndpoint, sip_server_factory: Callable[..., SipServer], tmp_path: Path
) -> None:
    a = sip_server_factory(users={"1001": "secret"}, domains=["a.test"])
    b = sip_server_factory(users={"2001": "secret"}, domains=["b.test"])
    a.add_route("b.test", "127.0.0.1", b.port)
    b.add_route("a.test", "127.0.0.1", a.port)
    async with make_endpoint() as endpoint:
        alice, bob = [
            await endpoint.register(
                f"sip:{user}@{domain}", "secret", proxy=[f"{server.uri};lr"], timeout=TIMEOUT
            )
            for user, domain, server in (("1001", "a.test", a), ("2001", "b.test", b))
        ]
        _, into = await call_across(endpoint, alice, bob, "sip:2001@b.test", tmp_path)
        assert "sip:1001@a.test" in into.remote_uri
        await call_across(endpoint, bob, alice, "sip:1001@a.test", tmp_path)
    # Either server was passed by either call.
    for server in (a, b):
        assert sum(message.is_response(200, "INVITE") for message in server.trace) >= 4


async def test_two_kamailios(
    make_endpoint: MakeEndpoint, two_kamailios: tuple[Kamailio, Kamailio], tmp_path: Path
) -> None:
    a, b = two_kamailios
    async with make_endpoint() as endpoint:
        alice, bob = [
            await endpoint.register(
                server.aor(user), f"secret-{user}", proxy=[f"{server.uri};lr"], timeout=TIMEOUT
            )
            for server, user in ((a, "1001"), (b, "2001"))
        ]
        _, into = await call_across(endpoint, alice, bob, b.aor("2001"), tmp_path)
        assert "sip:1001@a.test" in into.remote_uri
        await call_across(endpoint, bob, alice, a.aor("1001"), tmp_path)
