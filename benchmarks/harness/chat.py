"""Chats: clients that speak Engine.IO and Socket.IO over a WebSocket with as little between as can be.

They run in the benchmark's process, the server in its own. A dialect says how a target greets, is asked and answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import msgspec

__all__ = ["BareChat", "Chat", "ConvoChat", "Reply", "chats"]

PATIENCE = 60.0
RECEIVED_EVERY = 4  # batches, or the time below
RECEIVED_SECONDS = 0.1


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
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._reply = Reply()
        self._error: BaseException | None = None

    # --- What a dialect says ---

    path = "socket.io/"
    greeting = "40"

    async def _visit(self) -> dict[str, str]:
        """Headers for the socket; what a browser does before it opens one."""
        return {}

    def _question(self, text: str) -> str:
        raise NotImplementedError  # abstract: a dialect says

    def _hear(self, event: str, data: Any) -> None:
        raise NotImplementedError  # abstract: a dialect says

    def _part(self) -> None:
        """The socket is about to close."""

    # --- Life ---

    async def open(self, *, deflate: bool = False) -> None:
        """Connect and wait until the server has said all it says at first."""
        headers = await self._visit()
        self._socket = await self._http.ws_connect(
            f"{self._url}{self.path}?EIO=4&transport=websocket",
            headers=headers,
            compress=15 if deflate else 0,
            max_msg_size=0,
        )
        self._reader = asyncio.create_task(self._read(self._socket))
        await self._until(self._connected)

    async def ask(self, text: str, on_text: Callable[[str, float], None] | None = None) -> Reply:
        """Say something and wait for the complete answer. Raises what went wrong with the socket."""
        reply = self._reply = Reply(on_text)
        await self._send(self._question(text))
        await self._until(reply.ended)
        return reply

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

    async def _take(self, text: str) -> None:
        kind = text[:2]
        if kind == "42":
            self._reply.frames += 1
            name, *data = msgspec.json.decode(text[2:])
            self._hear(name, data[0] if data else None)
        elif kind[:1] == "2":
            await self._send("3")
        elif kind[:1] == "0":
            await self._send(self.greeting)
        elif kind == "40":
            self._is_welcome()
        elif kind == "43":
            self._answered(text)
        else:
            raise ConnectionError(f"The server said {text[:200]}")

    def _is_welcome(self) -> None:
        self._connected.set()

    def _answered(self, text: str) -> None:
        if '"ok":true' not in text:
            raise ConnectionError(f"The server refused: {text[:300]}")


class BareChat(Chat):
    """`message` up; `token`s and `done`, or `reply`, down."""

    def _question(self, text: str) -> str:
        return f"42{msgspec.json.encode(['message', text]).decode()}"

    def _hear(self, event: str, data: Any) -> None:
        if event == "done":
            self._reply.end()
            return
        self._reply.take(data)
        if event == "reply":
            self._reply.end()


class ConvoChat(Chat):
    """convo's protocol, version 1: commands up, batches and snapshots down, and `received` as the web app says it."""

    path = "ws/socket.io/"
    greeting = '40{"protocol":1}'

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url)
        self._asked = 0
        self._texts: dict[str, int] = {}  # how much of each answer is here
        self._runs: set[str] = set()
        self._unsaid: dict[str, Any] | None = None  # the last frame that was not yet said to be received
        self._batches = 0
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def _visit(self) -> dict[str, str]:
        async with self._http.get(self._url, headers={"Accept-Encoding": "gzip"}) as page:
            await page.read()
            return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in page.cookies.items())}

    def _question(self, text: str) -> str:
        self._asked += 1
        command = {"id": f"command-{self._asked}", "kind": "message", "content": text}
        return f"42{self._asked}{msgspec.json.encode(['command', command]).decode()}"

    def _is_welcome(self) -> None:
        """Not yet: the first snapshot is what a user sees."""

    def _hear(self, event: str, data: Any) -> None:
        if event == "hello":
            return
        if data.get("scope") != "principal":
            if event == "batch":
                for one in data["events"]:
                    self._fold(one)
            else:
                for step in data["state"].get("steps", ()):
                    self._grow(step, step.get("output", ""))
                for run in data["state"].get("runs", ()):
                    self._end(run["id"], run["status"])
                self._connected.set()
        self._receive(data)

    def _fold(self, event: dict[str, Any]) -> None:
        kind = event["kind"]
        if kind == "step-delta":
            if event["id"] in self._texts:
                self._texts[event["id"]] += len(event["text"])
                self._reply.take(event["text"])
        elif kind == "step-opened":
            self._grow(event["step"], event["step"].get("output", ""))
        elif kind == "run-ended":
            self._end(event["id"], event["status"])

    def _grow(self, step: dict[str, Any], text: str) -> None:
        if step["type"] != "assistant_message":
            return
        have = self._texts.setdefault(step["id"], 0)
        if len(text) > have:
            self._texts[step["id"]] = len(text)
            self._reply.take(text[have:])

    def _end(self, run_id: str, status: str) -> None:
        if status in ("queued", "running") or run_id in self._runs:
            return
        if status != "done":
            raise ConnectionError(f"The run ended as {status}")
        self._runs.add(run_id)
        self._reply.end()

    # --- Received ---

    def _receive(self, frame: dict[str, Any]) -> None:
        self._batches += 1
        self._unsaid = frame
        if self._batches >= RECEIVED_EVERY or frame.get("scope") == "principal":
            self._say_received()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(RECEIVED_SECONDS, self._say_received)

    def _say_received(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        frame, self._unsaid, self._batches = self._unsaid, None, 0
        if frame is None or self._socket is None or self._socket.closed:
            return
        received = {"to": frame["to"], "log": frame["log"]}
        task = asyncio.create_task(self._send(f"42{msgspec.json.encode(['received', received]).decode()}"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _part(self) -> None:
        self._unsaid = None
        if self._timer is not None:
            self._timer.cancel()


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
