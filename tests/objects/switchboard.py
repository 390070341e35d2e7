"""What the tests with Asterisk have in common: its users' phones, calls through it, tones said and heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from objects.phones import TIMEOUT, record
from peers import signals
from peers.asterisk import Asterisk
from pyjsua import Account, Call, Endpoint

MakeEndpoint = Callable[..., Endpoint]
MakeAsterisk = Callable[..., Asterisk]

USERS = {"alice": "alice's", "bob": "bob's", "carol": "carol's"}
"""Passwords by name."""


async def phone(endpoint: Endpoint, server: Asterisk, user: str, **options: Any) -> Account:
    """A user of `server`, registered."""
    return await endpoint.register(server.aor(user), server.users[user], timeout=TIMEOUT, **options)


async def ringing(account: Account) -> Call:
    """The next call to it, answered."""
    incoming = account.incoming()
    try:
        return await (await asyncio.wait_for(anext(incoming), TIMEOUT)).answer()
    finally:
        incoming.close()


@asynccontextmanager
async def between(caller: Account, callee: Account, uri: str) -> AsyncIterator[tuple[Call, Call]]:
    """A call through Asterisk, both of its legs up with media."""
    answering = asyncio.create_task(ringing(callee))
    await asyncio.sleep(0)
    call = caller.start_call(uri)
    other = await answering
    await call.wait_answered(TIMEOUT)
    async with call, other:
        await call.wait_media(TIMEOUT)
        await other.wait_media(TIMEOUT)
        yield call, other


class Sounds:
    """Tones said in calls, and heard there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = 0

    @contextmanager
    def said(self, endpoint: Endpoint, frequency: float, call: Call) -> Iterator[None]:
        """Says a tone as long as the block runs."""
        path = self._directory / f"tone{frequency:.0f}.wav"
        signals.write_wav(path, signals.tone(frequency, 2.0, 16000, amplitude=0.3), 16000)
        with endpoint.player(path, loop=True) as player:
            player.connect(call.audio)
            yield

    async def heard(self, endpoint: Endpoint, call: Call, seconds: float = 1.5) -> float:
        """Frequency of what is heard there at last, Hz."""
        self._count += 1
        path = self._directory / f"heard{self._count}.wav"
        samples, rate = await record(call.audio, endpoint, path, seconds)
        return signals.strongest_tone(samples[-rate // 2 :], rate).frequency
