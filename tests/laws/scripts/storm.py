"""Ten threads call, answer, hang up and close at random until a destroy ends it under their feet.

Arguments: seconds, seed. Prints what was done as JSON; any surprise is a traceback and exit status 1.
"""

from __future__ import annotations

import collections
import faulthandler
import json
import os
import random
import sys
import tempfile
import threading
import time
import traceback
import wave
from collections.abc import Callable
from typing import Any

from laws import phone
from pyjsua import _core, pjsua as pj

THREADS = 10
STALL = 30.0
"""Longer than any call into PJSIP may take; its own waits for a lock end after two seconds."""

faulthandler.enable()
seconds, seed = float(sys.argv[1]), int(sys.argv[2])
folder = tempfile.mkdtemp()
tone = os.path.join(folder, "tone.wav")
with wave.open(tone, "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(bytes(64000))

done: collections.Counter[str] = collections.Counter()
refused: collections.Counter[str] = collections.Counter()
surprises: list[str] = []
busy_since: dict[int, tuple[str, float]] = {}
ended = threading.Event()


class Board:
    """What the threads know of each other: the newest ids, stale ones among them on purpose."""

    def __init__(self) -> None:
        self.calls: collections.deque[pj.CallId] = collections.deque(maxlen=24)
        self.incoming: collections.deque[pj.CallId] = collections.deque(maxlen=24)
        self.accounts: collections.deque[pj.AccId] = collections.deque(maxlen=4)
        self.players: collections.deque[pj.PlayerId] = collections.deque(maxlen=6)
        self.recorders: collections.deque[pj.RecorderId] = collections.deque(maxlen=6)
        self.transports: collections.deque[pj.TransportId] = collections.deque(maxlen=3)


board = Board()
states: collections.Counter[str] = collections.Counter()


def on_event(event: pj.Event) -> None:
    if isinstance(event, pj.OnIncomingCall):
        board.incoming.append(event.call_id)
    elif isinstance(event, pj.OnCallState):
        states[event.info.state.name] += 1


class Actor:
    def __init__(self, number: int, line: phone.Phone) -> None:
        self.random = random.Random(seed * 1000 + number)
        self.number = number
        self.line = line
        self.actions: list[tuple[int, Callable[[], Any]]] = [
            (8, self.make_call), (10, self.answer), (3, self.ring), (3, self.reject), (6, self.hangup),
            (1, pj.call_hangup_all), (4, self.call_info), (2, self.dump), (2, self.dtmf), (1, self.hold),
            (1, self.reinvite), (4, self.bridge), (3, self.unbridge), (2, self.level), (2, self.port_info),
            (2, self.stat), (2, self.play), (2, self.stop_player), (2, self.record), (2, self.stop_recorder),
            (1, self.add_account), (1, self.del_account), (1, self.modify_account), (1, self.open_transport),
            (1, self.close_transport), (2, pj.enum_calls), (1, pj.enum_accs), (1, pj.enum_conf_ports),
            (1, pj.call_get_count), (1, pj.queue_stats), (1, pj.set_null_snd_dev), (1, self.register),
        ]  # fmt: skip

    def pick(self, ids: collections.deque[Any]) -> Any:
        try:
            return self.random.choice(list(ids))
        except IndexError:
            raise pj.StaleError("nothing there yet") from None
        except RuntimeError:
            # Changed while it was copied.
            raise pj.StaleError("changing") from None

    def account(self) -> pj.AccId:
        if self.random.random() < 0.2 and board.accounts:
            account: pj.AccId = self.pick(board.accounts)
            return account
        return self.random.choice(self.line.accounts)

    def a_call(self) -> Any:
        return self.pick(board.incoming if self.random.random() < 0.5 else board.calls)

    def slot(self) -> Any:
        choice = self.random.random()
        if choice < 0.2:
            return 0
        if choice < 0.4:
            return pj.player_get_conf_port(self.pick(board.players))
        if choice < 0.5:
            return pj.recorder_get_conf_port(self.pick(board.recorders))
        slot = pj.call_get_conf_port(self.a_call())
        if slot < 0:
            raise pj.StaleError("no media")
        return slot

    def make_call(self) -> None:
        user = self.random.choice([*self.line.users, "nobody"])
        board.calls.append(pj.call_make_call(self.account(), self.line.uri(user)))

    def answer(self) -> None:
        pj.call_answer(self.pick(board.incoming), 200)

    def ring(self) -> None:
        pj.call_answer(self.pick(board.incoming), self.random.choice([180, 183]))

    def reject(self) -> None:
        pj.call_answer(self.pick(board.incoming), self.random.choice([404, 486, 603]))

    def hangup(self) -> None:
        pj.call_hangup(self.a_call())

    def call_info(self) -> None:
        pj.call_get_info(self.a_call())

    def dump(self) -> None:
        pj.call_dump(self.a_call())

    def dtmf(self) -> None:
        pj.call_dial_dtmf(self.a_call(), self.random.choice("0123456789*#"))

    def hold(self) -> None:
        pj.call_set_hold(self.a_call())

    def reinvite(self) -> None:
        pj.call_reinvite(self.a_call(), pj.CallSetting(flag=pj.CallFlag.UNHOLD))

    def bridge(self) -> None:
        pj.conf_connect(self.slot(), self.slot())

    def unbridge(self) -> None:
        pj.conf_disconnect(self.slot(), self.slot())

    def level(self) -> None:
        pj.conf_adjust_tx_level(self.slot(), self.random.random())
        pj.conf_get_signal_level(self.slot())

    def port_info(self) -> None:
        pj.conf_get_port_info(self.slot())

    def stat(self) -> None:
        pj.call_get_stream_stat(self.a_call())

    def play(self) -> None:
        board.players.append(pj.player_create(tone))

    def stop_player(self) -> None:
        pj.player_destroy(self.pick(board.players))

    def record(self) -> None:
        board.recorders.append(pj.recorder_create(os.path.join(folder, f"{self.number}.wav")))

    def stop_recorder(self) -> None:
        pj.recorder_destroy(self.pick(board.recorders))

    def add_account(self) -> None:
        board.accounts.append(pj.acc_add(phone.account(f"extra{self.number}", self.line.port)))

    def del_account(self) -> None:
        pj.acc_del(self.pick(board.accounts))

    def modify_account(self) -> None:
        pj.acc_modify(self.pick(board.accounts), phone.account("changed", self.line.port))

    def register(self) -> None:
        pj.acc_set_registration(self.account(), self.random.random() < 0.5)

    def open_transport(self) -> None:
        kind = self.random.choice([pj.TransportType.UDP, pj.TransportType.TCP])
        cfg = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
        board.transports.append(pj.transport_create(kind, cfg))

    def close_transport(self) -> None:
        pj.transport_close(self.pick(board.transports))

    def run(self) -> None:
        weights = [weight for weight, _ in self.actions]
        while not ended.is_set():
            ((_, action),) = self.random.choices(self.actions, weights)
            name = action.__name__
            busy_since[self.number] = (name, time.monotonic())
            try:
                action()
                done[name] += 1
            except pj.PjsuaError as error:
                refused[f"{name} {type(error).__name__} {error.name or error.title}"] += 1
                if isinstance(error, pj.InvalidState) and pj.get_state() is pj.State.NULL:
                    break
            except BaseException:
                surprises.append(f"{name}: {traceback.format_exc()}")
                break
            # Between calls of one thread the others get their turn.
            ended.wait(self.random.random() * 0.01)
        busy_since.pop(self.number, None)


line = phone.start(phone.handlers(on_event), max_calls=32, users=("alice", "bob", "carol"))
# Gone beforehand: ids to plain numbers, so that plain numbers are tried too.
board.calls.extend([pj.CallId(0), pj.CallId(31)])
board.incoming.extend([pj.CallId(1), pj.CallId(2)])
threads = [
    threading.Thread(target=Actor(n, line).run, name=f"actor-{n}", daemon=True) for n in range(THREADS)
]
for thread in threads:
    thread.start()

end = time.monotonic() + seconds
while (left := end - time.monotonic()) > 0 and not surprises:
    ended.wait(min(left, 1.0))
    late = [entry for entry in list(busy_since.values()) if time.monotonic() - entry[1] > STALL]
    if late:
        surprises.append(f"no way out of {late}")

print(json.dumps({"done": done.total(), "states": dict(states), "queue": pj.queue_stats()}), flush=True)
if surprises:
    faulthandler.dump_traceback(all_threads=True)
    print(*surprises, sep="\n", file=sys.stderr, flush=True)
    os._exit(1)

# The destroy comes while all of them are at it.
before = time.monotonic()
pj.destroy(timeout=2.0)
took = time.monotonic() - before
for thread in threads:
    thread.join(STALL)
ended.set()
stuck = [thread.name for thread in threads if thread.is_alive()]
assert not stuck, stuck
assert not surprises, surprises
assert pj.get_state() is pj.State.NULL
assert _core.entrants() == 0
print(json.dumps({"destroy": took, "done": dict(done), "refused": dict(refused)}), flush=True)
