"""From nothing to the first INVITE: the import, the endpoint, memory; pyjsua beside the peers of PyPI."""

from __future__ import annotations

import importlib.metadata
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from processes import HERE

Rounds = dict[str, list[dict[str, float]]]

AGENT = str(HERE / "agents" / "startup.py")
FIGURES = (
    ("package_ms", "import of the package, ms", 60.0),
    ("package_cpu_ms", "... of it on a processor, ms", None),
    ("import_ms", "... and of Endpoint or pjsua, ms", None),
    ("import_cpu_ms", "... of it on a processor, ms", None),
    ("ready_ms", "endpoint and account ready, ms", 100.0),
    ("ready_cpu_ms", "... of it on a processor, ms", None),
    ("invite_ms", "the first INVITE is there, ms", None),
    ("import_rss_mb", "resident after the import, MB", None),
    ("invite_rss_mb", "resident with a call, MB", None),
    ("import_threads", "threads after the import", 1.0),
    ("invite_threads", "threads with a call", None),
)
"""A figure, its title, and what it may be at most for `OURS`."""
OURS = ("low-level", "pyjsua")


def check_installed() -> None:
    """An editable install looks for changed sources at each import."""
    url = importlib.metadata.distribution("pyjsua").read_text("direct_url.json") or "{}"
    if json.loads(url).get("dir_info", {}).get("editable"):
        raise SystemExit("benchmarks: startup wants pyjsua installed, not editable; `make bench` does that")


def measure_startup(quick: bool, peers: Mapping[str, str], say: Callable[[str], None]) -> Rounds:
    """Each in a process of its own, in turn, so that what disturbs one disturbs all."""
    check_installed()
    pythons = dict.fromkeys(OURS, sys.executable) | dict(peers)
    found: Rounds = {name: [] for name in pythons}
    rounds = 5 if quick else 21
    # The first is only to have the files in memory.
    for number in range(rounds + 1):
        for name, python in pythons.items():
            done = subprocess.run(
                [python, "-I", AGENT, name], capture_output=True, text=True, timeout=60, check=False
            )
            if done.returncode or not done.stdout:
                raise SystemExit(f"startup {name}: {done.stderr[-2000:]}")
            if number:
                found[name].append(json.loads(done.stdout.splitlines()[-1]))
        if number:
            say(f"startup, round {number} of {rounds}")
    return found


def median(rounds: Rounds, name: str, figure: str) -> float:
    return statistics.median(one[figure] for one in rounds[name])


def ratio(rounds: Rounds, name: str, figure: str) -> float:
    """Of a peer's figure to that of the objects: the median over the rounds."""
    pairs = zip(rounds[name], rounds["pyjsua"], strict=True)
    return statistics.median(theirs[figure] / ours[figure] for theirs, ours in pairs)


def missed(rounds: Rounds) -> list[str]:
    out = []
    for figure, title, most in FIGURES:
        for name in OURS:
            if most is not None and median(rounds, name, figure) > most:
                out.append(f"{name}: {title}: {median(rounds, name, figure):.1f}, target {most:g}")
    return out


def table(rounds: Rounds) -> str:
    titles = {"low-level": "pyjsua.pjsua", "pyjsua": "pyjsua", "pjsua2": "pjsua2-python",
              "baresip": "baresip-python"}  # fmt: skip
    rows = [["", *(titles[name] for name in rounds), "target"]]
    for figure, title, most in FIGURES:
        cells = [f"{median(rounds, name, figure):.1f} ({ratio(rounds, name, figure):.2f})" for name in rounds]
        rows.append([title, *cells, "" if most is None else f"<= {most:g}"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(["", "Medians; in brackets the ratio to pyjsua's objects.", "", *lines])


def as_json(rounds: Rounds) -> dict[str, Any]:
    return {"startup": rounds, "startup_missed": missed(rounds)}
