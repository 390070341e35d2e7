"""Which tests run one after the other where pytest-xdist has several processes run them."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["assign"]

BUSY = (
    "coverage",
    "misuse",
    "package",
    "laws/test_cycles.py",
    "laws/test_queue.py",
    "laws/test_source.py",
    "laws/test_threads.py",
)
"""What keeps a processor busy; the rest waits most of the time."""


def assign(items: list[pytest.Item]) -> None:
    """Two lanes, for two processes: what listens wants a processor for itself."""
    root = Path(__file__).parent
    for item in items:
        name = item.path.relative_to(root).as_posix()
        busy = any(name == entry or name.startswith(f"{entry}/") for entry in BUSY)
        item.add_marker(pytest.mark.xdist_group("busy" if busy else "rest"))
