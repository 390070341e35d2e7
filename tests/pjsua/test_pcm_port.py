"""Audio between Python and the bridge: what is written is heard whole, what is cleared is not; waits end."""

from __future__ import annotations

import array
import contextlib
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from peers import signals
from pjsua.phone import Phone, until
from pyjsua import _core, pjsua as pj
from whole_sound import whole_sound

RATES = _core.PCM_CLOCK_RATES


@pytest.fixture
def phone() -> Iterator[Phone]:
    with Phone(media=whole_sound()) as started:
        yield started


def port(phone: Phone, **options: Any) -> pj.PcmPort:
    return pj.PcmPort(**options)


def loop(phone: Phone, rate: int, back: int | None = None) -> tuple[pj.PcmPort, pj.PcmPort]:
    """Two ports, the second hears the first."""
    source = pj.PcmPort(rate, write_ahead=2)
    sink = pj.PcmPort(back or rate, read_behind=10)
    pj.conf_connect(source.conf_port, sink.conf_port)
    return source, sink


def heard_after(source: pj.PcmPort, sink: pj.PcmPort, samples: signals.Samples) -> signals.Samples:
    """What the second port has heard when all of it was played and has come through the resamplers."""
    # All of it is there before any is played, however this process is held up.
    source.pause()
    assert source.write(samples, 0) == samples.nbytes
    source.resume()
    assert source.drain(10)
    wanted = sink.stats().received + sink.clock_rate // 10
    until(lambda: sink.stats().received > wanted, "some frames more were mixed")
    return np.frombuffer(sink.read(sink.readable), np.int16)


@pytest.mark.hears
@pytest.mark.parametrize("rate", RATES)
def test_what_is_written_is_heard_at_any_rate(phone: Phone, rate: int) -> None:
    source, sink = loop(phone, rate)
    signal = signals.chirp(200, min(3000, 0.3 * rate), 0.6, rate)
    heard = heard_after(source, sink, signal)
    # Only the bridge's own rate comes through untouched; the resamplers delay by parts of a sample.
    assert signals.find(signal, heard, rate).similarity > (0.9999 if rate == 16000 else 0.96)
    stats = source.stats()
    assert stats.written == stats.played == len(signal)
    assert stats.underruns == 0


@pytest.mark.hears
def test_sample_for_sample_at_the_bridges_rate(phone: Phone) -> None:
    source, sink = loop(phone, 16000)
    # An odd length, in pieces of odd lengths: no frame's border is where a piece ends.
    signal = signals.noise(0.5, 16000, seed=7)[:7777]
    done = 0
    source.pause()
    for size in (1, 319, 640, 2001, 4816):
        done += source.write(signal[done : done + size].tobytes(), 5) // 2
    source.resume()
    assert done == len(signal)
    assert source.drain(5)
    heard = np.frombuffer(sink.read(sink.readable), np.int16)
    first = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(signal)[0])
    assert np.array_equal(heard[first : first + len(signal)], signal)


@pytest.mark.hears
def test_two_channels_are_mixed_into_one(phone: Phone) -> None:
    source = pj.PcmPort(16000, 2, write_ahead=2)
    sink = pj.PcmPort(16000, read_behind=10)
    pj.conf_connect(source.conf_port, sink.conf_port)
    both = np.column_stack([signals.tone(500, 0.5, 16000), signals.silence(0.5, 16000)])
    heard = heard_after(source, sink, np.ascontiguousarray(both))
    assert signals.strongest_tone(signals.trim(heard), 16000).frequency == pytest.approx(500, abs=3)


