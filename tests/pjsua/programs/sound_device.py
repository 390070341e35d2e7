"""Calls the URI it is given, the call connected to the sound device both ways; ends at the end of its input.

Run with ALSA's default device set to a sound server of the test's. Writes one JSON object per line to stdout.
"""

from __future__ import annotations

import json
import sys

from pyjsua import pjsua as pj


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


def main(uri: str) -> None:
    def on_call_media_state(event: pj.OnCallMediaState) -> None:
        if event.info.media_status is pj.CallMediaStatus.ACTIVE:
            pj.conf_connect(event.info.conf_slot, 0)
            pj.conf_connect(0, event.info.conf_slot)
            tell(media="ACTIVE")

    config = pj.Config()
    config.cb.on_call_state = lambda event: tell(state=event.info.state.name)
    config.cb.on_call_media_state = on_call_media_state
    pj.create()
    pj.init(config, None, pj.MediaConfig(ec_tail_len=0, no_vad=True))
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.start()
    tell(active=pj.snd_is_active())
    pj.set_snd_dev()
    tell(
        active=pj.snd_is_active(),
        devices=[device.name for device in pj.enum_aud_devs()],
        open=pj.get_snd_dev(),
    )
    media = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    acc = pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", rtp_cfg=media, lock_codec=0))
    pj.call_make_call(acc, uri)
    sys.stdin.read()
    pj.call_hangup_all()
    pj.set_null_snd_dev()
    tell(active=pj.snd_is_active())
    pj.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
