"""pyjsua in one process calls pyjsua in another: what each hears is what the other plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peers import signals
from pjsua.phone import Phone, player, record, until
from pjsua.program import Program
from pyjsua import pjsua as pj
from whole_sound import whole_sound

pytestmark = pytest.mark.hears

RATE = 16000


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


def test_each_hears_the_other(phone: Phone, program: Callable[..., Program], tmp_path: Path) -> None:
    here, there = signals.chirp(300, 3300, 1.0, RATE), signals.chirp(3000, 400, 0.8, RATE)
    play_here = signals.write_wav(tmp_path / "here.wav", here, RATE)
    play_there = signals.write_wav(tmp_path / "there.wav", there, RATE)
    heard_here, heard_there = tmp_path / "heard-here.wav", tmp_path / "heard-there.wav"

    callee = program("callee", str(play_there), str(heard_there))
    uri = callee.next()["uri"]
    call = pj.call_make_call(phone.account("a"), uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    assert callee.next(lambda line: line.get("state") == "CONFIRMED")["remote"]
    slot = phone.wait_media(call).conf_slot
    with player(play_here) as source:
        pj.conf_connect(source, slot)
        record(slot, heard_here, 3.0)
        pj.call_dial_dtmf(call, "5")
        assert callee.next(lambda line: "digit" in line)["digit"] == "5"
    pj.call_hangup(call)
    assert callee.next(lambda line: line.get("state") == "DISCONNECTED")["status"] == 200
    phone.wait_slots_free()
    status, rest, errors = callee.finish()
    assert (status, rest.strip(), errors) == (0, '{"state": "NULL"}', "")

    samples, rate = signals.read_wav(heard_here)
    assert rate == RATE
    assert signals.find(there, samples, RATE).similarity > 0.9
    until(lambda: len(heard_there.read_bytes()) > 44, "the other's recording is there")
    samples, rate = signals.read_wav(heard_there)
    assert signals.find(here, samples, rate).similarity > 0.9
    assert signals.find(there, samples, rate).similarity < 0.5
