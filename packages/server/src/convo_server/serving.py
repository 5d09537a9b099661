"""Serving: an ASGI app on Hypercorn, from a bound socket to the last one closed."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from convo import Config
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config as HypercornConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from convo_server.host import Host
from convo_server.origins import is_loopback
from convo_server.tls import Certificate

__all__ = ["serve"]

GRACE_SECONDS = 1.0


async def serve(
    asgi: ASGIApp,
    config: Config,
    *,
    shutdown: asyncio.Event,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Serve `asgi` where `config.server` says, until `shutdown` is set; then end open chats and sockets.

    `on_listening` gets the URL once connections are accepted. Raises `OSError` when the address cannot be bound,
    `ConfigError` for a certificate that cannot be shown, and what the App's `on_app_startup` raises.
    """
    server = config.server
    certificate = Certificate.of(server)
    listener = _bind(server.host, server.port)
    try:
        scheme = "http" if certificate is None else "https"
        url = f"{scheme}://{_shown(server.host)}:{listener.getsockname()[1]}{server.root_path}/"
        host: Host | None = getattr(getattr(asgi, "state", None), "host", None)
        if host is not None:
            host.origins.is_local = is_loopback(listener.getsockname()[0])
            await host.start()  # here, because what it raises would otherwise arrive as Hypercorn's error
    except BaseException:
        listener.close()
        raise
    restore = _quieten(asyncio.get_running_loop())

    async def trigger() -> None:
        if on_listening is not None:
            on_listening(url)
        await shutdown.wait()
        if host is not None:
            await host.stop()

    application: Any = _undeflated(asgi)  # Hypercorn types the same ASGI more narrowly than Starlette
    try:
        settings = _settings(config, listener, certificate)
        await hypercorn_serve(application, settings, shutdown_trigger=trigger, mode="asgi")
    finally:
        if host is not None:
            await host.stop()
        restore()


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(1024)
    except BaseException:
        listener.close()
        raise
    return listener


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown, not bound


def _settings(config: Config, listener: socket.socket, certificate: Certificate | None) -> HypercornConfig:
    settings = HypercornConfig()
    if certificate is not None:
        settings.certfile, settings.keyfile = str(certificate.cert), str(certificate.key)
    settings.bind = [f"fd://{listener.detach()}"]
    settings.backlog = 1024
    settings.graceful_timeout = GRACE_SECONDS
    settings.websocket_max_message_size = config.limits.frame_bytes + 1024  # Engine.IO's own limit speaks first
    settings.accesslog = None
    settings.errorlog = logging.getLogger("convo_server.hypercorn")
    settings.errorlog.setLevel(logging.WARNING)  # where it runs is said by whoever started it
    settings.include_server_header = False
    return settings


def _undeflated(app: ASGIApp) -> ASGIApp:
    """Decline permessage-deflate: it costs up to 100 kB a socket, and Hypercorn has no setting for it."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            handshake: Any = getattr(getattr(send, "__self__", None), "handshake", None)
            if handshake is not None and hasattr(handshake, "extensions"):
                handshake.extensions = None
        await app(scope, receive, send)

    return wrapped


def _quieten(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Leave out the CancelledError that asyncio reports for every socket that is open at the end."""
    previous = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), asyncio.CancelledError):
            return
        if previous is not None:
            previous(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    return lambda: loop.set_exception_handler(previous)
