"""A player one thread uses is not closed under it by another."""

from __future__ import annotations

from laws import child


def test_players_used_and_closed_at_once() -> None:
    child.run("players", 5).expect(silent=True)
