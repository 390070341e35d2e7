"""PJSIP never waits for Python: what happens on the wire while one C call keeps the GIL for two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from laws import phone
from peers import signals
from peers.gil import hold_gil
from peers.message import Message, flow, retransmissions, select
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pyjsua import pjsua as pj

SippFactory = Callable[..., Sipp]
SCENARIOS = Path(__file__).with_name("scenarios")


@dataclass(frozen=True, slots=True)
class Deaf:
    """When Python heard nothing, in seconds since the epoch and of the monotonic clock."""

    start: float
    end: float
    monotonic: tuple[float, float]

    def during(self, message: Message) -> bool:
        return self.start < message.time < self.end


def be_deaf(seconds: float) -> Deaf:
    start, start_monotonic = time.time(), time.monotonic()
    hold_gil(seconds)
    # Not the time now: other threads may have had the GIL before this one got it back.
    return Deaf(start, start + seconds, (start_monotonic, start_monotonic + seconds))


def incoming(**settings: object) -> dict[str, object]:
    return {"user": "alice", "domain": "127.0.0.1", "timeout": 40, **settings}


def test_the_gil_is_really_held() -> None:
    """Without this the others would prove nothing."""
    ticks: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.time())

    thread = threading.Thread(target=tick)
    thread.start()
    phone.wait_until(lambda: len(ticks) > 1000, "ticks")
    deaf = be_deaf(0.5)
    stop.set()
    thread.join()
    # A switch of threads may fall between taking the time and taking the GIL for good.
    assert len([at for at in ticks if deaf.start + 0.1 < at < deaf.end - 0.1]) == 0
    assert len(ticks) > 1000


def test_invite_while_deaf(sipp: SippFactory) -> None:
    events = phone.Events()
    with phone.phone(phone.auto_answer(events)) as line:
        caller = sipp(SCENARIOS / "invite_again.xml", line.address, **incoming(delay=0.5, retransmit=False))
        deaf = be_deaf(2.5)
        caller.wait()
        events.wait_for(
            pj.OnCallState,
            lambda event: event.info.state is pj.InvState.DISCONNECTED and event.info.last_status == 200,
        )
    invites = select(caller.messages, method="INVITE", request=True)
    trying = select(caller.messages, method="INVITE", status=100)
    assert len(invites) >= 2, flow(caller.messages)
    assert len(list(retransmissions(caller.messages, "sent"))) >= 1
    assert all(deaf.during(invite) for invite in invites), (deaf, caller.messages)
    # Each got its answer while Python was deaf.
    assert len(trying) == len(invites)
    assert all(deaf.during(response) for response in trying), (deaf, caller.messages)
    # The answer of the handler came when Python heard again.
    assert select(caller.messages, method="INVITE", status=200)[0].time > deaf.end
    (told,) = events.of(pj.OnIncomingCall)
    assert deaf.monotonic[0] < told.time < deaf.monotonic[1]
    assert_in_order(events)


def assert_in_order(events: phone.Events) -> None:
    numbers = [event.seq for event in events.all if not isinstance(event, pj.OlderEvent)]
    assert numbers == sorted(set(numbers))
    states = [event.info.state for event in events.of(pj.OnCallState)]
    assert states == sorted(states)


def test_reinvite_and_bye_while_deaf(sipp: SippFactory) -> None:
    """The BYE frees its slot too: there is only one, and the next INVITE gets it with Python still deaf."""
    events = phone.Events()
    with phone.phone(phone.auto_answer(events), max_calls=1) as line:
        caller = sipp("uac_reinvite", line.address, **incoming(calls=2, limit=1, hold=400))
        events.wait_for(pj.OnCallState, lambda event: event.info.state is pj.InvState.CONFIRMED)
        deaf = be_deaf(2.5)
        caller.wait()
    first, second = dict.fromkeys(message.call_id for message in caller.messages)
    reinvite = [
        m for m in select(caller.messages, call_id=first, method="INVITE", status=200) if m.cseq[0] == 3
    ]
    (bye,) = select(caller.messages, call_id=first, method="BYE", status=200)
    assert len(reinvite) == 1
    assert deaf.during(reinvite[0])
    assert deaf.during(bye)
    next_invite = select(caller.messages, call_id=second, method="INVITE", request=True)[0]
    trying = select(caller.messages, call_id=second, method="INVITE", status=100)[0]
    assert deaf.during(next_invite)
    assert deaf.during(trying)
    assert select(caller.messages, call_id=second, status=486) == []
    assert len(events.of(pj.OnIncomingCall)) == 2
    numbers = [event.seq for event in events.all if not isinstance(event, pj.OlderEvent)]
    assert numbers == sorted(set(numbers))


@pytest.mark.hears
@pytest.mark.timeout(120)
def test_rtp_while_deaf(sipp: SippFactory, rtp_watcher: Callable[..., RtpWatcher], tmp_path: Path) -> None:
    """No gap over 30 ms that the same call does not have with Python idle.

    A busy machine makes gaps of its own, so that one quiet round of several is the proof: if the media
    clock waited for Python, no round could be quiet. A wait of half the deafness is never excused.
    """
    tone = signals.write_wav(tmp_path / "tone.wav", signals.tone(440.0, 2.0), 8000)
    watcher = rtp_watcher()
    events = phone.Events()
    rounds: list[tuple[float, Deaf]] = []
    with phone.phone(phone.auto_answer(events)) as line:
        caller = sipp("uac_wait_bye", line.address, **incoming(rtp_port=watcher.port))
        media = events.wait_for(
            pj.OnCallMediaState, lambda event: event.info.media_status is pj.CallMediaStatus.ACTIVE
        )
        player = pj.player_create(tone)
        pj.conf_connect(pj.player_get_conf_port(player), media.info.conf_slot)
        events.wait_for(pj.OnConfOpCompleted, lambda event: event.sink == media.info.conf_slot)
        idle = threading.Event()
        for _ in range(4):
            start = time.time()
            # The idle half, against which the deaf one is measured.
            idle.wait(1.0)
            rounds.append((start, be_deaf(2.0)))
        pj.call_hangup(media.call_id)
        caller.wait()
    recording = watcher.recording()
    quiet = 0
    for start, deaf in rounds:
        before, while_deaf = recording.between(start, deaf.start), recording.between(deaf.start, deaf.end)
        print(f"longest gap {before.longest_gap:.4f} s idle, {while_deaf.longest_gap:.4f} s deaf")
        assert len(while_deaf.packets) > 50
        assert while_deaf.longest_gap < 1.0
        quiet += (
            while_deaf.longest_gap <= max(0.030, before.longest_gap)
            # 50 packets a second, whatever their spacing.
            and 90 <= len(while_deaf.packets) <= 110
        )
    assert quiet >= 1
