"""The client: a server of a convo app, and who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import httpx
from convo.protocol import AppInfo, Finding, FindingList, Hello, ThreadInfo, ThreadList, encode

from convo_client.thread import Thread
from convo_client.transport import Transport, decode

__all__ = ["Client"]


class Client:
    """What a convo app says and does, by its HTTP API. `url` is the app's root, as `https://example.org/chat`.

    Without a `token` it is a visitor, and another one each time, unless `http` brings the cookies of an earlier one.
    `patience` is for how many seconds a request is tried again while the server is away or too busy. `http` is an
    `httpx.AsyncClient` to use instead of an own one, as for a proxy or certificates; the caller closes it.
    """

    def __init__(
        self, url: str, *, token: str | None = None, patience: float = 60.0, http: httpx.AsyncClient | None = None
    ) -> None:
        self._transport = Transport(url, token, patience=patience, http=http)

    async def __aenter__(self) -> Self:
        try:
            await self._transport.open()
        except BaseException:
            await self._transport.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    async def app(self, *, profile: str | None = None, language: str | None = None) -> AppInfo:
        """What the app says of itself: profiles, starters, what may be uploaded."""
        return await self._transport.get("api/v1/app", AppInfo, profile=profile, language=language)

    async def new_thread(
        self, *, profile: str | None = None, language: str | None = None, env: dict[str, str] | None = None
    ) -> Thread:
        """Begin a thread, which the server keeps from its first message on. `env`: keys that the app asks users for."""
        wanted: dict[str, Any] = {"profile": profile, "language": language, "userEnv": env}
        body = encode({name: value for name, value in wanted.items() if value is not None})
        headers = {"Content-Type": "application/json"}
        hello = decode(await self._transport.ask("POST", "api/v1/threads", body=body, headers=headers), Hello)
        return self.thread(hello.thread)

    def thread(self, thread: str | ThreadInfo) -> Thread:
        """A thread that is there, by its id. Nothing is asked yet."""
        return Thread(self._transport, thread if isinstance(thread, str) else thread.id)

    async def threads(self, *, pinned: bool | None = None, page: int = 50) -> AsyncIterator[ThreadInfo]:
        """All threads of whoever asks, the latest changed first; read `page` at a time, as far as one looks."""
        cursor, chosen = None, None if pinned is None else str(pinned).lower()
        while True:
            answer = await self._transport.get("api/v1/threads", ThreadList, first=page, cursor=cursor, pinned=chosen)
            for thread in answer.threads:
                yield thread
            if (cursor := answer.cursor) is None:
                return

    async def search(self, text: str, *, page: int = 20) -> AsyncIterator[Finding]:
        """The threads that have `text` in their titles or messages, the best first."""
        cursor = None
        while True:
            answer = await self._transport.get("api/v1/threads/search", FindingList, q=text, first=page, cursor=cursor)
            for finding in answer.findings:
                yield finding
            if (cursor := answer.cursor) is None:
                return
