"""Serving: an ASGI app on a free port, on uvloop and the server that is asked for. Prints the URL when it listens."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from typing import Any

import uvloop

__all__ = ["serve"]


def serve(app: Any, server: str, **settings: Any) -> None:
    """Serve on `hypercorn` or `uvicorn`, as it is but for these `settings` of its own, until the process is ended."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    uvloop.run({"hypercorn": _on_hypercorn, "uvicorn": _on_uvicorn}[server](app, listener, settings))


async def _on_hypercorn(app: Any, listener: socket.socket, settings: dict[str, Any]) -> None:
    import hypercorn.asyncio  # here: nobody should weigh the server that is not asked for
    import hypercorn.config

    config = hypercorn.config.Config.from_mapping(settings)
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = logging.getLogger("hypercorn")

    async def trigger() -> None:
        _greet(listener)
        await asyncio.Event().wait()

    await hypercorn.asyncio.serve(app, config, shutdown_trigger=trigger, mode="asgi")


async def _on_uvicorn(app: Any, listener: socket.socket, settings: dict[str, Any]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _greet(listener)

    await Server(uvicorn.Config(app, log_level="warning", access_log=False, **settings)).serve([listener])


def _greet(listener: socket.socket) -> None:
    gc.collect()
    gc.freeze()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
