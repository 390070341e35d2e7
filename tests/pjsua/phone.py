"""pyjsua's low-level door in this process, with every event kept: a test waits for what happens."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from peers.ports import bracketed
from pyjsua import pjsua as pj

E = TypeVar("E", bound=pj.Event)

TIMEOUT = 15.0
"""Seconds any one thing may take on a busy machine; nothing that works comes near."""


class Missing(AssertionError):
    """What was waited for did not happen; the message lists what did."""


class Phone:
    """The library from `create` to `destroy`, on loopback only.

    Every event is kept in `events` as the dispatcher delivers it. `answer` is what is done with an incoming
    call in its handler: a function of the event, or None to leave it to the test.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        transport: pj.TransportType = pj.TransportType.UDP,
        config: pj.Config | None = None,
        media: pj.MediaConfig | None = None,
        log: pj.LoggingConfig | None = None,
    ) -> None:
        self.host = host
        self.transport = transport
        self.config = config or pj.Config(max_calls=8)
        self.media = media
        self.log = log
        self.events: list[pj.Event] = []
        self.answer: Callable[[pj.OnIncomingCall], Any] | None = None
        self.transport_id: pj.TransportId
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        for name in self.config.cb.__slots__:
            setattr(self.config.cb, name, self._take)
        pj.create()
        try:
            pj.init(self.config, self.log, self.media)
            self.transport_id = pj.transport_create(
                self.transport, pj.TransportConfig(port=0, bound_addr=self.host)
            )
            pj.start()
        except BaseException:
            pj.destroy()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pj.destroy(timeout=1.0)

    def _take(self, event: pj.Event) -> None:
        if isinstance(event, pj.OnIncomingCall) and self.answer is not None:
            self.answer(event)
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    # -- addresses and accounts

    @property
    def port(self) -> int:
        return int(pj.transport_get_info(self.transport_id).local_name.port)

    def uri(self, user: str) -> str:
        """URI that reaches an account of this library directly."""
        tcp = ";transport=tcp" if self.transport in (pj.TransportType.TCP, pj.TransportType.TCP6) else ""
        return f"sip:{user}@{bracketed(self.host)}:{self.port}{tcp}"

    def account_config(self, user: str, **fields: Any) -> pj.AccConfig:
        """An account that does not register, its media on loopback; `fields` are those of `AccConfig`."""
        fields.setdefault("id", self.uri(user))
        fields.setdefault("rtp_cfg", pj.TransportConfig(port=0, bound_addr=self.host))
        # No second REGISTER a moment after the first, with what the registrar saw as our address.
        fields.setdefault("allow_contact_rewrite", False)
        fields.setdefault("reg_retry_interval", 0)
        # Nor a re-INVITE when the answer names several codecs: SIPp's scenarios do not expect one.
        fields.setdefault("lock_codec", 0)
        return pj.AccConfig(**fields)

    def account(self, user: str, **fields: Any) -> pj.AccId:
        return pj.acc_add(self.account_config(user, **fields))

    # -- events

    def all(self, kind: type[E], wanted: Callable[[E], bool] = lambda event: True) -> list[E]:
        """Events of a kind so far."""
        with self._changed:
            return [event for event in self.events if isinstance(event, kind) and wanted(event)]

    def wait(
        self,
        kind: type[E],
        wanted: Callable[[E], bool] = lambda event: True,
        *,
        count: int = 1,
        timeout: float = TIMEOUT,
    ) -> E:
        """Waits until `count` such events came since the start, and returns the last of these."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._found(kind, wanted)) >= count, timeout):
                story = "\n".join(map(brief, self.events)) or "nothing"
                found = len(self._found(kind, wanted))
                raise Missing(f"{found} of {count} {kind.__name__} in {timeout:g} s; what happened:\n{story}")
            return self._found(kind, wanted)[count - 1]

    def _found(self, kind: type[E], wanted: Callable[[E], bool]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind) and wanted(event)]

    def wait_state(self, call: int, state: pj.InvState, timeout: float = TIMEOUT) -> pj.OnCallState:
        """Waits until the call was in `state`."""
        return self.wait(
            pj.OnCallState,
            lambda event: same(event.call_id, call) and event.info.state is state,
            timeout=timeout,
        )

    def wait_end(self, call: int, timeout: float = TIMEOUT) -> pj.CallInfo:
        """Waits until the call is over, and returns what it ended with."""
        return self.wait_state(call, pj.InvState.DISCONNECTED, timeout).info

    def wait_media(
        self, call: int, status: pj.CallMediaStatus = pj.CallMediaStatus.ACTIVE, count: int = 1
    ) -> pj.CallInfo:
        """Waits until the call's audio has that status, and returns the snapshot."""
        return self.wait(
            pj.OnCallMediaState,
            lambda event: same(event.call_id, call) and event.info.media_status is status,
            count=count,
        ).info

    def wait_incoming(self, count: int = 1) -> pj.OnIncomingCall:
        return self.wait(pj.OnIncomingCall, count=count)

    def wait_reg(self, acc: int, count: int = 1) -> pj.RegInfo:
        """Waits for the answer to a REGISTER of the account."""
        return self.wait(pj.OnRegState2, lambda event: same(event.acc_id, acc), count=count).info

    def states(self, call: int) -> list[str]:
        """Names of the states the call went through."""
        return [event.info.state.name for event in self.all(pj.OnCallState, lambda e: same(e.call_id, call))]

    def check_call(self) -> None:
        """A good call between two new accounts: what went wrong before it has taken nothing away."""
        answer, self.answer = self.answer, lambda event: pj.call_answer(event.call_id, 200)
        caller, callee = self.account("good-caller"), self.account("good-callee")
        before, slots = len(self.all(pj.OnIncomingCall)), pj.call_get_count()
        try:
            call = pj.call_make_call(caller, self.uri("good-callee"))
            other = self.wait(pj.OnIncomingCall, count=before + 1).call_id
            for one in (call, other):
                self.wait_state(one, pj.InvState.CONFIRMED)
                self.wait_media(one)
            pj.call_hangup(call)
            assert self.wait_end(call).last_status == 200
            self.wait_end(other)
        finally:
            self.answer = answer
        until(lambda: pj.call_get_count() <= slots, "the slots of the good call are free")
        pj.acc_del(caller)
        pj.acc_del(callee)

    def wait_slots_free(self) -> None:
        """Waits until no call holds a slot: a BYE is answered after its DISCONNECTED was told."""
        until(lambda: pj.call_get_count() == 0, "every call's slot is free")