@pytest.mark.hears
def test_what_is_cleared_is_never_heard(phone: Phone) -> None:
    source, sink = loop(phone, 16000)
    # Longer than this process is ever held up.
    source.write(signals.tone(440, 2, 16000), 1)
    until(lambda: source.played_ms >= 100, "it is being played")
    dropped = source.clear()
    played = source.played_ms
    assert 0 < dropped <= 1900
    assert dropped + played == pytest.approx(2000)
    assert source.queued_ms == 0
    stats = source.stats()
    assert stats.cleared == round(dropped * 16)
    rest = heard_after(source, sink, signals.tone(1500, 0.3, 16000))
    low = signals.trim(rest)[: round(played * 16)]
    assert signals.strongest_tone(low, 16000).frequency == pytest.approx(440, abs=15)
    high = signals.trim(rest)[-4000:]
    assert signals.strongest_tone(high, 16000).frequency == pytest.approx(1500, abs=10)
    # All in all what was played and no more; the silence between the two lasts as it may.
    frames = np.abs(rest[: len(rest) // 320 * 320].reshape(-1, 320)).max(axis=1)
    assert np.count_nonzero(frames > 500) * 20 <= played + 300 + 60


def test_a_pause_keeps_what_is_queued(phone: Phone) -> None:
    source, _ = loop(phone, 16000)
    source.pause()
    source.write(signals.tone(440, 0.2, 16000), 1)
    frames = source.stats().frames
    # Whoever drains while it pauses expects its end, which is then no underrun.
    assert source.drain(0) is False
    until(lambda: source.stats().frames > frames + 5, "frames were pulled meanwhile")
    assert source.played_ms == 0
    assert source.queued_ms == 200
    source.resume()
    assert source.drain(5)
    assert source.played_ms == 200
    assert source.stats().underruns == 0


def test_writing_waits_for_room_and_no_longer_than_told(phone: Phone) -> None:
    source = pj.PcmPort(8000, write_ahead=0.1)
    # Nobody listens, so nothing is pulled.
    assert source.write(bytes(16000), 0) == 1600
    began = time.monotonic()
    assert source.write(bytes(2), 0.2) == 0
    assert time.monotonic() - began >= 0.19
    assert source.room == 0
    assert source.drain(0.05) is False
    listener = pj.PcmPort(8000)
    pj.conf_connect(source.conf_port, listener.conf_port)
    assert source.write(bytes(16000)) == 16000
    assert source.queued_ms <= 100


def test_reading_waits_and_reads_what_there_is(phone: Phone) -> None:
    _, sink = loop(phone, 16000)
    assert sink.read(0) == b""
    buffer = bytearray(6400)
    assert sink.readinto(buffer, 5) == 6400
    assert sink.readinto(memoryview(array.array("h", bytes(640))), 5) == 640
    sink.skip()
    # More than is ever kept, so it waits until time has passed.
    assert 0 < len(sink.read(3200000, 0.1)) < 3200000
    assert len(sink.read(3200000, 0)) <= 320000


@pytest.mark.hears
def test_what_finds_no_room_is_counted(phone: Phone) -> None:
    sink = pj.PcmPort(16000, read_behind=0.04)
    source = pj.PcmPort(16000)
    pj.conf_connect(source.conf_port, sink.conf_port)
    until(lambda: sink.readable == 1280, "it is full")
    assert sink.stats().overruns == 0, "nobody has read yet"
    source.write(signals.tone(500, 0.1, 16000))
    sink.read(2)
    until(lambda: sink.stats().overruns > 3, "it runs over")
    # The newest stay: what is written now is heard, over and over as the reader may be held up meanwhile.
    tone = signals.tone(500, 0.1, 16000)

    def heard() -> bool:
        source.write(tone, 0)
        return any(sink.read(sink.readable, 0))

    until(heard, "it is heard")
    stats = sink.stats()
    assert stats.lost > 0


def test_the_middle_of_speech_running_dry_is_an_underrun(phone: Phone) -> None:
    source, _ = loop(phone, 16000)
    source.write(bytes(3200))
    until(lambda: source.stats().underruns == 1, "it ran dry, once")
    # Paused, so that its end is expected before it comes.
    source.pause()
    source.write(bytes(3200))
    assert source.drain(0) is False
    source.resume()
    assert source.drain(5)
    frames = source.stats().frames
    until(lambda: source.stats().frames > frames + 2, "frames were pulled after the end")
    assert source.stats().underruns == 1


BAD_DATA: list[tuple[Any, type[Exception], str]] = [
    (b"abc", ValueError, "data: 3 bytes are not whole samples of 2 bytes"),
    ("ab", TypeError, "data: bytes or a buffer of 16-bit samples expected, not str"),
    (None, TypeError, "data: bytes or a buffer of 16-bit samples expected, not NoneType"),
    (12, TypeError, "data: bytes or a buffer of 16-bit samples expected, not int"),
    ([1, 2], TypeError, "data: bytes or a buffer of 16-bit samples expected, not list"),
    (array.array("f", [0.5]), TypeError, "data: 16-bit samples or bytes expected, .* of format 'f'"),
    (np.zeros(4), TypeError, "data: 16-bit samples or bytes expected, not a buffer of format 'd'"),
    (np.zeros(4, ">i2"), TypeError, "data: 16-bit samples or bytes expected, not a buffer of format '>h'"),
    (np.zeros(8, np.int16)[::2], ValueError, "data: .*contiguous"),
]


@pytest.mark.parametrize(("data", "error", "message"), BAD_DATA, ids=lambda value: str(value)[:20])
def test_what_is_no_audio(phone: Phone, data: object, error: type[Exception], message: str) -> None:
    source = pj.PcmPort()
    with pytest.raises(error, match=message):
        source.write(data)  # type: ignore[arg-type]
    assert source.queued_ms == 0


def test_buffers_that_cannot_be_filled(phone: Phone) -> None:
    sink = pj.PcmPort()
    with pytest.raises(ValueError, match="buffer: Object is not writable"):
        sink.readinto(b"1234")
    with pytest.raises(ValueError, match="size: 3 bytes are not whole samples"):
        sink.read(3)
    with pytest.raises(ValueError, match="size: -2 is not between"):
        sink.read(-2)
    with pytest.raises(ValueError, match="timeout: -1 is not between"):
        sink.read(2, -1)


def test_rings_may_be_minutes_long(phone: Phone) -> None:
    """More samples in a second than 32 bits count milliseconds of."""
    port = pj.PcmPort(48000, write_ahead=100, read_behind=100, prefill=95)
    assert (port.write_ahead, port.read_behind, port.prefill) == (100, 100, 95)
    assert port.room == 100 * 48000 * 2
    port.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clock_rate": 0}, "clock_rate: 0 is none of 8000, "),
        ({"clock_rate": 16001}, "clock_rate: 16001 is none of"),
        ({"channel_count": 3}, "channel_count: 3 is not between 1 and 2"),
        ({"write_ahead": 0.01}, "less than 0.04 seconds"),
        ({"read_behind": 1e9}, "read_behind: 1000000000.0 is not between"),
    ],
)
def test_settings_that_are_refused(phone: Phone, options: dict[str, Any], message: str) -> None:
    before = pj.conf_get_active_ports()
    with pytest.raises(ValueError, match=message):
        pj.PcmPort(**options)
    assert pj.conf_get_active_ports() == before


