"""Additions: an author's own routes, served with the app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from convo.errors import ConfigError
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from convo_server.host import Host

__all__ = ["Additions", "check_routes"]

_FOUND = "convo.addition"


class Additions(BaseRoute):
    """`App.routes` of the App that a Host runs, after a reload those of the new one. They come after all of ours."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the best of them."""
        best: tuple[Match, Scope] = Match.NONE, {}
        for route in self._host.app.routes:
            match, child_scope = route.matches(scope)
            if match.value > best[0].value:
                best = match, {**child_scope, _FOUND: route}
            if match is Match.FULL:
                break
        return best

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Raises `NoMatchFound`."""
        for route in self._host.app.routes:
            try:
                path: URLPath = route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
            return path
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope[_FOUND]
        if state := self._host.lifespan.state_of(route):
            scope["state"] = {**scope.get("state", {}), **state}
        await route.handle(scope, receive, send)


def check_routes(routes: Iterable[object]) -> None:
    """Raises `ConfigError` for what is no route."""
    for route in routes:
        if not isinstance(route, BaseRoute):
            raise ConfigError(
                f"`App.routes` holds routes of Starlette, as `Route(…)`, `WebSocketRoute(…)` or `Mount(…)`; "
                f"not a `{type(route).__name__}`."
            )
