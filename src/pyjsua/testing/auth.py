"""Who may do what: 401 and 407 (RFC 3261 section 22)."""

from __future__ import annotations

import logging

from .digest import Authenticator, Credentials, Verdict
from .message import Request
from .settings import Settings
from .transaction import ServerTransaction

log = logging.getLogger("pyjsua.testing")


class Guard:
    """Challenges requests and checks credentials against the users of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._digest = Authenticator(settings.algorithms, settings.nonce_lifetime)

    def admit(self, transaction: ServerTransaction, aor: str) -> bool:
        """Whether the request proves to come from `aor`; if not, it has been answered.

        REGISTER is asked with 401 and Authorization, everything else with 407 and Proxy-Authorization.
        """
        if self._settings.users is None:
            return True
        request = transaction.request
        register = request.method == "REGISTER"
        header = "Authorization" if register else "Proxy-Authorization"
        realm = self._realm(aor)
        stale = False
        for credentials in self._credentials(request, header, realm):
            user = credentials.username
            name = user if "@" in user else f"{user}@{aor.rpartition('@')[2]}"
            verdict = self._digest.verify(credentials, request.method, self._settings.password_of(name))
            if verdict is Verdict.OK:
                if name != aor:
                    log.info("%s of %s with the credentials of %s", request.method, aor, name)
                    transaction.reply(403)
                    return False
                return True
            stale = stale or verdict is Verdict.STALE
        challenge = "WWW-Authenticate" if register else "Proxy-Authenticate"
        values = self._digest.challenges(realm, stale)
        transaction.reply(401 if register else 407, headers=[(challenge, value) for value in values])
        return False

    def strip(self, request: Request, aor: str) -> None:
        """Remove the credentials meant for this proxy, so that the next hop does not see them."""
        realm = self._realm(aor)
        kept = []
        for value in request.headers.get_all("Proxy-Authorization"):
            try:
                if Credentials.parse(value).realm == realm:
                    continue
            except ValueError:
                pass
            kept.append(value)
        request.headers.remove("Proxy-Authorization")
        for value in kept:
            request.headers.add("Proxy-Authorization", value)

    def _realm(self, aor: str) -> str:
        return self._settings.realm or aor.rpartition("@")[2]

    @staticmethod
    def _credentials(request: Request, header: str, realm: str) -> list[Credentials]:
        found = []
        for value in request.headers.get_all(header):
            try:
                credentials = Credentials.parse(value)
            except ValueError as error:
                log.info("%s: %s", header, error)
            else:
                if credentials.realm == realm:
                    found.append(credentials)
        return found
