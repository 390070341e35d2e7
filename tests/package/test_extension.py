"""The extension module that is installed: what it exports, what it wants of others."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

SYSTEM_LIBRARIES = {
    "libc.so", "libm.so", "ld-linux-x86-64.so", "ld-linux-aarch64.so", "libcrypto.so", "libssl.so",
    "libsrtp2.so", "libopus.so", "libspeex.so", "libspeexdsp.so", "libgsm.so", "libbcg729.so",
    "libopencore-amrnb.so", "libopencore-amrwb.so", "libvo-amrwbenc.so",
}  # fmt: skip


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def extension() -> Path:
    spec = importlib.util.find_spec("pyjsua._core")
    assert spec is not None, "pyjsua is not installed, or its build failed: make build"
    assert spec.origin is not None
    return Path(spec.origin)


def symbols(extension: Path, *options: str) -> list[str]:
    return [line.split()[-1].split("@")[0] for line in run("nm", "-D", *options, extension).splitlines()]


def test_only_the_module_is_exported(extension: Path) -> None:
    assert symbols(extension, "--defined-only") == ["PyInit__core"]


def test_nothing_of_pjsip_or_alsa_is_wanted_from_outside(extension: Path) -> None:
    foreign = [
        name for name in symbols(extension, "--undefined-only") if name.startswith(("pj", "snd_", "_Z"))
    ]
    assert foreign == []


def test_what_it_links(extension: Path) -> None:
    dynamic = run("readelf", "--dynamic", extension).splitlines()
    needed = {line.split("[")[1].split("]")[0] for line in dynamic if "(NEEDED)" in line}
    # In a repaired wheel they have a digest in their names.
    names = {re.sub(r"(-[0-9a-f]{8})?\.so.*", ".so", name) for name in needed}
    assert names <= SYSTEM_LIBRARIES
    assert not any("asound" in name for name in needed), "libasound is found at run time"
