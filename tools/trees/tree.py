"""A Debian release in a folder, and programs that run in it, with a network of their own or with this one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Failed", "Store", "Tree"]

SETUP = """
set -e
tree=$1; shift
mount --make-rprivate /
mount -t proc proc "$tree/proc"
mount -t tmpfs tmpfs "$tree/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$tree/dev/pts"
while [ "$1" != -- ]; do
  mkdir -p "$1" "$tree$2"
  mount --bind "$1" "$tree$2"
  shift 2
done
shift
if [ "$1" = alone ]; then
  ip link set lo up
  ip link add name leads type veth peer name nowhere
  ip addr add 192.0.2.1/24 dev leads
  ip link set leads up
  ip link set nowhere up
fi
shift
exec chroot "$tree" "$@"
"""
"""Of the namespaces alone: the mounts and the interfaces go when the last program in them ends.

Beside loopback there is an interface whose address has no neighbours: without one ICE has no candidates, and
baresip no address.
"""

NO_SERVICES = "#!/bin/sh\nexit 101\n"


class Failed(Exception):
    """A program in a tree, or one that makes it, did not do as it was told; the message has what it said."""


class Store:
    """What the trees of all releases share, in the folder the user names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.debs = folder / "debs"
        self.ccache = folder / "ccache"
        for each in (self.debs / "partial", self.ccache):
            each.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One apt at a time has the packages that were fetched."""
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def wheels(self, python: str) -> Path:
        return self.folder / "wheels" / python


class Tree:
    """The tree `role` of `release`; `python` names the shared wheels that its pip may take from /wheels."""

    def __init__(self, store: Store, release: str, role: str, python: str = "") -> None:
        self.store = store
        self.release = release
        self.role = role
        self.python = python
        self.root = store.folder / release / role
        self.log = store.folder / release / f"{role}.log"
        self._made = store.folder / release / f"{role}.made"

    # -- making

    def bootstrap(self, packages: Sequence[str]) -> None:
        """By debootstrap, from the mirror apt uses here."""
        if self._is_made(packages):
            return
        self._begin()
        self._say(
            ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}",
             f"--cache-dir={self.store.debs}", self.release, str(self.root), mirror()]
        )  # fmt: skip
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        # What a package would start runs nowhere.
        policy = self.root / "usr" / "sbin" / "policy-rc.d"
        policy.write_text(NO_SERVICES)
        policy.chmod(0o755)
        self._end(packages)

    def copy(self, other: Tree, packages: Sequence[str] = ()) -> None:
        """A copy of the other tree with more packages; without packages it is made anew each time."""
        if packages and self._is_made(packages):
            return
        self._begin()
        self._say(["cp", "-a", "--reflink=auto", str(other.root), str(self.root)])
        if packages:
            # A mirror that stands still is as good; a tree that is lost to a power cut is made again.
            options = (
                "Acquire::Retries=3",
                "Acquire::Check-Valid-Until=false",
                "Dpkg::Options::=--force-unsafe-io",
            )
            apt = " ".join(["apt-get -q", *(f"-o {option}" for option in options)])
            install = f'{apt} update && {apt} install --yes --no-install-recommends "$@"'
            with self.store.alone():
                self.run(install, *packages, network=True)
        self._end(packages)

    def _is_made(self, packages: Sequence[str]) -> bool:
        return self._made.exists() and self._made.read_text().split() == list(packages)

    def _begin(self) -> None:
        self._made.unlink(missing_ok=True)
        if self.root.exists():
            shutil.rmtree(self.root)
        self.root.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_text("")

    def _end(self, packages: Sequence[str]) -> None:
        self._made.write_text("\n".join(packages))

    def put(self, source: Path, place: str) -> None:
        """A copy of a file or folder, in the place of what was there."""
        target = self.root / place.lstrip("/")
        if target.is_dir():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)

    # -- using

    def run(
        self, script: str, *arguments: str, network: bool = False, env: Mapping[str, str] | None = None
    ) -> str:
        """What a shell script writes to stdout; stderr and stdout stand in the tree's log."""
        shared = [str(self.store.debs), "/var/cache/apt/archives", str(self.store.ccache), "/ccache"]
        if self.python:
            shared += [str(self.store.wheels(self.python)), "/wheels"]
        settings = {
            "PATH": "/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": "/wheels",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            **(env or {}),
        }
        names = [
            "--mount",
            "--pid",
            "--ipc",
            "--uts",
            "--fork",
            "--kill-child",
            *([] if network else ["--net"]),
        ]
        inside = ["env", "-i", *(f"{name}={value}" for name, value in settings.items())]
        return self._say(
            ["unshare", *names, "sh", "-c", SETUP, "sh", str(self.root), *shared, "--",
             "network" if network else "alone", *inside, "sh", "-ec", script, "sh", *arguments]
        )  # fmt: skip

    def _say(self, command: Sequence[str]) -> str:
        with self.log.open("a") as log:
            log.write(f"\n$ {' '.join(command[-4:])}\n")
            log.flush()
            began = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                errors="replace",
            )
            assert process.stdout is not None
            lines = []
            try:
                for line in process.stdout:
                    lines.append(line)
                    log.write(line)
                    log.flush()
                process.wait()
            finally:
                # And with it, by --kill-child, all that runs in the tree.
                process.kill()
        if process.returncode:
            with self.log.open("rb") as written:
                written.seek(began)
                said = written.read().decode(errors="replace")
            raise Failed(f"{self.release}, {self.role}: {command[0]} ended with {process.returncode}\n"
                         f"{said[-4000:]}\nAll of it is in {self.log}")  # fmt: skip
        return "".join(lines)


def mirror() -> str:
    """Where apt has Debian's packages from on this machine."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Origin: Debian"]
    sites = subprocess.run(asked, capture_output=True, text=True).stdout.split()
    if not sites:
        raise Failed("apt names no mirror of Debian: apt-get update")
    return sites[0]


def download(store: Store, tree: Tree, requirements: Sequence[str]) -> None:
    """Wheels for the tree's Python, by the pip and the settings of this machine; the tree has no network."""
    ask = "import platform, sys; print(*sys.version_info[:2], platform.libc_ver()[1])"
    major, minor, glibc = tree.run(f"python3 -c '{ask}'").split()
    tree.python = f"{major}.{minor}"
    folder = store.wheels(tree.python)
    wanted = "\n".join(requirements)
    stamp = folder.with_name(f"{folder.name}.made")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    machine = os.uname().machine
    tags = [f"manylinux_2_{low}_{machine}" for low in range(int(glibc.split(".")[1]), 4, -1)]
    tags += [f"{name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1")]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder), "--only-binary=:all:",
         "--implementation=cp", f"--python-version={tree.python}",
         *(f"--platform={tag}" for tag in tags), *requirements],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Failed(f"pip download for Python {tree.python}\n{done.stdout}{done.stderr}")
    stamp.write_text(wanted)
