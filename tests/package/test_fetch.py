"""The fetcher of PJSIP's source, on small trees of its own: every route, and what a failure says."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HOME = Path(__file__).resolve().parents[2] / "third_party" / "pjproject"

FILES = {
    "CMakeLists.txt": "# top\n",
    "version.mak": "export PJ_VERSION_MAJOR := 2\n",
    "pjsip/include/pjsua.h": "#define PJSUA 1\n",
    "pjlib/src/pj/os.c": "int os;\n",
    "tests/readme.png": "not in the digest\n",
}


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pjproject_fetch", HOME / "fetch.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fetch = _load()


def write_tree(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A git repository standing for upstream's; the pin of `home` names its commit."""
    tree = write_tree(tmp_path / "upstream")
    git = ["git", "-C", str(tree), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run([*git, "config", "uploadpack.allowAnySHA1InWant", "true"], check=True)
    return tree


@pytest.fixture
def home(tmp_path: Path, upstream: Path) -> Path:
    """A copy of third_party/pjproject whose pin is the small tree, with no Debian to fall back on."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(HOME / "fetch.py", home)
    commit = subprocess.run(
        ["git", "-C", str(upstream), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    write_pin(home, repository=str(upstream), commit=commit)
    digest = fetch.digest_of(upstream, fetch.read_pin(home / "pin.toml"))
    write_pin(home, repository=str(upstream), commit=commit, sha256=digest)
    return home


def write_pin(home: Path, **changes: str) -> None:
    """The pin of home, or at first the real one without its suites, with some of its values changed."""
    path = home / "pin.toml"
    if not path.exists():
        path.write_text((HOME / "pin.toml").read_text().replace("suites = [", "suites = [] # ["))
    pin = fetch.read_pin(path)
    text = path.read_text()
    for key, value in changes.items():
        text = text.replace(f'"{getattr(pin, key)}"', f'"{value}"')
    path.write_text(text)


def run(home: Path, *, name: str = "") -> str:
    return str(fetch.fetch(home, {"PYJSUA_PJPROJECT": name} if name else {}))


def failure(home: Path, *, name: str = "") -> str:
    with pytest.raises(SystemExit) as stopped:
        run(home, name=name)
    text = str(stopped.value)
    assert len(text.splitlines()) <= 24, "more than one screen"
    assert not (home / "source").exists()
    assert leftovers(home) == []
    return text


def leftovers(home: Path) -> list[str]:
    return [path.name for path in home.iterdir() if path.name.startswith(".fetch-")]


def source_is_whole(home: Path) -> bool:
    return {name: (home / "source" / name).read_text() for name in FILES} == FILES


# --- the routes --------------------------------------------------------------------------------


def test_the_source_of_this_checkout_is_the_pinned_one() -> None:
    fetch.verify(HOME / "source", fetch.read_pin(HOME / "pin.toml"))


def test_git_at_the_pinned_commit(home: Path) -> None:
    assert run(home).startswith("git, ")
    assert source_is_whole(home)
    assert not (home / "source" / ".git").exists()
    assert leftovers(home) == []


def test_what_is_there_is_taken_without_touching_it(home: Path) -> None:
    run(home)
    before = (home / "source" / "CMakeLists.txt").stat().st_mtime_ns
    (home / "source" / "pjlib/include/pj").mkdir(parents=True)
    (home / "source" / "pjlib/include/pj/config_site.h").write_text("/* CMake touches this */\n")
    assert run(home).endswith("(already there)")
    assert (home / "source" / "CMakeLists.txt").stat().st_mtime_ns == before


def test_a_read_only_checkout_with_the_source_in_it(home: Path) -> None:
    run(home)
    (home / ".fetch.lock").unlink()
    assert run(home).endswith("(already there)")
    assert not (home / ".fetch.lock").exists(), "nothing is written when there is nothing to do"


def test_a_named_folder_is_copied(home: Path, tmp_path: Path) -> None:
    named = write_tree(tmp_path / "named", **{"tests/readme.png": "mine\n"})
    assert run(home, name=str(named)) == str(named)
    assert (home / "source/tests/readme.png").read_text() == "mine\n"
    assert named.exists()
    before = (home / "source/CMakeLists.txt").stat().st_ino
    run(home, name=str(named))
    assert (home / "source/CMakeLists.txt").stat().st_ino == before, "the same source again costs no rebuild"


def pack_tar(tree: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:xz") as tar:
        tar.add(tree, "pjproject-2.17")


def pack_zip(tree: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as packed:
        for path in tree.rglob("*"):
            packed.write(path, Path("pjproject-2.17") / path.relative_to(tree))


@pytest.mark.parametrize(("pack", "suffix"), [(pack_tar, ".tar.xz"), (pack_zip, ".zip")])
def test_a_named_archive(home: Path, tmp_path: Path, pack: Callable[[Path, Path], None], suffix: str) -> None:
    archive = tmp_path / f"pjproject{suffix}"
    pack(write_tree(tmp_path / "tree"), archive)
    run(home, name=str(archive))
    assert source_is_whole(home)
    assert leftovers(home) == []


def test_a_new_pin_replaces_what_the_old_one_fetched(home: Path, upstream: Path) -> None:
    run(home)
    write_tree(upstream, **{"pjlib/src/pj/os.c": "int newer;\n"})
    git = ["git", "-C", str(upstream), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run([*git, "commit", "-q", "-a", "-m", "y"], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    write_pin(home, commit=commit, sha256=fetch.digest_of(upstream, fetch.read_pin(home / "pin.toml")))
    assert run(home).startswith("git, ")
    assert (home / "source/pjlib/src/pj/os.c").read_text() == "int newer;\n"
    assert leftovers(home) == []


# --- what goes wrong ---------------------------------------------------------------------------


def test_changed_by_hand_is_refused_and_kept(home: Path) -> None:
    run(home)
    (home / "source/pjlib/src/pj/os.c").write_text("int mine;\n")
    with pytest.raises(SystemExit, match="Remove the folder to have it fetched again"):
        run(home)
    assert (home / "source/pjlib/src/pj/os.c").read_text() == "int mine;\n"


def test_a_named_source_with_another_content_is_refused(home: Path, tmp_path: Path) -> None:
    named = write_tree(tmp_path / "named", **{"pjlib/src/pj/os.c": "int other;\n"})
    text = failure(home, name=str(named))
    assert "PYJSUA_PJPROJECT" in text
    assert "digest" in text


def test_a_named_source_that_is_not_there(home: Path, tmp_path: Path) -> None:
    assert "no such folder or archive" in failure(home, name=str(tmp_path / "nowhere"))


def test_a_file_that_is_no_archive(home: Path, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"not an archive")
    assert "cannot be unpacked" in failure(home, name=str(tmp_path / "x.tar.gz"))


def test_a_truncated_archive(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.xz"
    pack_tar(write_tree(tmp_path / "tree", **{"pjlib/src/pj/big.c": os.urandom(100_000).hex()}), archive)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    assert "cannot be unpacked" in failure(home, name=str(archive))


@pytest.mark.parametrize("name", ["../evil.c", "{outside}/evil.c", "pjlib/../../evil.c", "c:\\evil.c"])
def test_an_archive_that_reaches_outside(home: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        member = tarfile.TarInfo(name.format(outside=tmp_path))
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    assert "leads outside" in failure(home, name=str(archive))
    assert list(tmp_path.rglob("evil.c")) == []


def test_a_link_in_an_archive_is_not_made(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "link.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(write_tree(tmp_path / "tree"), "pj")
        link = tarfile.TarInfo("pj/tests/link")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc"
        tar.addfile(link)
    run(home, name=str(archive))
    assert source_is_whole(home)
    assert not (home / "source/tests/link").is_symlink()


def test_every_route_says_why_it_failed(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_pin(home, repository=str(tmp_path / "gone.git"))
    pin = (home / "pin.toml").read_text()
    (home / "pin.toml").write_text(pin.replace("suites = [] # [", "suites = ["))
    monkeypatch.setattr(fetch, "mirrors_of", lambda origin: [f"file:{tmp_path}/no-mirror"])
    text = failure(home)
    for line in ("PYJSUA_PJPROJECT", "not there", "gone.git", "forky", "sid", "Ubuntu", "What always helps"):
        assert line in text


def test_missing_tools_are_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = (home / "pin.toml").read_text()
    (home / "pin.toml").write_text(pin.replace("suites = [] # [", "suites = ["))
    monkeypatch.setenv("PATH", "")
    text = failure(home)
    assert "git is not installed" in text
    assert "apt-get is not installed" in text


def test_upstream_that_gives_another_commit_is_refused(home: Path, upstream: Path) -> None:
    write_pin(home, commit="0" * 40)
    assert "git, " in failure(home)


# --- interrupted, and at once ------------------------------------------------------------------

SLOW = """
import sys, time
sys.path.insert(0, sys.argv[1])
import fetch
real = fetch.shutil.copytree
def slow(*arguments, **named):
    real(*arguments, **named)
    print("half", flush=True)
    time.sleep(60)
fetch.shutil.copytree = slow
fetch.fetch(environ={"PYJSUA_PJPROJECT": sys.argv[2]})
"""


def test_killed_half_way_leaves_nothing_that_a_build_would_take(home: Path, upstream: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(home), str(upstream)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (home / "source").exists()
    assert len(leftovers(home)) == 1
    run(home)
    assert source_is_whole(home)
    assert leftovers(home) == []


def test_many_builds_at_once(home: Path) -> None:
    started = time.monotonic()
    command = [sys.executable, str(home / "fetch.py")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, answers
    fetched = [err for _, err in answers if b"fetching" in err]
    assert len(fetched) == 1, "one fetched, the others waited"
    assert source_is_whole(home)
    assert time.monotonic() - started < 60
