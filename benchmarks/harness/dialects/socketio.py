"""Engine.IO and Socket.IO over a WebSocket, with as little between as can be."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.harness.chat import Chat

__all__ = ["SocketioChat", "emit"]


class SocketioChat(Chat):
    """What all dialects of Socket.IO share."""

    path = "socket.io/?EIO=4&transport=websocket"

    # --- What a dialect says ---

    def _greeting(self) -> str:
        """The packet that connects."""
        return "40"

    async def _is_welcome(self) -> None:
        """The server has accepted the greeting."""
        self._connected.set()

    def _hear(self, event: str, data: Any) -> None:
        raise NotImplementedError  # abstract: a dialect says

    # --- The protocol ---

    def _opened(self) -> None:
        """Not connected before the server has said so."""

    async def _take(self, text: str) -> None:
        kind = text[:2]
        if kind == "42":
            self._reply.frames += 1
            name, *data = msgspec.json.decode(text[2:])
            self._hear(name, data[0] if data else None)
        elif kind[:1] == "2":
            await self._send("3")
        elif kind[:1] == "0":
            await self._send(self._greeting())
        elif kind == "40":
            await self._is_welcome()
        elif kind == "43":
            self._answered(text)
        else:
            raise ConnectionError(f"The server said {text[:200]}")

    def _answered(self, text: str) -> None:
        if '"ok":true' not in text:
            raise ConnectionError(f"The server refused: {text[:300]}")


def emit(event: str, *data: Any, number: int | None = None) -> str:
    """The packet of an event; with a `number`, one that is to be answered."""
    return f"42{'' if number is None else number}{msgspec.json.encode([event, *data]).decode()}"
