#!/usr/bin/env python3
"""Makes a wheel that runs where nothing is installed: tools/repair_wheel.py WHEEL FOLDER [LIBSRTP]

auditwheel puts the libraries it links into it, stripped; for SRTP that is the one of tools/libsrtp.py, made
in LIBSRTP (build/libsrtp). Beside them go their licences, as Debian has them, and an SBOM that names PJSIP,
which is linked in; auditwheel's own names the rest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import libsrtp

ROOT = Path(__file__).resolve().parent.parent
PJPROJECT = ROOT / "third_party" / "pjproject"
COMMON = Path("/usr/share/common-licenses")
SRTP = "libsrtp2-1"

LICENCES = {
    "libbcg729": "GPL-3.0-or-later",
    "libgsm": "TU-Berlin-2.0",
    "libopencore-amr": "Apache-2.0",
    "libopus": "BSD-3-Clause",
    "libspeex": "BSD-3-Clause",
    "libsrtp2": "BSD-3-Clause",
    "libssl": "Apache-2.0",
    "libvo-amrwbenc": "Apache-2.0",
    "libzstd": "BSD-3-Clause",
}
"""Under which each is used here, by how its package's name begins."""


def said(*command: str | Path, env: dict[str, str] | None = None) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, capture_output=True, text=True, env=env).stdout


def tool(name: str) -> str:
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is missing: tools/venv wheel")
    return found


def linked(extension: Path, env: dict[str, str] | None = None) -> dict[str, Path]:
    """Where the libraries are that it wants here, by soname."""
    listing = said("ldd", extension, env=env)
    return {
        match[1]: Path(match[2]).resolve()
        for match in re.finditer(r"^\s*(\S+) => (\S+) \(0x", listing, re.MULTILINE)
    }


def package_of(library: Path) -> str:
    # Merged /usr: dpkg knows a file by either name.
    names = [str(library), str(library).removeprefix("/usr")]
    for name in names:
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.partition(":")[0]
    raise SystemExit(f"{library}: no Debian package has it, so its licence is not known")


def bundled(unpacked: Path, places: dict[str, Path]) -> list[str]:
    """Debian packages of the libraries that were put in."""
    packages = set()
    for library in (unpacked / "pyjsua.libs").iterdir():
        stem = re.sub(r"-[0-9a-f]{8}(?=\.so)", "", library.name)
        soname = next((name for name in places if name.startswith(stem.partition(".so")[0] + ".so")), None)
        if soname is None:
            raise SystemExit(f"{library.name}: of none of {', '.join(places)}")
        packages.add(SRTP if soname == libsrtp.SONAME else package_of(places[soname]))
    return sorted(packages)


def add_licences(info: Path, packages: list[str]) -> None:
    wanted: set[str] = set()
    for package in packages:
        text = Path("/usr/share/doc", package, "copyright").read_text(errors="replace")
        wanted |= set(re.findall(r"common-licenses/([\w.+-]*\w)", text))
        place = info / "licenses" / package / "copyright"
        place.parent.mkdir(parents=True)
        place.write_text(text)
    place = info / "licenses" / "pjproject" / "COPYING"
    place.parent.mkdir(parents=True)
    shutil.copy(PJPROJECT / "source" / "COPYING", place)
    for name in sorted(wanted):
        if (COMMON / name).exists():
            (info / "licenses" / "common").mkdir(exist_ok=True)
            shutil.copy((COMMON / name).resolve(), info / "licenses" / "common" / name)


def licence_of(package: str) -> str:
    found = next((licence for name, licence in LICENCES.items() if package.startswith(name)), None)
    if found is None:
        raise SystemExit(f"{package}: LICENCES does not have its licence")
    return found


