"""What a run needs first: the C programs, and the peers from PyPI."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from processes import HERE, Kind

ROOT = HERE.parent
PJSUA2 = "pjsua2-python"
BARESIP = "baresip-python"


@dataclass
class Programs:
    caller: Path
    kinds: list[Kind]
    """C first: the others are compared with it."""
    versions: dict[str, str]
    notes: list[str] = field(default_factory=list)


def build_c(build: Path | None) -> Path:
    """Builds the C programs in pyjsua's build tree, so that they get the very same PJSIP."""
    if build is None:
        tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
        trees = sorted(
            ROOT.glob(f"build/{tag}-*/CMakeCache.txt"), key=lambda cache: cache.stat().st_mtime, reverse=True
        )
        if not trees:
            raise SystemExit(
                "benchmarks: no build tree under build/; run `make bench`, or name one with --build"
            )
        build = trees[0].parent
    cmake = shutil.which("cmake", path=sysconfig.get_path("scripts")) or shutil.which("cmake")
    if cmake is None:
        raise SystemExit("benchmarks: cmake is not there; `make bench` brings it")
    print("Building the C programs", file=sys.stderr, flush=True)
    for command in (
        [cmake, "-DPYJSUA_BENCHMARKS=ON", str(build)],
        [cmake, "--build", str(build), "--target", "pyjsua_benchmarks"],
    ):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{done.stdout[-3000:]}\nbenchmarks: {' '.join(command)} failed")
    return build / "benchmarks" / "c"


def peer_python(package: str) -> tuple[str, str] | str:
    """A Python that has a package of PyPI, and its version; or why there is none."""
    name = package.removesuffix("-python")
    home = ROOT / "build" / f"{name}-venv"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    ask = [str(python), "-c", f"import importlib.metadata as m, {name}; print(m.version('{package}'))"]
    version = subprocess.run(ask, capture_output=True, text=True, check=False)
    if version.returncode:
        print(f"Installing {package}", file=sys.stderr, flush=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:", package]
        pip = subprocess.run(command, capture_output=True, text=True, check=False)
        if pip.returncode:
            return (pip.stderr.strip().splitlines() or ["no reason given"])[-1]
        version = subprocess.run(ask, capture_output=True, text=True, check=False)
        if version.returncode:
            return (version.stderr.strip().splitlines() or ["no reason given"])[-1]
    return str(python), version.stdout.strip().splitlines()[-1]


def prepare(build: Path | None, wanted: Sequence[str]) -> Programs:
    c = build_c(build)
    agents = HERE / "agents"
    kinds = [
        Kind("c", "C", (str(c / "churn"),)),
        Kind("low-level", "pyjsua.pjsua", (sys.executable, str(agents / "low_level.py"))),
        Kind("objects", "pyjsua", (sys.executable, str(agents / "objects.py"))),
    ]
    notes = []
    versions = {}
    if not wanted or "pjsua2" in wanted:
        found = peer_python(PJSUA2)
        if isinstance(found, str):
            notes.append(f"{PJSUA2} could not be installed: {found}")
        else:
            python, versions[PJSUA2] = found
            # Compiled for four calls at most, and with assertions that abort it at little more than this.
            kinds.append(
                Kind("pjsua2", PJSUA2, (python, str(agents / "pjsua2_pypi.py")), max_calls=4, highest_rate=60)
            )
    kinds = [kind for kind in kinds if not wanted or kind.name in ("c", *wanted)]
    return Programs(c / "caller", kinds, versions, notes)
