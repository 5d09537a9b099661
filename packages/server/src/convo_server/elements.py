"""Custom elements: the frame that an author's component runs in, and the component's source."""

from __future__ import annotations

import asyncio
import hashlib
import html
import secrets
from pathlib import Path
from typing import Any

import msgspec
from convo.folder import ELEMENT_SUFFIXES
from convo.protocol import CommandError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from convo_server.host import Host
from convo_server.page import Assets, fill, host_sources

__all__ = ["Elements"]

_MOST_BYTES = 1024 * 1024
_NONE = "'none'"
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=()",
}


class Elements:
    """The endpoints, for a Host with the web app in `assets`."""

    def __init__(self, host: Host, assets: Assets | str | None) -> None:
        self._host = host
        self._assets = assets if isinstance(assets, Assets) else None

    async def frame(self, request: Request) -> Response:
        """`GET frames/element`: an empty document without an origin, that waits for what the page around it says."""
        template = None if self._assets is None else self._assets.frames.get("element")
        if template is None:
            raise CommandError("not-found", "This server has no page.")
        nonce = secrets.token_urlsafe(16)
        root = request.scope.get("root_path", "")
        values = {"nonce": nonce, "root": html.escape(root), "title": "Element", "config": ""}
        headers = _HEADERS | {"Content-Security-Policy": self._policy(nonce, request), "Cache-Control": "no-store"}
        return Response(fill(template, values), headers=headers, media_type="text/html")

    async def source(self, request: Request) -> Response:
        """`GET elements/{name}`: a component as `{file, hash, source}`. Its name is compared with those there are."""
        name = request.path_params["name"]
        folder = self._host.app.folder
        found = await asyncio.to_thread(folder.list_elements)
        path = found.get(name)
        if path is None:
            raise CommandError("not-found", self._missing(name, sorted(found)))
        component = await asyncio.to_thread(_read, path, folder.elements)
        etag = f'"{component["hash"]}"'
        headers = _HEADERS | {"Cache-Control": "no-cache", "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(msgspec.json.encode(component), headers=headers, media_type="application/json")

    async def types(self, request: Request) -> Response:
        """`GET elements.d.ts`: what a component may import, for its author's editor."""
        if self._assets is None or not self._assets.types:
            raise CommandError("not-found", "This server has no page.")
        return PlainTextResponse(self._assets.types, headers=_HEADERS | {"Cache-Control": "no-cache"})

    def _missing(self, name: str, names: list[str]) -> str:
        if not self._host.config.debug:
            return "There is no such element."
        looked = self._host.app.folder.elements / f"{name[:64]}{ELEMENT_SUFFIXES[0]}"
        others = ", ".join(f"`{suffix}`" for suffix in ELEMENT_SUFFIXES[1:])
        there = f"The components there: {', '.join(names[:50])}." if names else "There are no components there."
        return f"There is no file `{looked}` (nor one that ends with {others}). {there}"

    def _policy(self, nonce: str, request: Request) -> str:
        # The sandbox holds for the document wherever it is opened: without an origin it has no cookie, no storage, and
        # no page that is its own. Scripts need the nonce that `element.html` keeps; nothing is made of text by `eval`.
        own = host_sources(request, "http", "https")
        connect = " ".join(self._host.config.features.elements.connect) or _NONE
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'nonce-{nonce}'",
                "style-src 'unsafe-inline'",
                f"img-src https: data: blob:{own}",
                f"media-src https: data: blob:{own}",
                f"font-src data:{own}",
                f"connect-src {connect}",
                f"base-uri {own.strip() or _NONE}",
                "form-action 'none'",
                " ".join(("frame-ancestors 'self'", *self._host.origins.allowed)),
                "sandbox allow-scripts allow-forms",
            )
        )


def _read(path: Path, own: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:  # gone since it was listed, as when an editor saves
        raise CommandError("not-found", "There is no such element.") from error
    if len(data) > _MOST_BYTES:
        raise CommandError("too-large", f"A component may have {_MOST_BYTES:,} bytes; this one has {len(data):,}.")
    return {
        "file": f"{'public/elements' if path.parent == own else path.parent.name}/{path.name}",
        "hash": hashlib.sha256(data).hexdigest()[:32],
        "source": data.decode("utf-8", "replace"),
    }
