"""Puts PJSIP's source, as pinned in pin.toml, into the folder source/ beside this file.

Run by CMake at configure time; nothing to install first. Tried in this order:

1. the folder or archive named by the environment variable PYJSUA_PJPROJECT;
2. what is already in source/;
3. upstream's git repository, at the pinned commit;
4. Debian's or Ubuntu's signed source archive, through apt with directories of its own.

Whatever the way, the code must have the digest of pin.toml. source/ appears whole or not at all, and two
builds at once wait for each other.

    python fetch.py                    fetch, or return at once when the source is there
    python fetch.py --digest FOLDER    print the digest of a source tree (to change the pin)
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

VARIABLE = "PYJSUA_PJPROJECT"
HERE = Path(__file__).resolve().parent
STAMP = ".pyjsua-fetched"
MAX_UNPACKED = 500_000_000


class RouteError(Exception):
    """Why one way to the source did not lead there, in a line or two."""


@dataclass(frozen=True)
class Archive:
    """Where apt may find the source package, and whose signature counts there."""

    origin: str
    suites: tuple[str, ...]
    section: str
    keyrings: tuple[str, ...]


@dataclass(frozen=True)
class Pin:
    """pin.toml."""

    version: str
    repository: str
    commit: str
    package: str
    component: str
    archives: tuple[Archive, ...]
    sha256: str
    roots: tuple[str, ...]
    suffixes: tuple[str, ...]
    exceptions: frozenset[str]


def read_pin(path: Path) -> Pin:
    data = tomllib.loads(path.read_text())
    upstream, package, digest = data["upstream"], data["package"], data["digest"]
    archives = [
        Archive(found["origin"], tuple(found["suites"]), found["section"], tuple(found["keyrings"]))
        for found in data["archive"]
    ]
    return Pin(
        version=data["version"],
        repository=upstream["repository"],
        commit=upstream["commit"],
        package=package["name"],
        component=package["component"],
        archives=tuple(archives),
        sha256=digest["sha256"],
        roots=tuple(digest["roots"]),
        suffixes=tuple(digest["suffixes"]),
        exceptions=frozenset(digest["except"]),
    )


# --- the digest ----------------------------------------------------------------------------------


def pinned_files(tree: Path, pin: Pin) -> Iterator[str]:
    """The paths, relative and with slashes, that the digest goes over."""
    for root in pin.roots:
        top = tree / root
        found = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
        for path in found:
            name = path.relative_to(tree).as_posix()
            if path.suffix in pin.suffixes and name not in pin.exceptions:
                yield name


def digest_of(tree: Path, pin: Pin) -> str:
    """SHA-256 over the sorted lines `<sha256 of the file>  <path>`, as sha256sum prints them."""
    total = hashlib.sha256()
    for name in sorted(pinned_files(tree, pin)):
        content = hashlib.sha256((tree / name).read_bytes()).hexdigest()
        total.update(f"{content}  {name}\n".encode())
    return total.hexdigest()


def verify(tree: Path, pin: Pin) -> None:
    for name in ("CMakeLists.txt", "pjsip/include/pjsua.h"):
        if not (tree / name).is_file():
            raise RouteError(f"no PJSIP source: {name} is missing")
    digest = digest_of(tree, pin)
    if digest != pin.sha256:
        count = sum(1 for _ in pinned_files(tree, pin))
        raise RouteError(
            f"not PJSIP {pin.version} as pinned: the digest of its {count} files is {digest[:16]}..., "
            f"not {pin.sha256[:16]}... (changed files, or files that configure left there)"
        )


# --- unpacking -----------------------------------------------------------------------------------


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise RouteError(f"the archive holds a path that leads outside: {name!r}")
    return path


def _members(archive: Path) -> Iterator[tuple[str, bool, int, Callable[[], IO[bytes] | None]]]:
    """(name, executable, size, open) of every plain file. Links and devices are left out: the digest
    notices when one mattered."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as unzipped:
            for info in unzipped.infolist():
                if not info.is_dir():
                    executable = bool(info.external_attr >> 16 & 0o100)
                    yield info.filename, executable, info.file_size, partial(unzipped.open, info)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                yield member.name, bool(member.mode & 0o100), member.size, partial(tar.extractfile, member)


def unpack(archive: Path, target: Path) -> Path:
    """Unpacks into target, which is new; returns the one folder at its top, if there is one."""
    total = 0
    try:
        for name, executable, size, opened in _members(archive):
            total += size
            if total > MAX_UNPACKED:
                raise RouteError(f"{archive.name} unpacks to more than {MAX_UNPACKED // 1_000_000} MB")
            path = target / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = opened()
            assert stream is not None
            with stream, path.open("wb") as out:
                shutil.copyfileobj(stream, out)
            path.chmod(0o755 if executable else 0o644)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise RouteError(f"{archive.name} cannot be unpacked: {error}") from error
    top = list(target.iterdir())
    return top[0] if len(top) == 1 and top[0].is_dir() else target


