"""What GitHub would run cannot be run here: the workflows fit its schema, and take nothing that changes."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHECK = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]


def schema_says(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CHECK, str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_the_schema(path: Path, tmp_path: Path) -> None:
    said = schema_says(path)
    assert said.returncode == 0, said.stdout
    broken = tmp_path / path.name
    broken.write_text(path.read_text().replace("runs-on:", "runs-in:"))
    assert schema_says(broken).returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_may_little(path: Path) -> None:
    text = path.read_text()
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", text, re.MULTILINE)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    assert re.search(r"^permissions:\n  contents: read\n\n", text, re.MULTILINE)
    assert "secrets." not in text
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_the_libraries_are_pinned() -> None:
    table = tomllib.loads((ROOT / "tools" / "libraries.toml").read_text())["library"]
    assert {one["name"] for one in table} == {
        "openssl", "opus", "speex", "speexdsp", "gsm", "bcg729", "libsrtp"
    }  # fmt: skip
    for one in table:
        assert re.fullmatch(r"[0-9a-f]{64}", one["sha256"])
        assert one["url"].startswith("https://")
        assert one["version"] in one["url"]
        assert one["texts"]
