"""The page: the built web app, with what each request needs filled in."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
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
from convo.language import ENGLISH, Language, load_languages
from convo.plugins import load_plugin
from convo.protocol import PROTOCOL_VERSION, CommandError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from convo_server.host import Host
from convo_server.language import choose
from convo_server.looks import Looks

__all__ = ["Assets", "Page", "fill", "host_sources", "load_assets"]

_TOKEN = re.compile(r"\{\{(nonce|root|title|config|language|direction|noscript|head|theme|layout)\}\}")
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

    The page's template, the files below `assets/` by name and encoding, those of the widget below `copilot/`, and the
    templates of documents that the page loads into frames of their own, by name. A file is read when it is first asked
    for, and kept unless it is large.
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
        for path in sorted([*root.rglob("*"), *(folder / "copilot").glob("*")]):
            if path.is_file():
                within = root if path.is_relative_to(root) else folder
                name, encoding = path.relative_to(within).as_posix(), "identity"
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
        self._languages = load_languages()
        self._etags: dict[str, str] = {}
        self.looks = Looks(host)

    async def page(self, request: Request) -> Response:
        """The page, which makes its reader known to the server."""
        self._host.origins.note_holder(request)
        nonce = secrets.token_urlsafe(16)
        head = await self.looks.head(request.scope.get("root_path", ""), nonce)
        response = self._response(request, await self._language(request), nonce, head)
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
        return await self.file(request, request.path_params["name"])

    async def file(self, request: Request, name: str) -> Response:
        """A file of the built web app, for whoever asks. Raises `CommandError`: `not-found`."""
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

    def etag(self, name: str) -> str:
        """Of a file whose name stays when it changes."""
        content = self._assets.files[name] if isinstance(self._assets, Assets) else {}
        if name not in self._etags:
            held = content.get("identity") or content["gzip"]
            data = held.read_bytes() if isinstance(held, Path) else held
            self._etags[name] = f'W/"{hashlib.sha256(data).hexdigest()[:32]}"'
        return self._etags[name]

    async def facts(self, request: Request, tag: str | None) -> dict[str, Any]:
        """What the page's script is told, for a page elsewhere. `tag` is the language of that page, if it says so."""
        language = await self._language(request, tag)
        root = self._host.origins.address(request).origin + request.scope.get("root_path", "")
        facts = self._facts(root, language)
        return {**facts, "direction": language.direction, "css": await self.looks.css(root)}

    async def _language(self, request: Request, tag: str | None = None) -> Language:
        if not isinstance(self._assets, Assets):
            return ENGLISH
        return await choose(self._languages, request, self._host.config, self._host.app.folder, tag)

    def _response(self, request: Request, language: Language, nonce: str, head: str) -> Response:
        root = request.scope.get("root_path", "")
        name = self._host.config.project.name
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
        ui = self._host.config.ui
        values = {
            "nonce": nonce,
            "root": html.escape(root),
            "title": html.escape(name),
            "head": head,
            "theme": ui.theme,
            "layout": ui.layout,
            "language": language.tag,
            "direction": language.direction,
            "noscript": html.escape(language.text("page.noscript", "")),
            "config": _script_json(self._facts(root, language)),
        }
        text = fill(self._assets.template, values)
        headers = _HEADERS | {"Content-Security-Policy": self._policy(nonce, request)}
        if listens(self._host.app.callbacks, self._host.config):
            headers["Permissions-Policy"] = headers["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
        return Response(text, headers=headers, media_type="text/html")

    def _facts(self, root: str, language: Language) -> dict[str, Any]:
        """What the page's script needs to know."""
        config = self._host.config
        return {
            "root": root,
            "name": config.project.name,
            "env": config.project.user_env,
            "keepEnv": config.project.keep_user_env,
            "history": self._host.keeps_history,
            "origins": self._host.origins.allowed,
            "login": self._host.authentication.is_configured,
            "images": config.features.remote_images,
            "html": config.features.unsafe_allow_html,
            "isDebug": config.debug,
            "language": language.tag,
            "words": language.own,
            **self.looks.facts(root),
        }

    def _policy(self, nonce: str, request: Request) -> str:
        # Safari before 15.4 takes 'self' for http alone, so the socket's address is named.
        sockets = host_sources(request, "ws", "wss")
        return "; ".join(
            (
                "default-src 'self'",
                f"script-src 'self' 'nonce-{nonce}' 'strict-dynamic'",
                f"style-src 'self' 'nonce-{nonce}'{self.looks.sources('style-src')}",
                f"font-src 'self'{self.looks.sources('font-src')}",
                "img-src 'self' https: http: data: blob:",
                "media-src 'self' https: http: blob:",
                " ".join(("frame-src 'self'", *_PLAYERS)),
                f"connect-src 'self'{sockets}{self.looks.sources('connect-src')}",
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
