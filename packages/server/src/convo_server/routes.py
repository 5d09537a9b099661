"""Routes of leaves: what packages beside the server serve, behind the same checks as its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from convo import Config
from convo.directory import Connection
from convo.plugins import is_installed, load_plugin
from convo.principal import POLICY, authorize
from convo.protocol import CommandError, Failure
from convo.routes import STATUS, VISIT, Route, Visit
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as Mounted
from starlette.types import Receive, Scope, Send

from convo_server.host import Host
from convo_server.threads import Threads
from convo_server.trace import trace_of

__all__ = ["LeafRoute", "leaf_routes"]


def leaf_routes(host: Host, threads: Threads, ours: list[BaseRoute]) -> list[Mounted]:
    """Those of the packages that are on. Raises `RuntimeError` for one that nobody may mount."""
    taken = {getattr(route, "path", "") for route in ours}
    mounted: list[Mounted] = []
    for leaf in _leaves(host.config):
        if not is_installed("routes", leaf):
            continue
        for route in load_plugin("routes", leaf)(host.config):
            if route.verb not in POLICY:
                raise RuntimeError(f"No policy says who may `{route.verb}`, which `{route.path}` of `{leaf}` is for")
            if route.path in taken:
                raise RuntimeError(f"`{route.path}` of `{leaf}` is a path of the server's own")
            door, methods = LeafRoute(host, threads, leaf, route), list(route.methods)
            mounted.append(Mounted(route.path, door, methods=methods, name=f"{leaf}-{route.name}"))
    return mounted


def _leaves(config: Config) -> list[str]:
    """The names of those that are on. That of `[mcp]` is where chats have servers."""
    on = [name for name, is_on in config.integrations.items() if is_on]
    return [*on, "mcp"] if config.mcp.is_on and "mcp" not in on else on


class LeafRoute:
    """One of them, as an ASGI app: only who is known, comes from a page of ours and may do that gets to the leaf's."""

    def __init__(self, host: Host, threads: Threads, leaf: str, route: Route) -> None:
        self.leaf = leaf
        self.verb = route.verb
        self.shape = route.shape
        self.__doc__ = route.app.__doc__
        self._host = host
        self._threads = threads
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            visit = await self._visit(request)
        except CommandError as error:
            await self._refuse(error.failure)(scope, receive, send)
            return
        await self._route.app({**scope, VISIT: visit}, receive, send)

    async def _visit(self, request: Request) -> Visit:
        """Raises `CommandError`."""
        directory = self._host.directory
        principal = await self._threads.authenticate(request)
        authorize(principal, self.verb, principal.id)
        return Visit(
            principal=principal,
            directory=directory,
            base_url=f"{self._host.origins.address(request).origin}{request.scope.get('root_path', '')}",
            trace=trace_of(request),
            oversee=self._oversee(request),
        )

    def _oversee(
        self, request: Request
    ) -> Callable[[Connection, Callable[[Failure | None], None]], Callable[[], None]]:
        authentication = self._host.authentication

        def oversee(connection: Connection, end: Callable[[Failure | None], None]) -> Callable[[], None]:
            watched = authentication.oversee(request, connection, end)
            return lambda: authentication.watch.remove(watched)

        return oversee

    def _refuse(self, failure: Failure) -> Response:
        headers: Mapping[str, str] = {"Cache-Control": "no-store"}
        if failure.retry_after is not None:
            headers = {**headers, "Retry-After": str(math.ceil(failure.retry_after))}
        body = self._route.refusal(failure)
        return Response(body, STATUS[failure.code], headers=headers, media_type="application/json")
