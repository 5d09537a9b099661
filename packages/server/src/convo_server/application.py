"""The application: all routes of an App as one Starlette app, alone or mounted in another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from convo import App, Config, ConfigError
from convo.loader import load_app
from convo.plugins import known_names
from convo.protocol import CommandError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from convo_server.additions import Additions, check_routes
from convo_server.auth.accounts import Accounts
from convo_server.auth.login import Login
from convo_server.copilot import Copilot
from convo_server.elements import Elements
from convo_server.errors import Guard, Refusal, on_command_error, on_http_exception, on_refusal
from convo_server.events import Events
from convo_server.exports import Exports
from convo_server.files import Files
from convo_server.gate import Gate
from convo_server.headers import Headers
from convo_server.health import Health
from convo_server.history import History
from convo_server.host import Host
from convo_server.info import Info
from convo_server.oauth.login import OAuthLogin
from convo_server.openapi import OpenAPI
from convo_server.page import Page, load_assets
from convo_server.place import MountedPlaces, OwnPlace
from convo_server.platforms import PlatformDoor
from convo_server.policy import PUBLIC, ROUTES
from convo_server.public import Public
from convo_server.routes import leaf_routes
from convo_server.runs import Runs
from convo_server.shares import Shares
from convo_server.sockets import Sockets
from convo_server.threads import Threads

__all__ = ["create_app", "mount"]


def create_app(app: App, config: Config | Mapping[str, Any] | None = None) -> Starlette:
    """A Starlette app that serves `app`; its lifespan starts and stops it. `state.host` is its `Host`.

    `config` is a `Config`, or settings that win over the App's own. Raises `ConfigError`.
    """
    if isinstance(config, Config):
        app.settings = config
        app.configure()
    elif config is not None:
        app.configure(flags=config)
    check_routes(app.routes)
    host = Host(app)
    sockets = Sockets(host)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await host.start()
        try:
            yield
        finally:
            await host.stop()
            await sockets.stop()

    starlette = Starlette(
        routes=_routes(host, sockets),
        lifespan=lifespan,
        middleware=_middleware(host),
        exception_handlers={
            CommandError: on_command_error,
            Refusal: on_refusal,
            HTTPException: on_http_exception,
        },
    )
    starlette.state.host = host
    return starlette


def mount(
    parent: Starlette,
    app: App | str,
    path: str,
    config: Config | Mapping[str, Any] | None = None,
    *,
    cookie_path: str | None = None,
) -> Host:
    """Serve `app` (or the App in a file, as `app.py:app`) below `path` of a Starlette or FastAPI app.

    It starts and stops with the parent. Browsers send its cookies for `path` alone, or for all below `cookie_path`, a
    path of the parent's: `"/"` lets every endpoint of the parent know who asks. Raises `LoadError`, `ConfigError`.
    """
    if cookie_path is not None and not f"{path.rstrip('/')}/".startswith(f"{cookie_path.rstrip('/')}/"):
        raise ConfigError(
            f"`cookie_path` has to be the path of the mount, `{path}`, or one above; not `{cookie_path}`."
        )
    child = create_app(load_app(app) if isinstance(app, str) else app, config)
    host: Host = child.state.host
    parent.add_middleware(MountedPlaces, host=host, path=path, cookie_path=cookie_path)
    parent.mount(path, child)
    inner = parent.router.lifespan_context

    @asynccontextmanager
    async def lifespan(outer: Any) -> AsyncIterator[Any]:
        async with inner(outer) as state, child.router.lifespan_context(child):
            yield state

    parent.router.lifespan_context = lifespan
    return host


def _routes(host: Host, sockets: Sockets) -> list[BaseRoute]:
    threads = Threads(host)
    events = Events(host, threads)
    files = Files(host, threads)
    runs = Runs(host, threads)
    history = History(host, threads)
    exports = Exports(host, threads)
    health = Health(host)
    info = Info(host, threads)
    public = Public(host)
    login = Login(host, threads)
    oauth = OAuthLogin(host)
    accounts = Accounts(host, threads)
    shares = Shares(host, threads)
    assets = None if host.config.server.headless else load_assets()
    page = Page(host, assets)
    copilot = Copilot(host, page)
    elements = Elements(host, assets)
    routes: list[Route | WebSocketRoute] = []
    openapi = OpenAPI(routes)
    routes += [
        Route("/", page.page, name="page"),
        Route("/login", page.page, name="login-page"),
        Route("/thread/{id}", page.page, name="thread-page"),
        Route("/thread/{id}/element/{element}", page.page, name="element-page"),
        Route("/share/{share}", page.shared, name="share-page"),
        Route("/share/{share}/element/{element}", page.shared, name="shared-element-page"),
        Route("/assets/{name:path}", page.asset, name="asset"),
        Route("/copilot/index.js", copilot.script, methods=["GET"], name="copilot-script"),
        Route("/copilot/config", copilot.config, methods=["GET"], name="copilot-config"),
        Route("/copilot/{widget:int}/{name:path}", copilot.module, methods=["GET"], name="copilot-module"),
        Route("/frames/element", elements.frame, methods=["GET"], name="element-frame"),
        Route("/frames/{name}", page.frame, methods=["GET"], name="frame"),
        Route("/public/{path:path}", public.file, methods=["GET"], name="public"),
        Route("/elements/{name}", elements.source, methods=["GET"], name="element"),
        Route("/elements.d.ts", elements.types, methods=["GET"], name="element-types"),
        Route("/theme.css", page.looks.stylesheet, methods=["GET"], name="theme"),
        Route("/avatars/{author}", public.avatar, methods=["GET"], name="avatar"),
        Route("/health", health.health, name="health"),
        Route("/ready", health.ready, name="ready"),
        Route("/api/v1/openapi.json", openapi.read, methods=["GET"], name="openapi"),
        Route("/api/v1/app", info.read, methods=["GET"], name="app"),
        Route("/auth/oauth/{provider}", oauth.begin, methods=["GET"], name="oauth"),
        Route("/auth/oauth/{provider}/callback", oauth.callback, methods=["GET", "POST"], name="oauth-callback"),
        Route("/api/v1/auth", login.info, methods=["GET"], name="auth"),
        Route("/api/v1/auth/login", login.login, methods=["POST"], name="login"),
        Route("/api/v1/auth/logout", login.logout, methods=["POST"], name="logout"),
        Route("/api/v1/auth/logout-everywhere", login.logout_everywhere, methods=["POST"], name="logout-everywhere"),
        Route("/api/v1/auth/sessions", accounts.sessions, methods=["GET"], name="auth-sessions"),
        Route("/api/v1/auth/sessions/{id}", accounts.end_session, methods=["DELETE"], name="auth-session"),
        Route("/api/v1/auth/token", accounts.exchange, methods=["POST"], name="auth-token"),
        Route("/api/v1/auth/tokens", accounts.tokens, methods=["GET"], name="auth-tokens"),
        Route("/api/v1/auth/tokens", accounts.make_token, methods=["POST"], name="auth-token-make"),
        Route("/api/v1/auth/tokens/{id}", accounts.end_token, methods=["DELETE"], name="auth-token-end"),
        Route("/api/v1/threads", threads.create, methods=["POST"], name="threads"),
        Route("/api/v1/threads", history.list, methods=["GET"], name="thread-list"),
        Route("/api/v1/threads/search", history.search, methods=["GET"], name="thread-search"),
        Route("/api/v1/favourites", history.favourites, methods=["GET"], name="favourites"),
        Route("/api/v1/threads/{id}", threads.read, methods=["GET"], name="thread"),
        Route("/api/v1/threads/{id}", history.change, methods=["PATCH"], name="thread-change"),
        Route("/api/v1/threads/{id}", history.delete, methods=["DELETE"], name="thread-delete"),
        Route("/api/v1/threads/{id}/restore", history.restore, methods=["POST"], name="thread-restore"),
        Route("/api/v1/threads/{id}/export", exports.export, methods=["GET"], name="thread-export"),
        Route("/api/v1/threads/{id}/events", events.stream, methods=["GET"], name="events"),
        Route("/api/v1/threads/{id}/commands", threads.command, methods=["POST"], name="commands"),
        Route("/api/v1/threads/{id}/messages", runs.say, methods=["POST"], name="messages"),
        Route("/api/v1/threads/{id}/runs/{run}", runs.read, methods=["GET"], name="run"),
        Route("/api/v1/threads/{id}/runs/{run}/stop", runs.stop, methods=["POST"], name="run-stop"),
        Route("/api/v1/threads/{id}/files", files.upload, methods=["POST"], name="files"),
        Route("/api/v1/threads/{id}/files/{file}", files.read, methods=["GET"], name="file"),
        Route("/api/v1/threads/{id}/files/{file}", files.discard, methods=["DELETE"], name="file-discard"),
        Route("/api/v1/threads/{id}/shares", shares.create, methods=["POST"], name="shares"),
        Route("/api/v1/threads/{id}/shares", shares.list, methods=["GET"], name="share-list"),
        Route("/api/v1/threads/{id}/shares/{share}", shares.revoke, methods=["DELETE"], name="share-revoke"),
        Route("/api/v1/shares/{share}", shares.read, methods=["GET"], name="share"),
        Route("/api/v1/shares/{share}/events", events.shared, methods=["GET"], name="shared-events"),
        Route("/api/v1/shares/{share}/files/{file}", files.shared, methods=["GET"], name="shared-file"),
        Route("/ws/socket.io/", sockets, name="socket"),
        WebSocketRoute("/ws/socket.io/", sockets, name="socket"),
    ]
    doors = [
        Route(f"/{name}/{{path:path}}", PlatformDoor(host, name), name=f"platform-{name}")
        for name in known_names("platforms")
    ]
    routes += doors
    if unknown := {route.name for route in routes} - ROUTES.keys() - PUBLIC - {door.name for door in doors}:
        raise RuntimeError(f"No policy says who may use the routes {unknown}")
    routes += leaf_routes(host, threads, list(routes))
    return [*routes, Additions(host)]  # after ours, which nobody takes over


def _middleware(host: Host) -> list[Middleware]:
    server = host.config.server
    middleware = [
        Middleware(Headers, host.config, host.origins),
        Middleware(Guard),
        Middleware(OwnPlace, host),
        Middleware(Gate, host.config, host.origins),
    ]
    if server.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=host.origins.allowed,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
                allow_credentials=True,
            )
        )
    return middleware
