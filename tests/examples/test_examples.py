"""The examples do what their first lines say, each in a process of its own, against each other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.baresip import Baresip
from peers.kamailio import Kamailio
from peers.presence import presence
from pyjsua.cli.melody import Melody, listen
from pyjsua.testing import Respond, SipServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BIND = "127.0.0.1"
TIMEOUT = 60
MELODY = Melody((500, 1100, 700, 1500))


def example(
    name: str, *words: str, env: dict[str, str] | None = None, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # What they leave open is told where it is collected, on stderr.
        [sys.executable, "-W", "error::ResourceWarning", str(EXAMPLES / name), *words],
        stdin=stdin,
        env=env,
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
                "first_call.py", server.aor("1001"), "secret", server.aor("1002"), str(hello),
                "--digits", "1", "--record", str(heard), "--seconds", "4", "--bind", BIND,
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


def test_sync_call_hears_itself(server: SipServer, tmp_path: Path) -> None:
    hello = MELODY.write(tmp_path / "hello.wav", 8000)
    heard = tmp_path / "heard.wav"
    with answering(server):
        words = (server.aor("1001"), "secret", server.aor("1002"), str(hello), "--record", str(heard))
        code, out, err = finish(example("sync_call.py", *words, "--bind", BIND))
        assert (code, err) == (0, ""), out
    assert out.splitlines()[-1].startswith("ended: 200 OK; ")
    assert listen(heard, MELODY).tones[-3:] == MELODY.frequencies[-3:]
    assert server.registrations_of("1001") == ()


def test_first_call_hears_itself_from_echo_stream(server: SipServer, tmp_path: Path) -> None:
    hello = MELODY.write(tmp_path / "hello.wav", 8000)
    heard = tmp_path / "heard.wav"
    with answering(server, "echo_stream.py") as printed:
        code, out, err = finish(
            example(
                "first_call.py", server.aor("1001"), "secret", server.aor("1002"), str(hello),
                "--record", str(heard), "--seconds", "4", "--bind", BIND,
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
    words = ("hello.wav", "--record", str(tmp_path / "heard.wav"), "--bind", BIND)
    code, _, err = finish(example("first_call.py", server.aor("1001"), "secret", server.aor("1002"), *words))
    assert (code, err) == (1, "CallDeclined: 603 Decline\n")
    code, _, err = finish(example("first_call.py", server.aor("1001"), "wrong", server.aor("1002"), *words))
    assert code == 1
    assert err.startswith("AuthenticationFailed: 4")


def test_a_wrong_password_is_told_in_one_line(server: SipServer, tmp_path: Path) -> None:
    more = {
        "buddies.py": (server.aor("1002"),),
        "record_call.py": (str(tmp_path),),
        "transcriber.py": ("ws://127.0.0.1:1/",),
    }
    names = ("buddies.py", "echo_stream.py", "incoming.py", "ivr.py", "record_call.py", "transcriber.py")
    started = [
        (name, example(name, server.aor("1001"), "guessed", *more.get(name, ()), "--bind", BIND))
        for name in (*names, "voice_agent.py")
    ]
    for name, process in started:
        code, out, err = finish(process)
        assert (code, out) == (1, ""), name
        assert err == (
            "AuthenticationFailed: 401 Unauthorized: the user name or the password is wrong "
            "(PJSIP_EAUTHSTALECOUNT)\n"
        ), name


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


@pytest.fixture(scope="module")
def registrar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kamailio]:
    """A registrar and presence server for all of them."""
    settings = presence(tmp_path_factory.mktemp("kamailio"), {"1001": "secret-1001", "1002": "secret-1002"})
    with Kamailio("127.0.0.1", **settings) as running:
        yield running


def test_accounts(registrar: Kamailio) -> None:
    registrar.clear()
    code, out, err = finish(
        example("accounts.py", f"127.0.0.1:{registrar.port}", "1001", "secret-1001", "--bind", BIND)
    )
    assert (code, err) == (0, ""), out
    assert registrar.contacts("1001") == []
    lines = out.splitlines()
    assert lines[:3] == [
        "registering: 200 OK, 300 s",
        "renewed 5 s before expiry",
        "registering: 200 OK, 300 s",
    ]
    assert lines[-3:] == [
        "registering: 200 OK, 120 s",
        "unregistering: 200 OK, 0 s",
        f"sip:1001@127.0.0.1:{registrar.port} is gone: 200 OK",
    ]
    registrar.wait_for(
        lambda message: (
            message.method == "REGISTER"
            and message.header("expires") == "120"
            and ";q=0.5" in (message.header("contact") or "")
        )
    )


def test_two_who_watch_each_other(registrar: Kamailio) -> None:
    where = f"127.0.0.1:{registrar.port}"
    both = []
    try:
        for user, other, note in (("1001", "1002", "At tea"), ("1002", "1001", "On the train")):
            words = ("--domain", registrar.domain, "--note", note, "--bind", BIND)
            both.append(example("presence.py", where, user, f"secret-{user}", registrar.aor(other), *words))
        for process, other, note in zip(both, ("1002", "1001"), ("On the train", "At tea"), strict=True):
            wanted = {
                "registered: 200 OK",
                "subscription: ACTIVE",
                f"{registrar.aor(other)}: ONLINE, '{note}'",
                f"<{registrar.aor(other)}> is typing",
            }
            assert process.stdout is not None
            for line in process.stdout:
                wanted.discard(line.strip())
                if not wanted:
                    break
            assert not wanted
        for process in both:
            process.send_signal(signal.SIGINT)
        for process in both:
            assert finish(process)[::2] == (0, "")
    finally:
        for process in both:
            process.kill()
    assert registrar.contacts("1001") == registrar.contacts("1002") == []


@pytest.mark.hears
def test_media(baresip: Callable[..., Baresip], tmp_path: Path) -> None:
    other = baresip(answer="auto")
    hello = MELODY.write(tmp_path / "hello.wav", 8000)
    heard = tmp_path / "heard.wav"
    words = ("--seconds", "1", "--bind", BIND)
    code, out, err = finish(example("media.py", other.uri, str(hello), str(heard), *words))
    assert (code, err) == (0, ""), out
    lines = out.splitlines()
    assert [line for line in lines if line.startswith("CONFIRMED")] == ["CONFIRMED 200"]
    assert any(line.startswith("PCMU/8000, RTP 127.0.0.1:") for line in lines)
    assert any(line.startswith("received ") and line.endswith(" lost 0") for line in lines)
    (loudest,) = [int(line.split()[2]) for line in lines if line.startswith("loudest")]
    assert loudest > 50
    assert lines[-1] == "DISCONNECTED 200"
    # baresip sends one long tone.
    assert set(listen(heard, Melody((440, 700))).tones) <= {440}
    assert len(other.heard()[0]) > 4000


def offered(out: str) -> list[str]:
    (line,) = [line for line in out.splitlines() if line.startswith("offered: ")]
    return line.split()[1:]


def test_codecs(baresip: Callable[..., Baresip]) -> None:
    other = baresip(answer="auto", codecs="PCMU,PCMA,opus/48000/2", config="module opus.so")
    code, out, err = finish(example("codecs.py", other.uri, "PCMA", "--bind", BIND))
    assert (code, err) == (0, ""), out
    assert offered(out)[0] == "PCMA/8000"
    assert {"PCMU/8000", "opus/48000/2"} <= set(offered(out))
    assert "used: PCMA/8000, payload type 8, 20 ms a packet\n200 " in out
    words = ("opus", "--only", "--fmtp", "maxaveragebitrate=20000", "--bind", BIND)
    code, out, err = finish(example("codecs.py", other.uri, *words))
    assert (code, err) == (0, ""), out
    assert offered(out) == ["opus/48000/2", "telephone-event/48000"]
    assert "\nused: opus/48000, " in out
    assert "maxaveragebitrate=20000" in other.output


def test_without_arguments_an_example_says_how() -> None:
    started = [(path.name, example(path.name)) for path in sorted(EXAMPLES.glob("*.py"))]
    for name, process in started:
        code, out, err = finish(process)
        assert (code != 0, out) == (True, ""), name
        assert name in err
