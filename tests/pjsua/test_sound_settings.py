"""Sound devices, their settings and the echo canceller, on PulseAudio's null sinks through ALSA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peers import signals
from peers.pulseaudio import PulseAudio
from pjsua.phone import Phone, until
from pjsua.program import Program
from pyjsua import pjsua as pj


class Device:
    """A program that plays a tone of 700 Hz into slot 0, and does what it is told."""

    def __init__(self, program: Program) -> None:
        self.program = program
        assert program.next() == {"ready": True}

    def answer(self, expression: str) -> dict[str, Any]:
        return self.program.ask(expression)

    def __call__(self, expression: str) -> Any:
        """What the expression gives; fails if it raises."""
        return self.answer(expression)["value"]

    def error(self, expression: str) -> str:
        """Class of the exception it raises."""
        return str(self.answer(expression)["error"])


@pytest.fixture
def device(pulseaudio: PulseAudio, program: Callable[..., Program], tmp_path: Path) -> Device:
    tone = signals.tone(700, 1.0, 16000, amplitude=0.3)
    file = signals.write_wav(tmp_path / "tone.wav", tone, 16000)
    return Device(program("sound_settings", str(file), env=pulseaudio.client_environment()))


def test_devices_and_their_settings(device: Device, pulseaudio: PulseAudio) -> None:
    volume = "pj.AudDevCap.OUTPUT_VOLUME_SETTING"
    # C would open a device to ask it, and stop the bridge's clock after it.
    assert device.error(f"pj.snd_get_setting({volume})") == "InvalidState"
    assert device("pj.snd_is_active()") is False
    device("pj.set_snd_dev()")
    assert device("pj.snd_is_active()") is True
    assert "default" in device("[each.name for each in pj.enum_aud_devs()]")
    assert device("[each.name for each in pj.enum_snd_devs()] == [each.name for each in pj.enum_aud_devs()]")
    assert device("pj.get_snd_dev2() == pj.SndDevParam(mode=pj.SndDevMode(0))")
    assert device("pj.snd_get_setting(pj.AudDevCap.OUTPUT_LATENCY)") == 140
    assert device("pj.snd_get_setting(pj.AudDevCap.INPUT_LATENCY)") == 100
    device(f"pj.snd_set_setting({volume}, 40)")
    until(lambda: "40%" in pulseaudio._run("get-sink-volume", "speaker"), "the sink is at 40 percent")
    assert device.error("pj.snd_get_setting(pj.AudDevCap.PLC)") == "SoundDeviceError"
    assert device.error("pj.snd_set_setting(pj.AudDevCap.EC, True)") == "SoundDeviceError"
    # What is kept is asked and changed without a device, and set when one is opened.
    device("pj.set_null_snd_dev()")
    assert device(f"pj.snd_get_setting({volume})") == 40
    device(f"pj.snd_set_setting({volume}, 30)")
    assert device(f"pj.snd_get_setting({volume})") == 30
    device("pj.set_snd_dev()")
    until(lambda: "30%" in pulseaudio._run("get-sink-volume", "speaker"), "the sink is at 30 percent")


@pytest.mark.hears
def test_speaker_only(device: Device, pulseaudio: PulseAudio) -> None:
    device("pj.set_snd_dev2(pj.SndDevParam(mode=pj.SndDevMode.SPEAKER_ONLY))")
    assert device("pj.get_snd_dev2().mode is pj.SndDevMode.SPEAKER_ONLY")
    with pulseaudio.record("speaker.monitor") as speaker:
        speaker.wait_seconds(1.5)
        heard = speaker.samples[-24000:]
    assert signals.strongest_tone(heard, 48000).frequency == pytest.approx(700, abs=4)
    assert pulseaudio._run("list", "short", "source-outputs") == "", "nobody records"
    device("pj.set_snd_dev2(pj.SndDevParam())")
    until(lambda: pulseaudio._run("list", "short", "source-outputs") != "", "somebody records")


def test_devices_that_are_not_there(device: Device) -> None:
    """PJMEDIA looks them up beyond the end of its table: what is there decides."""
    device("pj.set_snd_dev()")
    for wrong in (77, 2**31 - 1, -50, -(2**31)):
        for call in (f"pj.set_snd_dev({wrong}, -2)", f"pj.set_snd_dev(-1, {wrong})"):
            assert device.error(call) == ("SoundDeviceError" if -3 <= wrong <= 255 else "ValueError")
            assert device("pj.get_snd_dev()") == [-1, -2], "what was open stays open"
        for field in ("capture_dev", "playback_dev"):
            call = f"pj.set_snd_dev2(pj.SndDevParam({field}={wrong}))"
            assert device.error(call) in ("ValueError", "SoundDeviceError"), call
    assert device.error("pj.set_snd_dev(2**31, 0)") == "ValueError"
    assert device.error("pj.set_snd_dev2(None)") == "TypeError"
    assert device("operations") == [True, False, True], "the null device went, and the device came"


def test_echo_canceller(device: Device, pulseaudio: PulseAudio) -> None:
    assert device("pj.get_ec_tail()") == 0
    device("pj.set_ec(200, pj.EchoFlag.SIMPLE)")
    assert device("pj.get_ec_tail()") == 200
    assert device.error("pj.get_ec_stat()") == "NotFound", "no device"
    device("pj.set_snd_dev()")
    stat = "pj.get_ec_stat()"
    assert device(f"({stat}.name, {stat}.learning)") == ["Echo suppressor", 1]
    device("pj.set_ec(100)")
    assert device.answer(stat)["text"].endswith("(PJ_ENOTSUP)"), "Speex keeps no figures"
    with pulseaudio.record("speaker.monitor") as speaker:
        speaker.wait_seconds(0.5)
    device("pj.set_ec(0)")
    assert device.error(stat) == "NotFound"
    assert device("pj.get_ec_tail()") == 0
    for wrong in ("100, pj.EchoFlag.WEBRTC", "100, 15", "1001", "-1"):
        assert device.error(f"pj.set_ec({wrong})") == "ValueError", wrong
    assert device("pj.get_ec_tail()") == 0
    # Speex has opinions about when it is called.
    assert device.program.finish()[2] == ""


def test_settings_that_are_none(phone: Phone) -> None:
    cap = pj.AudDevCap
    for wrong in (0, 3, 2**31, cap.EXT_FORMAT, cap.PLC * 2, -1, 2**63):
        with pytest.raises(ValueError, match=r"^cap: "):
            pj.snd_get_setting(wrong)
        with pytest.raises(ValueError, match=r"^cap: "):
            pj.snd_set_setting(wrong, 1)
    for setting, value in (
        (cap.OUTPUT_VOLUME_SETTING, 101),
        (cap.INPUT_VOLUME_SETTING, -1),
        (cap.OUTPUT_LATENCY, 60001),
        (cap.OUTPUT_ROUTE, 2**32),
    ):
        with pytest.raises(ValueError, match=r"^value: "):
            pj.snd_set_setting(setting, value)
    with pytest.raises(TypeError, match=r"^cap: int expected, not str$"):
        pj.snd_get_setting("volume")  # type: ignore[arg-type]
    pj.snd_set_setting(cap.OUTPUT_VOLUME_SETTING, 50)
    with pytest.raises(pj.InvalidState, match="set_snd_dev"):
        pj.snd_get_setting(cap.OUTPUT_VOLUME_SETTING)
    assert not pj.snd_is_active()
