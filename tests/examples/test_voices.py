"""The examples that speak and listen, each in a process of its own, called by an endpoint of this one."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from websockets.asyncio.server import ServerConnection, serve

from examples.test_examples import BIND, TIMEOUT, example
from peers import signals
from peers.signals import Samples
from pyjsua import Account, AudioStream, Endpoint
from pyjsua.testing import SipServer
from whole_sound import whole_sound

RATE = 16000
SPEECH = "hello this is a machine that you may interrupt at any time you like"

Scene = Callable[[Account], Coroutine[Any, Any, None]]


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer(dict.fromkeys(("1000", "1001", "1002"), "secret")) as running:
        yield running


class Example:
    """An example that waits for calls, and the lines it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    async def line(self, pattern: str) -> re.Match[str]:
        """The next line that has it."""
        assert self.process.stdout is not None
        while line := await asyncio.to_thread(self.process.stdout.readline):
            self.lines.append(line.strip())
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in {self.lines}")

    async def end(self, *, interrupt: bool = True) -> None:
        if interrupt:
            self.process.send_signal(signal.SIGINT)
        out, err = await asyncio.to_thread(self.process.communicate, timeout=TIMEOUT)
        self.lines += out.splitlines()
        assert (self.process.returncode, err) == (0, "")


@asynccontextmanager
async def running(name: str, *words: str) -> AsyncIterator[Example]:
    started = Example(example(name, *words, "--bind", BIND))
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()
        for pipe in (started.process.stdout, started.process.stderr):
            assert pipe is not None
            pipe.close()


def play(server: SipServer, *scenes: Scene) -> None:
    """Runs each scene with an account of its own: 1001, 1002."""

    async def run() -> None:
        endpoint = Endpoint(bound_addr=BIND, media_config=whole_sound())
        async with endpoint, asyncio.timeout(TIMEOUT):
            endpoint.set_codecs(["PCMU"])
            users = [await endpoint.register(server.aor(f"100{n + 1}"), "secret") for n in range(len(scenes))]
            async with asyncio.TaskGroup() as group:
                for scene, account in zip(scenes, users, strict=True):
                    group.create_task(scene(account))

    asyncio.run(run())


async def hear(stream: AudioStream, seconds: float) -> Samples:
    return np.frombuffer(await stream.read(round(seconds * RATE) * 2, 20), np.int16)


async def hear_tone(stream: AudioStream, frequency: float) -> None:
    """Listens until there was a tenth of a second of it."""
    found = None
    for _ in range(100):
        found = signals.strongest_tone(await hear(stream, 0.1), RATE)
        if abs(found.frequency - frequency) < 12 and found.level > -40:
            return
    raise AssertionError(f"no {frequency} Hz, {found} in the end")


