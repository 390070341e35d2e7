"""What `Endpoint.sound` promises, on the ALSA devices of the test: `default`, `taped` and `broken`.

Arguments: ALSA's configuration, the WAV file to play, the WAV file to record. A failed assertion ends it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pyjsua
from pyjsua import pjsua as pj


def fails(kind: type[Exception], function: Any, *arguments: Any, **options: Any) -> str:
    try:
        function(*arguments, **options)
    except kind as error:
        return str(error)
    raise AssertionError(f"{function} did not raise")


async def main(asound: Path, tone: Path, heard: Path) -> None:
    media = pj.MediaConfig(ec_tail_len=0, no_vad=True)
    async with pyjsua.Endpoint(bound_addr="127.0.0.1", media_config=media) as endpoint:
        sound = endpoint.sound
        assert not libraries()
        assert (sound.active, sound.capture, sound.playback) == (False, None, None)
        fails(pyjsua.SoundDeviceError, lambda: sound.output_latency)
        assert not libraries(), "what is asked of no device loads nothing"

        devices = {device.name: device for device in sound.devices()}
        assert libraries()
        (tone.parent / "nobody").unlink()
        assert list(devices) == ["default", "taped", "broken"]
        assert devices["taped"].driver == "ALSA"
        assert (devices["taped"].input_count, devices["taped"].output_count) == (1, 1)
        assert pj.AudDevCap.OUTPUT_LATENCY in devices["taped"].caps
        assert sound.find("taped") == sound.find(devices["taped"]) == sound.find(devices["taped"].id)
        said = fails(pyjsua.SoundDeviceError, sound.find, "taped", "CoreAudio")
        assert "'taped' of driver 'CoreAudio'" in said

        # By name, and another in its place, with all connections.
        sound.open("taped", "taped")
        assert sound.capture == sound.playback == devices["taped"]
        with endpoint.player(tone, loop=True) as player, endpoint.recorder(heard) as recorder:
            player.connect(sound)
            sound.connect(recorder)
            await grown(heard, 24000)
            await grown(tone.parent / "played.raw", 24000)
            sound.disconnect(recorder)
            await recorder.finish()
            sound.open()
            assert sound.capture == sound.playback == devices["default"]
            print("default", flush=True)
            await asyncio.to_thread(sys.stdin.readline)

            # What cannot be opened is named, and changes nothing.
            said = fails(pyjsua.SoundDeviceError, sound.open, "broken", "broken")
            assert said.startswith("cannot open 'broken': "), said
            assert sound.playback == sound.capture == devices["default"]
            said = fails(pyjsua.SoundDeviceError, sound.open, "absent", "absent")
            assert "'absent'" in said
            assert "'taped'" in said
            fails(TypeError, sound.open, 1.5)
            fails(TypeError, sound.open, "taped", None)
            assert sound.active

        await settings(sound)

        # Plugged in, and out again, while another is open.
        plug_in(asound)
        assert [device.name for device in sound.refresh()] == ["default", "another", "taped", "broken"]
        assert sound.playback == sound.find("taped")
        assert sound.find(devices["taped"]).id == devices["taped"].id + 1
        pull_out(asound)
        assert [device.name for device in sound.refresh()] == ["default", "taped", "broken"]
        assert sound.playback == devices["taped"]

        sound.open()
        assert sound.lost is None
        print("open", flush=True)
        lost = await sound.wait_lost(20)
        assert "device stopped" in str(lost)
        assert sound.lost is lost
        # The null device comes after the news.
        async with asyncio.timeout(20):
            while sound.active:
                await asyncio.sleep(0.01)
        said = fails(pyjsua.SoundDeviceError, sound.open)
        assert "the default" in said
        assert not sound.active
        waiting = asyncio.create_task(sound.wait_lost())
        await asyncio.sleep(0)
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], pyjsua.InvalidState)


async def settings(sound: pyjsua.SoundDevice) -> None:
    sound.cancel_echo(200, pj.EchoFlag.SIMPLE)
    sound.open("taped", "taped", input_latency=60, output_latency=200)
    assert (sound.input_latency, sound.output_latency) == (60, 200)
    assert sound.echo_stats().name == "Echo suppressor"
    # Without a microphone, and with nothing to cancel.
    sound.cancel_echo(0)
    sound.open(None, "taped")
    assert sound.capture is None
    assert sound.playback is not None
    assert sound.output_latency == 200
    sound.open(None, "taped", output_latency=80)
    assert sound.output_latency == 80, "opened anew"
    fails(ValueError, sound.open, output_latency=60001)
    sound.set_output_volume(40)
    sound.set_input_volume(50)
    fails(ValueError, sound.set_output_volume, 101)
    fails(ValueError, sound.cancel_echo, 100, pj.EchoFlag.WEBRTC)
    assert sound.echo_tail == 0
    fails(pyjsua.NotFound, sound.echo_stats)


async def grown(path: Path, wanted: int) -> None:
    async with asyncio.timeout(20):
        while size(path) < wanted:
            await asyncio.sleep(0.02)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


ANOTHER = "pcm.another { type null hint { show on } }\n"


def plug_in(asound: Path) -> None:
    asound.write_text(asound.read_text().replace("pcm.taped", ANOTHER + "pcm.taped"))


def pull_out(asound: Path) -> None:
    asound.write_text(asound.read_text().replace(ANOTHER, ""))


def libraries() -> bool:
    """Whether this process has ALSA's library loaded."""
    return "libasound" in Path("/proc/self/maps").read_text()


if __name__ == "__main__":
    asyncio.run(main(*(Path(argument) for argument in sys.argv[1:])))
    print("done", flush=True)
