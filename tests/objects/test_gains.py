"""Gains and mutes: of a connection, of a port, and what a change of media leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.signals import level, tone, write_wav
from pyjsua import AudioStream, Endpoint, pjsua as pj

pytestmark = pytest.mark.hears

MakeEndpoint = Callable[..., Endpoint]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "tone.wav", tone(700, 1.0, 16000, amplitude=0.2), 16000)


async def hears(ear: AudioStream, wanted: float) -> None:
    """Waits until a tone is heard at that level, in dBov, or silence at -90 and less."""
    for _ in range(50):
        ear.skip()
        heard = level(np.frombuffer(await ear.read(2 * ear.clock_rate // 10, TIMEOUT), np.int16))
        if abs(max(heard, -90.0) - wanted) < 1:
            return
    pytest.fail(f"{heard:.1f} dB instead of {wanted}")


async def test_the_gain_of_a_live_connection(make_endpoint: MakeEndpoint, file: Path) -> None:
    async with make_endpoint() as endpoint:
        with (
            endpoint.player(file, loop=True) as player,
            AudioStream(16000) as ear,
            AudioStream(16000) as other,
        ):
            player.connect(ear, gain=0.5)
            player.connect(other)
            plain = -17.0
            await hears(ear, plain - 6)
            await hears(other, plain)
            assert (player.gain(ear), player.gain(other)) == (0.5, 1.0)
            player.connect(ear, gain=2.0)
            await hears(ear, plain + 6)
            await hears(other, plain)
            player.rx_level = 0.25
            await hears(ear, plain - 6)
            await hears(other, plain - 12)
            ear.tx_level = 0.5
            await hears(ear, plain - 12)
            player.mute(rx=True, tx=False)
            assert (player.muted, player.rx_muted, player.rx_level) == (False, True, 0.25)
            await hears(ear, -90)
            await hears(other, -90)
            player.unmute()
            await hears(other, plain - 12)
            player.disconnect(ear)
            with pytest.raises(LookupError):
                player.gain(ear)
            assert player.sinks == (other,)
            assert not ear.sources
            for wrong in (-0.1, 128.1, float("nan")):
                with pytest.raises(ValueError, match=r"^gain: "):
                    player.connect(ear, gain=wrong)
                with pytest.raises(ValueError, match=r"^gain: "):
                    player.tx_level = wrong
            with pytest.raises(TypeError, match=r"^gain: "):
                player.connect(ear, gain="loud")  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=r"^sink: "):
                player.connect(0)  # type: ignore[arg-type]
            assert not ear.sources


async def test_what_a_call_keeps_over_a_hold(make_endpoint: MakeEndpoint, file: Path) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(file, loop=True) as player, AudioStream(16000) as ear:
                player.connect(out.audio, gain=0.5)
                into.audio.connect(ear)
                plain = -17.0
                await hears(ear, plain - 6)
                out.audio.mute()
                assert out.audio.muted
                await hears(ear, -90)
                # Silence is sent: RTP goes on.
                sent = into.audio.stats().rtcp.rx.pkt
                await until(lambda: into.audio.stats().rtcp.rx.pkt > sent + 10, "packets of silence")
                into.audio.rx_level = 0.5
                pj.call_set_hold(out.id)
                await until(
                    lambda: into.info.media_status is pj.CallMediaStatus.REMOTE_HOLD, "the callee is held"
                )
                pj.call_reinvite(out.id, pj.CallSetting(flag=pj.CallFlag.UNHOLD))
                await until(lambda: into.info.media_status is pj.CallMediaStatus.ACTIVE, "the hold is over")
                await until(lambda: out.info.media_status is pj.CallMediaStatus.ACTIVE, "both sides know")
                sent = into.audio.stats().rtcp.rx.pkt
                await until(lambda: into.audio.stats().rtcp.rx.pkt > sent + 30, "the new stream")
                assert out.audio.level[0] == 0
                out.audio.unmute()
                await hears(ear, plain - 12)