def functions() -> dict[str, Callable[..., Any]]:
    """Every public function of the low-level door."""
    return {
        name: value
        for name, value in vars(pj).items()
        if type(value).__name__ in ("function", "cython_function_or_method") and not name.startswith("_")
    }


def same(one: int, other: int) -> bool:
    """Whether two ids name the same incarnation."""
    return one == other and getattr(one, "serial", None) == getattr(other, "serial", None)


def brief(event: pj.Event) -> str:
    """An event in one line, for the report of a failure."""
    info = getattr(event, "info", None)
    if isinstance(info, pj.CallInfo):
        info = f"{info.state.name} {info.last_status} {info.media_status.name}"
    fields = {
        field.name: getattr(event, field.name)
        for field in dataclasses.fields(event)
        if field.name not in ("seq", "time", "info", "stat")
    }
    return f"{event.seq} {type(event).__name__} {fields} {info or ''}"


def until(condition: Callable[[], bool], what: str, timeout: float = TIMEOUT) -> None:
    """Asks again and again, for what nothing announces."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise Missing(f"not within {timeout:g} s: {what}")
        time.sleep(0.01)


@contextmanager
def player(path: Path, *, loop: bool = True) -> Iterator[pj.ConfPortId]:
    """The conference slot of a WAV player."""
    player_id = pj.player_create(path, 0 if loop else pj.PLAYER_NO_LOOP)
    try:
        yield pj.player_get_conf_port(player_id)
    finally:
        pj.player_destroy(player_id)


def record(source: int, path: Path, seconds: float, rate: int = 16000) -> None:
    """Records a port for at least `seconds` of its own time into a 16-bit mono WAV."""
    recorder_id = pj.recorder_create(path)
    try:
        pj.conf_connect(source, pj.recorder_get_conf_port(recorder_id))
        wanted = 44 + int(seconds * rate) * 2
        until(lambda: path.stat().st_size >= wanted, f"{seconds} s recorded", timeout=seconds + TIMEOUT)
    finally:
        pj.recorder_destroy(recorder_id)
    wait_closed(path)


def wait_closed(path: Path) -> None:
    """Waits until a destroyed recorder has written its header, which it does last."""

    def closed() -> bool:
        header = path.read_bytes()[:44]
        return len(header) == 44 and int.from_bytes(header[40:44], "little") == path.stat().st_size - 44

    until(closed, "the recording is closed")


def owner(slot: pj.ConfPortId) -> pj.CallId:
    """The call a conference slot belongs to."""
    assert isinstance(slot.owner, pj.CallId)
    return slot.owner
