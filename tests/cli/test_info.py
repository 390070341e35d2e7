"""``pyjsua info`` and ``pyjsua --version``."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from .command import environment, pyjsua


def test_the_version_names_both() -> None:
    ran = pyjsua("--version")
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(
        rf"pyjsua {re.escape(version('pyjsua'))} \(PJSIP 2\.17, GPL-2\.0-or-later\)\n", ran.out
    )


def test_the_installed_command_is_the_module() -> None:
    script = Path(sys.executable).with_name("pyjsua")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == pyjsua("--version").out


@pytest.mark.parametrize("words", [["--help"], ["demo", "--help"], ["info", "--help"]])
def test_help_goes_to_stdout(words: list[str]) -> None:
    ran = pyjsua(*words)
    assert (ran.code, ran.err) == (0, "")
    assert "usage: pyjsua" in ran.out


@pytest.mark.parametrize("words", [[], ["dmeo"], ["demo", "--kepe", "x"], ["info", "more"]])
def test_wrong_usage_is_2_and_names_it_on_stderr(words: list[str]) -> None:
    ran = pyjsua(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: pyjsua" in ran.err
    assert (words[-1] if words else "COMMAND") in ran.err or "--kepe" in ran.err


def test_json_facts() -> None:
    ran = pyjsua("info", "--json")
    assert (ran.code, ran.err) == (0, "")
    facts = json.loads(ran.out)
    assert facts["versions"]["pjsip"] == "2.17"
    assert facts["versions"]["pyjsua"] == version("pyjsua")
    assert {codec["codec_id"].partition("/")[0] for codec in facts["codecs"]} >= {
        "PCMU", "PCMA", "G722", "opus", "GSM", "speex", "G729",
    }  # fmt: skip
    assert {"UDP", "TCP", "TLS", "UDP6", "TCP6", "TLS6"} <= set(facts["transports"])
    assert facts["limits"]["max_calls"] >= 1024
    assert facts["limits"]["max_accounts"] >= 256
    assert facts["devices"] is None


def test_text_shows_the_same() -> None:
    ran = pyjsua("info")
    assert (ran.code, ran.err) == (0, "")
    for word in ("2.17", "PCMU/8000/1", "UDP6", "max_calls", "GPL-2.0-or-later"):
        assert word in ran.out
    assert "Sound devices" not in ran.out
    assert "\x1b" not in ran.out


def test_devices_only_when_asked() -> None:
    ran = pyjsua("info", "--json", "--devices")
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(json.loads(ran.out)["devices"], list)


@pytest.mark.parametrize("refused", [False, True])
def test_a_terminal_gets_colours_unless_refused(refused: bool) -> None:
    ours, theirs = pty.openpty()
    env = environment(TERM="xterm", **({"NO_COLOR": "1"} if refused else {}))
    process = subprocess.Popen([sys.executable, "-m", "pyjsua", "info"], stdout=theirs, env=env)
    os.close(theirs)
    text = b""
    try:
        while data := os.read(ours, 65536):
            text += data
    except OSError:
        # Linux ends a terminal without a writer by EIO.
        pass
    os.close(ours)
    assert process.wait(60) == 0
    assert b"Versions" in text
    assert (b"\x1b[" in text) is not refused


def test_a_reader_that_left_is_no_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pyjsua", "info"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(60) == 1
