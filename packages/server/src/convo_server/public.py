"""The author's own files: `public/…` in the app's folder, and the pictures of authors."""

from __future__ import annotations

import asyncio
from pathlib import PurePath

from convo.folder import author_key
from convo.protocol import CommandError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from convo_server.host import Host

__all__ = ["Public"]

_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""For what a browser would otherwise run in the app's name when it is opened on its own."""

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "cross-origin",  # anybody may have it, also a frame that runs apart
}

_ACTIVE = frozenset({".html", ".htm", ".xhtml", ".xht", ".shtml", ".xml", ".xsl", ".xslt", ".mht", ".mhtml", ".svg"})


class Public:
    """The endpoints, for a Host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def file(self, request: Request) -> Response:
        """`GET public/{path}`: a file of the folder; nothing outside of it, and nothing hidden."""
        path = request.path_params["path"]
        parts = PurePath(path).parts
        if "\0" in path or "\\" in path or any(part.startswith(".") for part in parts):
            raise _missing()
        files = StaticFiles(directory=self._host.app.folder.public, check_dir=False)
        try:
            response = await files.get_response(path, request.scope)
        except HTTPException as error:
            raise _missing() from error
        return _guarded(response, path)

    async def avatar(self, request: Request) -> Response:
        """`GET avatars/{author}`: his picture. The name is compared with the pictures there are."""
        pictures = await asyncio.to_thread(self._host.app.folder.list_avatars)
        path = pictures.get(author_key(request.path_params["author"]))
        if path is None:
            raise _missing()
        return _guarded(FileResponse(path), path.name)


def _guarded(response: Response, name: str) -> Response:
    response.headers.update(_HEADERS)
    suffix = PurePath(name).suffix.lower()
    if suffix == ".pdf":  # a browser's own viewer does not start in a sandbox
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    if suffix in _ACTIVE - {".svg"}:
        response.headers["Content-Disposition"] = "attachment"
    return response


def _missing() -> CommandError:
    return CommandError("not-found", "There is no such file.", key="file")
