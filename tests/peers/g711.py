"""G.711 in numpy: what the RTP watcher needs to send a signal and to hear one. ITU-T G.711."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from peers.signals import Samples

_Bytes = npt.NDArray[np.uint8]


def _ulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = (((mantissa.astype(np.int32) << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _alaw_table() -> Samples:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size).astype(np.int16)


DECODE: dict[int, Samples] = {0: _ulaw_table(), 8: _alaw_table()}
"""Sample by code, for RTP payload types 0 (PCMU) and 8 (PCMA)."""


def decode(payload: bytes, payload_type: int = 0) -> Samples:
    """Samples at 8 kHz of a G.711 payload."""
    return DECODE[payload_type][np.frombuffer(payload, dtype=np.uint8)]


def encode(samples: Samples, payload_type: int = 0) -> bytes:
    """The nearest code of each sample."""
    table = DECODE[payload_type].astype(np.int32)
    order = np.argsort(table, kind="stable")
    values = table[order]
    middles = (values[1:] + values[:-1]) / 2
    codes: _Bytes = order.astype(np.uint8)[np.searchsorted(middles, samples.astype(np.float64))]
    return codes.tobytes()
