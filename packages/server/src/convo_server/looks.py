"""The looks of a page: an author's theme, stylesheet, script, sign and pictures, as what stands in its head."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from convo import Config
from convo.plugins import load_installed
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host

__all__ = ["Looks"]

_ORIGIN = re.compile(r"https://[^/]+")


class Theme(Protocol):
    """What the installed web app makes of `public/theme.json`. Blocking."""

    def revision(self, path: Path) -> str | None: ...

    def css(self, path: Path, root: str = "") -> str: ...


class Looks:
    """The endpoint of the theme, and what a page needs to know, for a Host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._theme = _load_theme()

    async def stylesheet(self, request: Request) -> Response:
        """`GET theme.css`: `public/theme.json` as a stylesheet; empty where there is none."""
        css = await self.css(request.scope.get("root_path", ""))
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "sandbox; default-src 'none'"}
        return Response(css, headers=headers, media_type="text/css")

    async def css(self, root: str) -> str:
        """`public/theme.json` as a stylesheet; empty where there is none."""
        if self._theme is None:
            return ""
        return await asyncio.to_thread(self._theme.css, self._host.app.folder.theme, root)

    async def head(self, root: str, nonce: str) -> str:
        """Elements of the head: what is found on the net about the app, its sign, its theme, its own CSS and script."""
        revision = (
            None if self._theme is None else await asyncio.to_thread(self._theme.revision, self._host.app.folder.theme)
        )
        return "".join(self._elements(self._host.config, root, nonce, revision))

    def _elements(self, config: Config, root: str, nonce: str, revision: str | None) -> Iterator[str]:
        ui, project = config.ui, config.project
        about = {"description": project.description, "og:title": project.name, "og:description": project.description}
        about |= {"og:type": "website", "og:image": address(root, ui.image)}
        for name, content in about.items():
            if content:
                key = "property" if name.startswith("og:") else "name"
                yield f'<meta {key}="{name}" content="{html.escape(content)}">'
        if ui.favicon is not None:
            yield f'<link rel="icon" id="convo-icon" href="{html.escape(address(root, ui.favicon))}">'
        if revision is not None:
            href = f"{html.escape(root)}/theme.css?{revision}"
            yield f'<link rel="stylesheet" id="convo-theme" href="{href}" nonce="{nonce}">'
        if ui.custom_css is not None:
            href = html.escape(address(root, ui.custom_css))
            yield f'<link rel="stylesheet" id="convo-css" href="{href}" nonce="{nonce}">'
        if ui.custom_js is not None:
            source = html.escape(address(root, ui.custom_js))
            yield f'<script type="module" id="convo-js" src="{source}" nonce="{nonce}"></script>'

    def facts(self, root: str) -> dict[str, Any]:
        """What the page's script needs to know."""
        ui = self._host.config.ui
        light = address(root, ui.logo)
        return {
            "theme": ui.theme,
            "logo": {"light": light, "dark": address(root, ui.logo_dark) or light},
            "loginImage": address(root, ui.login_image),
            "sidebar": ui.sidebar,
            "looks": self._host.looks_revision,
        }

    def sources(self, directive: str) -> str:
        """Origins that a directive of the policy needs beside the page's own, each with a space before it."""
        ui = self._host.config.ui
        wanted = {"style-src": ui.custom_css, "font-src": ui.custom_css, "connect-src": ui.custom_js}[directive]
        found = _ORIGIN.match(wanted or "")
        return f" {found[0]}" if found else ""


def address(root: str, path: str | None) -> str:
    """Of a file below `public/`, or one elsewhere; empty for none."""
    if path is None:
        return ""
    return path if path.startswith("https://") else f"{root}/{path.lstrip('/')}"


def _load_theme() -> Theme | None:
    load: Callable[[], Theme] | None = load_installed("ui", "theme")
    return None if load is None else load()
