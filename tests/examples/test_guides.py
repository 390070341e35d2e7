"""The programs the guides are built around, each in a process of its own; the far end is in this one."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pyjsua
from examples.test_examples import TIMEOUT
from examples.test_voices import RATE, hear_tone, play, running
from peers import signals
from pyjsua import Account, Call, StaleError, pjsua as pj
from pyjsua.testing import SipServer

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "guides"
SOURCE = ROOT / "third_party" / "pjproject" / "source"


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer(dict.fromkeys(("1000", "1001", "1002"), "secret")) as running:
        yield running


async def follow(call: Call) -> Call:
    """Does what the other side asks for: calls whom it names, and is told of by PJSIP how that goes."""
    request = await anext(call.transfer_requests())
    print(f"{call.remote_uri} would have us call {request.target}")
    return await request.accept()


@pytest.mark.parametrize("way", ["attended", "blind"])
@pytest.mark.hears
def test_transfer(server: SipServer, way: str) -> None:
    """1001 is called, put through to 1002, and they hear each other when the program has gone."""

    async def first(account: Account) -> None:
        incoming = account.incoming()
        words = (server.aor("1000"), "secret", server.aor("1001"), server.aor("1002"))
        async with running("transfer.py", *words, *(["--blind"] if way == "blind" else [])) as program:
            call = await (await anext(incoming)).answer()
            new = await follow(call)
            await new.wait_answered(TIMEOUT)
            await program.end(interrupt=False)
            await call.wait_ended(TIMEOUT)
            assert any("our call ended: 200" in line for line in program.lines)
            async with new:
                await talk(new, 700, 1700)
                await talked.wait()

    async def second(account: Account) -> None:
        incoming = account.incoming()
        call = await (await anext(incoming)).answer()
        if way == "attended":
            # The first takes the program's place in it.
            taken = await anext(call.replace_requests())
            call = await taken.accept()
        async with call:
            await talk(call, 1700, 700)
            await talked.wait()

    async def talk(call: Call, mine: float, theirs: float) -> None:
        stream = call.audio.open(RATE, write_ahead=6)
        await stream.write(signals.tone(mine, 5.0, RATE, amplitude=0.3))
        await hear_tone(stream, theirs)

    talked = asyncio.Barrier(2)
    play(server, first, second)


@pytest.mark.hears
def test_ivr_puts_through(server: SipServer) -> None:
    async def caller(account: Account) -> None:
        words = (server.aor("1000"), "secret", "--operator", server.aor("1002"))
        async with running("ivr.py", *words) as ivr:
            await ivr.line("waits for calls")
            call = await account.call(server.aor("1000"))
            stream = call.audio.open(RATE, read_behind=20)
            await hear_tone(stream, 440)
            following = asyncio.create_task(follow(call))
            # It is put through at the beginning of the digit, and may be gone before its end.
            with contextlib.suppress(StaleError):
                await call.send_dtmf("0")
            new = await following
            await ivr.line("talks to .*: 200")
            await call.wait_ended(TIMEOUT)
            await hear_tone(new.audio.open(RATE), 1200)
            await new.hangup()
            await ivr.end()

    async def operator(account: Account) -> None:
        async for call in account.incoming():
            async with await call.answer():
                await call.audio.write(signals.tone(1200, 0.5, RATE))
                stream = call.audio.open(RATE)
                while not call.ended:
                    with contextlib.suppress(StaleError):
                        await stream.write(signals.tone(1200, 0.5, RATE))
            return

    play(server, caller, operator)


def resolves(dotted: str) -> bool:
    """Whether pyjsua has this; attributes are those the class itself says or sets."""
    first, *rest = dotted.split(".")
    names = {"call": "Call", "endpoint": "Endpoint", "account": "Account"}
    value: Any = getattr(pyjsua, names.get(first, first), None) or getattr(pj, first, None)
    for name in rest:
        if value is None:
            return False
        sources = [inspect.getsource(base) for base in value.__mro__[:-1]] if inspect.isclass(value) else []
        if not hasattr(value, name) and not any(f"self.{name}" in source for source in sources):
            return False
        value = getattr(value, name, None)
    return bool(rest) or value is not None


@pytest.mark.parametrize("page", ["from-pjsua2", "from-pyvoip"])
def test_the_names_of_a_table_are_ours(page: str) -> None:
    text = (GUIDES / f"{page}.md").read_text()
    rows = re.findall(r"^\| (`.*) \| (.*) \|$", text, re.M)
    assert len(rows) > 15
    names = {
        name
        for _, ours in rows
        for name in re.findall(r"`((?:call\.|account\.|endpoint\.)?[A-Za-z_][\w.]*)", ours)
    }
    names -= {
        "async",
        "rtp_cfg",
        "calls",
        "asyncio",
        "headers",
        "connect",
        "pyjsua",
        "pyjsua.pjsip",
        "pyjsua.sip",
    }
    assert sorted(name for name in names if not resolves(name)) == []


def test_the_names_of_pjsua2_are_theirs() -> None:
    folder = SOURCE / "pjsip" / "include" / "pjsua2"
    if not folder.exists():
        pytest.skip("PJSIP's source is not here")
    theirs = " ".join(path.read_text() for path in folder.glob("*.hpp"))
    rows = re.findall(r"^\| (`.*) \| .* \|$", (GUIDES / "from-pjsua2.md").read_text(), re.M)
    words = {word for row in rows for name in re.findall(r"`([\w.]+)`", row) for word in name.split(".")}
    assert sorted(word for word in words if not re.search(rf"\b{word}\b", theirs)) == []


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
