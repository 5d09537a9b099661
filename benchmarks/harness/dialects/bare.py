"""What the servers without a framework speak, over Socket.IO and over a plain WebSocket."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.chat import Chat
from benchmarks.harness.dialects.socketio import SocketioChat, emit

__all__ = ["BareChat", "WebsocketChat"]


class BareChat(SocketioChat):
    """`message` up; `token`s and `done`, or `reply`, down."""

    def _question(self, text: str) -> str:
        return emit("message", text)

    def _hear(self, event: str, data: Any) -> None:
        if event == "done":
            self._reply.end()
            return
        self._reply.take(data)
        if event == "reply":
            self._reply.end()


class WebsocketChat(Chat):
    """The question up; frames down that begin with `t`, a token, or `r`, all of the answer; and `d`, done."""

    path = "ws"

    def _question(self, text: str) -> str:
        return text

    async def _take(self, text: str) -> None:
        self._reply.frames += 1
        if text[0] == "d":
            self._reply.end()
            return
        self._reply.take(text[1:])
        if text[0] == "r":
            self._reply.end()
