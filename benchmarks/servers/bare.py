"""python-socketio without anything: one frame per token, nothing kept, nothing resumed."""

from __future__ import annotations

import os
import sys
from typing import Any

import socketio

from benchmarks.servers.probe import PROBE
from benchmarks.servers.serving import serve
from benchmarks.servers.source import paced, tokens

server: Any = socketio.AsyncServer(async_mode="asgi")

if greeting := os.environ.get("BENCHMARKS_GREETING"):

    @server.on("connect")  # type: ignore[untyped-decorator]
    async def greet(sid: str, environ: object) -> None:
        server.start_background_task(server.emit, "reply", greeting, to=sid)  # after the answer to the connect


@server.on("message")  # type: ignore[untyped-decorator]  # python-socketio has no types
async def answer(sid: str, text: str) -> None:
    match text.split():
        case ["tokens", count]:
            for token in tokens(int(count)):
                await server.emit("token", token, to=sid)
        case ["paced", count, rate]:
            async for token in paced(int(count), float(rate)):
                await server.emit("token", token, to=sid)
        case ["probe"]:
            await server.emit("reply", PROBE.report(), to=sid)
            return
        case _:
            await server.emit("reply", text, to=sid)
            return
    await server.emit("done", to=sid)


if __name__ == "__main__":
    serve(socketio.ASGIApp(server), sys.argv[1])
