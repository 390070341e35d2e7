"""Audio through Python: ports a core carries, what spinning threads cost, mouth to ear."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import HERE

Figures = dict[str, Any]

AGENT = (sys.executable, str(HERE / "agents" / "streams.py"))
PJSUA2_AGENT = str(HERE / "agents" / "streams_pjsua2.py")
BARESIP_AGENT = str(HERE / "agents" / "streams_baresip.py")
TARGET_PORTS = 1000
TARGET_CORE_PER_PORT = 0.0006
TARGET_LATENESS = 1.2


@dataclass(frozen=True)
class Others:
    """What pyjsua is measured beside: a program in C, and Pythons that have the peers, or None."""

    c_ports: Path
    pjsua2: str | None
    baresip: str | None


def run(cpu: int | None, *command: object) -> Figures:
    words = [str(word) for word in command]
    if cpu is not None:
        words = ["taskset", "-c", str(cpu), *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"error": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    figures: Figures = json.loads(lines[-1])
    return figures


def whole(figures: Figures) -> bool:
    """Whether every frame was played in time."""
    return figures.get("kept", 0) > 0.995 and not figures.get("underruns") and not figures.get("overruns")


def most(counts: list[int], measure: Callable[[int], Figures], say: Callable[[str], None]) -> list[Figures]:
    """One after the other, until frames are lost."""
    out = []
    for count in counts:
        figures = measure(count)
        say(f"{count} ports: {figures}")
        if not whole(figures):
            # In case something disturbed it.
            figures = measure(count)
            say(f"{count} ports, again: {figures}")
        out.append(figures)
        if not whole(figures):
            break
    return out


def measure_streams(quick: bool, cpu: int | None, others: Others, say: Callable[[str], None]) -> Figures:
    seconds = 4 if quick else 10
    counts = [250, 1000] if quick else [100, 250, 500, 1000, 1500, 2000]
    out: Figures = {
        "c_ports": most(counts, lambda n: run(cpu, others.c_ports, n, seconds), say),
        "ports": most(counts, lambda n: run(cpu, *AGENT, "ports", n, seconds), say),
    }
    # On all cores: threads that spin keep one busy by themselves.
    for name, spinning in (("quiet", 0), ("spinning", 4)):
        out[name] = run(None, *AGENT, "calls", spinning, seconds)
        say(f"ten calls beside {spinning} spinning threads: {out[name]}")
    clicks = 50 if quick else 300
    out["ear"] = run(None, *AGENT, "ear", clicks)
    say(f"mouth to ear: {out['ear']}")
    if baresip := others.baresip:
        for name, spinning in (("baresip_quiet", 0), ("baresip_spinning", 4)):
            out[name] = run(None, baresip, BARESIP_AGENT, "calls", spinning, seconds)
            say(f"baresip-python, ten calls beside {spinning} spinning threads: {out[name]}")
        out["baresip_ear"] = run(None, baresip, BARESIP_AGENT, "ear", clicks)
        say(f"baresip-python, mouth to ear: {out['baresip_ear']}")
    if pjsua2 := others.pjsua2:
        few = [8, 32, 64, 128]
        out["pjsua2_ports"] = most(few, lambda n: run(cpu, pjsua2, PJSUA2_AGENT, n, seconds, 0), say)
        out["pjsua2_spinning"] = run(None, pjsua2, PJSUA2_AGENT, 8, seconds, 4)
        say(f"pjsua2-python, 8 ports beside 4 spinning threads: {out['pjsua2_spinning']}")
    return out


def missed(figures: Figures) -> list[str]:
    """Targets that were missed."""
    best = [one for one in figures["ports"] if whole(one)]
    carried = max((one["ports"] for one in best if one["core"] <= 1), default=0)
    out = []
    if carried < TARGET_PORTS:
        out.append(f"{carried} ports within one core, target {TARGET_PORTS}")
    for one in best[-1:]:
        if one["core_per_port"] > TARGET_CORE_PER_PORT:
            out.append(f"{one['core_per_port']:.3%} of a core per port, target {TARGET_CORE_PER_PORT:.3%}")
    quiet, spinning = figures["quiet"], figures["spinning"]
    if not whole(spinning):
        out.append(f"spinning threads cost frames: {spinning}")
    elif spinning["late_p99_ms"] > TARGET_LATENESS * quiet["late_p99_ms"]:
        out.append(f"clock {spinning['late_p99_ms']:.2f} ms late, {quiet['late_p99_ms']:.2f} without them")
    return out


def as_text(figure: object) -> str:
    return f"{figure:.3g}" if isinstance(figure, float) else str(figure)


def table(figures: Figures) -> str:
    rows = ["", "Audio through Python, full duplex at 16 kHz, pieces of 100 ms", ""]
    for title, key in (("C", "c_ports"), ("pyjsua", "ports"), ("pjsua2-python", "pjsua2_ports")):
        for one in figures.get(key, []):
            if "error" in one:
                rows.append(f"  {title:14} {one['error']}")
                continue
            rows.append(
                f"  {title:14} {one['ports']:5} ports  {one['core']:6.1%} of a core"
                f", {one['core_per_port']:.3%} each"
                f"  {'whole' if whole(one) else 'LOST FRAMES'}, {one['kept']:.1%} pulled"
                + (f", {one['kb_per_stream']:.0f} kB each" if "kb_per_stream" in one else "")
            )
    for title, key in (
        ("10 calls, quiet", "quiet"),
        ("10 calls, 4 threads spin", "spinning"),
        ("mouth to ear", "ear"),
        ("baresip-python, 10 calls, quiet", "baresip_quiet"),
        ("baresip-python, 10 calls, 4 threads spin", "baresip_spinning"),
        ("baresip-python, mouth to ear", "baresip_ear"),
        ("pjsua2-python, 8 ports, 4 threads spin", "pjsua2_spinning"),
    ):
        if key in figures:
            names = ("underruns", "kept", "core", "late_p99_ms", "p50_ms", "p99_ms", "error")
            shown = [f"{name} {as_text(figures[key][name])}" for name in names if name in figures[key]]
            rows.append(f"  {title}: {', '.join(shown)}")
    rows += [f"  missed: {text}" for text in missed(figures)]
    return "\n".join(rows)
