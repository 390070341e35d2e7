"""What the parts of a call know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from .enums import InvState, Role
from .errors import from_status
from .ids import CallId
from .info import CallInfo

if TYPE_CHECKING:
    from .aio import Watchers
    from .call_audio import CallAudio
    from .call_end import CallEnd, Ending

__all__ = ["CallPart"]


class CallPart:
    """The state every part of a `Call` looks at."""

    id: CallId
    info: CallInfo
    end: CallEnd | None
    audio: CallAudio
    _watchers: Watchers
    _answered: bool
    _ending: Ending

    @property
    def state(self) -> InvState:
        return self.info.state

    @property
    def incoming(self) -> bool:
        return self.info.role == Role.UAS

    @property
    def answered(self) -> bool:
        """Whether it was ever answered."""
        return self._answered

    @property
    def ended(self) -> bool:
        return self.end is not None

    def _require_alive(self, verb: str) -> None:
        if self.ended:
            status = _core.constant("PYJ_ESTALE")
            raise from_status(status, _core.strerror(status), verb, "", repr(self))

