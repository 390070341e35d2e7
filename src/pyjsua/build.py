"""What this build is."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import metadata
from typing import Any

from . import _core, pjsua as pj

__all__ = ["build_info"]

PATCHES: tuple[str, ...] = ()
"""PJSIP's source is upstream's, at the commit of third_party/pjproject/pin.toml."""


def build_info() -> dict[str, Any]:
    """``versions``, ``patches`` to PJSIP, ``codecs``, ``transports``, ``limits`` and ``licence``, for JSON.

    Starts nothing. OpenSSL is named as it runs, codecs as SDP has them; the licence is that of all that is
    installed, a wheel's libraries too. Rates, priorities and devices are known once PJSIP is initialized, to
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
        "licence": metadata("pyjsua")["License-Expression"],
        "patches": list(PATCHES),
        "codecs": sorted(_core.CODECS),
        "transports": sorted(pj.TransportType(kind).name for kind in _core.TRANSPORT_TYPES),
        "limits": asdict(pj.limits()),
    }