# --- the routes: each returns a tree inside work ---------------------------------------------------


def run(command: list[str], *, seconds: int = 300, cwd: Path | None = None) -> str:
    if shutil.which(command[0]) is None:
        raise RouteError(f"{command[0]} is not installed")
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise RouteError(f"{command[0]} took more than {seconds} seconds") from error
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in said if line.startswith(("E:", "fatal:", "error:"))] or said[-2:]
        raise RouteError("; ".join(errors[:2]) or f"{command[0]} ended with {done.returncode}")
    return done.stdout


def named(name: str, work: Path) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        return unpack(path, work / "named")
    raise RouteError(f"{name}: no such folder or archive")


def from_git(pin: Pin, work: Path) -> Path:
    tree = work / "git"
    git = ["git", "-C", str(tree), "-c", "core.autocrlf=false", "-c", "http.lowSpeedLimit=1000",
           "-c", "http.lowSpeedTime=30"]  # fmt: skip
    tree.mkdir()
    run([*git, "init", "--quiet"])
    run([*git, "fetch", "--quiet", "--depth", "1", pin.repository, pin.commit], seconds=600)
    run([*git, "checkout", "--quiet", "FETCH_HEAD"])
    head = run([*git, "rev-parse", "HEAD"]).strip()
    if head != pin.commit:
        raise RouteError(f"the repository gave {head}, not {pin.commit}")
    shutil.rmtree(tree / ".git")
    return tree


def mirrors_of(origin: str) -> list[str]:
    """The package sources of that origin that this machine's own apt uses, without repeats."""
    listed = run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)", "Created-By: Packages"])
    rows = [line.split("|", 1) for line in listed.splitlines() if "|" in line]
    # Before the first `apt-get update` apt does not know origins yet; then the signature decides.
    rows.sort(key=lambda row: row[0] != origin)
    uris = [uri for known, uri in rows if known in (origin, "") and "security" not in uri]
    return list(dict.fromkeys(uris))[:4]


def from_archive(pin: Pin, archive: Archive, suite: str, work: Path) -> Path:
    mirrors = mirrors_of(archive.origin)
    if not mirrors:
        raise RouteError(f"apt on this machine names no mirror of {archive.origin}")
    keyring = next((path for path in archive.keyrings if Path(path).exists()), None)
    if keyring is None:
        raise RouteError(f"no keyring to check signatures with: {archive.keyrings[-1]}")
    reasons = []
    for number, mirror in enumerate(mirrors):
        entry = f"deb-src [signed-by={keyring}] {mirror} {suite} {archive.section}"
        try:
            return _from_mirror(pin, entry, work / f"{suite}-{number}")
        except RouteError as error:
            reasons.append(str(error))
    raise RouteError("; ".join(dict.fromkeys(reasons)))


def _from_mirror(pin: Pin, entry: str, work: Path) -> Path:
    # Under the system's temporary folder and readable: apt hands downloads to its own user.
    apt = Path(tempfile.mkdtemp(prefix="pyjsua-apt-"))
    try:
        apt.chmod(0o755)
        for folder in ("lists/partial", "cache/archives/partial", "got"):
            (apt / folder).mkdir(parents=True)
        sources = apt / "sources.list"
        sources.write_text(entry + "\n")
        options = {
            "Dir::Etc::sourcelist": str(sources),
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": str(apt / "lists"),
            "Dir::Cache": str(apt / "cache"),
            # A mirror that stands still has the pinned release too: signature and digest say what was got.
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
            "Acquire::Retries": "2",
            "APT::Update::Error-Mode": "any",
        }
        apt_get = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
        run([*apt_get, "update"])
        run([*apt_get, "source", "--tar-only", "--only-source", pin.package], cwd=apt / "got")
        found = sorted(path for path in (apt / "got").iterdir() if fnmatch.fnmatch(path.name, pin.component))
        if not found:
            raise RouteError(f"{pin.package} there has no component {pin.component}")
        work.mkdir()
        return unpack(found[0], work)
    finally:
        shutil.rmtree(apt, ignore_errors=True)


