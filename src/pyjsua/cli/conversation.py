"""The demo's conversation: two accounts, one call, and the proof of each thing that happened."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import _core
from ..account import Account, IncomingCalls
from ..call import Call
from ..config import MediaConfig, TransportConfig
from ..endpoint import Endpoint
from ..enums import JbDiscardAlgo
from ..recorder import Recorder
from ..testing import Ladder, SipServer
from .melody import Heard, Melody, listen
from .quality import Quality
from .steps import Abandoned, Failed, Steps
from .wire import call_ladder, digest_algorithm, find_in_order, registration_ladder, requests_of

__all__ = ["Conversation"]

LOOPBACK = "127.0.0.1"
CALLER, CALLEE, SERVER = "alice", "bob", "proxy"
MELODIES = {
    CALLER: Melody((500, 1100, 700, 1500, 900, 1900, 600, 1300)),
    CALLEE: Melody((800, 1700, 550, 1200, 2100, 1000, 1400, 650)),
}
DIGITS = {CALLER: "4421#", CALLEE: "*0973"}
OTHER = {CALLER: CALLEE, CALLEE: CALLER}

MEDIA = MediaConfig(
    # A codec's voice detector takes a steady tone for noise, and stops sending it.
    no_vad=True,
    # Late but whole: a machine that stands still for less than this is not heard.
    jb_init=300,
    jb_min_pre=300,
    jb_max_pre=300,
    jb_max=1000,
    jb_discard_algo=JbDiscardAlgo.NONE,
)

TIMEOUT = 5.0
"""Seconds for anything a peer on loopback answers."""
MOST_LOSS = 0.05
"""Share of the packets that may be missing on loopback: a busy machine can be late, not lossy."""
QUIET = 8
"""Level (0 to 255) below which an end says nothing any more."""
PLAYS = 3
"""How often the signals are played at most: a machine that stands still for a moment spoils them."""
RTCP_WAIT = 6.5
"""Seconds from the first media on: PJMEDIA sends a report every 4.5 to 5.5 s."""


@dataclass
class Conversation:
    """Runs as `steps`; what was found stays in the attributes, however far it came.

    Recordings are made in `folder`.
    """

    steps: Steps
    folder: Path
    heard: dict[str, Heard] = field(default_factory=dict)
    """By who listened."""
    digits: dict[str, str] = field(default_factory=dict)
    """By who received."""
    quality: dict[str, Quality] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.passwords = {user: secrets.token_urlsafe(16) for user in (CALLER, CALLEE)}
        self.server = SipServer(dict(self.passwords))

    async def run(self) -> None:
        """Raises `Abandoned` when a step failed that others build on; see `steps` for the rest."""
        async with contextlib.AsyncExitStack() as stack:
            with self.steps.step("Start a SIP registrar and proxy") as step:
                await stack.enter_async_context(self.server)
                step.detail = self.server.uri
            with self.steps.step(f"Start PJSIP {_core.pj_version()}") as step:
                endpoint = Endpoint(bound_addr=LOOPBACK, media_config=MEDIA)
                await stack.enter_async_context(endpoint)
                step.detail = "UDP {}:{}".format(*endpoint.address())
            accounts = {user: await self._register(endpoint, user) for user in (CALLER, CALLEE)}
            await self._talk(endpoint, accounts)
            await self._unregister(accounts)
            self._check_wire()
            with self.steps.step("Stop PJSIP"):
                await endpoint.close()

    # -- registration

    async def _register(self, endpoint: Endpoint, user: str) -> Account:
        with self.steps.step(f"Register {user} with digest authentication") as step:
            passed = self.server.trace.recorded
            account = await endpoint.register(
                self.server.aor(user),
                self.passwords[user],
                rtp_cfg=TransportConfig(port=0, bound_addr=LOOPBACK),
                timeout=TIMEOUT,
            )
            await asyncio.to_thread(self.server.wait_registered, user, TIMEOUT)
            algorithm = digest_algorithm(requests_of(self.server.trace[passed:], "REGISTER"), "Authorization")
            assert account.registration is not None
            step.detail = (
                f"401, then {account.registration.code} by {algorithm},"
                f" for {account.registration.expiration} s"
            )
        return account

    async def _unregister(self, accounts: dict[str, Account]) -> None:
        for user, account in accounts.items():
            with self.steps.step(f"Unregister {user}", go_on=True) as step:
                await account.unregister(TIMEOUT)
                await asyncio.to_thread(self.server.wait_unregistered, user, TIMEOUT)
                step.detail = "200, and the registrar has forgotten the address"

    # -- the call

    async def _talk(self, endpoint: Endpoint, accounts: dict[str, Account]) -> None:
        with contextlib.closing(accounts[CALLEE].incoming()) as incoming:
            calls = await self._call(accounts, incoming)
        begun = asyncio.get_running_loop().time()
        try:
            await self._play(endpoint, calls)
            for listener in (CALLEE, CALLER):
                self._verify(listener)
            for sender in (CALLER, CALLEE):
                await self._send_digits(sender, calls)
            await self._measure(calls, begun + RTCP_WAIT)
        except Abandoned:
            for call in calls.values():
                call.abandon()
            raise
        await self._hang_up(calls)
        self._check_quality(calls)

    async def _call(self, accounts: dict[str, Account], incoming: IncomingCalls) -> dict[str, Call]:
        with self.steps.step(f"Call {CALLEE} from {CALLER} through the proxy") as step:
            loop = asyncio.get_running_loop()
            began = loop.time()
            outgoing = accounts[CALLER].start_call(self.server.aor(CALLEE))
            try:
                async with asyncio.timeout(TIMEOUT):
                    asking = asyncio.ensure_future(anext(incoming))
                    failing = asyncio.ensure_future(outgoing.wait_answered())
                    await asyncio.wait([asking, failing], return_when=asyncio.FIRST_COMPLETED)
                    if failing.done():
                        await failing
                    arrived = await asking
                    await arrived.ring()
                    await self.server.wait_for_async(lambda message: message.is_response(180), TIMEOUT)
                    await arrived.answer()
                    await failing
                    answered = loop.time() - began
                    await asyncio.gather(outgoing.wait_media(), arrived.wait_media())
            except BaseException:
                outgoing.abandon()
                asking.cancel()
                failing.cancel()
                raise
            codec = outgoing.audio.stats()
            step.detail = (
                f"407, 180, 200 after {answered * 1000:.0f} ms; {codec.codec} {codec.clock_rate / 1000:g} kHz"
            )
        return {CALLER: outgoing, CALLEE: arrived}

    async def _play(self, endpoint: Endpoint, calls: dict[str, Call]) -> None:
        with self.steps.step("Play a known signal each way, and record") as step:
            length = max(melody.seconds for melody in MELODIES.values())
            plays = 0
            while plays == 0 or (plays < PLAYS and any(one.interrupted for one in self.heard.values())):
                plays += 1
                for listener, path in (await self._play_once(endpoint, calls, length)).items():
                    self.heard[listener] = await asyncio.to_thread(
                        listen, path, MELODIES[OTHER[listener]], [MELODIES[listener]]
                    )
            step.detail = f"{len(MELODIES[CALLER].frequencies)} tones each, {length:.1f} s"
            if plays > 1:
                step.detail += f"; played {plays} times, since not all of it arrived at first"

    async def _play_once(self, endpoint: Endpoint, calls: dict[str, Call], length: float) -> dict[str, Path]:
        """Plays each user's melody and returns the recordings, by who listened."""
        rate = _core.conf_get_port_info(0).clock_rate
        recorders: dict[str, Recorder] = {}
        with contextlib.ExitStack() as stack:
            for user, call in calls.items():
                recorders[user] = stack.enter_context(endpoint.recorder(self.folder / f"{user}-heard.wav"))
                call.audio.connect(recorders[user])
            for user, call in calls.items():
                path = MELODIES[user].write(self.folder / f"{user}-sent.wav", rate)
                stack.enter_context(endpoint.player(path)).connect(call.audio)
            await self._wait_played(calls, length)
            return {user: await recorder.finish() for user, recorder in recorders.items()}

    async def _wait_played(self, calls: dict[str, Call], seconds: float) -> None:
        """Waits for the signals' length, and until both ends fall silent: a busy machine plays late."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        quiet = 0
        while (past := loop.time() - began) < seconds + 3 and (past < seconds or quiet < 4):
            await asyncio.sleep(0.05)
            levels = [call.audio.level[1] for call in calls.values()]
            quiet = quiet + 1 if max(levels) < QUIET else 0
            self.steps.progress(f"{min(past, seconds):.1f} of {seconds:.1f} s")

    def _verify(self, listener: str) -> None:
        with self.steps.step(f"Verify what {listener} heard of {OTHER[listener]}", go_on=True) as step:
            heard = self.heard[listener]
            if heard.problem:
                raise Failed(heard.problem)
            step.detail = (
                f"{len(heard.tones)} of {len(heard.wanted)} tones in order,"
                f" {heard.purity:.1%} of the sound is theirs"
            )

    async def _send_digits(self, sender: str, calls: dict[str, Call]) -> None:
        receiver, digits = OTHER[sender], DIGITS[sender]
        with self.steps.step(f"Send DTMF from {sender} to {receiver}", go_on=True) as step:
            self.digits[receiver] = ""
            await calls[sender].send_dtmf(digits)
            with contextlib.suppress(TimeoutError):
                while len(self.digits[receiver]) < len(digits):
                    self.digits[receiver] += await calls[receiver].read_digit(2.0)
                    self.steps.progress(self.digits[receiver])
                # One too many would come now.
                self.digits[receiver] += await calls[receiver].read_digit(0.25)
            if self.digits[receiver] != digits:
                raise Failed(f"sent {digits}, arrived {self.digits[receiver] or 'nothing'}")
            step.detail = f"{digits} arrived"

    async def _measure(self, calls: dict[str, Call], until: float) -> None:
        with self.steps.step("Measure the round trip with RTCP", go_on=True) as step:
            loop = asyncio.get_running_loop()
            while True:
                found = [Quality.of(call.audio.stats()).round_trip_ms for call in calls.values()]
                if None not in found or loop.time() >= until:
                    break
                self.steps.progress(f"the next report comes in {until - loop.time():.0f} s at the latest")
                await asyncio.sleep(0.1)
            measured = [one for one in found if one is not None]
            step.detail = f"{max(measured):.2f} ms" if measured else "not measured: the call was too short"

    async def _hang_up(self, calls: dict[str, Call]) -> None:
        with self.steps.step("Hang up") as step:
            passed = self.server.trace.recorded
            await calls[CALLER].hangup()
            ended = await calls[CALLEE].wait_ended(TIMEOUT)
            await self.server.wait_for_async(
                lambda message: message.is_response(200, "BYE") and message.direction == "sent",
                TIMEOUT,
                passed,
            )
            if ended.by_us or not ended.answered:
                raise Failed(f"{CALLEE} took it for another end: {ended}")
            step.detail = f"BYE, 200, and {CALLEE} knows"

    # -- the proof

    def _check_quality(self, calls: dict[str, Call]) -> None:
        with self.steps.step("Count the packets", go_on=True) as step:
            self.quality = {user: Quality.of(call.audio.stats()) for user, call in calls.items()}
            for user, quality in self.quality.items():
                if not quality.received:
                    raise Failed(f"{user} received no packet")
                if quality.loss > MOST_LOSS:
                    raise Failed(f"{user} lost {quality.loss:.1%} of its packets")
            received = sum(quality.received for quality in self.quality.values())
            step.detail = f"{received} received, {sum(one.lost for one in self.quality.values())} lost"

    def _check_wire(self) -> None:
        with self.steps.step("Find all of it on the wire", go_on=True) as step:
            arrows = [arrow for arrow in self.ladder().arrows if not arrow.retransmission]
            for user in (CALLER, CALLEE):
                find_in_order(
                    [*registration_ladder(user, SERVER), (user, SERVER, "REGISTER"), (SERVER, user, 200)],
                    [arrow for arrow in arrows if arrow.message.method == "REGISTER"],
                )
            for side in call_ladder(CALLER, SERVER, CALLEE):
                find_in_order(side, arrows)
            sent = (arrow.message for arrow in arrows if arrow.source == CALLER)
            algorithm = digest_algorithm(requests_of(sent, "INVITE"), "Proxy-Authorization")
            step.detail = f"{len(arrows)} messages, both challenges (407 by {algorithm})"

    def ladder(self) -> Ladder:
        return self.server.ladder(SERVER)

    def facts(self) -> dict[str, Any]:
        """What was found, of what JSON can hold."""
        return {
            "audio": {
                user: {
                    "from": OTHER[user],
                    "expected_hz": list(heard.wanted),
                    "heard_hz": list(heard.tones),
                    "heard_s": [round(length, 3) for length in heard.lengths],
                    "purity": round(heard.purity, 4),
                    "level_db": round(heard.level, 2) if heard.tones else None,
                    "recorded_s": round(heard.seconds, 3),
                    "ok": not heard.problem,
                }
                for user, heard in self.heard.items()
            },
            "dtmf": {
                user: {
                    "from": OTHER[user],
                    "sent": DIGITS[OTHER[user]],
                    "received": digits,
                    "ok": digits == DIGITS[OTHER[user]],
                }
                for user, digits in self.digits.items()
            },
            "quality": {user: quality.to_dict() for user, quality in self.quality.items()},
            "ladder": self.ladder().to_dict(),
        }
