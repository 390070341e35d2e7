"""The dialler, and fifty whom it calls: they hear it out, hang up, are busy, decline or let it ring."""

from __future__ import annotations

import asyncio
import csv
import signal
from pathlib import Path

from examples.test_examples import BIND, TIMEOUT, example, finish
from peers import signals
from pyjsua import Call, Endpoint
from pyjsua.testing import SipServer

NUMBERS = [str(number) for number in range(2000, 2050)]
KINDS = ("heard", "hung up", "busy", "declined", "no answer")
AT_ONCE = 10


def kind_of(number: str) -> str:
    return KINDS[int(number) % len(KINDS)]


class Callees:
    """All the numbers, and how many of them were called at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def serve(self, call: Call) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        kind = kind_of(call.account.uri.removeprefix("sip:").partition("@")[0])
        try:
            if kind == "busy":
                await call.reject(486, cause=17)
            elif kind == "declined":
                await call.reject(603)
            elif kind == "no answer":
                await call.ring()
            else:
                await call.answer()
                if kind == "hung up":
                    await call.wait_media()
                    await call.hangup()
            await call.wait_ended()
        finally:
            self.now -= 1

    async def called_by(self, server: SipServer, *words: str) -> tuple[int, str, str]:
        async with Endpoint(bound_addr=BIND, max_calls=64) as endpoint, asyncio.timeout(TIMEOUT):
            accounts = [endpoint.add_account(server.aor(number), reg_uri=server.uri) for number in NUMBERS]
            await asyncio.gather(*(account.wait_registered() for account in accounts))
            for account in accounts:
                account.on_incoming(self.serve)
            return await asyncio.to_thread(finish, example("dialler.py", *words, "--bind", BIND))


def test_dialler(tmp_path: Path) -> None:
    wav = signals.write_wav(tmp_path / "hello.wav", signals.tone(500, 0.5, 8000), 8000)
    numbers = tmp_path / "numbers.txt"
    callees = Callees()
    with SipServer() as server:
        numbers.write_text("\n".join([*NUMBERS, server.aor("nobody"), "sip:no(where"]))
        words = (server.aor("1000"), "", str(wav), str(numbers), "--ring", "1.5", "--at-once", str(AT_ONCE))
        code, out, err = asyncio.run(callees.called_by(server, *words))
    assert (code, err) == (0, "")
    rows = {row["number"]: row for row in csv.DictReader(out.splitlines())}
    assert len(rows) == len(NUMBERS) + 2
    # The end of one call and the beginning of the next may cross.
    assert AT_ONCE <= callees.most <= AT_ONCE + 2
    for number in NUMBERS:
        assert rows[number]["outcome"] == kind_of(number), rows[number]
    heard, hung_up, busy, declined, no_answer = (rows[number] for number in NUMBERS[:5])
    assert heard["code"] == hung_up["code"] == "200"
    assert 0.4 <= float(heard["talking"]) < 5
    assert (busy["code"], busy["cause"], busy["talking"]) == ("486", "Q.850:17", "0.0")
    assert (declined["code"], declined["cause"]) == ("603", "")
    assert (no_answer["code"], no_answer["outcome"]) == ("487", "no answer")
    assert float(no_answer["ringing"]) >= 1.5
    assert rows[server.aor("nobody")]["outcome"] == "no such number"
    assert "not a SIP URI" in rows["sip:no(where"]["reason"]


def test_an_interrupt_keeps_what_was_written(tmp_path: Path) -> None:
    wav = signals.write_wav(tmp_path / "hello.wav", signals.tone(500, 0.5, 8000), 8000)
    numbers = tmp_path / "numbers.txt"
    with SipServer() as server:
        numbers.write_text(f"{server.aor('nobody')}\n2004\n")

        async def interrupted() -> tuple[int, str, str]:
            async with Endpoint(bound_addr=BIND) as endpoint, asyncio.timeout(TIMEOUT):
                account = await endpoint.register(server.aor("2004"))
                incoming = account.incoming()
                words = (server.aor("1000"), "", str(wav), str(numbers), "--at-once", "1", "--bind", BIND)
                process = example("dialler.py", *words)
                call = await anext(incoming)
                process.send_signal(signal.SIGINT)
                ended = await asyncio.to_thread(finish, process)
                assert (await call.wait_ended(TIMEOUT)).code == 487
                return ended

        code, out, err = asyncio.run(interrupted())
        assert (code, err) == (130, "")
        assert [row["outcome"] for row in csv.DictReader(out.splitlines())] == ["no such number"]
        assert server.registrations_of("1000") == ()
