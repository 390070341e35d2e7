"""Accounts as they live: registrations that fail and come back, changes on the way, whose a call is."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, registered, slots_free
from peers.message import Message
from peers.wire import WireClient
from pjsua.notifier import Notifier
from pyjsua import (
    AuthenticationFailed,
    Endpoint,
    InvalidState,
    MessageFailed,
    RegistrationFailed,
    RegistrationStatus,
    RegistrationTimeout,
    pjsua as pj,
)
from pyjsua.config.account_options import AccountChanges
from pyjsua.testing import Drop, Respond, SipServer

MakeEndpoint = Callable[..., Endpoint]
Status = RegistrationStatus

FAST: dict[str, Any] = {"reg_first_retry_interval": 1, "reg_retry_random_interval": 0}


@pytest.fixture
def far(wire_client: Callable[..., WireClient]) -> Notifier:
    """A peer written by hand."""
    return Notifier(wire_client())


async def test_a_registration_is_a_state_that_is_told(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = endpoint.add_account(sip_server.aor("1001"), "secret", reg_uri=sip_server.uri, **FAST)
        assert account.registration_state.status is Status.REGISTERING
        changes = account.registration_changes()
        await account.wait_registered(TIMEOUT)
        state = account.registration_state
        assert (state.status, state.code, state.expires, state.error) == (Status.REGISTERED, 200, 300, None)
        # A renewal is no news.
        await account.register(TIMEOUT)
        await account.unregister(TIMEOUT)
        assert account.registration_state.status.value == "unregistered"
        await account.register(TIMEOUT)
        await account.close()
        told = [state.status async for state in changes]
        assert told == [
            Status.REGISTERED,
            Status.UNREGISTERING,
            Status.UNREGISTERED,
            Status.REGISTERING,
            Status.REGISTERED,
            Status.UNREGISTERING,
            Status.UNREGISTERED,
        ]
        with pytest.raises(InvalidState, match="closed"):
            account.registration_changes()


async def test_what_may_pass_is_tried_again_and_told_once_each_time(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    sip_server.faults.set("REGISTER", Respond(503, "Come Back Later"), times=2)
    async with make_endpoint() as endpoint:
        account = endpoint.add_account(sip_server.aor("1001"), "secret", reg_uri=sip_server.uri, **FAST)
        changes = account.registration_changes()
        with pytest.raises(RegistrationFailed, match="503"):
            await account.wait_registered(TIMEOUT)
        state = account.registration_state
        assert state.status is Status.RETRYING
        assert isinstance(state.error, RegistrationFailed)
        assert (state.failures, state.code, state.reason) == (1, 503, "Come Back Later")
        assert state.retry_in is not None
        assert 0 < state.retry_in <= 1
        await account.wait_registered(TIMEOUT, retries=True)
        told = [await anext(changes) for _ in range(5)]
        assert [(state.status, state.failures) for state in told] == [
            (Status.RETRYING, 1),
            (Status.REGISTERING, 1),
            (Status.RETRYING, 2),
            (Status.REGISTERING, 2),
            (Status.REGISTERED, 0),
        ]
        # Twice as long the second time.
        first, second = told[0].retry_at, told[2].retry_at
        assert first is not None
        assert second is not None
        assert 1.9 <= second - first < 2.9


async def test_the_time_between_attempts_heeds_retry_after_and_has_an_end(
    make_endpoint: MakeEndpoint, far: Notifier
) -> None:
    async with make_endpoint() as endpoint:
        registrar = f"sip:127.0.0.1:{far.wire.port}"
        account = endpoint.add_account(far.uri("a"), reg_uri=registrar, reg_retry_interval=300)
        far.answer(await asyncio.to_thread(far.wait, "REGISTER"), 503, "Full", Retry_After="77")
        with pytest.raises(RegistrationFailed):
            await account.wait_registered(TIMEOUT)
        assert account.registration_state.status is Status.RETRYING
        assert 70 < (account.registration_state.retry_in or 0) <= 77
        # Whoever waits for it gives up in time, or when it is closed.
        with pytest.raises(RegistrationTimeout):
            await account.wait_registered(0.05, retries=True)
        waiting = asyncio.create_task(account.wait_registered(retries=True))
        await asyncio.sleep(0)
        await account.unregister()
        state = account.registration_state
        assert (state.status, state.retry_at) == (Status.FAILED, None)
        with pytest.raises(RegistrationFailed):
            await waiting
        hopeless = endpoint.add_account(far.uri("b"), reg_uri=registrar)
        far.answer(await asyncio.to_thread(far.wait, "REGISTER", 2), 404, "Who")
        with pytest.raises(RegistrationFailed, match="404"):
            await hopeless.wait_registered(TIMEOUT, retries=True)
        assert hopeless.registration_state.status is Status.FAILED
        once = endpoint.add_account(far.uri("c"), reg_uri=registrar, reg_retry_interval=0)
        far.answer(await asyncio.to_thread(far.wait, "REGISTER", 3), 503, "Full")
        with pytest.raises(RegistrationFailed):
            await once.wait_registered(TIMEOUT, retries=True)
        assert once.registration_state.status is Status.FAILED


async def test_credentials_by_ha1_and_by_list(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    realm = sip_server.domain
    ha1 = hashlib.md5(f"1001:{realm}:secret".encode()).hexdigest()
    async with make_endpoint() as endpoint:
        account = await endpoint.register(sip_server.aor("1001"), ha1=ha1, realm=realm, timeout=TIMEOUT)
        assert account.registered
        assert ha1 not in repr(account.config)
        wrong = ha1.replace(ha1[0], "0" if ha1[0] != "0" else "1")
        with pytest.raises(AuthenticationFailed):
            await endpoint.register(sip_server.aor("1001"), ha1=wrong, realm=realm, timeout=TIMEOUT)
        several = [
            pj.CredInfo(realm="elsewhere", username="x", data="y"),
            pj.CredInfo(realm=realm, username="1002", data="secret"),
        ]
        assert await endpoint.register(sip_server.aor("1002"), cred_info=several, timeout=TIMEOUT)
        spoilt: list[dict[str, Any]] = [{"ha1": "xyz"}, {"ha1": ha1[:-1]}, {"ha1": ha1, "password": "too"}]
        for arguments in spoilt:
            with pytest.raises(ValueError, match="ha1") as caught:
                endpoint.add_account(sip_server.aor("1001"), **arguments)
            assert ha1 not in str(caught.value)


def test_what_a_type_checker_knows_of_options_is_what_there_is() -> None:
    hints = get_type_hints(AccountChanges)
    assert hints == {name: kind for name, kind in get_type_hints(pj.AccConfig).items() if name in hints}
    assert hints.keys() == {field.name for field in dataclasses.fields(pj.AccConfig)}


async def test_an_account_is_changed_while_it_has_a_call(
    make_endpoint: MakeEndpoint, sip_server: SipServer
) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        other = local_account(endpoint, "bob")
        async with call_between(account, other, direct_uri(endpoint, "bob")) as (ours, theirs):
            sip_server.trace.clear()
            assert await account.modify(TIMEOUT, reg_contact_params=";q=0.5") is account
            assert account.registered
            assert "q='0.5'" in str(sip_server.registrations_of("1001"))
            assert account.config.reg_contact_params == ";q=0.5"
            await account.modify(TIMEOUT, reg_timeout=120)
            assert account.registration_state.expires == 120
            # What asks for no REGISTER sends none.
            sip_server.trace.clear()
            await account.modify(TIMEOUT, ka_interval=20)
            assert not any(message.is_request("REGISTER") for message in sip_server.trace)
            with pytest.raises(TypeError, match="nonsense"):
                await account.modify(nonsense=1)  # type: ignore[call-arg]
            with pytest.raises(ValueError, match="reg_uri"):
                await account.modify(reg_uri="nonsense")
            with pytest.raises(ValueError, match="contact_rewrite_method"):
                await account.modify(contact_rewrite_method=pj.ContactRewriteMethod.ALWAYS_UPDATE)
            assert account.config.reg_timeout == 120
            assert not ours.ended
            assert not theirs.ended
            assert (await ours.send_message("still here")).code == 200
        sip_server.faults.set("REGISTER", Respond(403, "No More"))
        with pytest.raises(AuthenticationFailed, match="403"):
            await account.modify(TIMEOUT, reg_timeout=240)
        assert account.registration_state.status is Status.FAILED
        await account.close()
        with pytest.raises(InvalidState, match="closed"):
            await account.modify(ka_interval=30)
        plain = await other.modify(TIMEOUT, ka_interval=30)
        assert plain.config.ka_interval == 30
        await slots_free()


async def test_whose_a_call_is(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        alice = local_account(endpoint, "alice")
        trunk = endpoint.add_account("sip:trunk@provider.test", priority=1)
        office = endpoint.add_account("sip:office@provider.test", priority=5)
        heard = {account: account.messages() for account in (alice, trunk, office)}

        async def who(user: str) -> str:
            sent = await alice.send_message(direct_uri(endpoint, user), "whose?")
            assert sent.code == 200
            waiting = {asyncio.ensure_future(anext(feed)): account for account, feed in heard.items()}
            done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for other in others:
                other.cancel()
            (found,) = done
            return waiting[found].uri.partition("@")[0]

        trunk.set_incoming_match(users=["5551234", "+4930*"])
        office.set_incoming_match(users=["+493012*"], sources=["127.0.0.0/8", "::1"])
        assert await who("5551234") == "sip:trunk"
        assert await who("+49309") == "sip:trunk"
        assert await who("+4930123") == "sip:office"
        assert (await who("alice")).startswith("sip:alice")
        # From elsewhere it is not the office's.
        office.set_incoming_match(users=["+493012*"], sources=["192.0.2.0/24", "127.0.0.9"])
        assert await who("+4930123") == "sip:trunk"
        office.set_incoming_match(sources=["127.0.0.1"])
        assert await who("alice") == "sip:office"
        office.set_incoming_match()
        del heard[trunk]
        await trunk.close()
        assert (await who("alice")).startswith("sip:alice")
        for arguments, name in (
            ({"users": "5551234"}, "users"),
            ({"users": [1]}, "users"),
            ({"users": ["*"]}, "users"),
            ({"users": ["x" * 129]}, "users"),
            ({"users": ["1"] * 65}, "users"),
            ({"sources": ["somewhere"]}, "sources"),
            ({"sources": ["127.0.0.1/99"]}, "sources"),
            ({"sources": "127.0.0.1"}, "sources"),
        ):
            with pytest.raises((ValueError, TypeError), match=name):
                office.set_incoming_match(**arguments)
        with pytest.raises(InvalidState, match="closed"):
            trunk.set_incoming_match(users=["1"])


async def test_a_trunk_without_registration(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        trunk = endpoint.add_account(
            sip_server.aor("1001"),
            "secret",
            username="1001",
            proxy=[f"{sip_server.uri};lr"],
            contact_params=";x-line=7",
        )
        callee = await registered(endpoint, sip_server, "1002")
        assert trunk.registration_state.status is Status.UNREGISTERED
        with pytest.raises(InvalidState, match="no registrar"):
            await trunk.wait_registered()
        async with call_between(trunk, callee, sip_server.aor("1002")) as (ours, theirs):
            assert theirs.invite is not None
            assert "1001" in theirs.invite.header("From")
            assert ours.answered
        invite = next(m.message for m in sip_server.trace if m.is_request("INVITE"))
        assert invite is not None
        assert ";x-line=7" in (invite.headers.get("Contact") or "")
        assert (invite.headers.get("Route") or "").startswith(f"<{sip_server.uri};lr")
        await slots_free()


def agree(far: Notifier, register: Message, route: str) -> None:
    """A 200 to a REGISTER that came by a NAT."""
    seen = (register.header("via") or "").replace(";rport", ";rport=4711;received=192.0.2.99")
    lines = ["SIP/2.0 200 OK", f"Via: {seen}", f"To: {register.header('to')};tag=1"]
    lines += [f"{name}: {register.header(name)}" for name in ("From", "Call-ID", "CSeq")]
    lines += [f"Contact: {register.header('contact')};expires=300", f"Service-Route: {route}"]
    assert register.source is not None
    far.wire.send("\r\n".join([*lines, "Content-Length: 0", "", ""]), register.source)


async def test_what_a_registrar_is_told_and_tells(make_endpoint: MakeEndpoint, far: Notifier) -> None:
    async with make_endpoint() as endpoint:
        registrar = f"sip:127.0.0.1:{far.wire.port}"
        adding = asyncio.create_task(
            endpoint.register(
                "sip:alice@a.test",
                registrar=registrar,
                reg_hdr_list=[("X-Line", "7")],
                reg_contact_params=";q=0.3",
                reg_contact_uri_params=";line=7",
                contact_rewrite_method=pj.ContactRewriteMethod.NO_UNREG,
                allow_contact_rewrite=2,
                timeout=TIMEOUT,
            )
        )
        first = await asyncio.to_thread(far.wait, "REGISTER")
        contact = first.header("contact") or ""
        assert (first.header("x-line"), first.start_line) == ("7", f"REGISTER {registrar} SIP/2.0")
        assert ";line=7" in contact
        assert contact.endswith(";q=0.3")
        # It sees us at another address, which the next REGISTER is to name, and wants what we send by itself.
        route = f"<{registrar};lr>"
        agree(far, first, route)
        second = await asyncio.to_thread(far.wait, "REGISTER", 2)
        assert "192.0.2.99:4711" in (second.header("contact") or "")
        agree(far, second, route)
        alice = await adding
        asking = asyncio.create_task(alice.request("FOO", "sip:bob@elsewhere.test", timeout=TIMEOUT))
        request = await asyncio.to_thread(far.wait, "FOO")
        assert request.header("route") == route
        far.answer(request, 200, "OK")
        assert (await asking).status_code == 200
        ringing = alice.start_call("sip:bob@elsewhere.test")
        invite = await asyncio.to_thread(far.wait, "INVITE")
        assert invite.header("route") == route
        assert "192.0.2.99:4711" in (invite.header("contact") or "")
        far.answer(invite, 486, "Busy")
        assert (await ringing.wait_ended(TIMEOUT)).code == 486
        far.wire.stop()
        await alice.close(0.1)


async def test_outbound_over_tcp(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    """RFC 5626: which instance we are, and which of its connections this is."""
    instance = "<urn:uuid:00000000-0000-1000-8000-aabbccddeeff>"
    async with make_endpoint() as endpoint:
        host, port = sip_server.host, sip_server.port
        account = await endpoint.register(
            sip_server.aor("1001"),
            "secret",
            registrar=f"sip:{host}:{port};transport=tcp",
            use_rfc5626=1,
            rfc5626_instance_id=instance,
            rfc5626_reg_id="3",
            timeout=TIMEOUT,
        )
        assert account.registered
        register = next(m.message for m in sip_server.trace if m.is_request("REGISTER"))
        assert register is not None
        contact = register.headers.get("Contact") or ""
        assert f'+sip.instance="{instance}"' in contact
        assert "reg-id=3" in contact
        assert "outbound" in (register.headers.get("Supported") or "")
        assert "path" in (register.headers.get("Supported") or "")


async def test_accounts_of_a_closed_endpoint(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        buddy = account.add_buddy(sip_server.aor("1002"))
        feeds = [account.messages(), account.typing(), account.subscriptions(), account.mwi.changes()]
        sip_server.faults.set("MESSAGE", Drop())
        sending = asyncio.create_task(account.send_message(sip_server.aor("1002"), "hello"))
        await sip_server.wait_for_async(lambda message: message.is_request("MESSAGE"))
    # PJSIP may have been the first to give it up.
    with pytest.raises((InvalidState, MessageFailed)):
        await sending
    for feed in feeds:
        with pytest.raises(StopAsyncIteration):
            await anext(feed)  # type: ignore[call-overload]
    assert buddy.closed
    assert account.closed
    assert account.registration_state.status is Status.UNREGISTERED
    for late in (
        lambda: account.modify(ka_interval=30),
        lambda: account.send_message("sip:a@b", "x"),
        lambda: account.request("OPTIONS", "sip:a@b"),
        lambda: account.register(),
        lambda: buddy.subscribe(),
        lambda: buddy.unsubscribe(),
    ):
        with pytest.raises(InvalidState):
            await late()
    for now in (
        account.messages,
        account.registration_changes,
        lambda: account.set_presence(True),
        lambda: account.add_buddy("sip:a@b"),
        lambda: account.set_incoming_match(users=["1"]),
    ):
        with pytest.raises(InvalidState):
            now()
    buddy.close()


async def test_a_registrar_that_goes_away_and_comes_back(make_endpoint: MakeEndpoint) -> None:
    users = {"1001": "secret"}
    with SipServer(users) as server:
        port = server.port
        async with make_endpoint() as endpoint:
            account = await endpoint.register(
                server.aor("1001"),
                "secret",
                registrar=f"{server.uri};transport=tcp",
                reg_retry_interval=2,
                timeout=TIMEOUT,
                **FAST,
            )
            changes = account.registration_changes()
            # Its connection breaks, which PJSIP notices by itself.
            await asyncio.to_thread(server.stop)
            state = await anext(changes)
            assert (state.status, state.code) == (Status.RETRYING, 503)
            assert isinstance(state.error, RegistrationFailed)
            assert not account.registered
            with SipServer(users, port=port) as again:
                await account.wait_registered(TIMEOUT, retries=True)
                assert len(again.registrations_of("1001")) == 1
                await account.close()
                again.wait_unregistered("1001")
