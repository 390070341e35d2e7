"""What ports that were made here, and end with `close`, have in common."""

from __future__ import annotations

import warnings
from types import TracebackType
from typing import Self

from . import _core
from .audio_port import AudioPort
from .errors import PjsuaError
from .ids import ConfPortId

__all__ = ["OwnPort"]


class OwnPort(AudioPort):
    """A port with an id that ends with `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._slot: ConfPortId | None = None
        self._epoch = _core.epoch()

    @property
    def slot(self) -> ConfPortId | None:
        return None if self.closed else self._slot

    @property
    def closed(self) -> bool:
        """Whether it was closed, or went with the library it belonged to."""
        return self._slot is None or self._epoch != _core.epoch() or _core.get_state() == 0

    @property
    def gone(self) -> bool:
        return self.closed

    def _destroy(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        gone = self.closed
        self._slot = None
        self._forget()
        if gone:
            return
        try:
            self._destroy()
        except PjsuaError:
            # The library was destroyed meanwhile, and this with it.
            if _core.get_state() != 0:
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_slot", None) is not None and not self.closed:
            warnings.warn(f"{self!r} was never closed", ResourceWarning, stacklevel=2, source=self)