def add_expression(info: Path, licences: set[str]) -> None:
    """The licence of all that is in the wheel, not of pyjsua alone: bcg729, for one, is GPL-3.0-or-later."""
    metadata = info / "METADATA"
    head, empty, body = metadata.read_text().partition("\n\n")
    (ours,) = re.findall(r"^License-Expression: (.*)$", head, re.MULTILINE)
    parts = [ours, *sorted(licences - {ours})]
    head = head.replace(f"License-Expression: {ours}", f"License-Expression: {' AND '.join(parts)}")
    files = sorted(path for path in (info / "licenses").rglob("*") if path.is_file())
    named = [f"License-File: {path.relative_to(info / 'licenses').as_posix()}" for path in files]
    lines = [line for line in head.splitlines() if not line.startswith("License-File: ")]
    metadata.write_text("\n".join([*lines, *named]) + empty + body)


def version_of(package: str) -> tuple[str, str]:
    """Its version, and its name in an SBOM; libsrtp is upstream's."""
    if package == SRTP:
        return libsrtp.VERSION, f"pkg:github/cisco/libsrtp@v{libsrtp.VERSION}"
    version, architecture = said("dpkg-query", "-W", "-f=${Version} ${Architecture}\n", package).split()[:2]
    return version, f"pkg:deb/debian/{package}@{version}?arch={architecture}"


def add_sbom(info: Path, packages: list[str]) -> None:
    components: list[dict[str, Any]] = []
    for package in packages:
        debian_version, purl = version_of(package)
        components.append(
            {
                "type": "library",
                "bom-ref": package,
                "name": package,
                "version": debian_version,
                "purl": purl,
            }
        )
    write_sbom(info, components)


def write_sbom(info: Path, others: list[dict[str, Any]]) -> None:
    """Of PJSIP and the other components."""
    pin = tomllib.loads((PJPROJECT / "pin.toml").read_text())
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    pjproject = {
        "type": "library",
        "bom-ref": "pjproject",
        "name": "pjproject",
        "version": pin["version"],
        "licenses": [{"license": {"id": "GPL-2.0-or-later"}}],
        "purl": f"pkg:github/pjsip/pjproject@{pin['upstream']['commit']}",
    }
    components = [pjproject, *others]
    sbom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {"type": "library", "bom-ref": "pyjsua", "name": "pyjsua", "version": version}
        },
        "components": components,
        "dependencies": [{"ref": "pyjsua", "dependsOn": [str(part["bom-ref"]) for part in components]}],
    }
    place = info / "sboms" / "pyjsua.cdx.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(sbom, indent=2) + "\n")


def pack(folder: Path, wheel: Path) -> None:
    """Zips it, with a RECORD that fits."""
    (record,) = folder.glob("*.dist-info/RECORD")
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path != record:
            digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
            lines.append(f"{name},sha256={digest},{path.stat().st_size}")
    record.write_text("\n".join([*lines, f"{record.relative_to(folder).as_posix()},,"]) + "\n")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                zipped.write(path, path.relative_to(folder).as_posix())


def unpack(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as zipped:
        for name in zipped.namelist():
            zipped.extract(name, folder)
    for library in folder.rglob("*.so*"):
        library.chmod(0o755)
    return folder


def main(wheel: Path, out: Path, srtp: Path = ROOT / "build" / "libsrtp") -> None:
    libsrtp.build(srtp)
    env = {**os.environ, "LD_LIBRARY_PATH": str(srtp.resolve())}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        (original,) = unpack(wheel, scratch / "original").glob("pyjsua/_core*.so")
        places = linked(original, env)
        repair = [tool("auditwheel"), "repair", "--strip", "-w", str(scratch / "repaired"), str(wheel)]
        subprocess.run(repair, check=True, env=env)
        (repaired,) = (scratch / "repaired").glob("*.whl")
        folder = unpack(repaired, scratch / "unpacked")
        (info,) = folder.glob("*.dist-info")
        for library in (folder / "pyjsua.libs").iterdir():
            subprocess.run([tool("patchelf"), "--set-rpath", "$ORIGIN", library], check=True)
        packages = bundled(folder, places)
        add_licences(info, packages)
        add_expression(info, {licence_of(package) for package in packages})
        add_sbom(info, packages)
        out.mkdir(exist_ok=True)
        target = out / repaired.name
        pack(folder, target)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    main(*(Path(argument) for argument in sys.argv[1:]))
