"""Media settings for tests that judge what arrived: late but whole, however the machine stutters."""

from __future__ import annotations

from pyjsua import pjsua as pj

__all__ = ["whole_sound"]


def whole_sound(**options: object) -> pj.MediaConfig:
    """No silence detection, which cuts beginnings; a jitter buffer that holds 300 ms and drops nothing."""
    settings: dict[str, object] = {
        "no_vad": True,
        "jb_init": 300,
        "jb_min_pre": 300,
        "jb_max_pre": 300,
        "jb_max": 1000,
        "jb_discard_algo": pj.JbDiscardAlgo.NONE,
    }
    return pj.MediaConfig(**{**settings, **options})  # type: ignore[arg-type]
