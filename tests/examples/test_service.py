"""The service: calls outlive a restart that is asked for, and end with one that is not waited for."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from examples.test_examples import TIMEOUT
from examples.test_voices import play, running
from pyjsua import Account, CallFailed
from pyjsua.testing import SipServer


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer(dict.fromkeys(("1000", "1001"), "secret")) as running:
        yield running


def test_service(server: SipServer) -> None:
    async def caller(account: Account) -> None:
        async with running("service.py", server.aor("1000"), "secret", "--patience", "1") as service:
            await service.line("registered 200")
            call = await account.call(server.aor("1000"), timeout=TIMEOUT)
            service.process.send_signal(signal.SIGTERM)
            await service.line("SIGTERM: 1 calls are up")
            with pytest.raises(CallFailed):
                await account.call(server.aor("1000"), timeout=TIMEOUT)
            # A proxy makes 500 of it (RFC 3261, 16.7).
            assert any(message.is_response(503, "INVITE") for message in server.trace)
            await service.line("1 calls are hung up")
            assert not (await call.wait_ended(TIMEOUT)).by_us
            await service.end(interrupt=False)
            assert server.registrations_of("1000") == ()

    play(server, caller)


def test_a_restart_waits_for_calls(server: SipServer) -> None:
    async def caller(account: Account) -> None:
        async with running("service.py", server.aor("1000"), "secret") as service:
            await service.line("registered 200")
            call = await account.call(server.aor("1000"), timeout=TIMEOUT)
            service.process.send_signal(signal.SIGHUP)
            await service.line("SIGHUP: 1 calls are up")
            await call.hangup()
            await service.line("unregistered")
            await service.line("registered 200")
            async with await account.call(server.aor("1000"), timeout=TIMEOUT):
                pass
            # Ctrl-C ends it like SIGTERM.
            await service.end()

    play(server, caller)