def test_ivr(server: SipServer, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    signals.write_wav(prompts / "hours.wav", signals.tone(1500, 0.5, 8000), 8000)

    async def caller(account: Account) -> None:
        words = (server.aor("1000"), "secret", "--prompts", str(prompts))
        async with running("ivr.py", *words) as ivr:
            await ivr.line("waits for calls")
            call = await account.call(server.aor("1000"))
            stream = call.audio.open(RATE, read_behind=20)
            await hear_tone(stream, 440)
            await call.send_dtmf("1")
            await hear_tone(stream, 1500)
            await call.send_dtmf("2")
            await hear_tone(stream, 660)
            await call.send_dtmf("47#")
            assert signals.decode_dtmf(signals.trim(await hear(stream, 3.0)), RATE).endswith("47")
            await call.send_dtmf("9")
            assert not (await call.wait_ended(20)).by_us
            await ivr.line("chose 9")
            assert any(line.endswith("entered 47") for line in ivr.lines)
            # Another, who hangs up in the middle of the menu.
            async with await account.call(server.aor("1000")) as call:
                await hear_tone(call.audio.open(RATE), 440)
            await ivr.end()

    play(server, caller)


@pytest.mark.hears
def test_voice_agent_is_interrupted(server: SipServer) -> None:
    async def caller(account: Account) -> None:
        async with running("voice_agent.py", server.aor("1000"), "secret") as agent:
            await agent.line("waits for calls")
            call = await account.call(server.aor("1000"))
            stream = call.audio.open(RATE, write_ahead=5, read_behind=30)
            # A word takes a quarter of a second.
            for number in range(4):
                await hear_tone(stream, 400 + 100 * number)
            await stream.write(signals.tone(1900, 1.0, RATE, amplitude=0.3))
            heard_of_it = (await agent.line("heard of it: '(.*)'"))[1].split()
            dropped = [float(found[1]) for line in agent.lines if (found := re.search(r"d, (\d+) ms", line))]
            # What it believes was heard, and what was: it said no more, and the rest it dropped.
            rest = signals.trim(await hear(stream, 3.0), threshold=-35)
            assert 4 <= len(heard_of_it) <= 8
            assert heard_of_it == SPEECH.split()[: len(heard_of_it)]
            assert dropped
            assert dropped[0] > (len(SPEECH.split()) - len(heard_of_it) - 2) * 250
            understood = float((await agent.line(r"understood: ([0-9.]+) seconds"))[1])
            assert understood == pytest.approx(1.0, abs=0.15)
            # Its answer, six words, which nobody interrupts.
            assert (await agent.line("heard of it: '(.*)'"))[1].startswith("you said ")
            assert len(rest) / RATE < 3.0
            await call.hangup()
            await agent.end()

    play(server, caller)


@pytest.mark.hears
def test_record_call(server: SipServer, tmp_path: Path) -> None:
    hello = signals.write_wav(tmp_path / "hello.wav", signals.tone(500, 1.0, RATE), RATE)
    folder = tmp_path / "calls"

    async def caller(account: Account) -> None:
        words = (server.aor("1000"), "secret", str(folder), "--play", str(hello))
        async with running("record_call.py", *words) as recorder:
            await recorder.line("waits for calls")
            async with await account.call(server.aor("1000")) as call:
                stream = call.audio.open(RATE, write_ahead=3)
                await stream.write(signals.tone(1300, 1.5, RATE))
                await stream.drain(20)
                await hear(stream, 0.5)
            await recorder.line(r"\.wav: [0-9.]+ s, ")
            await recorder.end()

    play(server, caller)
    (path,) = folder.glob("*.wav")
    samples, rate = signals.read_wav(path)
    for channel, frequency, seconds in ((0, 1300, 1.5), (1, 500, 1.0)):
        side = signals.trim(samples[:, channel], threshold=-35)
        assert signals.strongest_tone(side, rate).frequency == pytest.approx(frequency, abs=5)
        assert len(side) / rate == pytest.approx(seconds, abs=0.1)


@pytest.mark.hears
def test_conference(server: SipServer, tmp_path: Path) -> None:
    room_wav = tmp_path / "room.wav"
    tones = {"1001": 700, "1002": 1700}

    async def guest(account: Account, user: str, other: str) -> None:
        async for call in account.incoming():
            async with await call.answer():
                stream = call.audio.open(RATE, write_ahead=6)
                await stream.write(signals.tone(tones[user], 5.0, RATE, amplitude=0.3))
                await hear_tone(stream, tones[other])
                # He hears the other, and not himself.
                heard = await hear(stream, 0.4)
                levels = {who: signals.goertzel(heard, tones[who], RATE) for who in tones}
                assert levels[other] > levels[user] + 20
                # Both have heard before either leaves.
                await both.wait()
            return

    both = asyncio.Barrier(2)

    async def first(account: Account) -> None:
        words = (server.aor("1000"), "secret", server.aor("1001"), server.aor("1002"))
        async with running("conference.py", *words, "--record", str(room_wav)) as room:
            await guest(account, "1001", "1002")
            await room.end(interrupt=False)
            assert sum("is in the room" in line for line in room.lines) == 2

    async def second(account: Account) -> None:
        await guest(account, "1002", "1001")

    play(server, first, second)
    samples, rate = signals.read_wav(room_wav)
    for frequency in tones.values():
        assert max(signals.goertzel(part, frequency, rate) for part in np.array_split(samples, 8)) > -30


def test_transcriber(server: SipServer, free_port: Callable[..., int]) -> None:
    """A transcriber that hangs up on the first connection after a few pieces, and listens to the second."""
    port = free_port()
    connections: list[list[str | bytes]] = []
    broken = asyncio.Event()

    async def transcribe(socket: ServerConnection) -> None:
        got: list[str | bytes] = []
        connections.append(got)
        async for message in socket:
            got.append(message)
            if len(connections) == 1 and len(got) == 4:
                broken.set()
                return
            if isinstance(message, str) and json.loads(message)["event"] == "stop":
                await socket.send(json.dumps({"text": "that was a tone"}))
                return

    async def caller(account: Account) -> None:
        words = (server.aor("1000"), "secret", f"ws://{BIND}:{port}/")
        async with serve(transcribe, BIND, port), running("transcriber.py", *words) as transcriber:
            await transcriber.line("waits for calls")
            async with await account.call(server.aor("1000")) as call:
                stream = call.audio.open(RATE, write_ahead=6)
                await stream.write(signals.tone(900, 4.0, RATE))
                await broken.wait()
                while len(connections) < 2 or len(connections[1]) < 15:
                    await hear(stream, 0.1)
            await transcriber.line("that was a tone")
            await transcriber.end()

    play(server, caller)
    for got in connections:
        begin = json.loads(got[0])
        assert (begin["event"], begin["rate"]) == ("start", RATE)
        assert "sip:1001@" in begin["from"]
    assert json.loads(connections[1][-1]) == {"event": "stop", "lost_ms": 0}
    pieces = [piece for piece in connections[1] if isinstance(piece, bytes)]
    assert {len(piece) for piece in pieces} == {RATE // 10 * 2}
    heard = np.frombuffer(b"".join(pieces), np.int16)
    assert signals.strongest_tone(heard[:RATE], RATE).frequency == pytest.approx(900, abs=5)


@pytest.mark.hears
@pytest.mark.parametrize(("name", "rate"), [("stereo.flac", 44100), ("music.ogg", 48000)])
def test_play_any_file(server: SipServer, tmp_path: Path, name: str, rate: int) -> None:
    tone = signals.tone(650, 1.5, rate, amplitude=0.4)
    soundfile.write(tmp_path / name, np.stack([tone, tone], axis=1), rate)

    async def callee(account: Account) -> None:
        incoming = account.incoming()
        words = (server.aor("1000"), "secret", server.aor("1001"), str(tmp_path / name))
        async with running("play_any_file.py", *words) as player:
            async with await (await anext(incoming)).answer() as call:
                stream = call.audio.open(RATE, read_behind=10)
                await call.wait_ended(20)
                heard = signals.trim(np.frombuffer(stream.port.read(stream.port.readable, 0), np.int16))
            await player.end(interrupt=False)
            assert player.lines == ["played 1.5 s"]
        found = signals.strongest_tone(heard, RATE)
        assert found.frequency == pytest.approx(650, abs=5)
        assert len(heard) / RATE == pytest.approx(1.5, abs=0.35)

    play(server, callee)
