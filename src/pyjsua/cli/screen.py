"""What people see: step lines, tables, colours where a terminal wants them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

__all__ = ["Screen"]

NAME_WIDTH = 44

BOLD, DIM, RED, GREEN = "1", "2", "31", "32"


class Screen:
    """Writes to `out`, standard output unless given.

    On a terminal the line of the running step is rewritten in place; elsewhere each step is one line,
    written when it is over. Colours need a terminal and no NO_COLOR (no-color.org).
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.live = self.out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colour = self.live and not os.environ.get("NO_COLOR")
        unicode = (self.out.encoding or "").lower().replace("-", "") == "utf8"
        self._empty = True
        self.tick, self.cross, self.dots = ("✓", "✗", "…") if unicode else ("ok", "FAILED", "..")

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour else text

    def line(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)
        self._empty = False

    def title(self, text: str) -> None:
        if not self._empty:
            self.line()
        self.line(self.paint(text, BOLD))

    def running(self, name: str, detail: str = "") -> None:
        """What happens now; nothing where a line cannot be rewritten."""
        if self.live:
            width = shutil.get_terminal_size().columns
            text = f"  {self.dots} {name:<{NAME_WIDTH}} {detail}"[: width - 1]
            print(f"\r\x1b[K{text}", end="", file=self.out, flush=True)

    def over(self, name: str, detail: str, *, ok: bool) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=self.out)
        mark = self.paint(self.tick, GREEN) if ok else self.paint(self.cross, RED)
        self.line(f"  {mark} {name:<{NAME_WIDTH}} {self.paint(detail, DIM if ok else RED)}".rstrip())

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as their longest cell, the first one to the left, the others to the right."""
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        for number, row in enumerate([head, *rows]):
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            text = "  " + "  ".join(cells).rstrip()
            self.line(self.paint(text, DIM) if number == 0 else text)
