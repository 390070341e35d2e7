#!/usr/bin/env python3
"""Finishes a wheel that was built on tools/libraries: tools/repair_static_wheel.py WHEEL FOLDER PREFIX

auditwheel, on macOS delocate, gives it the tag of what it runs on; nothing should be left for them, or for
delvewheel on Windows, to put in. PJSIP's licence, those of the libraries, and an SBOM go beside. With
Debian's libraries: repair_wheel.py.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from repair_wheel import PJPROJECT, add_expression, pack, tool, unpack, write_sbom

Facts = list[dict[str, Any]]


def repaired(wheel: Path, scratch: Path) -> Path:
    if sys.platform == "darwin":
        command = [tool("delocate-wheel"), "-w", str(scratch), str(wheel)]
    elif sys.platform == "win32":
        command = [tool("delvewheel"), "repair", "-w", str(scratch), str(wheel)]
    else:
        command = [tool("auditwheel"), "repair", "--strip", "-w", str(scratch), str(wheel)]
    subprocess.run(command, check=True)
    (made,) = scratch.glob("*.whl")
    return made


def add_licences(info: Path, prefix: Path) -> None:
    texts = prefix / "share" / "pyjsua" / "licences"
    for place in texts.iterdir():
        shutil.copytree(place, info / "licenses" / place.name, dirs_exist_ok=True)
    (info / "licenses" / "pjproject").mkdir(parents=True, exist_ok=True)
    shutil.copy(PJPROJECT / "source" / "COPYING", info / "licenses" / "pjproject" / "COPYING")


def add_sbom(info: Path, facts: Facts) -> None:
    components: Facts = [
        {
            "type": "library",
            "bom-ref": part["name"],
            "name": part["name"],
            "version": part["version"],
            "licenses": [{"license": {"id": part["licence"]}}],
            "hashes": [{"alg": "SHA-256", "content": part["sha256"]}],
            "purl": f"pkg:generic/{part['name']}@{part['version']}?checksum=sha256:{part['sha256']}",
            "externalReferences": [{"type": "distribution", "url": part["url"]}],
        }
        for part in facts
    ]
    write_sbom(info, components)


def main(wheel: Path, out: Path, prefix: Path) -> None:
    facts: Facts = json.loads((prefix / "share" / "pyjsua" / "libraries.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        (scratch / "repaired").mkdir()
        made = repaired(wheel, scratch / "repaired")
        folder = unpack(made, scratch / "unpacked")
        left = [path.name for where in folder.glob("pyjsua*.libs") for path in where.iterdir()]
        left += [path.name for path in folder.rglob(".dylibs/*")]
        if left:
            raise SystemExit(
                f"{wheel.name} links what tools/libraries did not make: {', '.join(sorted(left))}"
            )
        (info,) = folder.glob("*.dist-info")
        add_licences(info, prefix)
        add_expression(info, {part["licence"] for part in facts})
        add_sbom(info, facts)
        out.mkdir(exist_ok=True)
        pack(folder, out / made.name)
    print(f"{out / made.name}: {(out / made.name).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*(Path(word) for word in sys.argv[1:]))
