"""Buddies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..ids import AccId
from ..struct import C_DEFAULT, Struct

__all__ = ["BuddyConfig"]


@dataclass(slots=True, kw_only=True)
class BuddyConfig(Struct):
    """A buddy: somebody whose presence or calls are watched (`pjsua_buddy_config`).

    One subscription at a time: of `subscribe` and `subscribe_dlg_event`, `subscribe` wins.
    """

    c_struct: ClassVar[str] = "pjsua_buddy_config"

    uri: str = C_DEFAULT
    """SIP URI or name address."""
    subscribe: bool = C_DEFAULT
    """Whether to subscribe to its presence at once."""
    subscribe_dlg_event: bool = C_DEFAULT
    """Whether to subscribe to its calls at once (RFC 4235, busy lamp field)."""
    acc_id: AccId = C_DEFAULT
    """Account to subscribe by, -1 for the one that suits the URI. The buddy goes with its account."""
