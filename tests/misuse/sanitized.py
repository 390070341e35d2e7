"""pyjsua and PJSIP built with AddressSanitizer, for a child Python (`PYJSUA_SANITIZE` in CMakeLists.txt)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import pyjsua
from misuse.batch import TESTS, Runner

__all__ = ["build_module", "sanitized_runner"]

ROOT = TESTS.parent
BUILD = ROOT / "build" / "asan"
OPTIONS = "detect_leaks=0:allocator_may_return_null=1"
"""CPython frees little at its end, and a buffer of a terabyte is to be refused, not to end the process."""


def build(*command: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-4000:]}")


def build_module(source: Path, folder: Path) -> None:
    """An extension module on pyjsua's C API, of one C file, checked as the rest is."""
    include = f"-I{sysconfig.get_path('include')}"
    build(
        "gcc", "-shared", "-fPIC", "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
        "-fsanitize=address", include, f"-I{pyjsua.get_include()}",
        "-o", str(folder / f"{source.stem}.so"), str(source),
    )  # fmt: skip


def sanitized_runner(folder: Path) -> Runner:
    """Builds what has changed since the last time, and lays the package out in `folder`."""
    tools = Path(sys.executable).parent
    environment = os.environ["PATH"]
    cmake = shutil.which("cmake", path=f"{tools}:{environment}") or "cmake"
    ninja = shutil.which("ninja", path=f"{tools}:{environment}") or "ninja"
    build(
        cmake, "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}",
        "-DCMAKE_BUILD_TYPE=Release", "-DPYJSUA_SANITIZE=address", "-DSKBUILD_PROJECT_VERSION=0",
        f"-DPython_EXECUTABLE={sys.executable}",
    )  # fmt: skip
    build(cmake, "--build", str(BUILD))
    package = folder / "pyjsua"
    shutil.copytree(
        Path(pyjsua.__file__).parent, package, ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    for module in BUILD.glob("_core.*.so"):
        shutil.copy(module, package)
    library = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    )
    return Runner(
        # Without site-packages: an editable install would put its own module first.
        interpreter=(sys.executable, "-S"),
        env={
            "PYTHONPATH": f"{folder}:{TESTS}",
            "LD_PRELOAD": library.stdout.strip(),
            "ASAN_OPTIONS": OPTIONS,
        },
        patience=60,
    )
