"""Visitors: anonymous principals, known again by a signed cookie that the page alone hands out."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from convo.principal import Principal
from convo.protocol import new_id
from starlette.requests import HTTPConnection
from starlette.responses import Response

from convo_server.auth.cookies import Cookie
from convo_server.origins import Origins

__all__ = ["Visitors"]

_YEAR_SECONDS = 365 * 24 * 3600
_VALUE_LENGTH = 128


class Visitors:
    """Mints and recognises visitors. `secret` is kept with the data, so that a restart orphans nobody."""

    def __init__(self, secret: bytes, origins: Origins) -> None:
        self._secret = secret
        self._cookie = Cookie("", origins)

    def recognise(self, connection: HTTPConnection) -> Principal | None:
        """Which visitor is asking; `None`, if it is nobody who was here."""
        value = self._cookie.read(connection)
        return None if value is None else self.read(value)

    def read(self, value: str) -> Principal | None:
        """Which visitor a value was given to."""
        principal_id = self._unsign(value)
        return None if principal_id is None else Principal(principal_id)

    def mint(self) -> tuple[Principal, str]:
        """A new visitor, and the value by which he is known."""
        principal = Principal(new_id())
        return principal, self._sign(principal.id)

    def welcome(self, connection: HTTPConnection, response: Response) -> None:
        """Give the page's reader a cookie; one who has a valid one keeps being who he is."""
        principal = self.recognise(connection) or Principal(new_id())
        self._cookie.set(connection, response, self._sign(principal.id), seconds=_YEAR_SECONDS)

    def forget(self, connection: HTTPConnection, response: Response) -> None:
        """The visitor is somebody with a name from now on."""
        if self._cookie.read(connection) is not None:
            self._cookie.delete(connection, response)

    def _sign(self, principal_id: str) -> str:
        digest = hmac.digest(self._secret, b"convo visitor:" + principal_id.encode(), hashlib.sha256)
        return f"{principal_id}.{urlsafe_b64encode(digest).decode().rstrip('=')}"

    def _unsign(self, value: str) -> str | None:
        principal_id, _, _ = value.partition(".")
        if len(value) > _VALUE_LENGTH or not value.isascii():
            return None
        return principal_id if hmac.compare_digest(value, self._sign(principal_id)) else None
