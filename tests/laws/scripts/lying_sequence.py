"""A sequence that holds more than it says is counted, and refused."""

from __future__ import annotations

import pytest

from pyjsua import pjsua as pj


class Liar(list[str]):
    def __len__(self) -> int:
        return 1


cfg = pj.AccConfig(id="sip:alice@127.0.0.1", proxy=Liar(["sip:127.0.0.1"] * 100000))
with pytest.raises(ValueError, match="100000 given"):
    pj.acc_add(cfg)
