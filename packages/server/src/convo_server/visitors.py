"""Visitors: anonymous principals, known again by a signed cookie that the page alone hands out."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode

from convo.principal import Principal
from convo.protocol import CommandError, new_id
from starlette.requests import HTTPConnection
from starlette.responses import Response

from convo_server.origins import Origins

__all__ = ["Visitors"]

_YEAR_SECONDS = 365 * 24 * 3600
_VALUE_LENGTH = 128


class Visitors:
    """Mints and recognises visitors. `secret` is kept with the data, so that a restart orphans nobody."""

    def __init__(self, secret: bytes, origins: Origins) -> None:
        self._secret = secret
        self._origins = origins

    def authenticate(self, connection: HTTPConnection) -> Principal:
        """Who is asking, of HTTP, SSE and sockets alike. Raises `CommandError`: `unauthenticated`."""
        value = connection.cookies.get(self._name(connection))
        principal_id = None if value is None else self._unsign(value)
        if principal_id is None:
            raise CommandError("unauthenticated", "The server does not know who you are. Reload the page.")
        return Principal(principal_id)

    def welcome(self, connection: HTTPConnection, response: Response) -> None:
        """Give the page's reader a cookie; one who has a valid one keeps being who he is."""
        try:
            principal = self.authenticate(connection)
        except CommandError:
            principal = Principal(new_id())
        response.set_cookie(
            self._name(connection),
            self._sign(principal.id),
            max_age=_YEAR_SECONDS,
            path=connection.scope.get("root_path") or "/",
            secure=self._origins.address(connection).scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def _name(self, connection: HTTPConnection) -> str:
        """Cookies know neither ports nor, beyond prefixes, paths: the name keeps two apps of one host apart."""
        root = re.sub(r"[^A-Za-z0-9]+", "-", connection.scope.get("root_path", "")).strip("-")
        return f"convo-{self._origins.address(connection).port}{'-' if root else ''}{root}"

    def _sign(self, principal_id: str) -> str:
        digest = hmac.digest(self._secret, b"convo visitor:" + principal_id.encode(), hashlib.sha256)
        return f"{principal_id}.{urlsafe_b64encode(digest).decode().rstrip('=')}"

    def _unsign(self, value: str) -> str | None:
        principal_id, _, _ = value.partition(".")
        if len(value) > _VALUE_LENGTH or not value.isascii():
            return None
        return principal_id if hmac.compare_digest(value, self._sign(principal_id)) else None
