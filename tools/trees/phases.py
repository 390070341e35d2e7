"""What is done with a release: its wheel is built, then installed and used where next to nothing else is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tree import Failed, Store, Tree, download

__all__ = ["PHASES", "Release"]

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside")
PYTHON = ("python3", "python3-venv")
SOUND = ("libasound2-plugins", "pulseaudio", "pulseaudio-utils", "sip-tester")
PIPEWIRE = (
    "pipewire",
    "pipewire-alsa",
    "pipewire-pulse",
    "wireplumber",
    "dbus",
    "pulseaudio-utils",
    "sip-tester",
)
SOUND_TESTS = (
    "tests/pjsua/test_sound_device.py", "tests/pjsua/test_sound_settings.py",
    "tests/objects/test_sound_device.py",
)  # fmt: skip
CERTIFICATES = (
    "from pathlib import Path; from peers.certificates import Authority;"
    ' Authority(Path("/certificates")).issue("phone", "IP:127.0.0.1")'
)
COMPILER = ("gcc", "libc6-dev", "python3-dev")
"""For what is built against the installed package: examples/native_port."""

WITHOUT_SOURCES = (
    "tests", "docs", "examples", "tools", "pyproject.toml", "README.md", "CHANGELOG.md",
    "third_party/pjproject",
)  # fmt: skip
"""What the suite is given: the package's own sources are not among it."""

OF_SOURCES = (
    "tests/coverage", "tests/laws/test_source.py", "tests/laws/test_cold_pool.py",
    "tests/laws/test_address_race.py",
    "tests/laws/test_queue.py::test_stress", "tests/misuse/test_sanitized.py", "tests/package/test_sdist.py",
    "tests/package/test_fetch.py",
    "tests/package/test_sbom.py::test_it", "tests/package/test_sbom.py::test_the_schema",
)  # fmt: skip
"""Tests of those sources, or that build them: no question to a wheel."""


class Release:
    """One release, its trees, and what was found."""

    def __init__(self, store: Store, name: str, say: Callable[[str], None]) -> None:
        self.store = store
        self.name = name
        self.say = say
        self.base = Tree(store, name, "base")
        self.wheelhouse = store.folder / name / "wheelhouse"
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        extras = project["project"]["optional-dependencies"]
        self.building = [*project["build-system"]["requires"], "build", *extras["wheel"]]
        self.testing = extras["test"]

    def tree(self, role: str, packages: tuple[str, ...] = ()) -> Tree:
        tree = Tree(self.store, self.name, role, self.base.python)
        tree.copy(self.base, packages)
        return tree

    @property
    def wheel(self) -> Path:
        found = sorted(self.wheelhouse.glob("*.whl"))
        if not found:
            raise Failed(f"{self.name}: no wheel yet, the phase `build` makes it")
        return found[0]

    def install(self, tree: Tree, *requirements: str) -> None:
        """The wheel in a new virtual environment, and what else; no index is reached."""
        tree.put(self.wheel, f"/wheelhouse/{self.wheel.name}")
        tree.run(
            'rm -rf /venv; python3 -m venv /venv; pip install -q "$@"',
            f"/wheelhouse/{self.wheel.name}", *requirements,
        )  # fmt: skip


def base(release: Release) -> None:
    """The release with Python and nothing else, and the wheels its Python needs to build and to test."""
    release.base.bootstrap(PYTHON)
    download(release.store, release.base, [*release.building, *release.testing])
    counted = release.base.run("dpkg-query -W | wc -l").strip()
    ask = "import ssl, sys; print('Python', sys.version.split()[0] + ', its ssl', ssl.OPENSSL_VERSION)"
    version = release.base.run('python3 -c "$1"', ask).strip()
    release.say(f"{counted} packages, {version}")


