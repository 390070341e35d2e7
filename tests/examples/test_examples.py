"""The examples do what their first lines say, each in a process of its own, against each other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pyjsua.cli.melody import Melody, listen
from pyjsua.testing import Respond, SipServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BIND = "127.0.0.1"
TIMEOUT = 60
MELODY = Melody((500, 1100, 700, 1500))


def example(name: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(EXAMPLES / name), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where tests run in the background, a shell has had SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
    return process.returncode, out, err


@contextmanager
def answering(server: SipServer, name: str = "incoming.py") -> Iterator[list[str]]:
    """incoming.py, or another, as 1002; what it prints. Ctrl-C must end it, well and quietly."""
    process = example(name, server.aor("1002"), "secret", "--bind", BIND)
    assert process.stdout is not None
    printed: list[str] = []
    reader = threading.Thread(target=lambda: printed.extend(line.strip() for line in process.stdout or ()))
    reader.start()
    try:
        server.wait_registered("1002", TIMEOUT)
        yield printed
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 0
        server.wait_unregistered("1002", TIMEOUT)
    finally:
        process.kill()
        reader.join()
        process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer({"1001": "secret", "1002": "secret"}) as running:
        yield running


def test_first_call_hears_itself_from_incoming(server: SipServer, tmp_path: Path) -> None:
    hello = MELODY.write(tmp_path / "hello.wav", 8000)
    heard = tmp_path / "heard.wav"
    with answering(server) as printed:
        code, out, err = finish(
            example(
                "first_call.py", server.aor("1001"), "secret", server.aor("1002"), "--digits", "1",
                "--play", str(hello), "--record", str(heard), "--seconds", "4", "--bind", BIND,
            )
        )  # fmt: skip
        assert (code, err) == (0, ""), out
        server.wait_for(lambda message: message.is_response(200, "BYE"), TIMEOUT)
    assert "is registered" in out
    assert "ended: 200" in out
    # The digit's time is cut out of what is sent, so the first tone may be short or gone.
    assert listen(heard, MELODY).tones[-3:] == MELODY.frequencies[-3:]
    assert "digit 1" in printed
    assert any(line.startswith("call ended: CallEnd(code=200") for line in printed)


def test_first_call_hears_itself_from_echo_stream(server: SipServer, tmp_path: Path) -> None:
    hello = MELODY.write(tmp_path / "hello.wav", 8000)
    heard = tmp_path / "heard.wav"
    with answering(server, "echo_stream.py") as printed:
        code, out, err = finish(
            example(
                "first_call.py", server.aor("1001"), "secret", server.aor("1002"),
                "--play", str(hello), "--record", str(heard), "--seconds", "4", "--bind", BIND,
            )
        )  # fmt: skip
        assert (code, err) == (0, ""), out
        server.wait_for(lambda message: message.is_response(200, "BYE"), TIMEOUT)
    assert listen(heard, MELODY).tones[-3:] == MELODY.frequencies[-3:]
    assert any(line.startswith("said ") for line in printed)


@pytest.mark.parametrize(("code", "reason"), [(200, "OK"), (404, "Not Found")])
def test_message_says_what_became_of_it(server: SipServer, code: int, reason: str) -> None:
    server.set_fault("MESSAGE", Respond(code, reason))
    status, out, err = finish(example("message.py", server.aor("1002"), "good morning", BIND))
    assert (status, err) == (0, "")
    assert out == f"{code} {reason}\n"
    sent = next(message for message in server.trace if message.method == "MESSAGE")
    assert sent.raw.endswith(b"\r\n\r\ngood morning")
    assert b"\r\nSubject: an example\r\n" in sent.raw


def test_first_call_says_what_the_other_side_said(server: SipServer, tmp_path: Path) -> None:
    server.set_fault("INVITE", Respond(603, "Decline"))
    words = ("--record", str(tmp_path / "heard.wav"), "--bind", BIND)
    code, _, err = finish(example("first_call.py", server.aor("1001"), "secret", server.aor("1002"), *words))
    assert (code, err) == (1, "CallDeclined: 603 Decline\n")
    code, _, err = finish(example("first_call.py", server.aor("1001"), "wrong", server.aor("1002"), *words))
    assert code == 1
    assert err.startswith("AuthenticationFailed: 4")


def test_low_level(server: SipServer) -> None:
    address = f"{server.host}:{server.port}"
    with answering(server):
        code, out, err = finish(example("low_level.py", address, "1001", "secret", "1002", BIND))
        assert (code, err) == (0, ""), out
        assert server.registrations_of("1001") == ()
    lines = out.splitlines()
    assert lines[0].startswith("200 OK ")
    states = [line.split()[0] for line in lines[1:] if not line.startswith("200")]
    assert [state for state in states if state != "EARLY"] == [
        "CALLING", "CONNECTING", "CONFIRMED", "DISCONNECTED",
    ]  # fmt: skip
    assert server.trace[-1].is_response(200, "REGISTER")


@pytest.mark.parametrize(
    "name", ["echo_stream.py", "first_call.py", "incoming.py", "low_level.py", "message.py"]
)
def test_without_arguments_an_example_says_how(name: str) -> None:
    code, out, err = finish(example(name))
    assert code != 0
    assert out == ""
    assert name in err
