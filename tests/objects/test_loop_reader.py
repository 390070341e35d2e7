"""Loops that cannot watch a descriptor, as Windows' proactor: a thread does it for them."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from objects.phones import call_between, direct_uri, local_account, registered, until
from peers.signals import strongest_tone, tone
from pyjsua import Endpoint
from pyjsua.loop_reader import add_reader, remove_reader
from pyjsua.testing import SipServer


class NoReaders(asyncio.SelectorEventLoop):
    """Raises what the proactor raises."""

    def add_reader(self, *args: object) -> None:
        raise NotImplementedError

    def remove_reader(self, *args: object) -> bool:
        raise NotImplementedError


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "pyjsua-reader"]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    yield ends
    for end in ends:
        end.close()


async def call(server: SipServer) -> None:
    async with Endpoint() as endpoint:
        alice = await registered(endpoint, server, "alice")
        bob = local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            saying = asyncio.create_task(out.audio.write(tone(700, 2.0, 16000).tobytes()))
            heard = np.frombuffer(await into.audio.read(16000), np.int16)
            await saying
        assert abs(strongest_tone(heard[-6000:], 16000).frequency - 700) < 5


def test_a_call_with_its_audio() -> None:
    """The queue and the streams, each by a thread; none is there when the loop is gone."""
    with SipServer({"alice": "secret"}) as server, asyncio.Runner(loop_factory=NoReaders) as runner:
        runner.run(call(server))
        assert readers(), "it was one of these that read"
    for thread in readers():
        thread.join(5)
    assert readers() == []


def test_told_again_while_something_is_left(pair: tuple[socket.socket, socket.socket]) -> None:
    """Never where there is nothing, and no more when it was removed."""
    ours, theirs = pair
    got: list[bytes] = []

    def read() -> None:
        try:
            got.append(ours.recv(1))
        except BlockingIOError:
            got.append(b"")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        add_reader(loop, ours.fileno(), read)
        theirs.send(b"abc")
        await until(lambda: len(got) >= 3, "all of it")
        remove_reader(loop, ours.fileno())
        theirs.send(b"d")
        await until(lambda: not readers(), "the thread has ended")

    with asyncio.Runner(loop_factory=NoReaders) as runner:
        runner.run(main())
    assert got == [b"a", b"b", b"c"]


def test_a_loop_that_is_forgotten(pair: tuple[socket.socket, socket.socket]) -> None:
    """What is to be called may hold the loop; the thread does not keep the two."""
    ours, theirs = pair
    loop = NoReaders()
    add_reader(loop, ours.fileno(), loop.stop)
    theirs.send(b"a")
    loop.run_forever()
    loop.close()
    gone = weakref.ref(loop)
    del loop
    for thread in readers():
        thread.join(5)
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("factory", [NoReaders, asyncio.SelectorEventLoop])
def test_what_was_never_added_can_be_removed(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    with asyncio.Runner(loop_factory=factory) as runner:
        remove_reader(runner.get_loop(), 0)
