"""Calls the URI it is given with the sound device connected both ways, and tells what becomes of the device.

Then does what its input says, as sound_settings.py does. Run with ALSA's default device set to a sound server
that the test ends.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pyjsua import pjsua as pj


def tell(**what: Any) -> None:
    # In one piece: handlers write from their own thread.
    sys.stdout.write(json.dumps(what, default=repr) + "\n")
    sys.stdout.flush()


def main(uri: str) -> None:
    call = pj.CallId(0)

    def on_call_media_state(event: pj.OnCallMediaState) -> None:
        if event.info.media_status is pj.CallMediaStatus.ACTIVE:
            pj.conf_connect(event.info.conf_slot, 0)
            pj.conf_connect(0, event.info.conf_slot)
            tell(media="ACTIVE")

    config = pj.Config()
    config.cb.on_media_event = lambda event: tell(
        type=event.event.type.name, dir=event.event.aud_dev_err.dir.name, error=event.event.aud_dev_err.status
    )
    config.cb.on_snd_dev_operation = lambda event: tell(opening=event.opening, devices=pj.get_snd_dev())
    config.cb.on_call_media_state = on_call_media_state
    pj.create()
    pj.init(config, None, pj.MediaConfig(ec_tail_len=0, no_vad=True))
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.start()
    pj.set_snd_dev()
    media = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    acc = pj.acc_add(pj.AccConfig(id="sip:a@127.0.0.1", rtp_cfg=media, lock_codec=0))
    call = pj.call_make_call(acc, uri)
    for line in sys.stdin:
        try:
            tell(value=eval(line, {"pj": pj, "call": call}))
        except Exception as error:
            tell(error=type(error).__name__, text=str(error))
    pj.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
