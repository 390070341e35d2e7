"""REGISTER (RFC 3261 section 10.3)."""

from __future__ import annotations

import re
import time
from email.utils import formatdate

from .auth import Guard
from .location import LocationError, LocationTable, Registration
from .message import Request
from .settings import Settings
from .transaction import ServerTransaction
from .uri import NameAddr, UriError


class Registrar:
    """Answers the REGISTERs of this server's domains."""

    def __init__(self, settings: Settings, location: LocationTable, guard: Guard) -> None:
        self._settings = settings
        self._location = location
        self._guard = guard

    def handle(self, transaction: ServerTransaction) -> bool:
        """Answer; True when the location table may have changed."""
        request = transaction.request
        unsupported = request.headers.tokens("Require")
        if unsupported:
            transaction.reply(420, headers=[("Unsupported", ", ".join(unsupported))])
            return False
        to = request.to.uri
        aor = None if to is None else self._settings.aor_of(to)
        if aor is None:
            transaction.reply(404)
            return False
        if not self._guard.admit(transaction, aor):
            return False
        if self._settings.users is not None and self._settings.password_of(aor) is None:
            transaction.reply(404)
            return False
        try:
            changed, bindings = self._apply(transaction, request, aor)
        except LocationError as error:
            extra = [("Min-Expires", str(self._settings.min_expires))] if error.status == 423 else []
            transaction.reply(error.status, error.reason, extra)
            return False
        headers = [("Contact", self._contact(binding)) for binding in bindings]
        headers.append(("Date", formatdate(usegmt=True)))
        transaction.reply(200, headers=headers)
        return changed

    def _apply(
        self, transaction: ServerTransaction, request: Request, aor: str
    ) -> tuple[bool, list[Registration]]:
        contacts = request.headers.get_all("Contact")
        common = self._seconds(request.headers.get("Expires"))
        if not contacts:
            return False, self._location.lookup(aor)
        if "*" in contacts:
            if len(contacts) > 1 or common != 0:
                raise LocationError(400, "Contact * Stands Alone With Expires 0")
            return True, self._location.update(aor, [], remove_all=True)
        registrations = [self._registration(transaction, aor, value, common) for value in contacts]
        return True, self._location.update(aor, registrations)

    def _registration(
        self, transaction: ServerTransaction, aor: str, value: str, common: int | None
    ) -> Registration:
        try:
            contact = NameAddr.parse(value)
        except (UriError, ValueError):
            raise LocationError(400, "Malformed Contact") from None
        if contact.uri is None or contact.uri.scheme != "sip":
            raise LocationError(400, "Not A sip: Contact")
        own = contact.param("expires")
        wanted = common if own is None else self._seconds(own)
        expires = self._settings.default_expires if wanted is None else wanted
        if 0 < expires < self._settings.min_expires:
            raise LocationError(423, "Interval Too Brief")
        expires = min(expires, self._settings.max_expires)
        request, flow = transaction.request, transaction.flow
        return Registration(
            aor=aor,
            contact=contact.uri,
            text=contact.text,
            expires=expires,
            expires_at=time.monotonic() + expires,
            call_id=request.call_id,
            cseq=request.cseq[0],
            transport=flow.transport,
            source=flow.remote,
            flow=flow,
            user_agent=request.headers.get("User-Agent"),
            q=contact.param("q"),
        )

    def _seconds(self, value: str | None) -> int | None:
        """A number of seconds; what cannot be read counts as the default (section 10.3 item 7)."""
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,10}", value.strip()):
            return self._settings.default_expires
        return int(value)

    @staticmethod
    def _contact(binding: Registration) -> str:
        left = max(1, round(binding.expires_at - time.monotonic()))
        q = "" if binding.q is None else f";q={binding.q}"
        return f"<{binding.text}>{q};expires={left}"
