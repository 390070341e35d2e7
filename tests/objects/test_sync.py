"""`pyjsua.sync`: the objects in programs that know nothing of asyncio."""

from __future__ import annotations

import contextvars
import inspect
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pyjsua
from objects.phones import TIMEOUT
from pyjsua import CallUnavailable, InvalidState, PcmMarkOutcome, State, pjsua as pj, sync
from pyjsua.testing import Respond, SipServer
from whole_sound import whole_sound

PROGRAM = Path(__file__).with_name("programs") / "sync_exit.py"


@pytest.fixture
def endpoint(sip_server: SipServer) -> Iterator[Any]:
    # It unregisters before the server goes.
    with sync.Endpoint(bound_addr="127.0.0.1", media_config=whole_sound()) as running:
        yield running
    assert pj.get_state() == State.NULL


@pytest.fixture
def phones(endpoint: Any, sip_server: SipServer) -> tuple[Any, Any]:
    """Two accounts of the server."""
    alice, bob = (endpoint.register(sip_server.aor(user), "secret") for user in ("1001", "1002"))
    return alice, bob


def in_thread(function: Callable[[], Any]) -> Any:
    """Starts it; the function returned waits for it."""
    pool = ThreadPoolExecutor(1)
    done = pool.submit(function)
    pool.shutdown(wait=False)
    return lambda: done.result(TIMEOUT)


def test_a_call_from_registration_to_goodbye(phones: tuple[Any, Any], sip_server: SipServer) -> None:
    alice, bob = phones
    incoming = bob.incoming()
    answered = in_thread(lambda: next(incoming).answer())
    with alice.call(bob.uri, timeout=TIMEOUT) as call:
        far = answered()
        assert (far.account, far.account.endpoint) == (bob, alice.endpoint)
        assert (alice.calls, bob.calls) == ({call}, {far})
        far.wait_media(TIMEOUT)
        call.wait_media(TIMEOUT)
        call.audio.write(bytes(16000), timeout=TIMEOUT)
        mark = call.audio.stream.mark("all of it")
        assert mark.result(TIMEOUT).outcome is PcmMarkOutcome.PLAYED
        frames = iter(far.audio.stream)
        assert len(next(frames)) == len(next(frames)) == 640
        frames.close()
        call.max_duration = 30
        assert call.max_duration == 30
        with pytest.raises(ValueError, match="max_duration"):
            call.max_duration = -1
        assert repr(call).startswith("<sync Call ")
    assert call.end.by_us
    assert far.wait_ended(TIMEOUT).by_us is False
    sip_server.wait_for(lambda message: message.is_response(200, "BYE"), TIMEOUT)


def test_from_two_threads_at_once(phones: tuple[Any, Any]) -> None:
    alice, bob = phones
    incoming = bob.incoming()

    def answer() -> int:
        return sum(call.answer().wait_ended(TIMEOUT).answered for call in incoming)

    def call_thrice() -> list[int]:
        return [alice.call(bob.uri, timeout=TIMEOUT).hangup().code for _ in range(3)]

    answering = in_thread(answer)
    both = [in_thread(call_thrice) for _ in range(2)]
    assert [wait() for wait in both] == [[200, 200, 200]] * 2
    incoming.close()
    assert answering() == 6


def test_leaving_a_loop_over_calls_ends_listening(phones: tuple[Any, Any]) -> None:
    alice, bob = phones
    listening = [bob.incoming()]
    calling = in_thread(lambda: alice.start_call(bob.uri).wait_ended(TIMEOUT))
    for call in listening.pop():
        call.reject(486)
        break
    assert calling().code == 486
    with pytest.raises(CallUnavailable):
        alice.call(bob.uri, timeout=TIMEOUT)
    # One that has a name goes on, until it is closed.
    kept = bob.incoming()
    for code in (486, 603):
        calling = in_thread(lambda: alice.start_call(bob.uri).wait_ended(TIMEOUT))
        for call in kept:
            call.reject(code)
            break
        assert calling().code == code
    kept.close()
    with pytest.raises(StopIteration):
        next(kept)
    with pytest.raises(CallUnavailable):
        alice.call(bob.uri, timeout=TIMEOUT)


def test_errors_come_through_with_where_they_came_from(
    phones: tuple[Any, Any], sip_server: SipServer
) -> None:
    alice, _ = phones
    sip_server.set_fault("INVITE", Respond(486, "Busy Here"))
    with pytest.raises(pyjsua.CallBusy, match="486 Busy Here") as caught:
        alice.call(sip_server.aor("1002"))
    assert "wait_answered" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    with pytest.raises(TypeError, match="nonsense"):
        alice.call(nonsense=True)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = alice.nonsense
    with pytest.raises(AttributeError):
        _ = alice._listeners


