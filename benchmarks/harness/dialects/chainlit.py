"""The protocol of Chainlit 2, as its web app speaks it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec

from benchmarks.harness.dialects.socketio import SocketioChat, emit

__all__ = ["ChainlitChat"]


class ChainlitChat(SocketioChat):
    """`client_message` up; `stream_start`, `stream_token`s and `update_message`, or `new_message`, then `task_end`."""

    path = "ws/socket.io/?EIO=4&transport=websocket"

    async def _visit(self) -> dict[str, str]:
        self._session = str(uuid.uuid4())
        async with self._http.get(self._url, headers={"Accept-Encoding": "gzip"}) as page:
            await page.read()
        async with self._http.post(f"{self._url}set-session-cookie", json={"session_id": self._session}) as answer:
            answer.raise_for_status()
            return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in answer.cookies.items())}

    def _greeting(self) -> str:
        who = {"sessionId": self._session, "clientType": "webapp", "userEnv": "{}", "chatProfile": "", "threadId": ""}
        return f"40{msgspec.json.encode(who).decode()}"

    async def _is_welcome(self) -> None:
        """Not yet: it clears what a former connection may have asked."""
        await self._send(emit("connection_successful"))

    def _question(self, text: str) -> str:
        message = {
            "id": str(uuid.uuid4()),
            "threadId": "",
            "name": "User",
            "type": "user_message",
            "output": text,
            "createdAt": datetime.now(UTC).isoformat(),
        }
        return emit("client_message", {"message": message, "fileReferences": []})

    def _hear(self, event: str, data: Any) -> None:
        match event:
            case "stream_start":
                self._reply.take(data["output"])
            case "stream_token":
                self._reply.take(data["token"])
            case "new_message" if data["type"] == "assistant_message":
                self._reply.take(data["output"])
            case "update_message" if data["type"] == "assistant_message" and data["output"] != self._reply.text:
                raise ConnectionError("The tokens that came are not the message")
            case "clear_call_fn":
                self._connected.set()
            case "task_end" if self._reply.parts:  # it also comes before anything was asked
                self._reply.end()
