"""What ports that were made here, and end with `close`, have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Self

from . import _core
from .aio import Watchers
from .audio_port import AudioPort, stale
from .errors import PjsuaError, StaleError
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

    async def _wait_heard(
        self, watchers: Watchers, heard: Callable[[], bool], what: str, timeout: float | None
    ) -> None:
        """Waits until it was heard; raises `StaleError` where all who could hear it have gone before."""
        left: AudioPort | None = None

        def over() -> bool:
            nonlocal left
            left = self._left_by
            return heard() or left is not None

        await watchers.wait(over, timeout)
        if left is not None and not heard():
            raise stale(left, what)

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        gone = self.closed
        self._slot = None
        self._forget()
        if gone:
            return
        try:
            self._destroy()
        except StaleError:
            # Destroyed at the low-level door.
            return
        except PjsuaError as error:
            # The library was destroyed meanwhile, or is being destroyed, and this with it.
            if _core.get_state() != 0 and error.status != _core.constant("PYJ_ESTATE"):
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