def test_frames_of_the_bridge_longer_than_what_is_kept() -> None:
    with Phone(media=whole_sound(audio_frame_ptime=200)):
        for ahead, behind in ((0.5, 0.1), (0.3, 2.0)):
            with pytest.raises(ValueError, match="less than two frames of the bridge"):
                pj.PcmPort(write_ahead=ahead, read_behind=behind)
        sink = pj.PcmPort(read_behind=0.4)
        until(lambda: sink.stats().lost > 0, "it runs over")
        assert 0 < sink.readable <= 12800
        assert len(sink.read(1 << 20, 0)) <= 12800


def test_what_was_cleared_and_what_was_played_is_all_that_went() -> None:
    with Phone(media=whole_sound(audio_frame_ptime=1)):
        source, sink = pj.PcmPort(48000, write_ahead=2), pj.PcmPort(48000)
        pj.conf_connect(source.conf_port, sink.conf_port)
        source.write(bytes(48000), 1)
        while source.stats().played < 23000:
            assert source.stats().cleared == 0
        source.write(bytes(96000), 1)
        dropped = source.clear()
        stats = source.stats()
        assert stats.cleared == round(dropped * 48)
        assert stats.played + stats.cleared == stats.written == 72000


def in_thread(work: Any) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


@pytest.mark.parametrize("end", ["close", "destroy"])
def test_whoever_waits_is_told_of_the_end(end: str) -> None:
    with Phone() as _:
        ports = [pj.PcmPort(8000, write_ahead=0.04) for _ in range(3)]
        ports[2].write(bytes(640), 0)

        def read_on() -> None:
            while True:
                ports[0].read(100)

        def drain_on() -> None:
            while True:
                # Nobody listens, and this may take more than the second that is waited for somebody.
                with contextlib.suppress(pj.Unheard):
                    ports[2].drain()

        waits = [
            in_thread(read_on),
            in_thread(lambda: ports[1].write(bytes(16000))),
            in_thread(drain_on),
        ]
        until(lambda: ports[1].room == 0, "the writer waits")
        if end == "close":
            for one in ports:
                one.close()
                one.close()
    for thread, raised in waits:
        thread.join(10)
        assert not thread.is_alive()
        assert [type(error) for error in raised] == [pj.StaleError]
    for one in ports:
        with pytest.raises(pj.StaleError):
            one.write(b"")
        one.close()
        assert one.stats().played == 0


