"""What plays and records files has in common."""

from __future__ import annotations

from pathlib import Path

from .own_port import OwnPort

__all__ = ["WavPort"]


class WavPort(OwnPort):
    """What a player and a recorder share: a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.path)!r}{' closed' if self.closed else ''}>"
