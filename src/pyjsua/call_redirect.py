"""Sending a caller elsewhere, and being sent elsewhere: 3xx."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import _core, events
from .call_end import CallEnd
from .call_part import CallPart
from .enums import RedirectOp
from .errors import InvalidState, PjsuaError
from .struct import Header
from .uri import NameAddr, Uri

if TYPE_CHECKING:
    from .message import Message

__all__: list[str] = []


class CallRedirect(CallPart):
    """Redirections, both ways."""

    response: Message | None
    _redirects: int
    """How many more are followed."""
    _not_followed: Message | None
    """The 3xx that is the end of the call."""
    redirected_to: tuple[str, ...]
    """Where our call was sent, each target it was tried at, in order."""

    async def redirect(
        self, *targets: str, code: int = 302, reason: str | None = None, headers: Sequence[Header] = ()
    ) -> CallEnd:
        """Sends the caller elsewhere: refuses an incoming call with 3xx and `targets`, the best first.

        `targets` are SIP URIs, or name-addrs with parameters such as ``<sip:b@example.com>;q=0.5``. Raises
        `ValueError` for none, and for what is no URI; `InvalidState` for a call that is not ours to redirect.
        """
        if not 300 <= code < 400:
            raise ValueError(f"code: {code} does not redirect (300 to 399)")
        if not targets:
            raise ValueError("targets: at least one is wanted")
        contacts = [("Contact", str(address(target))) for target in targets]
        if not self.incoming or self._answered or self._accepted:
            raise InvalidState(f"{self!r} is not waiting for an answer of ours")
        return await self.hangup(code, reason, headers=(*contacts, *headers))

    def _was_tried(self, target: str) -> bool:
        """PJSIP thinks nothing of asking him again who sent us on."""
        called = self.info.remote_info
        first = called[called.rfind("<") + 1 : called.rfind(">")] if "<" in called else called
        return any(same(target, tried) for tried in (first, *self.redirected_to))

    def _on_redirected(self, event: events.OnCallRedirected) -> None:
        if event.op is not RedirectOp.PENDING:
            return
        self.response = event.message or self.response
        known = self._was_tried(event.target)
        follow = self._redirects > 0 and not known
        self._redirects -= not known
        if follow:
            self.redirected_to += (event.target,)
        else:
            self._not_followed = event.message or self._not_followed
        # Gone meanwhile, or hung up.
        with contextlib.suppress(PjsuaError):
            _core.call_process_redirect(self.id, RedirectOp.ACCEPT_REPLACE if follow else RedirectOp.REJECT)


def same(one: str, other: str) -> bool:
    try:
        return Uri.parse(one) == Uri.parse(other)
    except ValueError:
        return one == other


def address(target: str) -> NameAddr:
    try:
        return NameAddr.parse(target)
    except ValueError as error:
        raise ValueError(f"targets: {error}") from None


def check_redirects(follow: bool | int) -> int:
    if not isinstance(follow, int):
        raise TypeError(f"follow_redirects: bool or int expected, not {type(follow).__name__}")
    if follow < 0:
        raise ValueError(f"follow_redirects: {follow} is less than 0")
    return 5 if follow is True else int(follow)
