"""The page: the built web app, with what each request needs filled in."""

from __future__ import annotations

import asyncio
import gzip
import html
import mimetypes
import re
import secrets
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from convo import MissingPackageError
from convo.info import listens
from convo.plugins import load_plugin
from convo.protocol import PROTOCOL_VERSION, CommandError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from convo_server.host import Host

__all__ = ["Assets", "Page", "fill", "host_sources", "load_assets"]

_TOKEN = re.compile(r"\{\{(nonce|root|title|config)\}\}")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


_LARGE = 256_000
"""Bytes from which on an asset is read each time it is asked for: few chats need so large viewers."""


@dataclass(frozen=True)
class Assets:
    """A built web app.

    The page's template, the files below `assets/` by name and encoding, and the templates of documents that the page
    loads into frames of their own, by name. A file is read when it is first asked for, and kept unless it is large.
    """

    template: str
    files: dict[str, dict[str, bytes | Path]]
    frames: dict[str, str]
    types: str = ""
    """What an editor needs to know of custom elements, as TypeScript."""

    @classmethod
    def read(cls, folder: Path) -> Assets:
        """Only what is listed here is ever served: no name a client sends becomes a path."""
        files: dict[str, dict[str, bytes | Path]] = {}
        root = folder / "assets"
        for path in sorted(root.rglob("*")):
            if path.is_file():
                name, encoding = path.relative_to(root).as_posix(), "identity"
                for coding, suffix in _ENCODINGS:
                    if name.endswith(suffix):
                        name, encoding = name.removesuffix(suffix), coding
                files.setdefault(name, {})[encoding] = path
        templates = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.html"))}
        if "index" not in templates:
            raise FileNotFoundError(f"There is no web app in `{folder}`: it has no `index.html`.")
        types = folder / "elements.d.ts"
        text = types.read_text("utf-8") if types.is_file() else ""
        return cls(templates.pop("index"), files, templates, text)


def load_assets() -> Assets | str:
    """The installed web app, or why there is none."""
    try:
        return Assets.read(load_plugin("ui", "web")())
    except (MissingPackageError, FileNotFoundError) as error:
        return str(error)


