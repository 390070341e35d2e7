"""The location table: which contacts an address of record is registered at (RFC 3261 section 10.3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .transport import Flow
from .uri import SipUri


class LocationError(Exception):
    """A binding that cannot be made; `status` and the text are the answer to the REGISTER."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Registration:
    """One contact of an address of record.

    `contact` is the URI as registered, `expires` the seconds granted, `expires_at` on the monotonic
    clock, `source` the address the REGISTER came from, `flow` what it came through.
    """

    aor: str
    contact: SipUri
    text: str
    expires: int
    expires_at: float
    call_id: str
    cseq: int
    transport: str
    source: tuple[str, int]
    flow: Flow = field(repr=False)
    user_agent: str | None = None
    q: str | None = None


class LocationTable:
    """Bindings by address of record ("user@domain"). Any thread may call."""

    def __init__(self, max_contacts: int = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_contacts = max_contacts
        self._clock = clock
        self._lock = threading.Lock()
        self._bindings: dict[str, list[Registration]] = {}
        self._known: set[str] = set()

    def update(
        self, aor: str, registrations: list[Registration], remove_all: bool = False
    ) -> list[Registration]:
        """Apply one REGISTER as a whole or not at all; an `expires` of 0 removes a contact.

        Returns the bindings that stand afterwards. Raises LocationError for a CSeq that did not rise
        and for more contacts than allowed.
        """
        with self._lock:
            current = self._live(aor)
            if remove_all:
                self._bindings.pop(aor, None)
                return []
            for new in registrations:
                same = next((old for old in current if old.contact.matches(new.contact)), None)
                if same is not None:
                    if same.call_id == new.call_id and new.cseq <= same.cseq:
                        raise LocationError(400, "CSeq Out Of Order")
                    current.remove(same)
                if new.expires > 0:
                    current.append(new)
            if len(current) > self.max_contacts:
                raise LocationError(403, "Too Many Contacts")
            if current:
                self._bindings[aor] = current
                self._known.add(aor)
            else:
                self._bindings.pop(aor, None)
            return list(current)

    def _live(self, aor: str) -> list[Registration]:
        now = self._clock()
        return [binding for binding in self._bindings.get(aor, ()) if binding.expires_at > now]

    def lookup(self, aor: str) -> list[Registration]:
        """The contacts that have not expired, oldest first."""
        with self._lock:
            return self._live(aor)

    def was_registered(self, aor: str) -> bool:
        """Whether this address of record has ever been registered here."""
        with self._lock:
            return aor in self._known

    def expire(self) -> bool:
        """Drop what has expired; True if anything was."""
        with self._lock:
            dropped = False
            for aor in list(self._bindings):
                live = self._live(aor)
                dropped = dropped or len(live) != len(self._bindings[aor])
                if live:
                    self._bindings[aor] = live
                else:
                    del self._bindings[aor]
            return dropped

    def next_expiry(self) -> float | None:
        """When the first binding expires, on the monotonic clock."""
        with self._lock:
            return min((b.expires_at for bindings in self._bindings.values() for b in bindings), default=None)

    def clear(self) -> None:
        with self._lock:
            self._bindings.clear()
            self._known.clear()

    def snapshot(self) -> Mapping[str, tuple[Registration, ...]]:
        """A copy of everything that has not expired."""
        with self._lock:
            table = {aor: tuple(self._live(aor)) for aor in self._bindings}
        return {aor: bindings for aor, bindings in table.items() if bindings}
