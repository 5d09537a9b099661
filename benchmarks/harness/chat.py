"""Chats: clients that speak over a WebSocket with as little between as can be.

They run in the benchmark's process, the server in its own. A dialect says how a target greets, is asked and answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

__all__ = ["Chat", "Reply", "chats"]

PATIENCE = 60.0


class Reply:
    """An answer as it comes in."""

    def __init__(self, on_text: Callable[[str, float], None] | None = None) -> None:
        self.parts: list[str] = []
        self.frames = 0
        self.seconds = 0.0
        self.ended = asyncio.Event()
        self._on_text = on_text
        self._asked_at = time.perf_counter()

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def take(self, text: str) -> None:
        self.parts.append(text)
        if self._on_text is not None:
            self._on_text(text, time.monotonic())

    def end(self) -> None:
        self.seconds = time.perf_counter() - self._asked_at
        self.ended.set()


class Chat:
    """One client on one socket; asks one thing at a time. A dialect is a subclass."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self.thread: str | None = None  # the stored one to open; later, the one that is
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._reply = Reply()
        self._error: BaseException | None = None
        self._headers: dict[str, str] | None = None
        self._known: dict[str, str] | None = None  # by whom it was before

    # --- What a dialect says ---

    path = ""

    async def _visit(self) -> dict[str, str]:
        """Headers for the socket; what a browser does before it opens one."""
        return {}

    def _question(self, text: str) -> str:
        raise NotImplementedError  # abstract: a dialect says

    async def _take(self, text: str) -> None:
        """Fold a frame into the reply."""
        raise NotImplementedError  # abstract: a dialect says

    def _opened(self) -> None:
        """The socket is open; a server that says something at first is not connected yet."""
        self._connected.set()

    def succeed(self, before: Chat) -> None:
        """Be the visitor who had `before`, and open the thread that he had. Comes before the visit."""
        self.thread, self._known = before.thread, before._headers

    def _part(self) -> None:
        """The socket is about to close."""

    # --- Life ---

    async def visit(self) -> None:
        """Read the page, as a browser does before it opens a socket; `open` does it for who did not."""
        self._headers = await self._visit() if self._known is None else self._known

    async def open(self, *, deflate: bool = False) -> None:
        """Connect and wait until the server has said all it says at first."""
        if self._headers is None:
            await self.visit()
        self._socket = await self._http.ws_connect(
            f"{self._url}{self.path}",
            headers=self._headers,
            compress=15 if deflate else 0,
            max_msg_size=0,
        )
        self._opened()
        self._reader = asyncio.create_task(self._read(self._socket))
        await self._until(self._connected)

    async def ask(self, text: str, on_text: Callable[[str, float], None] | None = None) -> Reply:
        """Say something and wait for the complete answer. Raises what went wrong with the socket."""
        reply = self._reply = Reply(on_text)
        await self._send(self._question(text))
        await self._until(reply.ended)
        return reply

    async def greeted(self) -> Reply:
        """The complete answer that the server gave unasked."""
        await self._until(self._reply.ended)
        return self._reply

    async def close(self) -> None:
        self._part()
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def _until(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(PATIENCE):
            await event.wait()
        if self._error is not None:
            raise self._error

    async def _send(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send_str(text)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                await self._take(message.data)
            if not self._reply.ended.is_set() or not self._connected.is_set():
                raise ConnectionError("The server closed the socket")
        except Exception as error:  # whoever waits for an answer gets it
            self._error = error
        self._connected.set()
        self._reply.ended.set()


@asynccontextmanager
async def chats(chat: type[Chat], url: str, count: int, *, deflate: bool = False) -> AsyncIterator[list[Chat]]:
    """`count` visitors, each with a socket of its own, opened twenty at a time."""
    timeout = aiohttp.ClientTimeout(PATIENCE)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as http,
        AsyncExitStack() as stack,
    ):
        opened = [chat(http, url) for _ in range(count)]
        for start in range(0, count, 20):
            some = opened[start : start + 20]
            await asyncio.gather(*(one.open(deflate=deflate) for one in some))
            for one in some:
                stack.push_async_callback(one.close)
        yield opened
