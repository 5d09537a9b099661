"""Places: where browsers find an app, and for which paths they send its cookies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from convo_server.host import Host

__all__ = ["PLACES", "MountedPlaces", "OwnPlace", "Place", "place_of"]

PLACES = "convo.places"
"""In a scope: the `Place` of each app that is mounted around it, or of the one it is in, by their `Host`s."""


@dataclass(frozen=True, slots=True)
class Place:
    """`root` is the app's path as browsers see it, `outer` that of the app it is mounted in."""

    root: str
    outer: str = ""
    cookie_path: str | None = None
    """For which paths browsers send the app's cookies; `None` for the app's own."""


def place_of(connection: HTTPConnection) -> Place:
    """Where the app is that a connection has come to."""
    places: dict[Host, Place] = connection.scope.get(PLACES, {})
    if len(places) == 1:
        return next(iter(places.values()))
    return Place(connection.scope.get("root_path", ""))


class MountedPlaces:
    """Around an app that another is mounted in: its own endpoints can ask that one who they talk to."""

    def __init__(self, app: ASGIApp, host: Host, path: str, cookie_path: str | None) -> None:
        self._app = app
        self._host = host
        self._path = path.rstrip("/")
        self._cookie_path = None if cookie_path is None else cookie_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            outer: str = scope.get("root_path", "").rstrip("/")
            cookie_path = None if self._cookie_path is None else (outer + self._cookie_path) or "/"
            place = Place(outer + self._path, outer, cookie_path)
            scope[PLACES] = {**scope.get(PLACES, {}), self._host: place}
        await self._app(scope, receive, send)


class OwnPlace:
    """Around an app: tells all that is in it where it is, whether or not a proxy strips the path it is put at."""

    def __init__(self, app: ASGIApp, host: Host) -> None:
        self._app = app
        self._host = host
        self._root_path = host.config.server.root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            root: str = scope.get("root_path", "").rstrip("/") or self._root_path
            mounted: Place = scope.get(PLACES, {}).get(self._host) or Place(root)
            path: str = scope["path"]
            if mounted.outer and not f"{path}/".startswith(f"{root}/"):
                path = mounted.outer + path
            place = Place(root, mounted.outer, mounted.cookie_path)
            scope = {**scope, "path": path, "root_path": root, PLACES: {self._host: place}}
        await self._app(scope, receive, send)
