"""`GET api/v1/app`: what the app says of itself to who asks."""

from __future__ import annotations

from convo.principal import authorize
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.payload import payload_response
from convo_server.threads import Threads

__all__ = ["Info"]


class Info:
    """The endpoint, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def read(self, request: Request) -> Response:
        """`GET api/v1/app?profile=&language=`: an `AppInfo`."""
        principal = await self._threads.authenticate(request)
        authorize(principal, "app:read", principal.id)
        query = request.query_params
        info = await self._host.app.info(
            principal.user, profile=query.get("profile"), language=query.get("language") or _language(request)
        )
        return payload_response(info)


def _language(request: Request) -> str | None:
    """What the browser would like best."""
    first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    return first or None
