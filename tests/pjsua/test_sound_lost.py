"""A sound device that goes away in a call: the call goes on, on the null device's clock."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from peers import signals
from peers.pulseaudio import PulseAudio
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pjsua.phone import until
from pjsua.program import Program

PACKETS = 25


def moving(phone: Program) -> None:
    """Waits until half a second of sound went each way."""
    for direction in ("tx", "rx"):
        count = f"pj.call_get_stream_stat(call, 0).rtcp.{direction}.pkt"
        before = phone.ask(count)["value"]
        until(lambda: phone.ask(count)["value"] >= before + PACKETS, f"packets: {direction}")  # noqa: B023


def lost_in_a_call(
    pulseaudio: PulseAudio,
    program: Callable[..., Program],
    sipp: Callable[..., Sipp],
    rtp_watcher: Callable[..., RtpWatcher],
    number: signal.Signals,
) -> None:
    watcher = rtp_watcher()
    uas = sipp("uas_answer", rtp_port=watcher.port)
    watcher.send(signals.tone(700, 1.0, 8000), loop=True)
    phone = program("sound_lost", uas.uri, env=pulseaudio.client_environment())
    phone.next(lambda line: line.get("media") == "ACTIVE")
    until(lambda: pulseaudio.clients() != "", "the device is in use")
    moving(phone)
    assert pulseaudio._process is not None
    os.kill(pulseaudio._process.pid, number)
    told = phone.next(lambda line: "type" in line)
    assert told["type"] == "AUD_DEV_ERROR"
    assert told["error"] != 0
    closed = phone.next(lambda line: "opening" in line and not line["opening"])
    assert closed["opening"] is False
    opened = phone.next(lambda line: line.get("opening") is True)
    assert opened["devices"] == [-99, -99]
    assert phone.ask("pj.snd_is_active()")["value"] is False
    since = time.time()
    moving(phone)
    assert phone.ask("pj.call_get_info(call).state.name")["value"] == "CONFIRMED"
    if number is signal.SIGKILL:
        # There is no server any more, and that is no harm either.
        assert phone.ask("pj.set_snd_dev()")["error"] == "SoundDeviceError"
        assert phone.ask("pj.get_snd_dev()")["value"] == [-99, -99]
    status, _, errors = phone.finish()
    assert (status, errors) == (0, "")
    arrived = watcher.recording().between(since, time.time()).packets
    assert len(arrived) > PACKETS, "the bridge has a clock"


def test_a_sound_server_that_dies(
    pulseaudio: PulseAudio,
    program: Callable[..., Program],
    sipp: Callable[..., Sipp],
    rtp_watcher: Callable[..., RtpWatcher],
) -> None:
    lost_in_a_call(pulseaudio, program, sipp, rtp_watcher, signal.SIGKILL)


@pytest.mark.soak
def test_a_sound_server_that_stands_still(
    pulseaudio: PulseAudio,
    program: Callable[..., Program],
    sipp: Callable[..., Sipp],
    rtp_watcher: Callable[..., RtpWatcher],
) -> None:
    """Nothing fails, nothing moves: five seconds of that are enough."""
    try:
        lost_in_a_call(pulseaudio, program, sipp, rtp_watcher, signal.SIGSTOP)
    finally:
        assert pulseaudio._process is not None
        os.kill(pulseaudio._process.pid, signal.SIGCONT)
