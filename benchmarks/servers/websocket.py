"""Starlette's WebSocket without anything, not even Socket.IO: one frame per token, nothing kept, nothing resumed."""

from __future__ import annotations

import os
import sys

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from benchmarks.servers.serving import serve
from benchmarks.servers.source import paced, tokens


async def chat(socket: WebSocket) -> None:
    await socket.accept()
    if greeting := os.environ.get("BENCHMARKS_GREETING"):
        await socket.send_text(f"r{greeting}")
    async for text in socket.iter_text():
        await answer(socket, text)


async def answer(socket: WebSocket, text: str) -> None:
    match text.split():
        case ["tokens", count]:
            for token in tokens(int(count)):
                await socket.send_text(f"t{token}")
        case ["paced", count, rate]:
            async for token in paced(int(count), float(rate)):
                await socket.send_text(f"t{token}")
        case _:
            await socket.send_text(f"r{text}")
            return
    await socket.send_text("d")


if __name__ == "__main__":
    serve(Starlette(routes=[WebSocketRoute("/ws", chat)]), sys.argv[1])
