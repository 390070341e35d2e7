"""Finding the programs of the peers, and saying which Debian package brings a missing one."""

from __future__ import annotations

import os
import shutil

PACKAGES = {
    "kamailio": "kamailio",
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "pacat": "pulseaudio-utils",
    "aplay": "alsa-utils",
    "openssl": "openssl",
    "turnserver": "coturn",
    "asterisk": "asterisk",
}
"""Debian package by program."""


class MissingPeer(RuntimeError):
    """A program that the tests need is not installed. Tests fail on it; they never skip."""


def require(program: str) -> str:
    """Return the full path of `program`, or raise `MissingPeer` naming the package to install."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        package = PACKAGES.get(program, program)
        raise MissingPeer(f"{program} is not installed: apt-get install {package}")
    return path
