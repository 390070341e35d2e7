"""The examples of accounts as objects: people who watch each other, a trunk, several registrars."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from examples.test_examples import BIND, TIMEOUT, example, finish
from peers.wire import WireClient
from pyjsua.testing import Respond, SipServer


@pytest.fixture
def server() -> Iterator[SipServer]:
    with SipServer({"1001": "secret", "1002": "secret", "1003": "secret"}) as running:
        yield running


@contextmanager
def running(name: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """An example that Ctrl-C ends, well and quietly."""
    process = example(name, *words, "--bind", BIND)
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert finish(process)[::2] == (0, "")
    finally:
        process.kill()


def wait_lines(process: subprocess.Popen[str], wanted: Iterable[str]) -> None:
    """Reads on until each of these patterns was a line."""
    left = set(wanted)
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line.strip())
        left = {pattern for pattern in left if not re.fullmatch(pattern, seen[-1])}
        if not left:
            return
    raise AssertionError(f"{left} not among {seen}")


def test_buddies_watch_each_other_and_chat(server: SipServer) -> None:
    one, two, three = (server.aor(user) for user in ("1001", "1002", "1003"))
    with ExitStack() as stack:
        first = stack.enter_context(running("buddies.py", one, "secret", two, "--note", "At tea"))
        server.wait_registered("1001", TIMEOUT)
        words = (two, "secret", one, "--note", "On the train", "--say", "hello")
        second = stack.enter_context(running("buddies.py", *words))
        wait_lines(second, [f"{one} has it: 200 OK", f"{one}: ONLINE, 'At tea'", ".*1001.*: You said: hello"])
        wait_lines(first, [".*1002.*: hello", ".*1002.* asked to watch us: ACTIVE"])
        stranger = stack.enter_context(running("buddies.py", three, "secret", one))
        wait_lines(first, [".*1003.* asked to watch us: TERMINATED"])
        assert stranger.poll() is None
    server.wait_unregistered("1001", TIMEOUT)


def test_a_trunk_calls_and_is_called(server: SipServer, wire_client: Callable[..., WireClient]) -> None:
    words = (server.aor("1001"), "--host", f"127.0.0.1:{server.port}", "--auth-user", "1001", "--password")
    with running("trunk.py", *words, "secret", "--from-network", "127.0.0.1/32") as trunk:
        assert trunk.stdout is not None
        port = int(trunk.stdout.readline().rpartition(" ")[2])
        wire = wire_client()
        uri = f"sip:+4999@127.0.0.1:{port}"
        wire.send(wire.request("INVITE", uri), ("127.0.0.1", port))
        wait_lines(trunk, [f".* calls {re.escape(uri)}"])
        stranger = wire_client(host="127.0.0.2")
        stranger.send(stranger.request("INVITE", uri), ("127.0.0.1", port))
        stranger.wait_for(lambda message: message.status == 403)
        wait_lines(trunk, ["refused .*, who is at 127.0.0.2"])
    # It answers with what the provider said to a number that is nobody's.
    code, out, err = finish(
        example("trunk.py", *words, "secret", "--call", server.aor("4711"), "--bind", BIND)
    )
    assert (code, err) == (0, "")
    assert re.search(r"not answered: 4\d\d ", out), out
    assert not any(message.is_request("REGISTER") for message in server.trace)


def test_several_accounts_live_on_their_own(server: SipServer) -> None:
    with SipServer({"alice": "sesame"}, realm="elsewhere") as other:
        server.faults.set("REGISTER", Respond(503, "Later"), times=1)
        first, second = server.aor("1001"), other.aor("alice")
        with running("several_accounts.py", f"{first}=secret", f"{second}=sesame") as process:
            wait_lines(
                process,
                [
                    f"{first}: retrying 503 Later, again in [012] s",
                    f"{second}: registered 200 OK",
                    f"{first}: registered 200 OK",
                ],
            )
        other.wait_unregistered("alice", TIMEOUT)