# --- source/ -------------------------------------------------------------------------------------


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One build at a time. The system drops the lock with the process, however that ends."""
    with path.open("a") as handle:
        try:
            import fcntl
        except ImportError:
            import msvcrt

            while True:
                with suppress(OSError):
                    msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
                    break
                time.sleep(1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install(tree: Path, source: Path, pin: Pin, work: Path, *, move: bool) -> None:
    """Puts a verified tree where source is. A build that is killed here leaves the old one or none."""
    new = work / "new"
    if move:
        tree.rename(new)
    else:
        shutil.copytree(tree, new, ignore=shutil.ignore_patterns(".git"))
    (new / STAMP).write_text(pin.sha256 + "\n")
    if source.exists():
        source.rename(work / "old")
    new.rename(source)


def is_ours_and_old(source: Path, pin: Pin) -> bool:
    """True for a tree this script fetched for another pin and nobody has touched since."""
    with suppress(OSError):
        stamp = (source / STAMP).read_text().strip()
        return stamp != pin.sha256 and stamp == digest_of(source, pin)
    return False


def fetch(home: Path = HERE, environ: dict[str, str] | None = None) -> str:
    """Returns where the source came from, or raises SystemExit with what was tried."""
    environ = dict(os.environ) if environ is None else environ
    pin = read_pin(home / "pin.toml")
    source = home / "source"
    name = environ.get(VARIABLE, "")

    if not name and source.is_dir():
        # Without the lock: a second build, or one from a read-only folder.
        with suppress(RouteError):
            verify(source, pin)
            return f"{source} (already there)"

    try:
        with locked(home / ".fetch.lock"):
            for left in home.glob(".fetch-*"):
                shutil.rmtree(left, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=home))
            try:
                return _fetch_locked(pin, source, name, work)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise SystemExit(f"PJSIP {pin.version} could not be put into {source}: {error}") from error


def _fetch_locked(pin: Pin, source: Path, name: str, work: Path) -> str:
    if name:
        # Somebody who names a source wants that one: no other is tried in its place.
        try:
            tree = named(name, work)
            verify(tree, pin)
        except RouteError as error:
            raise SystemExit(f"PJSIP {pin.version}: {VARIABLE}={name}\n  {error}") from error
        if not (source.is_dir() and same_files(tree, source)):
            install(tree, source, pin, work, move=work in tree.parents)
        return name

    tried = [f"{VARIABLE} (a folder or an archive): not set"]
    if source.is_dir():
        try:
            verify(source, pin)
            return f"{source} (already there)"  # another build was faster
        except RouteError as error:
            if not is_ours_and_old(source, pin):
                raise SystemExit(
                    f"PJSIP {pin.version}: {source}\n  {error}\n"
                    "  Somebody else put it there or changed it. Remove the folder to have it fetched again."
                ) from error
            tried.append(f"{source}: of an older pin")
    else:
        tried.append(f"{source}: not there")

    routes: list[tuple[str, Callable[[], Path]]] = [
        (f"git, {pin.repository} at {pin.commit[:12]}", partial(from_git, pin, work))
    ]
    for archive in pin.archives:
        for suite in archive.suites:
            what = f"apt, source package {pin.package} of {archive.origin}'s {suite}"
            routes.append((what, partial(from_archive, pin, archive, suite, work)))
    for what, route in routes:
        say(f"fetching PJSIP {pin.version}: {what}")
        try:
            tree = route()
            verify(tree, pin)
        except RouteError as error:
            tried.append(f"{what}: {error}")
            continue
        install(tree, source, pin, work, move=True)
        return what

    lines = [f"PJSIP {pin.version} could not be had. Tried, in this order:"]
    lines += [f"  {number}. {reason[:400]}" for number, reason in enumerate(tried, 1)]
    lines.append(f"What always helps: {VARIABLE}=<folder or archive of PJSIP {pin.version}>,")
    lines.append("or the sdist of pyjsua, which carries the source.")
    raise SystemExit("\n".join(lines))


def same_files(left: Path, right: Path) -> bool:
    """Whether two trees hold the same files, apart from what our own build writes."""

    def listing(tree: Path) -> dict[str, bytes]:
        return {
            name: hashlib.sha256(path.read_bytes()).digest()
            for path in tree.rglob("*")
            if path.is_file() and ".git" not in path.parts
            if (name := path.relative_to(tree).as_posix()) not in (STAMP, "pjlib/include/pj/config_site.h")
        }

    return listing(left) == listing(right)


def say(line: str) -> None:
    print(f"pyjsua: {line}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    if len(arguments) == 2 and arguments[0] == "--digest":
        print(digest_of(Path(arguments[1]), read_pin(HERE / "pin.toml")))
    elif arguments:
        raise SystemExit(__doc__)
    else:
        try:
            print(f"PJSIP source: {fetch()}")
        except SystemExit as error:
            # Line by line: this is read among a build's output, and tools/venv looks for the prefix.
            for line in str(error).splitlines():
                say(line)
            raise SystemExit(1) from error


if __name__ == "__main__":
    main(sys.argv[1:])
