"""The programs the guides are built around, each in a process of its own; the far end is in this one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest

from examples.test_examples import TIMEOUT
from examples.test_voices import play, running
from pyjsua import Account
from pyjsua.testing import SipServer


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer(dict.fromkeys(("1000", "1001", "1002"), "secret")) as running:
        yield running


def test_headers(server: SipServer) -> None:
    async def callee(account: Account) -> None:
        incoming = account.incoming()
        words = (server.aor("1000"), "secret", server.aor("1001"), "X-Campaign=spring", "X-Agent=7")
        async with running("headers.py", *words) as program:
            call = await asyncio.wait_for(anext(incoming), TIMEOUT)
            assert call.invite is not None
            assert call.invite.header("X-Campaign") == "spring"
            assert call.invite.header("X-Agent") == "7"
            await call.ring(headers=[("X-Queue", "3 before you")])
            await call.answer(headers=[("X-Desk", "blue"), ("X-Desk", "by the window")])
            end = await call.wait_ended(TIMEOUT)
            assert end.message is not None
            assert end.message.header("X-Call-Quality") == "good"
            assert [reason.cause for reason in end.reasons] == [16]
            await program.end(interrupt=False)
            printed = "\n".join(program.lines)
            assert re.search(r"SIP/2.0 180 Ringing\n *X-Queue: 3 before you\n", printed)
            assert re.search(r"SIP/2.0 200 OK\n *X-Desk: blue\n *X-Desk: by the window\n", printed)
            assert "ended by us: 200 " in printed

    play(server, callee)
