"""A call with baresip in every codec both have, all at once: each hears what the other says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from peers import signals
from peers.baresip import Baresip
from pjsua.phone import Phone, player, until, wait_closed
from pyjsua import pjsua as pj
from whole_sound import whole_sound

OURS, THEIRS = 600.0, 440.0
"""What each says, Hz."""
SECONDS = 1.2

CODECS = {
    "PCMU/8000/1": ("PCMU", ""),
    "PCMA/8000/1": ("PCMA", ""),
    "G722/16000/1": ("G722", "g722"),
    "GSM/8000/1": ("GSM", "gsm"),
    "opus/48000/2": ("opus/48000/2", "opus"),
}
"""What baresip calls it, and the module that has it. Its L16 comes in packets of 106 bytes, of which PJMEDIA,
with frames of 640, plays none."""
AMR = {"AMR/8000/1": ("AMR", "amr"), "AMR-WB/16000/1": ("AMR-WB/16000", "amr")}
"""In a build that has them; baresip takes them octet-aligned only."""


@pytest.mark.hears
def test_every_codec_both_have(baresip: Callable[..., Baresip], tmp_path: Path) -> None:
    tone = signals.write_wav(tmp_path / "tone.wav", signals.tone(OURS, 1.0, 16000, amplitude=0.3), 16000)
    with Phone(config=pj.Config(max_calls=32), media=whole_sound(clock_rate=16000)) as phone:
        pj.codec_set_priority("", 128)
        ours = {info.codec_id for info in pj.enum_codecs()}
        codecs = CODECS | {codec: theirs for codec, theirs in AMR.items() if codec in ours}
        for codec in codecs.keys() & AMR.keys():
            param = pj.codec_get_param(codec)
            param.setting.dec_fmtp = [("octet-align", "1")]
            pj.codec_set_param(codec, param)
        peers = {
            codec: baresip(answer="auto", codecs=name, config=f"module {module}.so" if module else "")
            for codec, (name, module) in codecs.items()
        }
        caller = phone.account("caller")
        heard = {codec: tmp_path / f"{codec.replace('/', '-')}.wav" for codec in codecs}
        recorders, calls = [], []
        with player(tone) as slot:
            for codec, peer in peers.items():
                call = pj.call_make_call(caller, peer.uri, codecs=[codec])
                calls.append(call)
                phone.wait_media(call)
                fmt = pj.call_get_stream_info(call).fmt
                assert f"{fmt.encoding_name}/{fmt.clock_rate}".lower() == codec.rpartition("/")[0].lower()
                recorder = pj.recorder_create(heard[codec])
                recorders.append(recorder)
                pj.conf_connect(slot, pj.call_get_conf_port(call))
                pj.conf_connect(pj.call_get_conf_port(call), pj.recorder_get_conf_port(recorder))
            size = 44 + int(SECONDS * 16000) * 2
            last = list(codecs)[-1]
            until(lambda: heard[last].stat().st_size >= size, "enough was heard")
            peers[last].wait_heard(SECONDS)
        for recorder in recorders:
            pj.recorder_destroy(recorder)
        for path in heard.values():
            wait_closed(path)
        for call in calls:
            pj.call_hangup(call)
            phone.wait_end(call)
    for peer in peers.values():
        peer.stop()
    tones = {}
    for codec in codecs:
        for side, (samples, rate) in ((THEIRS, signals.read_wav(heard[codec])), (OURS, peers[codec].heard())):
            # Opus has two channels there; at the end the jitter buffer has settled.
            samples = samples if samples.ndim == 1 else samples[:, 0]
            part = signals.trim(samples, threshold=-40)[-rate // 2 :]
            found = signals.strongest_tone(part, rate)
            if abs(found.frequency - side) > 5 or found.purity < 0.8:
                tones[codec, side] = found
    assert not tones
