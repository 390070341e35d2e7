"""The softphone: its microphone is heard at the far end, and the far end in its speaker."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from examples.test_examples import BIND, TIMEOUT, example
from examples.test_voices import RATE, Example, hear_tone, play
from objects.phones import until
from peers import signals
from peers.pulseaudio import PulseAudio
from pyjsua import Account
from pyjsua.testing import SipServer


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer(dict.fromkeys(("1000", "1001", "1002"), "secret")) as running:
        yield running


class Softphone(Example):
    """softphone.py, and what is typed into it."""

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


@asynccontextmanager
async def softphone(server: SipServer, environment: dict[str, str]) -> AsyncIterator[Softphone]:
    words = (server.aor("1000"), "secret", "--bind", BIND)
    phone = Softphone(example("softphone.py", *words, env=environment, stdin=subprocess.PIPE))
    try:
        yield phone
    finally:
        phone.process.kill()
        phone.process.communicate()


@pytest.mark.hears
def test_softphone(server: SipServer, pulseaudio: PulseAudio) -> None:
    # Null sinks that nobody hurries render every two seconds only.
    silence = pulseaudio.start_playing(np.zeros(48000 * 60, np.int16), 48000)
    speaker = pulseaudio.record("speaker.monitor")

    async def heard_in_speaker(frequency: float) -> None:
        def found() -> bool:
            tone = signals.strongest_tone(speaker.samples[-9600:], 48000)
            return abs(tone.frequency - frequency) < 8 and tone.level > -40

        await until(found, f"{frequency} Hz in the speaker")

    async def far_end(account: Account) -> None:
        incoming = account.incoming()
        async with softphone(server, {**os.environ, **pulseaudio.client_environment()}) as phone:
            await phone.line("is registered")
            phone.type("call 1001")
            call = await anext(incoming)
            await call.ring()
            await phone.line("1001@.*: ringing")
            await heard_in_speaker(440)
            await call.answer()
            await phone.line("1001@.*: answered")
            stream = call.audio.open(RATE, write_ahead=30, read_behind=30)
            # First one, then the other: what both say at once the echo canceller takes for an echo.
            with pulseaudio.start_playing(signals.tone(1300, 3.0, 48000, amplitude=0.3), 48000):
                await hear_tone(stream, 1300)
            await stream.write(signals.tone(700, 20.0, RATE, amplitude=0.3))
            await heard_in_speaker(700)
            phone.type("hold")
            await phone.line("held")
            assert call.held_by_them
            phone.type("unhold")
            await phone.line("held")
            phone.type("dtmf 42#")
            assert (await call.collect(first_timeout=TIMEOUT)).digits == "42"
            requests = call.transfer_requests()
            phone.type("transfer 1002")
            request = await anext(requests)
            assert request.target == server.aor("1002")
            await request.reject()
            await phone.line("TransferFailed: .*603")
            phone.type("hangup")
            assert (await call.wait_ended(TIMEOUT)).answered
            await phone.line("^200 ")
            await calls_it(account, phone)
            # Nothing is there to be ended, and nothing hangs.
            phone.type("hangup")
            await phone.line("ValueError: there is no call")
            # Who quits in a call has hung up.
            phone.type("call 1001")
            call = await (await anext(incoming)).answer()
            await phone.line("1001@.*: answered")
            phone.type("quit")
            assert (await call.wait_ended(TIMEOUT)).code == 200
            await phone.end(interrupt=False)

    async def calls_it(account: Account, phone: Softphone) -> None:
        first = account.start_call(server.aor("1000"))
        await phone.line("calls")
        second = account.start_call(server.aor("1000"))
        assert (await second.wait_ended(TIMEOUT)).code == 486
        phone.type("answer")
        await first.wait_answered(TIMEOUT)
        await first.hangup()
        await phone.line("^200 ")

    with silence, speaker:
        play(server, far_end)
    assert server.registrations_of("1000") == ()


def test_without_a_sound_device_it_says_so(server: SipServer) -> None:
    process = example(
        "softphone.py", server.aor("1000"), "secret", "--bind", BIND,
        env={**os.environ, "ALSA_CONFIG_PATH": os.devnull}, stdin=subprocess.PIPE,
    )  # fmt: skip
    _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert err.startswith("SoundDeviceError: cannot open the default")
