"""The routes of `api/v1/threads/{id}/files`: files come and go by plain HTTP, never through a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from convo.dispatcher import discard_file, receive_file
from convo.protocol import PROTOCOL_VERSION, CommandError, Connect, encode
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from convo_server.host import Host
from convo_server.threads import Threads

__all__ = ["Files"]

_SHOWN = ("image/", "audio/", "video/", "text/plain", "application/json", "application/pdf")
"""What a browser may show itself. All else is downloaded, and nothing may run: a user has made it."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=31536000, immutable",  # an id's content never changes
}


class Files:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def upload(self, request: Request) -> Response:
        """`POST …/files?name=[&ask=]`: the body is the file, `Content-Type` its type; the response a `FileInfo`."""
        principal = self._threads.authenticate(request)
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=request.path_params["id"])
        session, _ = await self._host.directory.open(principal, connect)
        info = await receive_file(
            session,
            principal,
            _body(request),
            name=request.query_params.get("name", ""),
            mime=request.headers.get("content-type"),
            ask_id=request.query_params.get("ask"),
        )
        return Response(encode(info), 201, media_type="application/json")

    async def read(self, request: Request) -> Response:
        """`GET …/files/{file}[?download=1]`: its bytes, or the `Range` of them that is wanted."""
        principal = self._threads.recognise(request)
        ids = request.path_params
        file = await self._host.directory.read_file(principal, ids["id"], ids["file"])
        is_shown = file.mime.startswith(_SHOWN) and file.mime != "image/svg+xml"
        disposition = "inline" if is_shown and "download" not in request.query_params else "attachment"
        headers = _HEADERS | {"Content-Disposition": f"{disposition}; filename*=utf-8''{quote(file.name, safe='')}"}
        if file.mime == "application/pdf":
            del headers["Content-Security-Policy"]  # a browser's own viewer does not start in a sandbox
        return FileResponse(file.path, headers=headers, media_type=file.mime)

    async def discard(self, request: Request) -> Response:
        """`DELETE …/files/{file}`: take back a file that was not sent. Idempotent."""
        principal = self._threads.authenticate(request)
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=request.path_params["id"])
        session, _ = await self._host.directory.open(principal, connect)
        await discard_file(session, principal, request.path_params["file"])
        return Response(status_code=204)


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except OSError as error:  # the client has gone away, or its connection
        raise CommandError("unavailable", "The file did not come whole; send it again.") from error
