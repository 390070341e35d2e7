"""Every function of a call in every callback that has one: it does its work, or raises an error of ours.

Both are found by looking. Each pair has a call of its own, which goes on until the callback comes; many calls
are under way at a time.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from misuse.signatures import functions
from misuse.world import World
from pjsua.phone import Phone, until
from pyjsua import events, pjsua as pj

Step = tuple[Callable[["Life"], object], Callable[["Life"], bool]]
"""What is done next in a call, and what is true when it was."""

Act = Callable[[str, pj.CallId], bool]
"""What is done in a callback, given its name and the call; whether the call has done its duty."""

IDLE = 5.0
"""Seconds without any event after which a call goes on all the same, on a machine that stood still."""
AT_A_TIME = 40

LOOKS = re.compile(r"^call_(get|has|is|remote_has|dump|set_user_data|set_headers|set_codecs)")
"""What leaves a call as it is."""

NOT_TOLD = {
    "on_auth_challenge": "comes of a proxy; see test_decision.py",
    "on_call_media_event": "video, and RTCP feedback",
    "on_held_request_end": "is of a request nobody decided about before the call ended",
    "on_ice_transport_error": "comes with ICE",
    "on_ip_change_progress": "comes with a change of address",
    "on_rejected_incoming_call": "is of a call that was refused",
}
"""Callbacks with a call that these calls do not have."""


def callbacks() -> dict[str, type[pj.Event]]:
    """The callbacks whose event names a call."""
    found = {}
    for name in pj.Callbacks.__slots__:
        cls = getattr(events, "On" + "".join(part.capitalize() for part in name.split("_")[1:]))
        hints = typing.get_type_hints(cls, vars(sys.modules[cls.__module__]))
        if pj.CallId in hints.values():
            found[name] = cls
    return found


def verbs() -> list[str]:
    """The functions that are given a call."""
    return [name for name, given in functions().items() if any(one.name == "call_id" for one in given)]


# -- a call, from its beginning to its end


def twice_active(life: Life) -> bool:
    return all(life.seen[pj.OnCallMediaState, side] >= 2 for side in ("out", "into"))


def saw(*wanted: tuple[type[pj.Event], str]) -> Callable[[Life], bool]:
    return lambda life: all(life.seen[one] for one in wanted)


def replace(life: Life) -> None:
    message = life.response
    assert message is not None
    ours, theirs = (message.header(name).partition(";tag=")[2] for name in ("From", "To"))
    where = f"{message.call_id};to-tag={ours};from-tag={theirs}"
    data = pj.MsgData(hdr_list=[("Replaces", where)])
    life.own(pj.call_make_call(life.calls.bob, life.calls.phone.uri("alice"), None, data), "third")


STEPS: list[Step] = [
    (lambda life: pj.call_answer(life.into, 180), lambda life: life.state("out") is pj.InvState.EARLY),
    (
        lambda life: pj.call_answer(life.into, 200),
        lambda life: all(life.state(side) is pj.InvState.CONFIRMED for side in ("out", "into")),
    ),
    (
        lambda life: pj.call_send_im(life.into, "text/plain", "hello"),
        saw((pj.OnPager2, "out"), (pj.OnPagerStatus2, "into")),
    ),
    (lambda life: pj.call_send_typing_ind(life.into, True), saw((pj.OnTyping2, "out"))),
    (lambda life: pj.call_send_dtmf(life.into, "1", pj.DtmfMethod.SIP_INFO), saw((pj.OnDtmfEvent, "out"))),
    (lambda life: pj.call_reinvite(life.into), twice_active),
    (
        lambda life: pj.call_reinvite2(life.into, pj.CallSetting(flag=pj.CallFlag.NO_SDP_OFFER)),
        saw((pj.OnCallTxOffer, "out")),
    ),
    (
        lambda life: pj.call_xfer(life.into, life.calls.phone.uri("busy")),
        lambda life: life.seen[pj.OnCallTransferStatus, "into"] >= 2,
    ),
    (replace, saw((pj.OnCallReplaced, "out"), (pj.OnStreamDestroyed, "out"))),
]
"""An answered call that is said a lot in, renegotiated, transferred, and replaced in the end."""

MOVED: list[Step] = [
    (lambda life: pj.call_hangup(life.into, 302, None, contact(life)), saw((pj.OnCallRedirected, "out"))),
]

TEXT: list[Step] = [
    *STEPS[:2],
    (
        lambda life: pj.call_send_text(life.into, pj.CallSendTextParam(text="hello")),
        saw((pj.OnCallRxText, "out")),
    ),
]


def contact(life: Life) -> pj.MsgData:
    return pj.MsgData(hdr_list=[("Contact", f"<{life.calls.phone.uri('busy')}>")])


class Life:
    """One call, both sides of which are ours; `act` is done in the callback, and the call goes on."""

    def __init__(self, calls: Calls, number: int, steps: list[Step], act: Act) -> None:
        self.calls: Calls = calls
        self.name = f"life-{number}"
        self.steps = iter(steps)
        self.act = act
        self.ready: Callable[[Life], bool] = saw((pj.OnIncomingCall, "into"))
        self.out: pj.CallId
        self.into: pj.CallId
        self.seen: Counter[tuple[type[pj.Event], str]] = Counter()
        self.states: dict[str, pj.InvState] = {}
        self.response: pj.Message | None = None
        self.ids: list[pj.CallId] = []
        self.done = False
        self.moved = time.monotonic()

    def own(self, call: pj.CallId, side: str) -> None:
        setattr(self, side, call)
        self.ids.append(call)
        self.calls.lives[call.serial] = self, side

    def state(self, side: str) -> pj.InvState | None:
        return self.states.get(side)

    def on_event(self, name: str, call: pj.CallId, side: str, event: pj.Event) -> None:
        self.moved = time.monotonic()
        if isinstance(event, pj.OnCallState):
            self.states[side] = event.info.state
            if side == "out" and event.message is not None and not event.message.is_request:
                self.response = event.message
        self.seen[type(event), side] += 1
        if isinstance(event, (pj.OnCallTransferred, pj.OnCallReplaced)):
            self.own(event.new_call_id, "third")
        if not self.done:
            self.done = self.act(name, call)
        if isinstance(event, pj.OnHeldRequest):
            with contextlib.suppress(pj.PjsuaError):
                pj.held_request_respond(event.request, 202 if event.kind is pj.HeldRequest.TRANSFER else 200)
        if not self.done and self.ready(self):
            self.go_on()

    def go_on(self) -> None:
        self.moved = time.monotonic()
        step = next(self.steps, None)
        if step is None:
            self.done = True
            return
        action, self.ready = step
        # What was done in the callback may have ended the call, or changed it.
        with contextlib.suppress(pj.PjsuaError, AttributeError, AssertionError):
            action(self)

    def end(self) -> None:
        for call in self.ids:
            with contextlib.suppress(pj.PjsuaError):
                pj.call_hangup(call)


class Calls:
    """The calls under way, and whose event one is."""

    def __init__(self) -> None:
        self.lives: dict[int, tuple[Life, str]] = {}
        self.starting: dict[str, Life] = {}
        self.lock = threading.Condition()
        self.found: dict[tuple[str, str], str] = {}
        self.told: set[str] = set()
        self.slowest = 0.0
        self.number = 0
        policy = pj.Policy(
            held_requests=pj.HeldRequest.TRANSFER | pj.HeldRequest.REPLACE,
            call_redirected=pj.RedirectOp.PENDING,
        )
        self.phone: Phone = Phone(config=pj.Config(max_calls=6 * AT_A_TIME, policy=policy))
        self.world = World("running")
        self.alice: pj.AccId
        self.bob: pj.AccId
        self.other: pj.CallId

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        take = self.phone._take
        names = {cls: name for name, cls in callbacks().items()}

        def handle(event: pj.Event) -> None:
            take(event)
            name = names.get(type(event))
            if name is not None:
                self.on_event(name, event)

        self.phone._take = handle  # type: ignore[method-assign]
        with self.phone as phone:
            srtp: dict[str, Any] = {"use_srtp": pj.SrtpUse.OPTIONAL, "srtp_secure_signaling": 0}
            self.alice, self.bob = (phone.account(name, **srtp) for name in ("alice", "bob"))
            self.world.phone = phone
            self.world.good = {"alice": self.alice, "bob": self.bob}
            other = self.start(STEPS[:2], lambda name, call: False)
            until(lambda: other.done, "another call is answered")
            self.other = other.out
            yield
            other.end()
            self.phone._take = take  # type: ignore[method-assign]
            until(lambda: pj.call_get_count() == 0, "every slot is free", timeout=40)
            phone.check_call()

    def start(self, steps: list[Step], act: Act, setting: pj.CallSetting | None = None) -> Life:
        with self.lock:
            self.number += 1
            life = self.starting[f"life-{self.number}"] = Life(self, self.number, steps, act)
            life.own(pj.call_make_call(self.alice, self.phone.uri(life.name), setting), "out")
            return life

    def on_event(self, name: str, event: Any) -> None:
        self.told.add(name)
        with self.lock:
            if isinstance(event, pj.OnIncomingCall):
                user = re.search(r"sip:([^@]*)@", event.info.local_info)
                life = self.starting.pop(user[1], None) if user else None
                if life is None:
                    if "busy@" in event.info.local_info:
                        pj.call_hangup(event.call_id, 486)
                    return
                life.own(event.call_id, "into")
            call = event.call_id if hasattr(event, "call_id") else event.old_call_id
            if call.serial in self.lives:
                life, side = self.lives[call.serial]
                life.on_event(name, call, side, event)
            self.lock.notify_all()

    def run(self, wanted: list[tuple[list[Step], Act]], setting: pj.CallSetting | None = None) -> None:
        """Some at a time, until each has come to its end."""
        under_way: list[Life] = []
        wanted = wanted[::-1]
        while wanted or under_way:
            for life in [life for life in under_way if life.done]:
                life.end()
                under_way.remove(life)
            while wanted and len(under_way) < AT_A_TIME and pj.call_get_count() < 4 * AT_A_TIME:
                under_way.append(self.start(*wanted.pop(), setting))
            with self.lock:
                for life in under_way:
                    if time.monotonic() - life.moved > IDLE:
                        life.go_on()
                self.lock.wait(0.05)

    def call(self, verb: str, name: str, call: pj.CallId) -> bool:
        """Calls the function, in the callback, and notes what came of it; whether it was done."""
        self.world.good.update({"live out": call, "ring in": call, "live in": self.other})
        began = time.monotonic()
        try:
            getattr(pj, verb)(**self.world.arguments(verb))
            what = "ok"
        except Exception as error:
            ours = isinstance(error, (pj.PjsuaError, ValueError))
            what = type(error).__name__ if ours else f"! {error!r}"
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.found[verb, name] = what
        return what == "ok"


# -- the test


@pytest.mark.timeout(300)
def test_every_function_in_every_callback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    calls = Calls()
    looks = [verb for verb in verbs() if LOOKS.search(verb)]

    def look(name: str, call: pj.CallId) -> bool:
        if (looks[0], name) not in calls.found:
            for verb in looks:
                calls.call(verb, name, call)
        return False

    def act(verb: str, at: str) -> Act:
        def once(name: str, call: pj.CallId) -> bool:
            if name == at:
                calls.call(verb, name, call)
            return name == at

        return once

    told = {name: cls for name, cls in callbacks().items() if name not in NOT_TOLD}
    # An older callback comes just before its newer one: there only what looks is tried.
    newest = [name for name, cls in told.items() if not issubclass(cls, pj.OlderEvent)]
    steps = {"on_call_redirected": MOVED, "on_call_rx_text": TEXT}
    pairs = [(verb, name) for verb in verbs() if verb not in looks for name in newest if name not in steps]
    pairs += [(verb, "on_call_redirected") for verb in verbs() if verb not in looks]
    with calls.running():
        calls.run([(STEPS, look), (MOVED, look)])
        # One is enough: the end of a call with text takes PJSIP 0.3 s, in which no other call ends.
        calls.run([(TEXT, look)], pj.CallSetting(txt_cnt=1))
        calls.run([(steps.get(name, STEPS), act(verb, name)) for verb, name in pairs])
    assert calls.told >= set(told)
    assert {*pairs, *((verb, name) for verb in looks for name in told)} == set(calls.found)
    wrong = {pair: what for pair, what in calls.found.items() if what.startswith("!")}
    assert not wrong
    # They do their work there, too, where the call is in the state for it.
    done = {verb for (verb, _), what in calls.found.items() if what == "ok"}
    assert set(verbs()) - done <= {"call_aud_stream_modify_codec_param", "call_send_text"}
    assert calls.slowest < 5