def test_control_c_ends_what_was_waited_for(phones: tuple[Any, Any]) -> None:
    alice, bob = phones
    incoming = bob.incoming()
    main = threading.get_ident()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt() -> Any:
        call = next(incoming)
        signal.pthread_kill(main, signal.SIGINT)
        return call.wait_ended(TIMEOUT)

    interrupting = in_thread(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            alice.call(bob.uri)
    finally:
        signal.signal(signal.SIGINT, before)
    assert interrupting().code == 487
    # And the loop goes on.
    assert alice.registered


def test_closing_any_number_of_times() -> None:
    endpoint = sync.Endpoint(bound_addr="127.0.0.1")
    endpoint.close()
    for _ in range(2):
        assert endpoint.open() is endpoint
        assert endpoint.running
        both = [in_thread(endpoint.close) for _ in range(2)]
        for wait in both:
            wait()
        endpoint.close()
        assert pj.get_state() == State.NULL
    with pytest.raises(InvalidState, match="not open"):
        endpoint.add_account("sip:1001@127.0.0.1")


def test_a_function_that_is_called_in_the_loop(endpoint: Any) -> None:
    account = endpoint.add_account("sip:1001@127.0.0.1")
    buddy = account.add_buddy("sip:1002@127.0.0.1:9")
    assert buddy.wait(lambda one: one is buddy and not one.closed) is buddy
    with pytest.raises(RuntimeError, match="would wait for the loop"):
        buddy.wait(lambda one: account.close())


def test_a_handler_of_calls_may_wait_and_delays_nobody(phones: tuple[Any, Any]) -> None:
    alice, bob = phones
    go_on, served = threading.Event(), []

    def serve(call: Any) -> None:
        served.append(call)
        call.answer()
        if len(served) == 1:
            go_on.wait(TIMEOUT)
        elif len(served) == 2:
            sys.exit("an end of its thread only")
        call.hangup()

    handler = bob.on_incoming(serve)
    first = alice.call(bob.uri, timeout=TIMEOUT)
    for _ in range(2):
        assert alice.call(bob.uri, timeout=TIMEOUT).wait_ended(TIMEOUT).by_us is False
    assert not first.ended
    go_on.set()
    assert first.wait_ended(TIMEOUT).by_us is False
    assert len(served) == 3
    handler.close()
    with pytest.raises(CallUnavailable):
        alice.call(bob.uri, timeout=TIMEOUT)


def test_every_name_of_the_objects_is_there_and_none_has_to_be_awaited() -> None:
    names = [name for name in dir(sync) if name in dir(pyjsua)]
    assert {"Endpoint", "Account", "Call", "AudioStream", "Player", "Transfer", "Conference"} <= set(names)
    for name in names:
        theirs, ours = getattr(pyjsua, name), getattr(sync, name)
        for each in dir(theirs):
            if each.startswith("_"):
                continue
            assert hasattr(ours, each), f"{name}.{each}"
            method = getattr(ours, each)
            if inspect.isfunction(method):
                assert method.__doc__ == getattr(theirs, each).__doc__
                assert inspect.signature(method) == inspect.signature(getattr(theirs, each))
    assert issubclass(sync.CallAudio, sync.AudioPort)
    with pytest.raises(TypeError, match="Blocking"):
        sync.Blocking()
    with pytest.raises(AttributeError, match="CallBusy"):
        _ = sync.CallBusy


def test_an_object_made_by_name(endpoint: Any) -> None:
    with sync.AudioStream(8000) as stream, endpoint.tone_generator() as tones:
        assert isinstance(tones, sync.ToneGenerator)
        tones.connect(stream)
        assert stream.sources == (tones,)
        assert len(stream.read(320, timeout=TIMEOUT)) == 320
        with pytest.raises(TimeoutError):
            stream.read(24000, timeout=0.01)
    assert stream.closed


def test_the_context_of_the_caller_is_that_of_the_loop(endpoint: Any) -> None:
    variable = contextvars.ContextVar("variable", default="nobody")
    account = endpoint.add_account("sip:1001@127.0.0.1")
    buddy = account.add_buddy("sip:1002@127.0.0.1:9")
    variable.set("me")
    assert buddy.wait(lambda one: variable.get() == "me", timeout=1) is buddy


@pytest.mark.parametrize(
    ("how", "status"),
    [("return", 0), ("exit", 3), ("waiting", 0), ("frames", 0), ("fork", 0), ("error", 1)],
)
def test_a_program_ends_in_silence_with_a_call_up(how: str, status: int, sip_server: SipServer) -> None:
    domain = f"{sip_server.host}:{sip_server.port}"
    # A fork with threads about is warned of from Python 3.12 on.
    quiet = ["-W", "ignore:This process:DeprecationWarning"]
    done = subprocess.run(
        [sys.executable, *quiet, str(PROGRAM), domain, how], capture_output=True, timeout=60
    )
    out = done.stdout + done.stderr
    if how == "error":
        assert out.startswith(b"Traceback"), out
        assert out.count(b"Traceback") == 1, out
        assert out.endswith(b"LookupError: the program's own\n"), out
    else:
        assert out == b"", out
    assert done.returncode == status
    assert any(message.method == "BYE" for message in sip_server.trace)
