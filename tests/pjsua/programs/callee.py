"""A pyjsua of its own process, for `test_two_processes`: answers calls, plays one file, records another.

Arguments: the file to play, the file to record. Writes one JSON object per line to stdout, and ends at the
end of its input.
"""

from __future__ import annotations

import json
import sys

from pyjsua import pjsua as pj


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


def main(play: str, record: str) -> None:
    recorder: list[pj.RecorderId] = []

    def on_call_media_state(event: pj.OnCallMediaState) -> None:
        if event.info.media_status is not pj.CallMediaStatus.ACTIVE or recorder:
            return
        recorder.append(pj.recorder_create(record))
        pj.conf_connect(event.info.conf_slot, pj.recorder_get_conf_port(recorder[0]))
        pj.conf_connect(pj.player_get_conf_port(pj.player_create(play)), event.info.conf_slot)

    def on_call_state(event: pj.OnCallState) -> None:
        tell(state=event.info.state.name, status=event.info.last_status, remote=event.info.remote_info)
        if event.info.state is pj.InvState.DISCONNECTED and recorder:
            pj.recorder_destroy(recorder.pop())

    config = pj.Config()
    config.cb.on_incoming_call = lambda event: pj.call_answer(event.call_id, 200)
    config.cb.on_call_state = on_call_state
    config.cb.on_call_media_state = on_call_media_state
    config.cb.on_dtmf_event = lambda event: tell(digit=event.digit)
    pj.create()
    # Late but whole: see whole_sound.py, which a program of its own cannot import.
    media = pj.MediaConfig(jb_init=300, jb_min_pre=300, jb_max_pre=300, jb_discard_algo=pj.JbDiscardAlgo.NONE)
    pj.init(config, None, media)
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    rtp = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    pj.acc_add(pj.AccConfig(id=f"sip:b@127.0.0.1:{port}", rtp_cfg=rtp))
    tell(uri=f"sip:b@127.0.0.1:{port}")
    sys.stdin.read()
    pj.destroy()
    tell(state=pj.get_state().name)


if __name__ == "__main__":
    main(*sys.argv[1:])
