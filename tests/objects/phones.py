"""What several of these tests do with endpoints: pairs of accounts, calls, recordings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from peers.signals import Samples, read_wav
from peers.wire import WireClient
from pjsua.hand import HandCall
from pyjsua import Account, AudioPort, Call, Endpoint, pjsua as pj
from pyjsua.testing import SipServer

TIMEOUT = 15.0
"""Seconds any one thing may take on a busy machine; nothing that works comes near."""


async def until(condition: Callable[[], Any], what: str, timeout: float = TIMEOUT) -> None:
    """Asks again and again, for what nothing announces."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout:g} s: {what}"
        await asyncio.sleep(0.01)


def direct_uri(endpoint: Endpoint, user: str, transport: str = "udp") -> str:
    """URI that reaches an account of this endpoint without any server."""
    host, port = endpoint.address(transport)
    suffix = ";transport=tcp" if transport.startswith("tcp") else ""
    return f"sip:{user}@{f'[{host}]' if ':' in host else host}:{port}{suffix}"


def local_account(endpoint: Endpoint, user: str, transport: str = "udp", **options: Any) -> Account:
    """An account that does not register."""
    # SIPp answers with two codecs, and knows nothing of the re-INVITE that would settle on one.
    options.setdefault("lock_codec", 0)
    return endpoint.add_account(direct_uri(endpoint, user, transport), **options)


async def registered(endpoint: Endpoint, server: SipServer, user: str, **options: Any) -> Account:
    """A registered user of the server; the password is "secret"."""
    return await endpoint.register(server.aor(user), "secret", timeout=TIMEOUT, **options)


@asynccontextmanager
async def call_between(caller: Account, callee: Account, uri: str) -> AsyncIterator[tuple[Call, Call]]:
    """A call that is up, its audio active at both ends: the caller's side and the callee's."""
    prefer_g711()
    incoming = callee.incoming()

    async def answer() -> Call:
        return await (await anext(incoming)).answer()

    async with asyncio.TaskGroup() as group:
        answering = group.create_task(answer())
        calling = group.create_task(caller.call(uri, timeout=TIMEOUT))
    calls = calling.result(), answering.result()
    incoming.close()
    try:
        for call in calls:
            await call.wait_media(TIMEOUT)
        yield calls
    finally:
        for call in calls:
            await call.hangup()


async def called_by_hand(account: Account, wire: WireClient) -> tuple[Call, HandCall]:
    """A call that was answered: our side, and the other one as a test writes it."""
    far = HandCall(wire)
    call = account.start_call(f"sip:wire@127.0.0.1:{wire.port}")
    await asyncio.to_thread(lambda: far.accept(far.wait_invite()))
    await call.wait_answered(TIMEOUT)
    return call, far


def prefer_g711() -> None:
    """Speex, PJSIP's first choice, takes half a second to find a tone again after a packet came late."""
    pj.codec_set_priority("PCMU/8000/1", 255)


async def record(source: AudioPort, endpoint: Endpoint, path: Path, seconds: float) -> tuple[Samples, int]:
    """Samples and rate of what a port says from now on, for `seconds` of its own time."""
    with endpoint.recorder(path) as recorder:
        source.connect(recorder)
        await recorded(path, seconds)
        return read_wav(await recorder.finish())


async def recorded(path: Path, seconds: float) -> None:
    """Waits until a recording at the bridge's rate has grown to `seconds`."""
    wanted = 44 + int(seconds * 16000) * 2
    await until(lambda: path.exists() and path.stat().st_size >= wanted, f"{seconds} s recorded")


async def slots_free() -> None:
    """Waits until no call holds a slot: what was hung up was answered."""
    await until(lambda: pj.call_get_count() == 0, "every call's slot is free")
