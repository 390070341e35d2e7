"""Making Python deaf: one C call that keeps the GIL, as a careless extension would."""

from __future__ import annotations

import ctypes


def hold_gil(seconds: float) -> None:
    """Keep every Python thread of this process from running for that long."""
    # PyDLL, unlike CDLL, keeps the GIL during the call. poll() without descriptors is a plain sleep.
    ctypes.PyDLL(None).poll(None, 0, round(seconds * 1000))