class Page:
    """The endpoints of the web app, for a Host. Without `assets` they say where the API is."""

    def __init__(self, host: Host, assets: Assets | str | None) -> None:
        self._host = host
        self._assets = assets

    async def page(self, request: Request) -> Response:
        """The page, which makes its reader known to the server."""
        self._host.origins.note_holder(request)
        response = self._response(request)
        response.headers["Cache-Control"] = "no-store"
        await self._host.authentication.welcome(request, response)
        return response

    async def shared(self, request: Request) -> Response:
        """The same page for what is shared, which is for those who were given its address and for no search engine."""
        response = await self.page(request)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    async def frame(self, request: Request) -> Response:
        """A document for a frame of the page. It runs apart: it can reach neither the page nor the server."""
        template = self._assets.frames.get(request.path_params["name"]) if isinstance(self._assets, Assets) else None
        if template is None:
            raise CommandError("not-found", "There is no such frame.")
        nonce = secrets.token_urlsafe(16)
        values = {"nonce": nonce, "root": html.escape(request.scope.get("root_path", "")), "title": "", "config": "{}"}
        headers = _HEADERS | {"Content-Security-Policy": self._frame_policy(nonce), "Cache-Control": "no-store"}
        return Response(fill(template, values), headers=headers, media_type="text/html")

    async def asset(self, request: Request) -> Response:
        """A file below `assets/`, in the best encoding the client takes."""
        name = request.path_params["name"]
        variants = self._assets.files.get(name) if isinstance(self._assets, Assets) else None
        if variants is None:
            raise CommandError("not-found", "There is no such file.")
        wanted = _choose(variants, request.headers.get("accept-encoding", ""))
        # Of large files only the compressed twins are kept; hardly anybody asks for them otherwise.
        is_unpacked = wanted not in variants
        encoding = "gzip" if is_unpacked else wanted
        headers = _HEADERS | {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
            "Access-Control-Allow-Origin": "*",  # a frame that runs apart has no origin; nothing here is secret
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Content-Security-Policy": _WORKER_POLICY if name.endswith((".js", ".mjs")) else _ASSET_POLICY,
        }
        if wanted != "identity":
            headers["Content-Encoding"] = encoding
        content = variants[encoding]
        if isinstance(content, Path):
            content = await asyncio.to_thread(content.read_bytes)
            if len(content) < _LARGE:
                variants[encoding] = content
        if is_unpacked:
            content = await asyncio.to_thread(gzip.decompress, content)
        mime = _MIMES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(content, headers=headers, media_type=mime)

    def _response(self, request: Request) -> Response:
        root = request.scope.get("root_path", "")
        project = self._host.config.project
        name = project.name
        if self._assets is None:
            api = {
                "name": name,
                "protocol": PROTOCOL_VERSION,
                "api": f"{root}/api/v1",
                "socket": f"{root}/ws/socket.io",
            }
            return JSONResponse(api, headers=_HEADERS)
        if isinstance(self._assets, str):
            return PlainTextResponse(f"{self._assets}\n", 503, headers=_HEADERS)
        nonce = secrets.token_urlsafe(16)
        values = {
            "nonce": nonce,
            "root": html.escape(root),
            "title": html.escape(name),
            "config": _script_json(
                {
                    "root": root,
                    "name": name,
                    "env": project.user_env,
                    "keepEnv": project.keep_user_env,
                    "history": self._host.keeps_history,
                    "origins": self._host.origins.allowed,
                    "login": self._host.authentication.is_configured,
                    "images": self._host.config.features.remote_images,
                    "html": self._host.config.features.unsafe_allow_html,
                    "isDebug": self._host.config.debug,
                }
            ),
        }
        text = fill(self._assets.template, values)
        headers = _HEADERS | {"Content-Security-Policy": self._policy(nonce, request)}
        if listens(self._host.app.callbacks, self._host.config):
            headers["Permissions-Policy"] = headers["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
        return Response(text, headers=headers, media_type="text/html")

    def _policy(self, nonce: str, request: Request) -> str:
        # Safari before 15.4 takes 'self' for http alone, so the socket's address is named.
        sockets = host_sources(request, "ws", "wss")
        return "; ".join(
            (
                "default-src 'self'",
                f"script-src 'self' 'nonce-{nonce}' 'strict-dynamic'",
                f"style-src 'self' 'nonce-{nonce}'",
                "img-src 'self' https: http: data: blob:",
                "media-src 'self' https: http: blob:",
                " ".join(("frame-src 'self'", *_PLAYERS)),
                f"connect-src 'self'{sockets}",
                "worker-src 'self'",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                " ".join(("frame-ancestors 'self'", *self._host.origins.allowed)),
            )
        )

    def _frame_policy(self, nonce: str) -> str:
        """Scripts of ours, any style, and nothing else: no network, and no origin that would have rights."""
        return "; ".join(
            (
                "sandbox allow-scripts",
                "default-src 'none'",
                f"script-src 'self' 'nonce-{nonce}' 'strict-dynamic'",
                "style-src 'self' 'unsafe-inline'",
                "font-src 'self'",
                "img-src data:",
                "base-uri 'self'",
                "form-action 'none'",
                " ".join(("frame-ancestors 'self'", *self._host.origins.allowed)),
            )
        )


_WORKER_POLICY = "default-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
"""A worker keeps to its own script's policy, and not to that of the page that started it."""

_ASSET_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

_PLAYERS = (
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    "https://geo.dailymotion.com",
    "https://www.loom.com",
    "https://fast.wistia.net",
    "https://streamable.com",
)
"""Video hosts whose players a `Video` may hold, once somebody presses play. The web app's `hosts.ts` knows the same."""

_MIMES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
"""What the system's own table must not decide: a wrong type is refused by browsers, because of `nosniff`."""


def fill(template: str, values: Mapping[str, str]) -> str:
    """A template with its `{{tokens}}` replaced; values are HTML by then."""
    return _TOKEN.sub(lambda token: values[token[1]], template)


def host_sources(request: Request, *schemes: str) -> str:
    """The app's own host as sources of a policy, each with a space before it; nothing where it cannot be named."""
    host = request.headers.get("host", "")
    return "".join(f" {scheme}://{host}" for scheme in schemes) if _HOST.fullmatch(host) else ""


def _script_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    text = msgspec.json.encode(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _choose(variants: Container[str], accepted: str) -> str:
    takes = set()
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            takes.add(coding.strip())
    return next((coding for coding, _ in _ENCODINGS if coding in variants and coding in takes), "identity")
