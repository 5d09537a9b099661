"""A real server on a free port, and clients that speak the protocol to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import convo
import httpx
import pytest
import socketio
import uvicorn
from convo_server import create_app, serve

from tests.harness.listening import Listening, listening, settings

PATIENCE = 30.0


class Client:
    """One visitor's program: a cookie, plain HTTP, and sockets that fold nothing but remember everything."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, timeout=PATIENCE, headers=headers)
        self._tabs: list[Tab] = []

    async def visit(self) -> Client:
        """Load the page, which brings the cookie."""
        await self.http.get("")
        return self

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def socket(self, **options: Any) -> Tab:
        tab = Tab(self, **options)
        self._tabs.append(tab)
        return tab

    async def close(self) -> None:
        for tab in self._tabs:
            await tab.close()
        await self.http.aclose()

    async def post(self, path: str, json: Any = None) -> httpx.Response:
        return await self.http.post(path, json=json)


class Tab:
    """One socket of a visitor: its frames in order, its text."""

    def __init__(self, client: Client, *, transport: str = "websocket", reads: bool = True) -> None:
        self.client = client
        self.transport = transport
        self.is_reading = reads
        self.hello: dict[str, Any] = {}
        self.frames: list[tuple[str, dict[str, Any]]] = []
        self.refusal: Any = None
        self.goodbye: dict[str, Any] = {}
        self.is_closed = False
        self._news = asyncio.Condition()
        self.io = socketio.AsyncClient(reconnection=False)
        self._send_request = self.io.eio._send_request
        self.io.eio._send_request = self._read_request
        self.io.on("hello", self._hello)
        self.io.on("batch", self._batch)
        self.io.on("snapshot", self._snapshot)
        self.io.on("goodbye", self._goodbye)
        self.io.on("connect_error", self._refused)
        self.io.on("disconnect", self._closed)

    async def connect(
        self, *, cookie: str | None = None, headers: dict[str, str] | None = None, auth: Any = None, **fields: Any
    ) -> Tab:
        sent = {"Cookie": self.client.cookie if cookie is None else cookie} | (headers or {})
        await self.io.connect(
            self.client.url,
            headers=sent,
            auth={"protocol": 1, **fields} if auth is None else auth,
            socketio_path=httpx.URL(self.client.url).path.strip("/") + "/ws/socket.io",
            transports=[self.transport],
            wait_timeout=PATIENCE,
        )
        has_position = "after" in fields  # so there may be nothing new
        await self.until(lambda: bool(self.hello) and bool(has_position or self.snapshots or self.batches))
        return self

    async def refused(self, **options: Any) -> str:
        """Try to connect; the code of the refusal."""
        with pytest.raises(socketio.exceptions.ConnectionError):
            await self.connect(**options)
        await self.until(lambda: self.refusal is not None)
        code: str = self.refusal["data"]["code"]
        return code

    async def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.io.call(
            "command", {"id": f"c{id(fields)}-{len(self.frames)}", "kind": kind} | fields, timeout=PATIENCE
        )
        return answer

    async def ask(self, content: str) -> None:
        answer = await self.command("message", content=content)
        assert answer["ok"], answer
        await self.until(lambda: self.has("run-ended"))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(condition)

    @property
    def batches(self) -> list[dict[str, Any]]:
        return [frame for name, frame in self.frames if name == "batch" and frame.get("scope") != "principal"]

    @property
    def snapshots(self) -> list[dict[str, Any]]:
        return [frame for name, frame in self.frames if name == "snapshot" and frame.get("scope") != "principal"]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch["events"]]

    @property
    def position(self) -> dict[str, Any]:
        last = [frame for _, frame in self.frames if frame.get("scope") != "principal"][-1]
        return {"log": last["log"], "after": last["to"]}

    def has(self, kind: str) -> bool:
        return any(event["kind"] == kind for _, frame in self.frames for event in frame.get("events", ()))

    @property
    def text(self) -> str:
        """All that assistants said here."""
        said = [s for snapshot in self.snapshots for s in snapshot["state"].get("steps", ()) if _is_said(s)]
        text = "".join(step.get("output", "") for step in said)
        for event in self.events:
            if event["kind"] == "step-delta":
                text += event["text"]
            elif event["kind"] == "step-opened" and _is_said(event["step"]):
                text += event["step"].get("output", "")
        return text

    def read_on(self) -> None:
        self.is_reading = True

    async def close(self) -> None:
        if self.io.connected:
            if self.transport == "polling":  # its goodbye is lost when another request of its is on the way
                await self.io.call("flush", timeout=PATIENCE)
            await self.io.disconnect()
        await self.release()

    async def release(self) -> None:
        """The HTTP client that python-socketio leaves open after a refusal or a cut."""
        if self.io.eio.http is not None:
            await self.io.eio.http.close()

    async def _read_request(self, *args: Any, **options: Any) -> Any:
        """As python-engineio's own, which leaves unread what a POST is answered, and aiohttp to complain of that."""
        response = await self._send_request(*args, **options)
        if not isinstance(response, str):
            await response.read()
        return response

    async def _hello(self, data: Any) -> None:
        self.hello = data
        await self._tell()

    async def _goodbye(self, data: Any) -> None:
        self.goodbye = data
        await self._tell()

    async def _batch(self, data: Any) -> None:
        await self._frame("batch", data)

    async def _snapshot(self, data: Any) -> None:
        await self._frame("snapshot", data)

    async def _frame(self, name: str, data: Any) -> None:
        self.frames.append((name, data))
        if self.is_reading and self.io.connected:
            with suppress(socketio.exceptions.BadNamespaceError):  # closed in between
                await self.io.emit("received", {"to": data["to"], "log": data["log"]})
        await self._tell()

    async def _refused(self, data: Any) -> None:
        self.refusal = data
        await self._tell()

    async def _closed(self, *_: Any) -> None:
        self.is_closed = True
        await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def _is_said(step: dict[str, Any]) -> bool:
    return bool(step["type"] == "assistant_message")


