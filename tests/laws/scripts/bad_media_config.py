"""`init` with a media setting that makes no sense raises ValueError, and may be called again."""

from __future__ import annotations

import sys

import pytest

from pyjsua import pjsua as pj

name, value = sys.argv[1], int(sys.argv[2])
pj.create()
with pytest.raises(ValueError):  # noqa: PT011 - PJMEDIA's own refusals name no field
    pj.init(media_cfg=pj.MediaConfig(**{name: value}))  # type: ignore[arg-type]
assert pj.get_state() is pj.State.CREATED
pj.init()
pj.start()
pj.destroy()
