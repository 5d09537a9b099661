"""The protocol of Chainlit 2, as its web app speaks it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from benchmarks.harness.chat import Chat
from benchmarks.harness.dialects.socketio import SocketioChat, emit

__all__ = ["ChainlitChat", "SignedInChainlitChat"]

USER_HEADER = "X-Benchmarks-User"


class ChainlitChat(SocketioChat):
    """`client_message` up; `stream_start`, `stream_token`s and `update_message`, or `new_message`, then `task_end`."""

    path = "ws/socket.io/?EIO=4&transport=websocket"

    async def _visit(self) -> dict[str, str]:
        self._session = str(uuid.uuid4())
        cookies = await self._sign_in()
        async with self._http.get(self._url, headers={"Accept-Encoding": "gzip"}) as page:
            await page.read()
        session = {"session_id": self._session}
        async with self._http.post(f"{self._url}set-session-cookie", json=session, headers=_header(cookies)) as answer:
            answer.raise_for_status()
            return _header(cookies | {name: morsel.value for name, morsel in answer.cookies.items()})

    async def _sign_in(self) -> dict[str, str]:
        """The cookies of who is known."""
        return {}

    def _greeting(self) -> str:
        who = {"sessionId": self._session, "clientType": "webapp", "userEnv": "{}", "chatProfile": ""}
        who["threadId"] = self.thread or ""
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
            case "clear_call_fn" if self.thread is None:
                self._connected.set()
            case "resume_thread":
                self._connected.set()
            case "first_interaction":
                self.thread = data["thread_id"]
            case "task_end" if self._reply.parts:  # it also comes before anything was asked
                self._reply.end()


class SignedInChainlitChat(ChainlitChat):
    """Somebody whom the app knows: it keeps the history of nobody else."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url)
        self._user = str(uuid.uuid4())

    def succeed(self, before: Chat) -> None:
        """Before the visit: he signs in again."""
        assert isinstance(before, SignedInChainlitChat)
        self.thread, self._user = before.thread, before._user

    async def _sign_in(self) -> dict[str, str]:
        async with self._http.post(f"{self._url}auth/header", headers={USER_HEADER: self._user}) as answer:
            answer.raise_for_status()
            return {name: morsel.value for name, morsel in answer.cookies.items()}


def _header(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
