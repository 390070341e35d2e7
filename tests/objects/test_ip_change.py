"""Our address changes: accounts register anew, and calls are asked to follow."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from objects.phones import (
    TIMEOUT,
    call_between,
    called_by_hand,
    direct_uri,
    local_account,
    registered,
    slots_free,
    until,
)
from peers.message import Message
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Call, Endpoint, InvalidState, IpChange, pjsua as pj
from pyjsua.testing import Drop, SipServer

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]


class Said(logging.Handler):
    """What PJSIP's log said."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.dialog_given_up = threading.Semaphore(0)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        if "Timed-out trying to acquire dialog mutex" in self.lines[-1]:
            self.dialog_given_up.release()

    def refused(self) -> bool:
        """Whether a re-INVITE was not sent, because there is one."""
        return any("Unable to create re-INVITE" in line for line in self.lines)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Said]:
    handler = Said()
    caplog.set_level(logging.DEBUG, "pyjsua")
    logging.getLogger("pyjsua").addHandler(handler)
    yield handler
    logging.getLogger("pyjsua").removeHandler(handler)


async def test_a_change_of_address(make_endpoint: MakeEndpoint, sip_server: SipServer) -> None:
    async with make_endpoint() as endpoint:
        account = await registered(endpoint, sip_server, "1001")
        other = local_account(endpoint, "bob")
        async with call_between(account, other, direct_uri(endpoint, "bob")) as (ours, _):
            sip_server.trace.clear()
            done = await endpoint.handle_ip_change(timeout=TIMEOUT)
            assert isinstance(done, IpChange)
            assert done.ok
            assert pj.IpChangeOp.ACC_UPDATE_CONTACT in [step.op for step in done.steps]
            assert any(message.is_request("REGISTER") for message in sip_server.trace)
            assert account.registered
            assert not ours.ended
        sip_server.faults.set("REGISTER", Drop())
        changing = asyncio.create_task(endpoint.handle_ip_change(timeout=None))
        await sip_server.wait_for_async(lambda message: message.is_request("REGISTER"))
        changing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await changing
        sip_server.faults.clear()
        with pytest.raises(TypeError, match="nonsense"):
            await endpoint.handle_ip_change(nonsense=1)
        await slots_free()
    with pytest.raises(InvalidState, match="not open"):
        await endpoint.handle_ip_change()


async def test_a_call_whose_dialog_is_taken(make_endpoint: MakeEndpoint, said: Said) -> None:
    """PJSIP gives up such a call's dialog after 2 s, twice; the call is asked again after that."""
    taken = threading.Event()

    def take(event: pj.OnCallRxOffer) -> None:
        if not taken.is_set():
            taken.set()
            said.dialog_given_up.acquire(timeout=TIMEOUT)
            said.dialog_given_up.acquire(timeout=TIMEOUT)

    config = pj.Config(hooks=pj.Hooks(timeout=5, on_call_rx_offer=take))
    async with make_endpoint(ua_config=config) as endpoint:
        alice = local_account(endpoint, "alice")
        stays = pj.IpChangeAccCfg(reinvite_flags=pj.CallFlag(0), hangup_calls=False)
        bob = local_account(endpoint, "bob", ip_change_cfg=stays)
        async with call_between(alice, bob, bob.uri) as (ours, into):
            theirs = asyncio.create_task(into.reinvite())
            assert await asyncio.to_thread(taken.wait, TIMEOUT)
            sent = endpoint.sip_messages(received=False, sent=True)
            done = await endpoint.handle_ip_change(timeout=2 * TIMEOUT)
            assert done.ok, done
            steps = [step for step in done.steps if step.op is pj.IpChangeOp.ACC_REINVITE_CALLS]
            assert [step.call_id for step in steps] == [ours.id]
            async with asyncio.timeout(TIMEOUT):
                # Theirs is sent again meanwhile.
                async for one in sent:
                    if one.is_request and one.method == "INVITE" and "alice" in one.header("From"):
                        break
            await theirs
            assert not ours.ended


Changing = tuple[Call, HandCall, Message, "asyncio.Task[IpChange]"]


async def changing_while_renegotiated(endpoint: Endpoint, wire: WireClient, said: Said) -> Changing:
    """Our address changes, and PJSIP has not asked the call: its 200 to the other side's re-INVITE, given
    here, waits for the ACK.
    """
    call, far = await called_by_hand(local_account(endpoint, "alice"), wire)
    await call.wait_media(TIMEOUT)
    theirs = await asyncio.to_thread(far.request, "INVITE", None, audio_offer("127.0.0.1", 40000))
    changing = asyncio.create_task(endpoint.handle_ip_change(timeout=TIMEOUT))
    await until(said.refused, "PJSIP has refused")
    return call, far, theirs, changing


async def test_a_call_that_is_renegotiated(
    make_endpoint: MakeEndpoint, wire_client: Wires, said: Said
) -> None:
    async with make_endpoint() as endpoint:
        call, far, theirs, changing = await changing_while_renegotiated(endpoint, wire_client(), said)
        assert not changing.done()
        far.ack(theirs)
        ours = await asyncio.to_thread(far.received, "INVITE", 2)
        far.respond(ours, 200, "OK", body=audio_offer("127.0.0.1", 40000))
        done = await changing
        assert done.ok, done
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


async def test_closed_before_a_call_could_be_asked(
    make_endpoint: MakeEndpoint, wire_client: Wires, said: Said
) -> None:
    async with make_endpoint() as endpoint:
        *_, changing = await changing_while_renegotiated(endpoint, wire_client(), said)
        await endpoint.close(0.1)
        with pytest.raises(InvalidState, match="closed"):
            await changing
