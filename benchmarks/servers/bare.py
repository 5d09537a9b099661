"""python-socketio on Hypercorn and uvloop, without anything: one frame per token, nothing kept, nothing resumed."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from typing import Any

import socketio
import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config

from benchmarks.servers.source import paced, tokens

server: Any = socketio.AsyncServer(async_mode="asgi")


@server.on("message")  # type: ignore[untyped-decorator]  # python-socketio has no types
async def answer(sid: str, text: str) -> None:
    match text.split():
        case ["tokens", count]:
            for token in tokens(int(count)):
                await server.emit("token", token, to=sid)
        case ["paced", count, rate]:
            async for token in paced(int(count), float(rate)):
                await server.emit("token", token, to=sid)
        case _:
            await server.emit("reply", text, to=sid)
            return
    await server.emit("done", to=sid)


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = logging.getLogger("hypercorn")

    async def trigger() -> None:
        gc.collect()
        gc.freeze()
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
        await asyncio.Event().wait()

    application: Any = socketio.ASGIApp(server)
    await serve(application, config, shutdown_trigger=trigger, mode="asgi")


if __name__ == "__main__":
    uvloop.run(main())
