"""The routes of `api/v1/threads/{id}/files`, and of what is shared: files come and go by plain HTTP alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing

from convo.dispatcher import discard_file, receive_file
from convo.errors import DataLayerError
from convo.files import StoredFile
from convo.protocol import PROTOCOL_VERSION, CommandError, Connect, encode
from convo.storage import content_disposition
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from convo_server.host import Host
from convo_server.threads import Threads

__all__ = ["Files"]

_SHOWN = ("image/", "audio/", "video/", "text/plain", "application/json", "application/pdf")
"""What a browser may show itself. All else is downloaded, and nothing may run: a user has made it."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=31536000, immutable",  # an id's content never changes
    "Accept-Ranges": "bytes",
}

_LINK_SECONDS = 3600  # how long a signed address works: a film is asked for part by part while it plays
_LINK_KEPT_SECONDS = 300  # how long a browser may begin with it again, without asking us
_REDIRECTED = {"image": "no-cors", "audio": "no-cors", "video": "no-cors", "document": "navigate"}
"""What is requested without CORS, by `Sec-Fetch-Dest`: no script reads it, so another host may answer."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Files:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def upload(self, request: Request) -> Response:
        """`POST …/files?name=[&ask=]`: the body is the file, `Content-Type` its type; the response a `FileInfo`."""
        principal = await self._threads.authenticate(request)
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
        principal = await self._threads.recognise(request)
        ids = request.path_params
        file = await self._host.directory.read_file(principal, ids["id"], ids["file"])
        if self._may_redirect(request) and (link := await self._link(file, _is_inline(request, file))):
            kept = {"Cache-Control": f"private, max-age={_LINK_KEPT_SECONDS}", "Vary": "Sec-Fetch-Dest, Sec-Fetch-Mode"}
            return RedirectResponse(link, 302, headers={"Referrer-Policy": "no-referrer"} | kept)
        return await self._answer(request, file)

    async def shared(self, request: Request) -> Response:
        """`GET api/v1/shares/{share}/files/{file}[?download=1]`: the same of what is shared.

        It is asked for each time, and never read elsewhere: what is revoked is not shown again.
        """
        principal = await self._threads.recognise(request)
        ids = request.path_params
        file = await self._host.directory.viewing.read_file(principal, ids["share"], ids["file"])
        response = await self._answer(request, file)
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    async def _answer(self, request: Request, file: StoredFile) -> Response:
        disposition = content_disposition(file.name, inline=_is_inline(request, file))
        headers = _HEADERS | {"Content-Disposition": disposition}
        if self._host.authentication.is_configured:
            headers["Cache-Control"] = "private, no-cache"  # who is out is not shown it by the browser he has used
        if file.mime == "application/pdf":
            # A browser's own viewer does not start in a sandbox.
            headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return await self._stream(request, file, headers)

    async def discard(self, request: Request) -> Response:
        """`DELETE …/files/{file}`: take back a file that was not sent. Idempotent."""
        principal = await self._threads.authenticate(request)
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=request.path_params["id"])
        session, _ = await self._host.directory.open(principal, connect)
        await discard_file(session, principal, request.path_params["file"])
        return Response(status_code=204)

    def _may_redirect(self, request: Request) -> bool:
        """Only where the page's policy and the storage's CORS cannot stand in the way."""
        if not self._host.config.storage.redirect:
            return False
        mode = _REDIRECTED.get(request.headers.get("sec-fetch-dest", ""))
        return mode is not None and request.headers.get("sec-fetch-mode") == mode

    async def _link(self, file: StoredFile, inline: bool) -> str | None:
        try:
            return await self._host.directory.files.link(file, inline=inline, seconds=_LINK_SECONDS)
        except DataLayerError:  # what is wrong is told when its bytes are read
            return None

    async def _stream(self, request: Request, file: StoredFile, headers: dict[str, str]) -> Response:
        headers["ETag"] = etag = f'"{file.id}"'
        if self._host.config.storage.redirect:
            headers["Vary"] = "Sec-Fetch-Dest, Sec-Fetch-Mode"
        if etag in (one.strip() for one in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        start, end, status = 0, file.bytes, 200
        if request.headers.get("if-range", etag) == etag and (wanted := _range(request, file.bytes)):
            start, end = wanted
            if start >= end:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{file.bytes}"})
            headers["Content-Range"], status = f"bytes {start}-{end - 1}/{file.bytes}", 206
        headers["Content-Length"] = str(end - start)
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=file.mime)
        content = self._host.directory.read_content(file, start, end)
        first = await anext(content, b"")  # what is wrong is told before anything is sent

        async def pieces() -> AsyncIterator[bytes]:
            async with aclosing(content):
                yield first
                async for piece in content:
                    yield piece

        return StreamingResponse(pieces(), status, headers=headers, media_type=file.mime)


def _is_inline(request: Request, file: StoredFile) -> bool:
    is_shown = file.mime.startswith(_SHOWN) and file.mime != "image/svg+xml"
    return is_shown and "download" not in request.query_params


def _range(request: Request, size: int) -> tuple[int, int] | None:
    """What part is wanted, the second number not included; `None` for all, also where that is not understood."""
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size
    if match[2] and int(match[2]) < int(match[1]):
        return None
    return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except OSError as error:  # the client has gone away, or its connection
        raise CommandError("unavailable", "The file did not come whole; send it again.", key="fileCut") from error
