"""What is shipped to be built: what configuring asks for, the sdist, a build from it without network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, f"{command[0]}: {done.returncode}\n{done.stdout[-6000:]}"
    return done.stdout


# --- configuring ---------------------------------------------------------------------------------


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found is not None, f"{name} is missing: pip install 'pyjsua[test]'"
    return found


def test_missing_libraries_are_named_at_once(tmp_path: Path) -> None:
    hidden = ";".join(["/usr/include", "/usr/lib", f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"])
    done = subprocess.run(
        [tool("cmake"), "-S", ROOT, "-B", tmp_path / "b", "-G", "Ninja",
         f"-DCMAKE_SYSTEM_IGNORE_PATH={hidden}",
         f"-DPython_EXECUTABLE={sys.executable}"],
        env=build_environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode != 0
    for package in ("libgsm1-dev", "libsrtp2-dev", "libspeex-dev", "libspeexdsp-dev", "libopus-dev",
                    "libbcg729-dev", "libssl-dev", "libasound2-dev"):  # fmt: skip
        assert package in done.stderr
    assert "tools/install-system-packages" in done.stderr


# --- the sdist, and a build from it --------------------------------------------------------------


def build_environment() -> dict[str, str]:
    """This interpreter's tools first, no package index, and proxies that lead nowhere."""
    nowhere = "http://127.0.0.1:9"
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PIP_", "SKBUILD", "PYTHONPATH"))
    }
    return env | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }


def without_network() -> list[str]:
    for unshare in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if subprocess.run([*unshare, "true"], capture_output=True).returncode == 0:
            return unshare
    return []  # a container that forbids it: the proxies of build_environment() remain


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run(*command, env=build_environment())
    (archive,) = out.iterdir()
    return archive


def test_the_sdist_carries_pjsip_and_nothing_of_this_machine(sdist: Path) -> None:
    with tarfile.open(sdist) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    for wanted in (
        "third_party/pjproject/source/pjsip/include/pjsua.h",
        "third_party/pjproject/source/COPYING",
        "third_party/pjproject/fetch.py",
        "third_party/pjproject/pin.toml",
        "src/pyjsua/_core.pyx",
        "src/native/alsa_loader.c",
        "cmake/pjproject.cmake",
        "LICENSE",
    ):
        assert wanted in names
    ours = [name for name in names if not name.startswith("third_party/pjproject/source/")]
    assert not [name for name in ours if name.startswith((".venv", ".git/", "build/", "dist/"))]
    assert not [name for name in ours if name.endswith((".so", ".o", ".a", ".pyc"))]
    tracked = run("git", "ls-files", "src", "include", "cmake").split() if (ROOT / ".git").exists() else []
    assert set(tracked) <= names


@pytest.mark.timeout(900)
def test_a_build_from_the_sdist_without_network_and_a_second_one(sdist: Path, tmp_path: Path) -> None:
    # Not with tarfile: Debian 12's Python is older than its filters, and later ones complain without.
    run("tar", "-C", str(tmp_path), "-xf", str(sdist))
    (tree,) = tmp_path.iterdir()
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--no-build-isolation"]
    command = [*without_network(), *pip, "--wheel-dir", str(wheels), "."]

    run(*command, cwd=tree, env=build_environment())
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as zipped:
        names = zipped.namelist()
        zipped.extractall(tmp_path / "unpacked")
    assert not [name for name in names if name.endswith((".pyx", ".pxi", ".a", ".c"))]
    assert not [name for name in names if not name.startswith(("pyjsua/", "pyjsua-"))]
    # Without site-packages: the package needs nothing but Python.
    script = "import sys; sys.path.insert(0, sys.argv[1]); import pyjsua._core as core; print(core.__file__)"
    assert str(tmp_path) in run(sys.executable, "-I", "-S", "-c", script, tmp_path / "unpacked", cwd=tmp_path)

    def objects() -> dict[Path, int]:
        found = (tree / "build").rglob("*.o")
        return {path: path.stat().st_mtime_ns for path in found if "pjproject" in path.parts}

    before = objects()
    assert len(before) > 200
    said = run(*command, cwd=tree, env=build_environment())
    assert objects() == before, "a second build compiles nothing of PJSIP"
    assert "Building C object" not in said

    (build,) = (tree / "build").glob("cp*")
    for pattern in ("*.pxi", "*.pyx", "*.pxd"):
        changed = sorted(path for top in ("src", "include") for path in (tree / top).rglob(pattern))
        assert changed, f"no {pattern}"
        with changed[0].open("a") as source:
            source.write("\n")
        said = run(tool("ninja"), "-C", build, "cython/_core.c", env=build_environment())
        assert "Cython src/pyjsua/_core.pyx" in said, f"{changed[0].name} was changed"
    assert objects() == before
