"""The route of a thread as a file to keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from convo.language import load_languages
from convo.storage import content_disposition
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from convo_server.host import Host
from convo_server.language import choose
from convo_server.threads import Threads

if TYPE_CHECKING:
    from convo_server.export import Exporter

__all__ = ["Exports"]

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",  # it is downloaded; should it be shown, nothing runs
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Exports:
    """The endpoint, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads
        self._languages = load_languages()
        self._made: Exporter | None = None

    async def export(self, request: Request) -> Response:
        """`GET api/v1/threads/{id}/export?format=markdown|html|json`: the thread as a file, as it is written.

        What the app says in it is in the language of whoever asks.
        """
        principal = await self._threads.authenticate(request)
        root = request.scope.get("root_path", "").rstrip("/")
        base = f"{self._host.origins.address(request).origin}{root}/"
        thread_id, format = request.path_params["id"], request.query_params.get("format", "markdown")
        exporter = await self._exporter()
        language = await choose(self._languages, request, self._host.config, self._host.app.folder)
        export = await exporter.export(principal, thread_id, format, base=base, language=language)
        first = await anext(export.pieces, b"")  # what is wrong is told before anything is sent

        async def pieces() -> AsyncIterator[bytes]:
            async with aclosing(export.pieces):
                yield first
                async for piece in export.pieces:
                    yield piece

        headers = _HEADERS | {"Content-Disposition": content_disposition(export.name, inline=False)}
        return StreamingResponse(pieces(), headers=headers, media_type=export.mime)

    async def _exporter(self) -> Exporter:
        if self._made is None:
            self._made = (await asyncio.to_thread(_load))(self._host.directory)
        return self._made


def _load() -> type[Exporter]:
    """With the first export, and beside the loop: what it needs takes a moment to be loaded."""
    from convo_server.export import Exporter

    return Exporter
