"""A fork of a process that used the library, and does not run it just now, has a library of its own."""

from __future__ import annotations

from laws import child


def test_parent_and_child_wake_themselves_only() -> None:
    child.run("fork_between").expect(silent=True)
