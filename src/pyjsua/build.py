"""What this build is."""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import Any

from . import _core, pjsua as pj

__all__ = ["build_info"]

PATCHES: tuple[str, ...] = ()
"""PJSIP's source is upstream's, at the commit of third_party/pjproject/pin.toml."""


def build_info() -> dict[str, Any]:
    """``versions``, ``patches`` to PJSIP, ``transports``, ``limits`` and ``licence``, of what JSON can hold.

    Starts nothing. OpenSSL is named as it runs; codecs and devices are known once PJSIP is initialized, to
    `pjsua.enum_codecs`, `pjsua.enum_aud_devs` and ``pyjsua info``.
    """
    from . import __version__

    return {
        "versions": {
            "pyjsua": __version__,
            "pjsip": _core.pj_version(),
            "openssl": _core.openssl_version(),
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
        },
        "licence": "GPL-2.0-or-later",
        "patches": list(PATCHES),
        "transports": sorted(pj.TransportType(kind).name for kind in _core.TRANSPORT_TYPES),
        "limits": asdict(pj.limits()),
    }
