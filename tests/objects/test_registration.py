"""Registering: what the registrar sees, and what the program is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, registered, until
from peers.kamailio import Kamailio
from peers.sipp import Sipp
from pyjsua import (
    AuthenticationFailed,
    Endpoint,
    InvalidState,
    RegistrationFailed,
    RegistrationTimeout,
    SipError,
    pjsua as pj,
)
from pyjsua.testing import Delay, Drop, Respond, SipServer, TraceMessage

MakeEndpoint = Callable[..., Endpoint]


def requests(server: SipServer, method: str = "REGISTER") -> list[TraceMessage]:
    return [message for message in server.trace if message.is_request(method)]


def expires(message: TraceMessage) -> str | None:
    assert message.message is not None
    return message.message.headers.get("Expires")


def nothing_left(endpoint: Endpoint) -> None:
    assert endpoint.accounts == ()
    assert pj.enum_accs() == []


async def test_registers_with_digest_and_unregisters_at_the_end(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001", expires=600)
        assert account.registered
        assert account.registration is not None
        assert (account.registration.code, account.registration.expiration) == (200, 600)
        assert [expires(message) for message in requests(sip_server)] == ["600", "600"]
        assert any(message.is_response(401, "REGISTER") for message in sip_server.trace)
        host, port = endpoint.address()
        (binding,) = sip_server.registrations_of("1001")
        assert f"1001@{host}:{port}" in str(binding)
    sip_server.wait_unregistered("1001")
    assert expires(requests(sip_server)[-1]) == "0"


async def test_registering_again_renews_the_same_binding(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        before = len(requests(sip_server))
        assert await account.register(TIMEOUT) is account
        assert len(requests(sip_server)) > before
        assert account.registered
        assert len(sip_server.registrations_of("1001")) == 1


async def test_two_tasks_may_register_the_same_account_at_once(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        await asyncio.gather(account.register(TIMEOUT), account.register(TIMEOUT))
        assert account.registered


async def test_registering_while_the_unregistration_is_under_way(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        unregistering = asyncio.create_task(account.unregister())
        await asyncio.sleep(0)
        await account.register(TIMEOUT)
        await unregistering
        assert account.registered
        assert [expires(message) for message in requests(sip_server)][-3:] == ["0", "300", "300"]


async def test_unregisters_and_registers_again(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        await account.unregister(TIMEOUT)
        assert not account.registered
        assert sip_server.registrations_of("1001") == ()
        sent = len(requests(sip_server))
        await account.unregister(TIMEOUT)
        assert len(requests(sip_server)) == sent, "there was nothing to unregister"
        await account.register(TIMEOUT)
        assert account.registered
        assert len(sip_server.registrations_of("1001")) == 1


async def test_a_wrong_password_is_an_authentication_failure(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        with pytest.raises(AuthenticationFailed, match="401") as caught:
            await endpoint.register(sip_server.aor("1001"), "guessed", timeout=TIMEOUT)
        assert caught.value.sip_code == 401
        assert str(caught.value) == (
            "401 Unauthorized: the user name or the password is wrong (PJSIP_EAUTHSTALECOUNT)"
        )
        assert caught.value.name == "PJSIP_EAUTHSTALECOUNT"
        nothing_left(endpoint)
        assert sip_server.registrations_of("1001") == ()
        # The endpoint goes on: the right password is as good as ever.
        await registered(endpoint, sip_server, "1001")


async def test_a_user_without_a_password_is_an_authentication_failure(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        with pytest.raises(AuthenticationFailed):
            await endpoint.register(sip_server.aor("1001"), timeout=TIMEOUT)
        nothing_left(endpoint)


@pytest.mark.parametrize(("code", "reason"), [(403, "Forbidden"), (500, "Broken"), (503, "Come Back Later")])
async def test_a_refusal_is_told_once_with_its_code_and_reason(
    code: int, reason: str, make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("REGISTER", Respond(code, reason))
    async with make_endpoint() as endpoint:
        with pytest.raises(SipError, match=f"{code} {reason}") as caught:
            await registered(endpoint, sip_server, "1001")
        assert caught.value.sip_code == code
        assert caught.value.title == reason
        # 403 is what many registrars say to a wrong password.
        assert isinstance(caught.value, AuthenticationFailed if code == 403 else RegistrationFailed)
        nothing_left(endpoint)
    assert len(requests(sip_server)) == 1


async def test_a_silent_registrar_times_out(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    sip_server.faults.set("REGISTER", Drop())
    async with make_endpoint() as endpoint:
        with pytest.raises(RegistrationTimeout) as caught:
            await endpoint.register(sip_server.aor("1001"), "secret", timeout=0.3)
        assert isinstance(caught.value, TimeoutError)
        assert isinstance(caught.value, RegistrationFailed)
        assert caught.value.sip_code == 408
        nothing_left(endpoint)


async def test_a_server_that_is_down_is_said_at_once_over_tcp(
    make_endpoint: MakeEndpoint, free_port: Callable[..., int]
) -> None:
    port = free_port()
    async with make_endpoint() as endpoint:
        # PJSIP's words for it depend on what was first, the refusal or the REGISTER.
        with pytest.raises(RegistrationFailed, match=r"503 (Connection refused|Broken pipe)"):
            await endpoint.register(f"sip:1001@127.0.0.1:{port};transport=tcp", "secret", timeout=TIMEOUT)
        nothing_left(endpoint)


@pytest.mark.parametrize("scenario", ["uas_register_not_sip", "uas_register_rubbish_challenge"])
async def test_a_registrar_that_answers_rubbish_fails(
    scenario: str, make_endpoint: MakeEndpoint, sipp: Callable[..., Sipp]
) -> None:
    registrar = sipp(scenario, calls=0)
    async with make_endpoint() as endpoint:
        with pytest.raises(SipError):
            await endpoint.register(f"sip:1001@127.0.0.1:{registrar.port}", "secret", timeout=1.0)
        nothing_left(endpoint)


async def test_a_registrar_may_ask_for_a_longer_interval(
    make_endpoint: MakeEndpoint, sipp: Callable[..., Sipp]
) -> None:
    registrar = sipp("uas_register_too_brief", keys={"min_expires": "120"})
    async with make_endpoint() as endpoint:
        account = await endpoint.register(f"sip:1001@127.0.0.1:{registrar.port}", expires=60, timeout=TIMEOUT)
        assert account.registration is not None
        assert account.registration.expiration == 120


async def test_the_registrar_may_be_elsewhere(
    make_endpoint: MakeEndpoint, kamailio: Callable[..., Kamailio]
) -> None:
    server = await asyncio.to_thread(kamailio, "a.test", {"1001": "secret", "1002": "secret"})
    async with make_endpoint() as endpoint:
        # The domain has no address of its own: through the proxy, and to the registrar named.
        by_proxy = await endpoint.register(
            server.aor("1001"), "secret", proxy=[f"{server.uri};lr"], timeout=TIMEOUT
        )
        by_registrar = await endpoint.register(
            server.aor("1002"), "secret", registrar=server.uri, timeout=TIMEOUT
        )
        assert by_proxy.registered
        assert by_registrar.registered
        assert len(server.contacts("1001")) == len(server.contacts("1002")) == 1
        first = next(m for m in server.messages if m.method == "REGISTER" and m.is_request)
        assert first.start_line == "REGISTER sip:a.test SIP/2.0"


async def test_kamailio_refuses_a_wrong_password(
    make_endpoint: MakeEndpoint, kamailio: Callable[..., Kamailio]
) -> None:
    server = await asyncio.to_thread(kamailio, "a.test", {"1001": "secret"}, forbid=True)
    async with make_endpoint() as endpoint:
        with pytest.raises(AuthenticationFailed) as caught:
            await endpoint.register(server.aor("1001"), "wrong", registrar=server.uri, timeout=TIMEOUT)
        assert caught.value.sip_code == 403
        nothing_left(endpoint)


async def test_the_digest_username_need_not_be_the_users_name(
    make_endpoint: MakeEndpoint, kamailio: Callable[..., Kamailio]
) -> None:
    server = await asyncio.to_thread(kamailio, "a.test", {"trunk": "secret"}, user_check=False)
    async with make_endpoint() as endpoint:
        account = await endpoint.register(
            server.aor("5551234"), "secret", username="trunk", registrar=server.uri, timeout=TIMEOUT
        )
        assert account.registered


async def test_several_accounts_come_and_go_on_their_own(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        first, second = await asyncio.gather(
            registered(endpoint, sip_server, "1001"), registered(endpoint, sip_server, "1002")
        )
        assert set(endpoint.accounts) == {first, second}
        await first.close()
        assert first.closed
        assert not first.registered
        assert endpoint.accounts == (second,)
        assert sip_server.registrations_of("1001") == ()
        assert len(sip_server.registrations_of("1002")) == 1
        assert second.registered


async def test_closing_an_account_any_number_of_times_unregisters_once(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        sip_server.trace.clear()
        await asyncio.gather(account.close(), account.close())
        await account.close()
        nothing_left(endpoint)
        assert {expires(message) for message in requests(sip_server)} == {"0"}
        assert len({m.message.headers.get("CSeq") for m in requests(sip_server) if m.message}) <= 2
        with pytest.raises(InvalidState, match="closed"):
            await account.register()
        with pytest.raises(InvalidState, match="closed"):
            account.start_call(sip_server.aor("1002"))


async def test_a_cancelled_close_goes_on(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        sip_server.faults.set("REGISTER", Delay(0.3), times=1)
        closing = asyncio.create_task(account.close())
        await sip_server.wait_for_async(
            lambda message: message.is_request("REGISTER") and expires(message) == "0"
        )
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await account.close()
        nothing_left(endpoint)
        assert sip_server.registrations_of("1001") == ()


async def test_a_cancelled_register_leaves_nothing(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("REGISTER", Delay(0.2))
    async with make_endpoint() as endpoint:
        registering = asyncio.create_task(registered(endpoint, sip_server, "1001"))
        await sip_server.wait_for_async(lambda message: message.is_request("REGISTER"))
        registering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await registering
        nothing_left(endpoint)
        # What the registrar granted after the cancellation was taken back.
        await asyncio.to_thread(sip_server.wait_unregistered, "1001")
        assert expires(requests(sip_server)[-1]) == "0"


async def test_cancelling_twice_does_not_wait_for_the_registrar(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("REGISTER", Drop())
    async with make_endpoint() as endpoint:
        registering = asyncio.create_task(registered(endpoint, sip_server, "1001"))
        await sip_server.wait_for_async(lambda message: message.is_request("REGISTER"))
        registering.cancel()
        await asyncio.sleep(0)
        assert endpoint.accounts == ()
        registering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await registering
        nothing_left(endpoint)


async def test_an_account_without_a_registrar_does_not_register(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = local_account(endpoint, "alice")
        assert not account.registered
        assert account.uri == direct_uri(endpoint, "alice")
        with pytest.raises(InvalidState, match="no registrar"):
            await account.register()
        await account.unregister()
        await account.close()
        nothing_left(endpoint)


async def test_a_registrar_that_comes_back_is_registered_with_again(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        sip_server.faults.set("REGISTER", Respond(503))
        with pytest.raises(RegistrationFailed, match="503"):
            await account.register(TIMEOUT)
        assert not account.registered
        assert endpoint.accounts == (account,), "an account that was registered once stays"
        sip_server.faults.clear()
        await account.register(TIMEOUT)
        assert account.registered


async def test_closing_the_endpoint_ends_a_register_that_waits(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("REGISTER", Drop())
    endpoint = make_endpoint()
    await endpoint.open()
    registering = asyncio.create_task(registered(endpoint, sip_server, "1001"))
    await sip_server.wait_for_async(lambda message: message.is_request("REGISTER"))
    await endpoint.close(timeout=0.2)
    with pytest.raises(InvalidState, match="closed"):
        await registering
    assert endpoint.accounts == ()


async def test_a_renewal_that_fails_is_seen(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(
            endpoint, sip_server, "1001", expires=10, reg_delay_before_refresh=9, reg_retry_interval=0
        )
        sip_server.faults.set("REGISTER", Respond(403))
        await until(lambda: not account.registered, "the refused renewal is known")
        assert account.registration is not None
        assert account.registration.code == 403


def stand_still_until_told(depth: int) -> None:
    """Until more waits for the loop, which does not run meanwhile."""
    deadline = time.monotonic() + TIMEOUT
    while pj.queue_stats()["depth"] <= depth:
        assert time.monotonic() < deadline
        time.sleep(0.001)


async def test_an_outcome_heard_of_late_is_not_that_of_the_next(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        first = asyncio.create_task(account.register(TIMEOUT))
        await asyncio.sleep(0)
        stand_still_until_told(pj.queue_stats()["depth"])
        sip_server.faults.set("REGISTER", Respond(503))
        second = asyncio.create_task(account.register(TIMEOUT))
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(outcomes[1], RegistrationFailed)
        assert not account.registered
        sip_server.faults.clear()
