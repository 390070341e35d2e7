"""What the parts of a call know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from .enums import InvState, Role
from .errors import from_status
from .ids import CallId
from .info import CallInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .aio import Watchers
    from .call_audio import CallAudio
    from .call_end import CallEnd, Ending
    from .call_requests import CallRequests
    from .call_times import CallTimes
    from .codecs import Codec
    from .struct import Header

__all__ = ["CallPart"]


class CallPart:
    """The state every part of a `Call` looks at."""

    id: CallId
    info: CallInfo
    end: CallEnd | None
    audio: CallAudio
    _watchers: Watchers
    times: CallTimes
    _answered: bool
    _accepted: bool
    """Whether our 200 has left; the ACK may be still to come."""
    _ending: Ending
    _codec: Codec | None
    _requests: CallRequests

    if TYPE_CHECKING:

        async def hangup(
            self, code: int = 0, reason: str | None = None, *, headers: Sequence[Header] = ()
        ) -> CallEnd: ...

        def abandon(self, code: int = 0) -> None: ...

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

    @property
    def _connecting(self) -> bool:
        """Whether our call has its 200 and is about to send the ACK: the media starts ahead of that."""
        return self.state == InvState.CONNECTING and not self.incoming and not self.ended

    def _require_alive(self, verb: str) -> None:
        if self.ended:
            status = _core.constant("PYJ_ESTALE")
            raise from_status(status, _core.strerror(status), verb, "", repr(self))
