"""The library on loopback with two accounts that can call each other, and a way to wait for its events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from peers.ports import free_port
from pyjsua import pjsua as pj

E = TypeVar("E", bound=pj.Event)


class Events:
    """Every event in the order of its delivery. An instance is a handler for any of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._all: list[pj.Event] = []

    def __call__(self, event: pj.Event) -> None:
        with self._changed:
            self._all.append(event)
            self._changed.notify_all()

    @property
    def all(self) -> list[pj.Event]:
        with self._changed:
            return list(self._all)

    def of(self, kind: type[E], wanted: Callable[[E], bool] = lambda event: True) -> list[E]:
        return [event for event in self.all if isinstance(event, kind) and wanted(event)]

    def wait_for(
        self,
        kind: type[E],
        wanted: Callable[[E], bool] = lambda event: True,
        *,
        count: int = 1,
        timeout: float = 20.0,
    ) -> E:
        """Wait until `count` events of that kind satisfy `wanted`, and return the last of these."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.of(kind, wanted)) >= count, timeout)
            found = self.of(kind, wanted)
        assert len(found) >= count, (
            f"{len(found)} of {count} {kind.__name__} within {timeout:g} s: {self.all}"
        )
        return found[count - 1]

    def wait_state(self, call: pj.CallId, state: pj.InvState, timeout: float = 20.0) -> pj.OnCallState:
        return self.wait_for(
            pj.OnCallState,
            lambda event: is_same(event.call_id, call) and event.info.state is state,
            timeout=timeout,
        )


def is_same(one: pj.CallId, other: pj.CallId) -> bool:
    """Whether both name the same call, not just the same slot."""
    return (int(one), one.serial) == (int(other), other.serial)


def handlers(events: Callable[[Any], Any], **others: Callable[[Any], Any]) -> pj.Callbacks:
    """`events` handles everything that `others` do not."""
    return pj.Callbacks(**{name: others.get(name, events) for name in pj.Callbacks.__slots__})


def auto_answer(events: Events) -> pj.Callbacks:
    """`events` gets everything; incoming calls are answered 200 besides."""

    def answer(event: pj.OnIncomingCall) -> None:
        events(event)
        pj.call_answer(event.call_id, 200)

    return handlers(events, on_incoming_call=answer)


@dataclass(frozen=True, slots=True)
class Phone:
    """The running library. `accounts` are those of `users`, in their order."""

    port: int
    transport: pj.TransportId
    users: tuple[str, ...]
    accounts: tuple[pj.AccId, ...]

    def uri(self, user: str) -> str:
        return f"sip:{user}@127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def call(self, caller: int = 0, callee: int = 1) -> pj.CallId:
        """Calls one account from another, through the network."""
        return pj.call_make_call(self.accounts[caller], self.uri(self.users[callee]))


def account(user: str, port: int, **settings: Any) -> pj.AccConfig:
    """An account on loopback, media included; it does not register unless told so."""
    return pj.AccConfig(
        id=f"sip:{user}@127.0.0.1:{port}",
        rtp_cfg=pj.TransportConfig(
            port=free_port(count=2, even=True), port_range=2000, bound_addr="127.0.0.1"
        ),
        **settings,
    )


def start(
    cb: pj.Callbacks | None = None, *, max_calls: int = 8, users: Sequence[str] = ("alice", "bob")
) -> Phone:
    pj.create()
    cfg = pj.Config(max_calls=max_calls)
    if cb is not None:
        cfg.cb = cb
    # With silence detection a sender pauses, which a test of the media clock could not tell from a fault.
    pj.init(cfg, media_cfg=pj.MediaConfig(no_vad=True))
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    port = pj.transport_get_info(transport).local_name.port
    pj.start()
    return Phone(port, transport, tuple(users), tuple(pj.acc_add(account(user, port)) for user in users))


@contextmanager
def phone(
    cb: pj.Callbacks | None = None, *, max_calls: int = 8, users: Sequence[str] = ("alice", "bob")
) -> Iterator[Phone]:
    """A phone that is destroyed at the end."""
    try:
        yield start(cb, max_calls=max_calls, users=users)
    finally:
        pj.destroy(timeout=2.0)


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 10.0) -> None:
    """Asks again and again, for state that no event announces."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout:g} s"
        time.sleep(0.005)
