"""What the other side of a call offers while it is up, and waits for our answer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import _core, events
from .call_request import CALL_GONE, CallRequest
from .codecs import Codec, offered
from .enums import CallFlag, HeldRequest, MediaDir
from .sdp import Sdp
from .struct import Header

if TYPE_CHECKING:
    from .call import Call

__all__ = ["Offer"]

NOT_ACCEPTABLE_HERE = 488
REQUEST_TERMINATED = 487

OURS = {
    "sendrecv": MediaDir.ENCODING_DECODING,
    "sendonly": MediaDir.DECODING,
    "recvonly": MediaDir.ENCODING,
    "inactive": MediaDir.NONE,
}
"""What we do where the other side does this."""


class Offer(CallRequest):
    """The other side of a call offers other media: a re-INVITE, or an UPDATE (RFC 3261, 14; RFC 3311).

    `accept` answers it, `reject` does not, and then all stays as it was.
    """

    _default = _accepted = 200

    def __init__(self, call: Call, event: events.OnHeldRequest) -> None:
        super().__init__(call, event)
        self.method = "INVITE" if event.kind is HeldRequest.REINVITE else "UPDATE"
        """``"INVITE"`` or ``"UPDATE"``."""
        self._gone = REQUEST_TERMINATED if event.kind is HeldRequest.REINVITE else CALL_GONE

    @property
    def sdp(self) -> Sdp:
        """What is offered."""
        return (self.message.sdp if self.message else None) or Sdp("")

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """Those of the first audio line that is not refused, in its order."""
        return offered(self.sdp)

    @property
    def direction(self) -> MediaDir:
        """What is left to us by the first audio line that is not refused.

        ``DECODING`` where the other side wants only to be heard, as one that holds the call with music does;
        ``NONE`` where it wants neither, or refuses audio.
        """
        for media in self.sdp.media:
            if media.type == "audio" and media.port:
                ours = OURS[media.direction]
                # Hold as it was before RFC 3264.
                return ours & ~MediaDir.ENCODING if media.connection == "0.0.0.0" else ours
        return MediaDir.NONE

    async def accept(self, *, direction: MediaDir | None = None, headers: Sequence[Header] = ()) -> None:
        """Takes it, and answers 200 with `headers`.

        `direction` is ours of every audio line from now on, as for `Call.reinvite`; the answer never has more
        than the offer leaves. Video is refused within the answer. Raises `CallFailed` with its code where
        PJSIP refused it all the same: 488 without a common codec, 491 where an offer of our own is under way;
        and `StaleError` when it is too late.
        """
        setting = None
        if direction is not None:
            wanted = MediaDir(direction)
            setting = _core.call_get_info(self.call.id).setting
            setting = replace(
                setting, flag=CallFlag.SET_MEDIA_DIR, media_dir=(wanted,) * max(1, setting.aud_cnt)
            )
        self._accept(setting, headers)

    async def reject(
        self,
        code: int = NOT_ACCEPTABLE_HERE,
        reason: str | None = None,
        *,
        headers: Sequence[Header] = (),
    ) -> None:
        """Refuses it with 300 to 699, and `headers`; the call goes on as it was."""
        await super().reject(code, reason, headers=headers)
