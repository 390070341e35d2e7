"""Every codec of the build in a call of its own, all at once: what one end says the other hears."""

from __future__ import annotations

from pathlib import Path

import pytest

from peers import signals
from pjsua.phone import Phone, player, until, wait_closed
from pyjsua import pjsua as pj
from whole_sound import whole_sound

FREQUENCY = 600.0
SECONDS = 1.2
# At a codec's rate some of it is lost on the way, and the models of speech codecs are not made for tones.
TOLERANCE = 3.0

EXPECTED = {
    "G722/16000/1", "G729/8000/1", "GSM/8000/1", "L16/16000/1", "L16/44100/1", "L16/48000/1",
    "L16/8000/1", "PCMA/8000/1", "PCMU/8000/1", "opus/48000/2", "speex/16000/1", "speex/32000/1",
    "speex/8000/1",
}  # fmt: skip
AMR = {"AMR/8000/1", "AMR-WB/16000/1"}
"""A build has both, as that of `make test`, or neither, as wheels."""


@pytest.mark.hears
def test_every_codec(tmp_path: Path) -> None:
    tone = signals.write_wav(tmp_path / "tone.wav", signals.tone(FREQUENCY, 1.0, 16000, amplitude=0.3), 16000)
    with Phone(config=pj.Config(max_calls=64), media=whole_sound(clock_rate=16000)) as phone:
        pj.codec_set_priority("", 128)
        codecs = [info.codec_id for info in pj.enum_codecs() if info.priority]
        assert set(codecs) >= EXPECTED
        assert set(codecs) & AMR in (AMR, set())
        phone.answer = lambda event: pj.call_answer(event.call_id, 200)
        caller = phone.account("caller")
        recordings = {codec: tmp_path / f"{codec.replace('/', '-')}.wav" for codec in codecs}
        recorders = []
        with player(tone) as slot:
            for number, codec in enumerate(codecs):
                phone.account(f"callee{number}")
                call = pj.call_make_call(caller, phone.uri(f"callee{number}"), codecs=[codec])
                other = phone.wait_incoming(number + 1).call_id
                for one in (call, other):
                    phone.wait_media(one)
                    fmt = pj.call_get_stream_info(one).fmt
                    assert f"{fmt.encoding_name}/{fmt.clock_rate}" == codec.rpartition("/")[0]
                recorder = pj.recorder_create(recordings[codec])
                recorders.append(recorder)
                pj.conf_connect(slot, pj.call_get_conf_port(call))
                pj.conf_connect(pj.call_get_conf_port(other), pj.recorder_get_conf_port(recorder))
            # The last was connected last, and has heard the least.
            size = 44 + int(SECONDS * 16000) * 2
            until(lambda: recordings[codecs[-1]].stat().st_size >= size, "enough was heard")
        for recorder in recorders:
            pj.recorder_destroy(recorder)
        for path in recordings.values():
            wait_closed(path)
        wrong = {codec: heard for codec in codecs if (heard := judge(recordings[codec]))}
    assert not wrong


def judge(path: Path) -> str:
    """What is wrong with the last half second; empty for the tone as it was said."""
    samples, rate = signals.read_wav(path)
    last = samples[-rate // 2 :]
    said = signals.level(signals.tone(FREQUENCY, 0.5, 16000, amplitude=0.3))
    found = signals.strongest_tone(last, rate)
    level = signals.level(last)
    if abs(found.frequency - FREQUENCY) > 5 or abs(level - said) > TOLERANCE:
        return f"{found}, {level:.1f} dB instead of {said:.1f}"
    return ""
