"""A program ends as Python would end it, whatever PJSIP was doing: no abort, no word, no changed status."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from laws import child
from peers.sipp import Sipp

CONSUMERS = ["handlers", "events", "nobody"]


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize(("how", "status"), [("return", 0), ("exit", 3), ("thread", 0), ("fork", 0)])
def test_silent_end(how: str, status: int, consumer: str) -> None:
    child.run("ending", how, consumer).expect(status, silent=True)


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_uncaught_exception(consumer: str) -> None:
    ended = child.run("ending", "error", consumer).expect(1)
    assert only_traceback(ended) == b"LookupError: the program's own"


@pytest.mark.parametrize(
    ("how", "consumer"), [("interrupt", "handlers"), ("interrupt", "events"), ("interrupt_events", "events")]
)
def test_control_c(how: str, consumer: str) -> None:
    # Python ends itself by the signal, so that the shell knows.
    ended = child.run("ending", how, consumer).expect(-2)
    assert only_traceback(ended) == b"KeyboardInterrupt"


def test_exit_in_a_handler_ends_the_handler_only() -> None:
    ended = child.run("ending", "exit_in_handler", "handlers").expect()
    assert ended.stdout == b""


@pytest.mark.parametrize(("how", "status"), [("return", 0), ("exit", 3), ("error", 1)])
def test_the_other_side_is_told(how: str, status: int, sipp: Callable[..., Sipp], tmp_path: Path) -> None:
    """A live call gets its BYE, and a recording is a whole file, however the program ends."""
    callee = sipp("uas_answer_media", timeout=20)
    recording = tmp_path / "heard.wav"
    child.run("goodbye", callee.uri, recording, how).expect(status)
    assert callee.wait(10).ok
    with wave.open(str(recording)) as file:
        assert file.getframerate() == 16000


@pytest.mark.parametrize("when", ["forked", "forked_in_init", "forked_in_destroy"])
def test_fork_is_refused_by_name(when: str) -> None:
    child.run(when).expect(silent=True)


def only_traceback(ended: child.Ended) -> bytes:
    """The last line of the one traceback that is all that was written."""
    assert ended.stdout == b"", ended
    lines = ended.stderr.splitlines()
    assert lines[0] == b"Traceback (most recent call last):", ended
    assert not [line for line in lines[1:-1] if not line.startswith(b" ")], ended
    return lines[-1]