def build(release: Release) -> None:
    """An sdist, a wheel from the sdist without network, and that wheel repaired."""
    names = [*listed("packages-build.txt"), "ccache"]
    tree = release.tree("build", tuple(name for name in names if name not in ("git", *PYTHON)))
    copy_checkout(tree)
    tree.run("python3 /checkout/tools/libsrtp.py /libsrtp", network=True)
    release.say(f"compilers: {tree.run('gcc --version | head -n 1').strip()}")
    tree.run(
        'rm -rf /venv /sdist /wheel /repaired; python3 -m venv /venv; pip install -q "$@"', *release.building
    )
    env = {"CMAKE_C_COMPILER_LAUNCHER": "ccache", "CCACHE_DIR": "/ccache", "CCACHE_BASEDIR": "/built",
           "CCACHE_NOHASHDIR": "1"}  # fmt: skip
    tree.run("cd /checkout; python -m build --sdist --no-isolation --outdir /sdist .")
    said = tree.run(
        "rm -rf /built; mkdir /built; tar -C /built --strip-components=1 -xf /sdist/*.tar.gz; cd /built;"
        " pip wheel -v --no-deps --no-build-isolation --wheel-dir /wheel . 2>&1",
        env=env,
    )
    warnings = re.findall(r"^.*\bwarning: .*$", said, re.MULTILINE)
    release.say(f"wheel from the sdist without network, {len(warnings)} compiler warnings")
    for line in sorted(set(warnings))[:20]:
        release.say(f"  {line.strip()}")
    tree.run("python /built/tools/repair_wheel.py /wheel/*.whl /repaired /libsrtp")
    shutil.rmtree(release.wheelhouse, ignore_errors=True)
    shutil.copytree(tree.root / "repaired", release.wheelhouse)
    release.say(f"{release.wheel.name}, {release.wheel.stat().st_size / 1e6:.1f} MB")
    with zipfile.ZipFile(release.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        release.say(re.findall(r"^License-Expression: .*$", wheel.read(name).decode(), re.MULTILINE)[0])
    shown = " ".join(tree.run("auditwheel show /repaired/*.whl").split())
    consistent = re.search(r"is consistent with the following platform tag: \"(\S+?)\"", shown)
    if consistent is None:
        raise Failed(f"auditwheel: {shown}")
    release.say(f"auditwheel: {consistent[1]}")
    # Made here, since the bare tree has no openssl to make them.
    tree.put(ROOT / "tests" / "peers", "/tests/peers")
    tree.run(f"rm -rf /certificates; cd /tests; python -c '{CERTIFICATES}'")


def bare(release: Release) -> None:
    """Installed and used where there is only Python: no compiler, no -dev package, no ALSA."""
    tree = release.tree("bare")
    names = tree.run("dpkg-query -W -f '${Package}\\n'").split()
    foreign = [
        name for name in names if re.search(r"-dev$|^gcc$|asound|srtp|opus|speex|bcg729|gsm|nss3", name)
    ]
    if foreign:
        raise Failed(f"{release.name}, bare: has {', '.join(foreign)}")
    release.install(tree)
    release.say(f"installed offline, beside {len(names)} packages, none of them ALSA, a codec or -dev")
    (package,) = (tree.root / "venv/lib").glob("python3*/site-packages/pyjsua")
    look_at_symbols(release, package)
    look_at_links(release, tree, package)
    tree.put(INSIDE, "/checks")
    tree.put(ROOT / "tests" / "package" / "two_openssls.py", "/checks/two_openssls.py")
    tree.put(release.store.folder / release.name / "build" / "certificates", "/certificates")
    for line in tree.run("cd /; python -I /checks/without_sound.py").splitlines():
        release.say(line)
    facts = json.loads(tree.run("pyjsua info --json --devices"))
    if facts["devices"] != []:
        raise Failed(f"{release.name}, bare: devices {facts['devices']}")
    release.say(f"pyjsua info: {facts['versions']['openssl']}, {len(facts['codecs'])} codecs, no devices")
    demo = [line.strip() for line in tree.run("pyjsua demo").splitlines() if line.strip()]
    release.say(f"pyjsua demo: {demo[-1]}")
    found = json.loads(tree.run("cd /; python -I /checks/two_openssls.py /certificates"))
    if len(found["libcrypto"]) != 2:
        raise Failed(f"{release.name}, bare: not two OpenSSLs but {found['libcrypto']}")
    release.say(
        f"two OpenSSLs: Python's {found['python']}, ours {found['pyjsua']}; a call by"
        f" {found['transport']} and {found['srtp']} while ssl fetched {found['fetched']} times"
    )


def look_at_symbols(release: Release, package: Path) -> None:
    (extension,) = package.glob("_core.*.so")
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", extension], check=True, capture_output=True, text=True
    )
    exported = [line.split()[-1] for line in listing.stdout.splitlines()]
    if exported != ["PyInit__core"]:
        raise Failed(f"{release.name}, bare: exported are {exported}")
    release.say("nm -D: PyInit__core is all it exports")


