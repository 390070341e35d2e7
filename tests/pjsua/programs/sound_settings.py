"""Plays the WAV file it is given into slot 0 and does what its input says, a line at a time.

Run with ALSA's default device set to a sound server of the test's. Every line is an expression over `pj`;
its value is written to stdout as one JSON object, an exception as its class.
"""

from __future__ import annotations

import json
import sys

from pyjsua import pjsua as pj


def tell(**what: object) -> None:
    # In one piece: handlers write from their own thread.
    sys.stdout.write(json.dumps(what, default=repr) + "\n")
    sys.stdout.flush()


def main(path: str) -> None:
    operations: list[bool] = []
    config = pj.Config()
    config.cb.on_snd_dev_operation = lambda event: operations.append(event.opening)
    pj.create()
    pj.init(config, None, pj.MediaConfig(ec_tail_len=0, no_vad=True))
    pj.start()
    pj.conf_connect(pj.player_get_conf_port(pj.player_create(path)), 0)
    tell(ready=True)
    for line in sys.stdin:
        try:
            tell(value=eval(line, {"pj": pj, "operations": operations}))
        except Exception as error:
            tell(error=type(error).__name__, text=str(error))
    pj.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
