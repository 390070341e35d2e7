"""The figures of a run, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from processes import Kind


@dataclass(frozen=True)
class Line:
    name: str
    title: str
    digits: int
    at_least: float | None = None
    """Target for pyjsua, as a ratio to C."""
    at_most: float | None = None

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else ""

    def met(self, ratio: float) -> bool:
        return (self.at_least is None or ratio >= self.at_least) and (
            self.at_most is None or ratio <= self.at_most
        )


LINES = (
    Line("sustained", "calls answered per second", 0, at_least=0.8),
    Line("cpu_common", "CPU s per 1000 calls at 500/s", 2, at_most=1.4),
    Line("cpu_light", "CPU s per 1000 calls at 40/s", 2),
    Line("p50", "INVITE to 200, p50 ms", 2, at_most=1.25),
    Line("p99", "INVITE to 200, p99 ms", 2),
    Line("rss_start", "RSS MB after start", 0),
    Line("rss_first", "RSS MB after the first calls", 0),
    Line("rss_burst", "RSS MB after 20,000 calls", 0),
    Line("rss_after", "... 36 s later", 0),
    Line("heap_used", "... of it in use on the heap", 0),
    Line("heap_free", "... free, kept by malloc", 0),
    Line("pools", "... PJSIP's pools still alive", 0),
    Line("rss_trimmed", "RSS MB after malloc_trim", 0),
)
CHECKED = ("low-level", "objects")


class Report:
    """Figures by line and agent."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = list(kinds)
        self.figures: dict[str, dict[str, float]] = {}
        self.notes: list[str] = []

    def set(self, line: str, kind: Kind, value: float) -> None:
        self.figures.setdefault(line, {})[kind.name] = value

    def note(self, text: str) -> None:
        self.notes.append(text)

    def ratio(self, line: str, kind: str) -> float | None:
        """To C; None where either is missing."""
        row = self.figures.get(line, {})
        return row[kind] / row["c"] if kind in row and row.get("c") else None

    def missed(self) -> list[str]:
        """Targets that pyjsua missed."""
        out = []
        for line in LINES:
            for kind in self.kinds:
                ratio = self.ratio(line.name, kind.name)
                if kind.name in CHECKED and ratio is not None and not line.met(ratio):
                    out.append(f"{kind.title}: {line.title}: {ratio:.2f} of C, target {line.target}")
        return out

    def table(self) -> str:
        rows = [["", *(kind.title for kind in self.kinds), "target"]]
        for line in LINES:
            if line.name not in self.figures:
                continue
            rows.append([line.title, *(self._cell(line, kind.name) for kind in self.kinds), line.target])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        text = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in rows
        ]
        text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        missed = self.missed()
        text += ["", "In brackets: ratio to C in this run.", *(f"Note: {note}" for note in self.notes)]
        text += [f"Missed: {line}" for line in missed] or ["All targets met."]
        return "\n".join(text)

    def _cell(self, line: Line, kind: str) -> str:
        value = self.figures[line.name].get(kind)
        if value is None:
            return "-"
        ratio = self.ratio(line.name, kind)
        shown = f"{value:.{line.digits}f}"
        return shown if kind == "c" or ratio is None else f"{shown} ({ratio:.2f})"

    def as_json(self) -> dict[str, Any]:
        return {
            "figures": self.figures,
            "ratios": {
                line: {kind: self.ratio(line, kind) for kind in row} for line, row in self.figures.items()
            },
            "notes": self.notes,
            "missed": self.missed(),
        }
