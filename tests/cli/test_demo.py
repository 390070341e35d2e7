"""``pyjsua demo`` when all is well: on the wire, in the recordings, on the screen."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from peers.signals import read_wav, strongest_tone, trim
from pyjsua.cli.conversation import CALLEE, CALLER, DIGITS, MELODIES

from .command import Ran, broken, environment, pyjsua

PREFER = """
from pyjsua import _core
from pyjsua.endpoint import Endpoint
address = Endpoint.address
def prefer(self, *words):
    _core.codec_set_priority("{codec}", 255)
    return address(self, *words)
Endpoint.address = prefer
"""

OTHER = {CALLER: CALLEE, CALLEE: CALLER}


@dataclass(frozen=True)
class Kept:
    ran: Ran
    facts: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """One run with everything asked for."""
    folder = tmp_path_factory.mktemp("demo") / "made" / "for it"
    ran = pyjsua("demo", "--json", "--keep", str(folder))
    assert ran.code == 0, ran.out + ran.err
    return Kept(ran, json.loads(ran.out), folder)


@pytest.fixture(scope="module")
def shown() -> Ran:
    return pyjsua("demo")


def test_json_is_all_there_is(demo: Kept) -> None:
    assert demo.ran.err == ""
    assert demo.facts["ok"] is True
    assert demo.facts["failed"] == []
    assert all(step["ok"] for step in demo.facts["steps"])
    assert demo.facts["versions"]["pjsip"] == "2.17"
    assert demo.facts["seconds"] < 15


def test_the_ladder_holds_both_challenges_and_the_whole_call(demo: Kept) -> None:
    ladder = demo.facts["ladder"]
    assert ladder["participants"] == [CALLER, "proxy", CALLEE]
    sent = [
        (message["source"], message["status"] or message["method"], message["method"])
        for message in ladder["messages"]
        if CALLER in (message["source"], message["destination"]) and not message["retransmission"]
    ]
    assert sent[:4] == [
        (CALLER, "REGISTER", "REGISTER"), ("proxy", 401, "REGISTER"),
        (CALLER, "REGISTER", "REGISTER"), ("proxy", 200, "REGISTER"),
    ]  # fmt: skip
    call = [(who, what) for who, what, method in sent if method != "REGISTER"]
    assert call == [
        (CALLER, "INVITE"), ("proxy", 407), (CALLER, "ACK"), (CALLER, "INVITE"), ("proxy", 100),
        ("proxy", 180), ("proxy", 200), (CALLER, "ACK"), (CALLER, "BYE"), ("proxy", 200),
    ]  # fmt: skip
    assert sent[-1] == ("proxy", 200, "REGISTER")


def test_nothing_left_loopback(demo: Kept) -> None:
    messages = demo.facts["ladder"]["messages"]
    hosts = {message[end][0] for message in messages for end in ("source_address", "destination_address")}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("listener", [CALLER, CALLEE])
def test_the_recordings_hold_the_other_ends_signal(demo: Kept, listener: str) -> None:
    for name in (f"{OTHER[listener]}-sent.wav", f"{listener}-heard.wav"):
        samples, rate = read_wav(demo.folder / name)
        sound = trim(samples, threshold=-30)
        size = rate // 10
        tones = [
            round(strongest_tone(sound[start : start + size], rate).frequency / 25) * 25
            for start in range(0, len(sound) - size, size // 4)
        ]
        # A window across a change gives something in between, but never three times in a row.
        steady = [tone for tone, run in groupby(tones) if len(list(run)) >= 3]
        assert tuple(steady) == MELODIES[OTHER[listener]].frequencies, name


def test_audio_and_digits_in_the_facts(demo: Kept) -> None:
    for user in (CALLER, CALLEE):
        audio = demo.facts["audio"][user]
        assert audio["ok"] is True
        assert audio["heard_hz"] == list(MELODIES[OTHER[user]].frequencies)
        assert audio["purity"] > 0.9
        assert demo.facts["dtmf"][user] == {
            "from": OTHER[user], "sent": DIGITS[OTHER[user]], "received": DIGITS[OTHER[user]], "ok": True,
        }  # fmt: skip


def test_the_figures_of_both_ends_agree(demo: Kept) -> None:
    quality = demo.facts["quality"]
    for user in (CALLER, CALLEE):
        mine, theirs = quality[user], quality[OTHER[user]]
        assert mine["codec"] == theirs["codec"] != ""
        assert mine["received"] > 100
        # A packet or two can still be on the way when the other end stops counting.
        assert abs(mine["received"] + mine["lost"] - theirs["sent"]) <= 5
        assert mine["jitter_mean_ms"] is not None
        if mine["round_trip_ms"] is not None:
            assert 0 <= mine["round_trip_ms"] < 1000


def test_the_files_that_are_kept(demo: Kept) -> None:
    assert sorted(path.name for path in demo.folder.iterdir()) == [
        "alice-heard.wav", "alice-sent.wav", "bob-heard.wav", "bob-sent.wav",
        "ladder.json", "ladder.mmd", "ladder.txt", "report.json",
    ]  # fmt: skip
    assert json.loads((demo.folder / "report.json").read_text()) == demo.facts
    assert json.loads((demo.folder / "ladder.json").read_text()) == demo.facts["ladder"]
    assert "407 Proxy Authentication Required" in (demo.folder / "ladder.txt").read_text()
    assert (demo.folder / "ladder.mmd").read_text().startswith("sequenceDiagram\n")


@pytest.mark.hears
@pytest.mark.parametrize("codec", ["PCMU", "speex/8000"])
def test_it_verifies_whatever_codec_is_first(codec: str) -> None:
    ran = broken(PREFER.format(codec=codec), "demo", "--json")
    assert ran.code == 0, ran.out + ran.err
    facts = json.loads(ran.out)
    assert {quality["codec"] for quality in facts["quality"].values()} == {codec.partition("/")[0]}


def test_what_a_person_sees_in_a_pipe(shown: Ran) -> None:
    assert (shown.code, shown.err) == (0, "")
    assert "\x1b" not in shown.out
    assert "\r" not in shown.out
    steps, _, rest = shown.out.partition("SIP messages")
    ladder, _, table = rest.partition("Call quality")
    marks = re.findall(r"^  (\S+) (\S.*)$", steps, re.MULTILINE)
    assert len(marks) > 10
    assert {mark for mark, _ in marks} == {"✓"}
    for word in ("401 Unauthorized", "407 Proxy", "100 Trying", "180 Ringing", "ACK", "BYE", "200 OK"):
        assert word in ladder
    for word in ("codec", "received", "lost", "jitter", "round trip", CALLER, CALLEE):
        assert word in table
    assert f"All {len(marks)} steps were verified" in table


def test_keep_says_where_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = pyjsua("demo", "--keep", str(tmp_path / "file" / "folder"))
    assert (ran.code, ran.out) == (2, "")
    assert "--keep" in ran.err
    assert str(tmp_path / "file") in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("after", ["Register alice", "Play a known signal"])
def test_ctrl_c_is_clean(after: str) -> None:
    """Before and after the call is up."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pyjsua", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
        # Where tests run in the background, a shell has had SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if after in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert err == "Interrupted.\n"
    assert "SIP messages" not in out