def look_at_links(release: Release, tree: Tree, package: Path) -> None:
    """Every library of the wheel finds what it wants, and has a name that no library of the system has."""
    brought = sorted(package.with_name("pyjsua.libs").iterdir())
    for library in brought:
        if not re.search(r"-[0-9a-f]{8}\.so", library.name):
            raise Failed(f"{library.name}: who wants the system's of that name may be given this one")
    system = set()
    for library in [*package.glob("_core.*.so"), *brought]:
        said = tree.run('ldd "$1"', f"/{library.relative_to(tree.root)}")
        if "not found" in said:
            raise Failed(f"{library.name}:\n{said}")
        for name, place in re.findall(r"^\s*(\S+) => (/\S+)", said, re.MULTILINE):
            if "pyjsua.libs" not in place:
                system.add(name)
    names = ", ".join(library.name.partition("-")[0] for library in brought)
    release.say(f"ldd: all found; the wheel's: {names}; the system's: {', '.join(sorted(system))}")


def sound(release: Release) -> None:
    """Calls through ALSA and null sinks of PulseAudio, and back by their monitors; the same with PipeWire."""
    for server, packages in (("pulseaudio", SOUND), ("pipewire", PIPEWIRE)):
        tree = release.tree("sound" if server == "pulseaudio" else server, packages)
        release.install(tree, *release.testing)
        release.say(server)
        run_tests(release, tree, "-p", "no:xdist", f"--sound-server={server}", *SOUND_TESTS)


def suite(release: Release) -> None:
    """All tests that do not ask for the package's sources, against the wheel and this release's peers."""
    tree = release.tree("suite", (*listed("packages-test.txt"), *COMPILER))
    release.install(tree, *release.testing)
    run_tests(release, tree, "-n", "3", "--dist", "loadscope")


def run_tests(release: Release, tree: Tree, *options: str) -> None:
    # Those the wheel was built with: the ones that lie here may have changed since.
    checkout = Tree(release.store, release.name, "build").root / "checkout"
    for name in WITHOUT_SOURCES:
        tree.put(checkout / name, f"/suite/{name}")
    before = tree.log.stat().st_size
    left_out = [f"--{'deselect' if '::' in name else 'ignore'}={name}" for name in OF_SOURCES]
    try:
        said = tree.run('cd /suite; python -m pytest -v "$@" 2>&1', *left_out, *options)
    finally:
        text = tree.log.read_bytes()[before:].decode(errors="replace")
        for line in re.findall(r"^(?:FAILED|ERROR|SKIPPED) .*$", text, re.MULTILINE):
            release.say(line)
    release.say(said.strip().splitlines()[-1])


def listed(name: str) -> Iterator[str]:
    for line in (ROOT / "tools" / name).read_text().splitlines():
        yield from line.partition("#")[0].split()


def copy_checkout(tree: Tree) -> None:
    """What git has, as it lies here, and PJSIP's source."""
    subprocess.run(["python3", ROOT / "third_party" / "pjproject" / "fetch.py"], check=True)
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split("\0")
    target = tree.root / "checkout"
    shutil.rmtree(target, ignore_errors=True)
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    tree.put(ROOT / "third_party" / "pjproject" / "source", "/checkout/third_party/pjproject/source")


PHASES = {phase.__name__: phase for phase in (base, build, bare, sound, suite)}
