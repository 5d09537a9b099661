"""A file's app, served in this process for this terminal alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import convo_server
from convo import App, Config

from convo_cli.opening import open_app
from convo_cli.reload import Reloader

__all__ = ["Served"]

_SETTINGS = {
    "server": {
        "host": "127.0.0.1",
        "port": 0,
        "root_path": "",
        "headless": True,
        "allowed_hosts": ["127.0.0.1"],
        "ssl_cert": None,
        "ssl_key": None,
    },
    "debug": True,  # who runs a file is its author
}


class Served:
    """Loads the app that `target` names, when it is made. Raises `ConvoError`."""

    def __init__(self, target: str, *, is_watching: bool = False) -> None:
        self._target = target
        self._is_watching = is_watching
        self._app: App = open_app(target, _SETTINGS)
        self._config: Config = self._app.config

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve it, and yield its address."""
        asgi = convo_server.create_app(self._app)
        loop, shutdown = asyncio.get_running_loop(), asyncio.Event()
        listening: asyncio.Future[str] = loop.create_future()
        work: list[asyncio.Future[None]] = [
            asyncio.ensure_future(
                convo_server.serve(asgi, self._config, shutdown=shutdown, on_listening=listening.set_result)
            )
        ]
        if self._is_watching:
            work.append(asyncio.ensure_future(Reloader(self._target, _SETTINGS, asgi.state.host).watch(shutdown)))
        try:
            waiting: set[asyncio.Future[Any]] = {listening, work[0]}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                await work[0]  # raises why not
            yield await listening
        finally:
            shutdown.set()
            await asyncio.gather(*work, return_exceptions=True)
