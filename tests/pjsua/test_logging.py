"""What PJSIP tells of itself: its log, at a level and in a file that can change, and its state."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from pjsua.phone import Phone, until
from pyjsua import pjsua as pj


def test_perror_is_a_line_of_the_log(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    pj.perror("mine.py", "It went wrong", 70004)
    until(lambda: "It went wrong" in caplog.text, "the line")
    line = next(record for record in caplog.records if "It went wrong" in record.getMessage())
    assert line.name == "pyjsua.pjsip"
    assert line.levelno >= logging.ERROR
    assert "PJ_EINVAL" in line.getMessage()
    with pytest.raises(ValueError, match="title"):
        pj.perror("mine.py", "a\0b", 1)
    pj.perror("s" * 10_000, "t" * 10_000, 2**31 - 1)


def test_dump_is_text(phone: Phone, capfd: pytest.CaptureFixture[str]) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("bob")
    call = pj.call_make_call(phone.account("alice"), phone.uri("bob"))
    phone.wait_media(call)
    plain, detailed = pj.dump(), pj.dump(True)
    assert f"udp 127.0.0.1:{phone.port}" in detailed
    assert "Number of dialog sets: 2" in plain
    assert plain.count(" UDP: 127.0.0.1:") == 2
    assert plain.splitlines()[0] == "Start dumping application states:"
    assert plain.splitlines()[-1] == "Dump complete"
    assert len(detailed) > len(plain)
    assert capfd.readouterr() == ("", "")


def test_dump_is_kept_from_the_log_and_leaves_its_level(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    pj.dump(True)
    pj.perror("mine.py", "after", 1)
    until(lambda: "after" in caplog.text, "the line")
    assert "Dump complete" not in caplog.text
    assert "dialog sets" not in caplog.text


def test_dump_while_calls_come_and_go(phone: Phone) -> None:
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    phone.account("bob")
    alice = phone.account("alice")
    stop = threading.Event()
    texts: list[str] = []

    def dump() -> None:
        while not stop.is_set():
            texts.append(pj.dump(True))

    dumper = threading.Thread(target=dump)
    dumper.start()
    try:
        calls = 0
        # On a busy machine the calls may all be over before the other thread has come to its second dump.
        while calls < 5 or (len(texts) <= 5 and dumper.is_alive()):
            call = pj.call_make_call(alice, phone.uri("bob"))
            phone.wait_state(call, pj.InvState.CONFIRMED)
            pj.call_hangup(call)
            phone.wait_end(call)
            calls += 1
    finally:
        stop.set()
        dumper.join(20)
    assert len(texts) > 5
    assert all(text.endswith("Dump complete\n") for text in texts)


def test_the_level_and_the_file_change(phone: Phone, tmp_path: Path) -> None:
    for name in ("first", "second"):
        path = tmp_path / name
        pj.reconfigure_logging(pj.LoggingConfig(level=5, log_filename=str(path)))
        pj.perror("mine.py", f"for the {name}", 1)
    pj.reconfigure_logging(pj.LoggingConfig(level=1))
    pj.perror("mine.py", "for neither", 1)
    first, second = ((tmp_path / name).read_text() for name in ("first", "second"))
    assert "for the first" in first
    assert "for the second" not in first
    assert "for the second" in second
    assert "neither" not in first + second


def test_the_file_changes_while_others_write(phone: Phone, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            pj.perror("other.py", "x" * 200, 1)

    pj.queue_set_cap(100)
    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for n in range(50):
            pj.reconfigure_logging(pj.LoggingConfig(level=3, log_filename=str(tmp_path / f"log-{n % 3}")))
    finally:
        stop.set()
        for writer in writers:
            writer.join(20)
        pj.queue_set_cap(10000)


def test_a_file_that_cannot_be_written(phone: Phone, tmp_path: Path) -> None:
    with pytest.raises(pj.PjsuaError, match="log_filename"):
        pj.reconfigure_logging(pj.LoggingConfig(level=3, log_filename=str(tmp_path / "none" / "log")))
    pj.reconfigure_logging(pj.LoggingConfig(level=1))
    with pytest.raises(TypeError, match="cfg"):
        pj.reconfigure_logging(None)  # type: ignore[arg-type]


def test_without_worker_threads_the_script_polls(phone: Phone) -> None:
    pj.stop_worker_threads()
    pj.stop_worker_threads()
    pj.schedule_timer(0.05, "polled")
    until(lambda: bool(pj.handle_events(20) or True) and bool(phone.all(pj.OnTimer)), "the timer")
    phone.account("bob")
    call = pj.call_make_call(phone.account("alice"), phone.uri("bob"))
    until(lambda: bool(pj.handle_events(20) or True) and "DISCONNECTED" in phone.states(call), "an answer")
    # PJSIP takes this for the beginning of its end, and no call any more.
    assert phone.wait_end(call).last_status == 480


def test_verify_url(phone: Phone) -> None:
    assert pj.verify_url("tel:+1234567")
    assert pj.verify_url("sip:a@127.0.0.1")
    assert not pj.verify_sip_url("tel:+1234567")
    for url in ("", "not a URI", "sip:", "a" * 5000):
        assert not pj.verify_url(url)
