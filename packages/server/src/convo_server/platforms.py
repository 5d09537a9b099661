"""Platforms: what chat platforms send over HTTP, handed to their bridges."""

from __future__ import annotations

from convo.protocol import CommandError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from convo_server.host import Host

__all__ = ["PlatformDoor"]


class PlatformDoor:
    """`/{name}/…` of one platform, as an ASGI app. Who sends a request is for the bridge to check.

    The bridge's app gets a scope whose `path` is what follows the platform's name, and no `root_path`.
    """

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._host.platforms.app(self._name)
        if app is None:
            raise HTTPException(404)
        if not self._host.is_ready:
            raise CommandError("unavailable", "The server is starting.", key="starting", retry_after=1.0)
        path = f"/{scope['path_params']['path']}"
        inner = {**scope, "path": path, "raw_path": path.encode(), "root_path": "", "path_params": {}}
        await app(inner, receive, send)
