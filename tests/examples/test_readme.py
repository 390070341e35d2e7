"""The programs of README.md run as they stand there, but for whom they call; and every guide is linked."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.test_examples import BIND, TIMEOUT
from pyjsua import Call, Endpoint
from pyjsua.testing import SipServer

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def programs() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S)


@pytest.mark.parametrize(("number", "prints"), [(0, ""), (1, "CALLING 0\n")], ids=["objects", "low level"])
def test_a_program_of_the_readme(number: int, prints: str) -> None:
    digits: list[str] = []

    async def serve(call: Call) -> None:
        async with call:
            # Hung up in the middle of the last digit, who sends it would be told that it was not sent.
            await call.answer(max_duration=5)
            digits.append((await call.collect(timeout=TIMEOUT)).digits)
            await call.wait_ended()

    async def run(server: SipServer) -> tuple[int, str, str]:
        program = programs()[number]
        for written, meant in {
            "sip:1001@example.com": server.aor("1001"),
            "sip:1002@example.com": server.aor("1002"),
            "sip:example.com": server.uri,
        }.items():
            program = program.replace(written, meant)
        async with Endpoint(bound_addr=BIND) as endpoint:
            account = await endpoint.register(server.aor("1002"), "secret")
            account.on_incoming(serve)
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-c", program],
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
            )
            return done.returncode, done.stdout, done.stderr

    with SipServer({"1001": "secret", "1002": "secret"}) as server:
        code, out, err = asyncio.run(run(server))
        assert (code, err) == (0, "")
        assert prints in out
        assert any(message.is_request("INVITE") for message in server.trace)
        assert server.registrations_of("1001") == ()
    if number == 0:
        assert digits == ["42"]


def test_every_guide_is_linked() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    for guide in (ROOT / "docs" / "guides").glob("*.md"):
        assert f"docs/guides/{guide.name}" in README, guide.name
        assert f"\nguides/{guide.stem}\n" in index, guide.name
