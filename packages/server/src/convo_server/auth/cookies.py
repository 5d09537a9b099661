"""Cookies: how they are called, and what they may do."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from convo_server.origins import Origins
from convo_server.place import place_of

__all__ = ["Cookie"]


class Cookie:
    """One of the app's cookies: HttpOnly, SameSite=Lax, Secure where the app is seen by https.

    Cookies know neither ports nor, beyond prefixes, paths: the name keeps two apps of one host apart. By https the name
    begins with `__Host-`, so that no other host of the domain can set it: else it could let somebody chat as a visitor
    whose cookie it has kept. Below a path, browsers only let it begin with `__Secure-`. One that `is_cross_site`
    comes along with a form that another site posts, for which it has to be Secure: by https, or on `localhost`.
    """

    def __init__(self, kind: str, origins: Origins, *, is_cross_site: bool = False) -> None:
        self._kind = kind
        self._origins = origins
        self._is_cross_site = is_cross_site

    def read(self, connection: HTTPConnection) -> str | None:
        return connection.cookies.get(self._name(connection))

    def set(self, connection: HTTPConnection, response: Response, value: str, *, seconds: int) -> None:
        response.set_cookie(self._name(connection), value, max_age=seconds, **self._attributes(connection))

    def delete(self, connection: HTTPConnection, response: Response) -> None:
        response.delete_cookie(self._name(connection), **self._attributes(connection))

    def _name(self, connection: HTTPConnection) -> str:
        address = self._origins.address(connection)
        root = re.sub(r"[^A-Za-z0-9]+", "-", place_of(connection).root).strip("-")
        name = f"convo-{self._kind}{address.port}{'-' if root else ''}{root}"
        if address.scheme != "https":
            return name
        return f"__Secure-{name}" if root else f"__Host-{name}"

    def _attributes(self, connection: HTTPConnection) -> dict[str, Any]:
        is_secure = self._origins.address(connection).scheme == "https"
        place = place_of(connection)
        return {
            "path": place.cookie_path or place.root or "/",
            "secure": is_secure or self._is_cross_site,
            "httponly": True,
            "samesite": "none" if self._is_cross_site else "lax",
        }