class Running:
    """A server that runs, and its clients."""

    def __init__(self, server: Listening) -> None:
        self.url = server.url
        self.asgi = server.asgi
        self.shutdown = server.shutdown
        self.task = server.task
        self._stack = AsyncExitStack()

    @property
    def host(self) -> Any:
        return self.asgi.state.host

    async def client(self, headers: dict[str, str] | None = None) -> Client:
        client = Client(self.url, headers)
        self._stack.push_async_callback(client.close)
        return await client.visit()

    async def stop(self) -> None:
        await self._stack.aclose()
        self.shutdown.set()
        await self.task


async def serve_on_uvicorn(
    asgi: Any, config: convo.Config, *, shutdown: asyncio.Event, on_listening: Callable[[str], None]
) -> None:
    """`serve`, but by uvicorn."""
    listener = socket.create_server((config.server.host, config.server.port))
    settings = uvicorn.Config(asgi, log_config=None, ws_per_message_deflate=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(settings)
    task = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(PATIENCE):
        while not server.started and not task.done():
            await asyncio.sleep(0.01)  # uvicorn tells nobody
    on_listening(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    await shutdown.wait()
    server.should_exit = True
    await task


@asynccontextmanager
async def starting(serve: Callable[..., Any]) -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:

        async def start(app: convo.App, asgi: Any = None, **sections: dict[str, Any]) -> Running:
            config = settings(**sections)
            server = Running(await stack.enter_async_context(listening(asgi or create_app(app, config), config, serve)))
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    """Serve an App, or any ASGI app, on a free port until the test ends."""
    async with starting(serve) as start:
        yield start


@pytest.fixture
async def start_on_uvicorn() -> AsyncIterator[Callable[..., Any]]:
    async with starting(serve_on_uvicorn) as start:
        yield start


@pytest.fixture
def app() -> convo.App:
    """Says numbers: as many as the message asks for, a moment apart."""
    app = convo.App()

    @app.on_message
    async def count(message: convo.Message) -> AsyncIterator[str]:
        for number in range(int(message.content)):
            yield f"{number} "
            await asyncio.sleep(0.002)

    return app


@pytest.fixture
def numbers() -> Callable[[int], str]:
    return lambda count: "".join(f"{number} " for number in range(count))
