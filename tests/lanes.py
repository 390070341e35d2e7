"""Which tests run one after the other where pytest-xdist has three processes run them."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["scheduler"]

BUSY = (
    "tests/coverage/",
    "tests/misuse/",
    "tests/package/",
    "tests/laws/test_cycles.py",
    "tests/laws/test_queue.py",
    "tests/laws/test_source.py",
    "tests/laws/test_threads.py",
)
"""What keeps a processor busy; the rest waits most of the time."""
SCRIPTS = ("tests/laws/", "tests/pjsua/")


def lane(nodeid: str) -> str:
    return "busy" if nodeid.startswith(BUSY) else "scripts" if nodeid.startswith(SCRIPTS) else "objects"


def scheduler(config: pytest.Config, log: Any) -> Any:
    """A lane for each process: of what keeps a processor busy only one runs at a time."""
    from xdist.scheduler import LoadScopeScheduling

    class Lanes(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return lane(nodeid)

    return Lanes(config, log)
