"""The SBOM that goes into the wheel is one: it fits CycloneDX' schema, and names what is in there."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import libsrtp
import pytest
import repair_static_wheel
import repair_wheel
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import pyjsua._core

ROOT = Path(__file__).resolve().parents[2]


def wrong(text: str) -> str | None:
    """What is wrong with it, by the schema of the version it says it is of."""
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    error = JsonStrictValidator(version).validate_str(text)
    return None if error is None else str(error.data.message)


@pytest.fixture(scope="module")
def packages() -> list[str]:
    """Debian's, of the libraries that this build links and a wheel would bundle."""
    places = repair_wheel.linked(Path(pyjsua._core.__file__))
    return sorted(
        {
            repair_wheel.package_of(path)
            for name, path in places.items()
            if not name.startswith(("libc.", "libm."))
        }
    )


@pytest.fixture(scope="module")
def text(packages: list[str], tmp_path_factory: pytest.TempPathFactory) -> str:
    info = tmp_path_factory.mktemp("pyjsua.dist-info")
    repair_wheel.add_sbom(info, packages)
    (made,) = (info / "sboms").iterdir()
    assert made.name.endswith(".cdx.json")  # the name CycloneDX' media type has for files
    return made.read_text()


def test_it_fits_the_schema(text: str) -> None:
    assert wrong(text) is None


@pytest.mark.parametrize(
    ("key", "value"), [("components", [{"type": "nonsense", "name": "x"}]), ("unknown", 1), ("version", 0)]
)
def test_the_schema_is_looked_at(text: str, key: str, value: Any) -> None:
    assert wrong(json.dumps(json.loads(text) | {key: value})) is not None


def test_it_names_what_is_in_the_wheel(text: str, packages: list[str]) -> None:
    sbom = json.loads(text)
    pin = tomllib.loads((ROOT / "third_party/pjproject/pin.toml").read_text())
    parts = {part["name"]: part for part in sbom["components"]}
    assert parts["pjproject"]["version"] == pin["version"]
    assert pin["upstream"]["commit"] in parts["pjproject"]["purl"]
    assert {name.partition(":")[0] for name in packages} <= set(parts)
    assert any(name.startswith("libssl") for name in parts)
    assert parts[repair_wheel.SRTP]["version"] == libsrtp.VERSION  # in the place of Debian's
    for name, part in parts.items():
        if name not in ("pjproject", repair_wheel.SRTP):
            asked = ["dpkg-query", "-W", "-f=${Version}\n", name]
            versions = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
            assert part["version"] in versions
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sbom["metadata"]["component"]["version"] == project["version"]
    (tree,) = sbom["dependencies"]
    assert set(tree["dependsOn"]) == {part["bom-ref"] for part in parts.values()}


def test_that_of_a_wheel_on_static_libraries(tmp_path: Path) -> None:
    table = tomllib.loads((ROOT / "tools/libraries.toml").read_text())["library"]
    repair_static_wheel.add_sbom(tmp_path, table)
    (made,) = (tmp_path / "sboms").iterdir()
    assert wrong(made.read_text()) is None
    parts = {part["name"]: part for part in json.loads(made.read_text())["components"]}
    assert set(parts) == {"pjproject", *(one["name"] for one in table)}
    for one in table:
        assert one["sha256"] in parts[one["name"]]["purl"]


def test_those_of_an_installed_wheel() -> None:
    """Ours and auditwheel's; there is none where pyjsua was built in place."""
    files = importlib.metadata.distribution("pyjsua").files or []
    for file in files:
        if file.parent.name == "sboms":
            assert wrong(file.read_text()) is None, file
