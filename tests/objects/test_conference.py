"""Conferences: who hears whom, who comes and goes, and what the bridge is left with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest

from objects.phones import (
    TIMEOUT,
    call_between,
    direct_uri,
    local_account,
    recorded,
    slots_free,
    until,
)
from peers.signals import Samples, goertzel, read_wav, tone, write_wav
from pyjsua import AudioStream, CallFailed, Conference, ConferenceChange, Endpoint, PjsuaError, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]

TONES = 400, 700, 1100


def tones_in(samples: Samples, rate: int) -> list[int]:
    """Which of the three are to be heard; what one hears of himself would be no weaker than the others."""
    return [frequency for frequency in TONES if goertzel(samples, frequency, rate) > -45]


async def hears(ear: AudioStream, wanted: list[int]) -> None:
    """Waits until these and no others are what is heard."""
    found = None
    for _ in range(50):
        ear.skip()
        heard = np.frombuffer(await ear.read(2 * ear.clock_rate // 5, TIMEOUT), np.int16)
        if (found := tones_in(heard, ear.clock_rate)) == wanted:
            return
    pytest.fail(f"{found} instead of {wanted}")


@pytest.mark.hears
async def test_three_callers_hear_each_other_and_not_themselves(
    make_endpoint: MakeEndpoint, tmp_path: Path
) -> None:
    changes: list[ConferenceChange] = []

    async def watch(conference: Conference) -> None:
        async for change in conference.changes():
            changes.append(change)

    async with make_endpoint() as endpoint, AsyncExitStack() as stack:
        caller, hub = local_account(endpoint, "caller"), local_account(endpoint, "hub")
        conference = endpoint.conference()
        watching = asyncio.ensure_future(watch(conference))
        await asyncio.sleep(0)
        callers, legs, members = [], [], []
        for frequency in TONES:
            out, into = await stack.enter_async_context(
                call_between(caller, hub, direct_uri(endpoint, "hub"))
            )
            path = write_wav(tmp_path / f"{frequency}.wav", tone(frequency, 1.0, 8000, amplitude=0.15), 8000)
            stack.enter_context(endpoint.player(path, loop=True)).connect(out.audio)
            callers.append(out)
            legs.append(into)
            members.append(conference.join(into))
        assert conference.join(members[0].port) is members[0]
        assert len(conference) == 3
        assert callers[0] not in conference
        assert members[2].port in conference
        recorder = conference.record(tmp_path / "all.wav")
        ears = [stack.enter_context(AudioStream(8000)) for _ in callers]
        for out, ear in zip(callers, ears, strict=True):
            out.audio.connect(ear)
        await asyncio.gather(
            hears(ears[0], [700, 1100]), hears(ears[1], [400, 1100]), hears(ears[2], [400, 700])
        )
        members[1].mute()
        await hears(ears[0], [1100])
        members[1].unmute()
        # One on hold stays, and is heard again.
        pj.call_set_hold(legs[1].id)
        await hears(ears[0], [1100])
        pj.call_reinvite(legs[1].id, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
        await hears(ears[0], [700, 1100])
        await callers[2].hangup()
        await until(lambda: len(conference) == 3, "the one who hung up has left")
        assert not members[2].present
        await hears(ears[0], [700])
        with pytest.raises(ValueError, match="ended"):
            conference.join(callers[2])
        await recorded(recorder.path, 0.5)
        members[0].leave()
        members[0].leave()
        await hears(ears[1], [])
        await conference.close()
        await conference.close()
        await watching
        assert recorder.closed
        assert tones_in(*read_wav(recorder.path)) == list(TONES)
        hubs = [member.port.slot for member in members[:2]]
        assert all(slot is not None and not pj.conf_get_port_info(slot).listeners for slot in hubs)
        assert [(change.participant.port, change.joined) for change in changes] == [
            *((member.port, True) for member in members),
            (recorder, True),
            (members[2].port, False),
            (members[0].port, False),
            (members[1].port, False),
            (recorder, False),
        ]
        assert callers[0].answered
        assert not callers[0].ended


async def test_calls_that_vanish_at_any_time(make_endpoint: MakeEndpoint) -> None:
    """Joined before the media is there, while it comes, or when it is about to go."""
    async with make_endpoint(max_calls=50) as endpoint:
        caller, hub = local_account(endpoint, "caller"), local_account(endpoint, "hub")
        before = pj.conf_get_active_ports()
        incoming = hub.incoming()
        async with endpoint.conference() as conference:

            async def quick(number: int) -> None:
                out = caller.start_call(direct_uri(endpoint, "hub"))
                conference.join(out)
                try:
                    if number % 3:
                        await out.wait_answered(TIMEOUT)
                    if number % 3 == 2:
                        await out.wait_media(TIMEOUT)
                    await asyncio.sleep(0.01 * number)
                except CallFailed:
                    pass
                await out.hangup()

            async def answer() -> None:
                async for call in incoming:
                    conference.join(call)
                    # The caller may have given up meanwhile.
                    with contextlib.suppress(PjsuaError):
                        await call.answer()

            answering = asyncio.ensure_future(answer())
            await asyncio.gather(*map(quick, range(20)))
            await until(lambda: not endpoint.calls, "every call has ended")
            assert len(conference) == 0
            answering.cancel()
        incoming.close()
        await slots_free()
        await until(lambda: pj.conf_get_active_ports() == before, "the bridge has no more ports than before")


async def test_who_may_not_join(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    async with make_endpoint() as endpoint, endpoint.conference() as conference:
        with pytest.raises(TypeError, match=r"^who: "):
            conference.join("bob")  # type: ignore[arg-type]
        with endpoint.recorder(tmp_path / "heard.wav") as recorder:
            with pytest.raises(ValueError, match=r"^gain: "):
                conference.join(recorder, gain=-1.0)
            assert len(conference) == 0
            member = conference.join(recorder, speaks=False)
            assert member in conference.participants
        # Closed, it has left.
        assert len(conference) == 0
        with pytest.raises(ValueError, match=r"^who: .*ended"):
            conference.join(recorder)
        assert not conference.participants
        conference.leave(recorder)


async def test_a_whole_recording_may_be_moved_before_the_end(
    make_endpoint: MakeEndpoint, tmp_path: Path
) -> None:
    async with make_endpoint() as endpoint, endpoint.conference() as conference:
        await conference.record(tmp_path / "heard.wav").finish(TIMEOUT)
        (tmp_path / "heard.wav").rename(tmp_path / "kept.wav")


async def test_a_recording_that_was_taken_away(make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    """The conference is closed all the same, and the other recording with it."""
    async with make_endpoint() as endpoint:
        conference = endpoint.conference()
        lost, kept = (conference.record(tmp_path / name) for name in ("lost.wav", "kept.wav"))
        (tmp_path / "lost.wav").unlink()
        with pytest.raises(FileNotFoundError):
            await conference.close()
        assert lost.closed
        assert kept.closed
        assert (await kept.finish()).exists()
