#!/usr/bin/env python3
"""Builds libsrtp on OpenSSL, for a wheel: tools/libsrtp.py FOLDER

Debian's own is built on NSS, and NSS loads SQLite as it runs: in a wheel that brings both, Python's
`sqlite3` is given the wheel's SQLite when it is imported during an encrypted call. The source is upstream's
release, from Debian's archive, without Debian's patches. The library takes the place of the one that was
linked: from 2.5 on to 2.8 the public structs and functions are the same, but for a function that PJSIP does
not use. Nothing is done where FOLDER has it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from third_party.pjproject import fetch  # noqa: E402 - found by that path

SONAME = "libsrtp2.so.1"
VERSION = "2.7.0"
SUITE = "trixie"
SHA256 = "6a7aa08e79386fdc0e2d566bed9646af2670ef5d65f99ddca381928e62d17f08"
"""Of the files below ROOTS, as fetch.py computes it."""
ROOTS = ("Makefile.in", "config_in.h", "configure", "crypto", "include", "srtp")


def build(folder: Path) -> None:
    """FOLDER/libsrtp2.so.1."""
    if (folder / SONAME).exists():
        return
    with tempfile.TemporaryDirectory() as work:
        try:
            source = fetched(Path(work))
        except fetch.RouteError as error:
            raise SystemExit(f"libsrtp {VERSION} could not be had: {error}") from error
        # Debian's, but for OpenSSL. What pkg-config says is for static linking, and wants zstd and more.
        options = ["--disable-stdout", "--enable-syslog", "--disable-debug", "--enable-openssl"]
        settings = ["CFLAGS=-O2 -fPIC", "crypto_CFLAGS= ", "crypto_LIBS=-lcrypto"]
        subprocess.run(["./configure", *options, *settings], cwd=source, check=True)
        subprocess.run(["make", "shared_library"], cwd=source, check=True)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / SONAME, folder / SONAME)


def fetched(work: Path) -> Path:
    pin = fetch.read_pin(fetch.HERE / "pin.toml")
    wanted = replace(
        pin,
        package="libsrtp2",
        component="*.orig.tar.*",
        roots=ROOTS,
        suffixes=(".c", ".h", ".in", ""),
        exceptions=frozenset(),
    )
    (archive,) = (each for each in pin.archives if each.origin == "Debian")
    source = fetch.from_archive(wanted, archive, SUITE, work)
    if fetch.digest_of(source, wanted) != SHA256:
        raise fetch.RouteError(f"{SUITE} has another: {source.name} with {fetch.digest_of(source, wanted)}")
    return source


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    build(Path(sys.argv[1]))
