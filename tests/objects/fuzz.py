"""Two clients that call each other and do at random whatever a client can do.

As a program it needs neither pytest nor numpy, so that a sanitized build can run it: ``SEED OPERATIONS``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import re
import sys
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from objects.complaints import complaints
from objects.fuzz_model import ANSWERS, REFERS, Deed, Model, Phase
from pyjsua import (
    Account,
    Call,
    Conference,
    DtmfMethod,
    Endpoint,
    InvState,
    MediaDir,
    PjsuaError,
    Requests,
    pjsua as pj,
)
from pyjsua.testing import SipServer

__all__ = ["Report", "fuzz"]

LATER_MS = 1500
"""How long an offer waits for whoever does not decide: less than an UPDATE waits for its answer, 64 T1."""
BOUND = 20.0
"""Seconds after which an operation hangs."""
AT_ONCE = 8
"""Operations under way at a time."""
CALLS = 6
"""Calls one client makes at a time."""
SILENCE = b"\0" * 3200

DIALOG = re.compile(r"\s*\[(in|out)\]")
COUNTS = re.compile(r"Timer heap has|Total \d+ transactions|Number of dialog sets")


@dataclass
class Report:
    """What a run was, and what was wrong with it."""

    seed: int
    operations: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    dialogs: int = 0
    wrong: list[str] = field(default_factory=list)


class Client:
    """An endpoint with two accounts, one of which registers, and what it does with its calls."""

    def __init__(
        self, name: str, endpoint: Endpoint, server: SipServer, rng: random.Random, model: Model
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.server = server
        self.rng = rng
        self.model = model
        self.accounts: dict[str, Account] = {}
        self.calls: list[Call] = []
        self.conference = Conference()
        self.tasks: set[asyncio.Task[None]] = set()
        for user in (f"{name}0", f"{name}1"):
            self.add(user)

    def uri(self, user: str) -> str:
        host, port = self.endpoint.address()
        return f"sip:{user}@{host}:{port}"

    def add(self, user: str) -> None:
        # Replaces names whom it is for without a port: an outbound proxy, our own address, finds him.
        host, port = self.endpoint.address()
        options: dict[str, Any] = {"lock_codec": 0, "proxy": [f"sip:{host}:{port};lr"], "reg_use_proxy": 0}
        if user.endswith("0"):
            options |= {"reg_uri": self.server.uri, "register_on_acc_add": False}
        self.accounts[user] = self.endpoint.add_account(self.uri(user), "secret", username=user, **options)
        self.spawn(self.listen(self.accounts[user]))

    def spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def listen(self, account: Account) -> None:
        async for call in account.incoming():
            self.take(call)
            if self.rng.random() < 0.5:
                self.spawn(self.pick_up(call))

    async def pick_up(self, call: Call) -> None:
        await asyncio.sleep(self.rng.choice((0, 0.01, 0.1)))
        deed = Deed(-1, self.name, "answer", call)
        self.model.deeds.append(deed)
        with contextlib.suppress(PjsuaError):
            await call.answer()
        deed.ended = time.monotonic()

    def take(self, call: Call) -> None:
        """A call that is new to us, with whoever attends to what its other side asks for."""
        if call in self.calls:
            return
        self.calls.append(call)
        self.model.know([call])
        draw = self.rng.random
        if draw() < 0.5:
            self.spawn(self.attend(call, call.offers(), self.offer))
            self.model.refusing.add(call.sip_call_id)
        if draw() < 0.7:
            self.spawn(self.attend(call, call.transfer_requests(), self.request))
        if draw() < 0.5:
            self.spawn(self.attend(call, call.replace_requests(), self.request))

    def look(self) -> None:
        """Takes calls that came of another: of a REFER, or of Replaces."""
        for call in self.endpoint.calls:
            self.take(call)
        self.calls = [call for call in self.calls if not call.ended or self.rng.random() < 0.8][-12:]

    async def attend(
        self, call: Call, requests: Requests[Any], decide: Callable[[Any], Awaitable[None]]
    ) -> None:
        async for request in requests:
            with contextlib.suppress(PjsuaError):
                await decide(request)
            if self.rng.random() < 0.1:
                requests.close()

    async def offer(self, offer: Any) -> None:
        await asyncio.sleep(self.rng.choice((0, 0, 0.02, 0.2)))
        draw = self.rng.random()
        if draw < 0.5:
            await offer.accept()
        elif draw < 0.7:
            await offer.accept(direction=self.rng.choice(list(MediaDir)), headers=[("X-Fuzz", "yes")])
        elif draw < 0.95:
            await offer.reject(488, headers=[("X-Fuzz", "no")])

    async def request(self, request: Any) -> None:
        await asyncio.sleep(self.rng.choice((0, 0, 0.05)))
        if self.rng.random() < 0.7:
            new = await request.accept()
            self.take(new)
        else:
            await request.reject(self.rng.choice((480, 603)))

    # -- operations: each names what it is done to

    def some_call(self, name: str) -> Call | None:
        """Mostly one with which it can be done."""
        draw, calls = self.rng.random(), self.calls
        if draw < 0.8:
            calls = [call for call in self.calls if not call.ended] or calls
        if draw < 0.6:
            waiting = name in ANSWERS
            calls = [call for call in calls if call.answered != waiting and call.incoming >= waiting] or calls
        return self.rng.choice(calls) if calls else None

    def some_account(self) -> tuple[str, Account]:
        return self.rng.choice(list(self.accounts.items()))


Operation = Callable[["Fuzz", Client, Deed], Awaitable[object]]
OPERATIONS: dict[str, tuple[int, bool, Operation]] = {}
"""How often, whether it wants a call that is there, and what it does."""


def operation(name: str, weight: int, of_call: bool = True) -> Callable[[Operation], Operation]:
    def note(function: Operation) -> Operation:
        OPERATIONS[name] = weight, of_call, function
        return function

    return note


def of(deed: Deed) -> Call:
    assert deed.call is not None
    return deed.call


@operation("call", 12, of_call=False)
async def call(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    _, account = me.some_account()
    if len([one for one in me.calls if not one.ended]) >= CALLS:
        return
    call = account.start_call(
        fuzz.target(me),
        follow_redirects=fuzz.rng.random() < 0.5,
        max_duration=fuzz.rng.choice((None, 0.5, 5)),
    )
    me.take(call)
    deed.call, deed.before = call, Phase.BEFORE
    try:
        await call.wait_answered(fuzz.rng.choice((0.3, 2.0, 5.0)))
    except BaseException:
        call.abandon()
        raise


@operation("answer", 12)
async def answer(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).answer()


@operation("ring", 3)
async def ring(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).ring()


@operation("progress", 3)
async def progress(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).progress(ring_back=fuzz.rng.choice((None, "us")))


@operation("reject", 2)
async def reject(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).reject(fuzz.rng.choice((486, 603, 480)))


@operation("redirect", 1)
async def redirect(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).redirect(fuzz.target(me))


@operation("hangup", 5)
async def hangup(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).hangup()


@operation("hold", 5)
async def hold(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).hold(timeout=6)


@operation("unhold", 5)
async def unhold(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).unhold(timeout=6)


@operation("reinvite", 4)
async def reinvite(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    draw = fuzz.rng.random()
    if draw < 0.2:
        await of(deed).reinvite(offer=False, timeout=6)
    elif draw < 0.5:
        await of(deed).reinvite(direction=fuzz.rng.choice(list(MediaDir)), timeout=6)
    else:
        await of(deed).reinvite(timeout=6)


@operation("update", 4)
async def update(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).update(offer=fuzz.rng.random() < 0.6, timeout=6)


@operation("mute", 3)
async def mute(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    audio = of(deed).audio
    if fuzz.rng.random() < 0.5:
        audio.mute()
    else:
        audio.unmute()


def has_dialog(call: Call) -> bool:
    """An INFO before there is one is answered 481, for which PJSIP ends our side of the call."""
    return call.incoming or call.state is not InvState.CALLING


@operation("dtmf", 4)
async def dtmf(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    draw = fuzz.rng.random()
    if not has_dialog(of(deed)):
        return
    method = DtmfMethod.SIP_INFO if draw < 0.3 else DtmfMethod.RFC2833
    await of(deed).send_dtmf("1", method="inband" if draw > 0.8 else method, timeout=2)


@operation("message", 3)
async def message(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).send_message("hello", timeout=6)


@operation("info", 3)
async def info(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    if has_dialog(of(deed)):
        await of(deed).request("INFO", timeout=6)


def may_refer(fuzz: Fuzz, deed: Deed) -> bool:
    """PJSIP takes the subscriptions of REFERs that go both ways in a dialog for one, and keeps it."""
    return not fuzz.model.ever(of(deed), REFERS, of(deed))


@operation("transfer", 3)
async def transfer(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    if may_refer(fuzz, deed):
        await of(deed).transfer(fuzz.target(me), timeout=3)


@operation("transfer to", 3)
async def transfer_to(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    others = [one for one in me.calls if one is not deed.call and one.answered and not one.ended]
    if others and may_refer(fuzz, deed):
        await of(deed).transfer_to(fuzz.rng.choice(others), timeout=3)
    else:
        deed.name = "transfer to nobody"


@operation("open stream", 3)
async def open_stream(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    of(deed).audio.open(16000)


@operation("write", 4)
async def write(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).audio.write(SILENCE, 0.5)


@operation("read", 4)
async def read(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await of(deed).audio.read(3200, 0.5)


@operation("close stream", 2)
async def close_stream(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    of(deed).audio.stream.close()


@operation("join", 3)
async def join(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    me.conference.join(of(deed))


@operation("part", 2)
async def part(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    me.conference.leave(of(deed))


@operation("register", 2, of_call=False)
async def register(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await me.accounts[f"{me.name}0"].register(timeout=6)


@operation("unregister", 2, of_call=False)
async def unregister(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    await me.accounts[f"{me.name}0"].unregister(timeout=6)


@operation("close account", 1, of_call=False)
async def close_account(fuzz: Fuzz, me: Client, deed: Deed) -> None:
    user, account = me.some_account()
    try:
        await account.close()
    finally:
        # Cancelled, it goes on in the background.
        if me.accounts[user] is account:
            me.add(user)


class Fuzz:
    """A run: operations of both clients, one after the other and at once, some of them cancelled."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.model = Model()
        self.clients: list[Client] = []
        self.report = Report(seed)
        self.under_way: dict[asyncio.Task[None], Deed] = {}
        self.at_first: list[str] = []

    def target(self, me: Client) -> str:
        """Mostly the other client; now and then a number nobody has."""
        other = self.clients[1 - self.clients.index(me)]
        draw = self.rng.random()
        if draw < 0.05:
            return me.uri("nobody")
        return other.uri(self.rng.choice(list((me if draw < 0.1 else other).accounts)))

    async def with_endpoints(
        self, one: Endpoint, other: Endpoint, server: SipServer, operations: int
    ) -> None:
        async with one, other:
            self.at_first = kept()
            for name, endpoint in (("a", one), ("b", other)):
                self.clients.append(Client(name, endpoint, server, self.rng, self.model))
            await asyncio.sleep(0)
            await self.run(operations)
            await self.end()

    async def run(self, operations: int) -> None:
        names = list(OPERATIONS)
        weights = [weight for weight, _, _ in OPERATIONS.values()]
        for number in range(operations):
            me = self.rng.choice(self.clients)
            me.look()
            if self.under_way and self.rng.random() < 0.06:
                self.rng.choice(list(self.under_way)).cancel()
            (name,) = self.rng.choices(names, weights)
            call = me.some_call(name) if OPERATIONS[name][1] else None
            if call is None and OPERATIONS[name][1]:
                name = "call"
            task = asyncio.create_task(self.do(Deed(number, me.name, name, call), me))
            if self.rng.random() < 0.15:
                await asyncio.wait([task], timeout=2)
            await asyncio.sleep(self.rng.choice((0, 0, 0.002, 0.01, 0.05)))
            while len(self.under_way) >= AT_ONCE:
                await asyncio.wait(self.under_way, return_when=asyncio.FIRST_COMPLETED)
            self.report.operations += 1
        if self.under_way:
            await asyncio.wait(self.under_way)

    async def do(self, deed: Deed, me: Client) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.under_way[task] = deed
        self.model.deeds.append(deed)
        if deed.call is not None:
            deed.before = Phase.of(deed.call)
        try:
            async with asyncio.timeout(BOUND) as limit:
                await OPERATIONS[deed.name][2](self, me, deed)
        except asyncio.CancelledError as error:
            deed.error = error
        except Exception as error:
            deed.error = error
        finally:
            deed.ended = time.monotonic()
            del self.under_way[task]
        if limit.expired():
            self.report.wrong.append(f"hangs: {deed}")
            return
        self.model.outcomes[f"{deed.name}: cancelled"] += isinstance(deed.error, asyncio.CancelledError)
        if not isinstance(deed.error, asyncio.CancelledError):
            await self.judge(deed)

    async def judge(self, deed: Deed) -> None:
        if deed.call is not None:
            if type(deed.error).__name__ == "StaleError":
                # The core knows before the loop has heard.
                with contextlib.suppress(TimeoutError):
                    await deed.call.wait_ended(5)
            deed.after = Phase.of(deed.call)
            self.model.know([deed.call])
        if wrong := self.model.judge(deed):
            self.report.wrong.append(wrong)

    async def end(self) -> None:
        """Everything is hung up; nothing may be left."""
        wrong = self.report.wrong
        for me in self.clients:
            me.look()
            for call in me.endpoint.calls:
                call.abandon()
        wrong += [f"not over: {call!r}" for call in await self.left()]
        for me in self.clients:
            await me.conference.close()
            for account in list(me.accounts.values()):
                await account.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                while any(me.tasks for me in self.clients):
                    await asyncio.sleep(0.01)
        wrong += [f"still listens: {task!r}" for me in self.clients for task in me.tasks]
        wrong += self.model.disagreements()
        await self.slots()
        watched = [call for sides in self.model.calls.values() for call in sides]
        wrong += [f"somebody waits for {call!r}" for call in watched if call._watchers._waiting]
        self.report.dialogs = len(self.model.calls)
        self.report.outcomes = dict(sorted(self.model.outcomes.items()))

    async def left(self) -> list[Call]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BOUND):
                while any(me.endpoint.calls for me in self.clients):
                    await asyncio.sleep(0.01)
        return [call for me in self.clients for call in me.endpoint.calls]

    async def slots(self) -> None:
        """Calls give their slots back when their BYE is answered, ports when the bridge gets to it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BOUND):
                while pj.call_get_count() or pj.conf_get_active_ports() > 1:
                    await asyncio.sleep(0.01)
        left = kept()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BOUND):
                while (left := kept()) != self.at_first:
                    await asyncio.sleep(0.05)
        if left != self.at_first:
            dialogs = [line.strip() for line in pj.dump(True).splitlines() if DIALOG.match(line)]
            self.report.wrong.append(f"left in PJSIP: {left} {dialogs}, and at first: {self.at_first}")
        for call_id in pj.enum_calls():
            info = pj.call_get_info(call_id)
            self.report.wrong.append(
                f"a call has its slot still: {info.call_id} {info.state.name} {info.remote_info}"
            )
        if (count := pj.conf_get_active_ports()) > 1:
            self.report.wrong.append(f"{count - 1} conference ports are left")
        if count := len(pj.enum_accs()):
            self.report.wrong.append(f"{count} accounts are left")


def kept() -> list[str]:
    """How many timers, transactions and dialogs PJSIP has."""
    return [line.strip() for line in pj.dump().splitlines() if COUNTS.search(line)]


@asynccontextmanager
async def quick() -> AsyncIterator[None]:
    """Transactions are over after seconds, and no TCP connection is left idle: what is left is seen."""
    before = pj.cfg()
    pj.set_cfg(replace(before, t1=60, t2=500, t4=600, td=4000, disable_tcp_switch=True))
    try:
        yield
    finally:
        pj.set_cfg(before)


async def fuzz(seed: int, operations: int, make_endpoint: Callable[..., Endpoint]) -> Report:
    """`operations` of two clients, as `seed` says."""
    run = Fuzz(seed)
    tasks = asyncio.all_tasks()
    users = {f"{name}0": "secret" for name in "ab"}
    with SipServer(users) as server, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with quick(), complaints() as lines:
            one = make_endpoint(ua_config=pj.Config(max_calls=64, policy=pj.Policy(later_ms=LATER_MS)))
            await run.with_endpoints(one, make_endpoint(), server, operations)
        run.report.wrong += lines
        run.report.wrong += [f"warned: {one.message}" for one in warned if one.category is ResourceWarning]
    run.report.wrong += [f"left: {task!r}" for task in asyncio.all_tasks() - tasks]
    return run.report


def main() -> None:
    seed, operations = map(int, sys.argv[1:3])
    if len(sys.argv) > 3:
        logging.basicConfig(
            filename=sys.argv[3], level=logging.DEBUG, format="%(relativeCreated)d %(name)s %(message)s"
        )
    report = asyncio.run(fuzz(seed, operations, lambda **more: Endpoint(bound_addr="127.0.0.1", **more)))
    print(json.dumps(vars(report), indent=1))
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    main()