def test_a_stale_port_is_not_connected(phone: Phone) -> None:
    source, sink = loop(phone, 16000)
    sink.close()
    with pytest.raises(pj.StaleError):
        pj.conf_connect(source.conf_port, sink.conf_port)
    # The slot may be another's by now.
    until(lambda: sink.conf_port not in pj.enum_conf_ports(), "the bridge has let go of it")
    again = pj.PcmPort()
    assert again.conf_port == sink.conf_port
    with pytest.raises(pj.StaleError):
        pj.conf_disconnect(source.conf_port, sink.conf_port)


def test_before_and_after_the_library() -> None:
    with pytest.raises(pj.InvalidState):
        pj.PcmPort()
    made, _ = _core.pcm_census()
    with Phone():
        kept = pj.PcmPort()
        pj.PcmPort()
    assert _core.pcm_census() == (made + 2, made + 2)
    with Phone():
        # The same slot, another life of the library.
        other = pj.PcmPort()
        assert other.conf_port == kept.conf_port
        kept.close()
        assert other.conf_port in pj.enum_conf_ports()


def test_in_the_child_of_a_fork_it_is_left_alone(phone: Phone) -> None:
    source, sink = loop(phone, 16000)
    child = os.fork()
    if not child:
        try:
            source.close()
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert source.write(bytes(640), 1) == 640
    assert source.drain(5)
    sink.close()


def test_ports_made_and_closed_under_load_are_all_given_back() -> None:
    """The bridge frees a port on its clock, long after `close`: each is freed, and once."""
    made, destroyed = _core.pcm_census()
    assert made == destroyed
    with Phone():
        stop = threading.Event()
        steady = [pj.PcmPort(16000) for _ in range(4)]

        def churn(number: int) -> None:
            data = bytes(3200)
            while not stop.is_set():
                one = pj.PcmPort(RATES[number], write_ahead=0.2)
                pj.conf_connect(one.conf_port, steady[number].conf_port)
                pj.conf_connect(steady[number].conf_port, one.conf_port)
                one.write(data, 0)
                one.read(640, 0.005 * number)
                one.clear()
                one.close()

        workers = [in_thread(lambda number=number: churn(number)) for number in range(4)]
        until(lambda: _core.pcm_census()[0] - made > 400, "four hundred ports came and went")
        # The device changes, and with it the clock that frees them.
        pj.set_null_snd_dev()
        pj.set_null_snd_dev()
        stop.set()
        for thread, raised in workers:
            thread.join(10)
            assert raised == []
    now, gone = _core.pcm_census()
    assert now == gone > made + 400
