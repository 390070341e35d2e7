"""What is taken for samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Samples"]


class Array(Protocol):
    """A NumPy array: its types tell of its buffer from Python 3.12 on only."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


Samples: TypeAlias = "Buffer | Array"
"""Bytes, or a buffer of 16-bit samples."""
