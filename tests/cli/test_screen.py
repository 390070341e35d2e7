"""What is written where: plain lines into a pipe, rewritten and coloured ones on a terminal."""

from __future__ import annotations

import io

import pytest

from pyjsua.cli.screen import Screen
from pyjsua.cli.steps import Abandoned, Failed, Steps


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Pipe(Terminal):
    def isatty(self) -> bool:
        return False


class AsciiPipe(Pipe):
    encoding = "ascii"


def two_steps(out: io.StringIO) -> str:
    steps = Steps(Screen(out))
    with steps.step("First") as step:
        steps.progress("half way")
        step.detail = "found it"
    with steps.step("Second", go_on=True):
        raise Failed("nothing there")
    return out.getvalue()


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_pipe_gets_one_plain_line_for_each_step() -> None:
    lines = two_steps(Pipe()).splitlines()
    assert [line.split() for line in lines] == [
        ["✓", "First", "found", "it"],
        ["✗", "Second", "nothing", "there"],
    ]


def test_without_unicode_the_marks_are_words() -> None:
    lines = two_steps(AsciiPipe()).splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "FAILED"]
    "".join(lines).encode("ascii")


def test_a_terminal_sees_the_step_while_it_runs_and_colours() -> None:
    text = two_steps(Terminal())
    assert "half way" in text
    assert "\r\x1b[K" in text
    assert "\x1b[32m✓" in text
    assert "\x1b[31m✗" in text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    text = two_steps(Terminal())
    assert "\x1b[3" not in text
    assert "found it" in text


def test_an_empty_no_color_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[32m" in two_steps(Terminal())


def test_a_failure_ends_the_run_unless_the_rest_can_go_on() -> None:
    steps = Steps(None)
    with steps.step("May fail", go_on=True):
        raise OSError("gone")
    with pytest.raises(Abandoned, match="Must not"), steps.step("Must not"):
        raise Failed("no good")
    assert [(step.name, step.error) for step in steps.failed] == [
        ("May fail", "OSError: gone"),
        ("Must not", "no good"),
    ]
    assert "gone" in steps.failed[0].trace


def test_an_interrupt_is_never_swallowed() -> None:
    steps = Steps(None)
    with pytest.raises(KeyboardInterrupt), steps.step("Waiting", go_on=True):
        raise KeyboardInterrupt
    assert steps.failed[0].error == "interrupted"


def test_a_table_lines_its_columns_up() -> None:
    out = Pipe()
    Screen(out).table(("", "sent", "lost"), [("alice", "7", "100 (93%)"), ("bob", "12345", "0")])
    assert out.getvalue().splitlines() == [
        "          sent       lost",
        "  alice      7  100 (93%)",
        "  bob    12345          0",
    ]
