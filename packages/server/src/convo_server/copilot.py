"""The copilot: the widget that pages of other origins have in them. Its script, the modules it loads, its settings."""

from __future__ import annotations

from typing import Any

import msgspec
from convo.protocol import CommandError
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.page import Page

__all__ = ["Copilot"]

_SCRIPT = "copilot/index.js"
_CHAT = "copilot/chat.js"
_FRESH_SECONDS = 300
_MOST_WIDGETS = 32  # of one page


class Copilot:
    """The endpoints, for a Host and its page."""

    def __init__(self, host: Host, page: Page) -> None:
        self._host = host
        self._page = page

    async def script(self, request: Request) -> Response:
        """`GET copilot/index.js`: what a page has in it, asked for again after a while."""
        return await self._named(request, _SCRIPT)

    async def module(self, request: Request) -> Response:
        """`GET copilot/{widget}/{name}`: a module of the chat, for each widget of a page by its number."""
        if request.path_params["widget"] >= _MOST_WIDGETS:
            raise CommandError("not-found", "There is no such file.")
        name = request.path_params["name"]
        if name == _CHAT:
            return await self._named(request, name)
        return await self._page.file(request, name.removeprefix("assets/") if name.startswith("assets/") else "")

    async def config(self, request: Request) -> Response:
        """`GET copilot/config[?language=]`: what the app's own page has in it, for a page that may talk to the app."""
        self._host.origins.check(request)
        facts: dict[str, Any] = await self._page.facts(request, request.query_params.get("language"))
        return Response(msgspec.json.encode(facts), media_type="application/json", headers={"Vary": "Origin"})

    async def _named(self, request: Request, name: str) -> Response:
        """A file whose name stays when it changes."""
        response = await self._page.file(request, name)
        etag = self._page.etag(name)
        headers = response.headers
        headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}, stale-while-revalidate={_FRESH_SECONDS}"
        headers["ETag"] = etag
        if etag in (one.strip() for one in request.headers.get("if-none-match", "").split(",")):
            del headers["Content-Length"]
            return Response(status_code=304, headers=dict(headers))
        return response
