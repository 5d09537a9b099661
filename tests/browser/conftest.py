"""A real server, a real Chromium, and a network between them that can be cut."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-results"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`convo run` in a process of its own, on a port that stays over restarts."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        self._arguments = arguments
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "convo_cli",
            *self._arguments,
            "--port",
            str(self.port),
            "--no-open",
            cwd=self._cwd,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._process, ready))
        async with asyncio.timeout(30):
            await ready.wait()

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Event) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.log.append(line.decode())
            if " is ready at " in self.log[-1]:
                ready.set()

    async def said(self, text: str) -> None:
        """Wait until the server has logged `text`."""
        async with asyncio.timeout(15):
            while not any(text in line for line in self.log):
                await asyncio.sleep(0.02)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(how)
            async with asyncio.timeout(15):
                await process.wait()
        if self._reader is not None:
            await self._reader

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        await self.end(how)
        await self.start()


class Network:
    """A TCP proxy in front of a server. `cut` drops all connections and lets none in until `mend`."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, inner_writer}
        for source, target in ((reader, inner_writer), (inner_reader, writer)):
            task = asyncio.create_task(self._pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.transport.abort()
        self._writers.discard(target)

    def cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        self._is_cut = False

    async def end(self) -> None:
        self.cut()
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()


class Chat:
    """A tab, as its user sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self.hosts.add(re.sub(r"^\w+://([^/]*).*", r"\1", request.url)))

    def _console(self, message: Any) -> None:
        is_network = "Failed to load resource" in message.text or "WebSocket connection" in message.text
        if message.type in ("error", "warning") and not is_network:
            self.complaints.append(f"{message.type}: {message.text}")

    @property
    def composer(self) -> Any:
        return self.page.get_by_role("textbox", name="Message")

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, timeout: float = 15) -> None:
        await self.page.get_by_text(text).first.wait_for(timeout=timeout * 1000)

    async def sees_not(self, text: str, timeout: float = 15) -> None:
        await self.page.get_by_text(text).first.wait_for(state="detached", timeout=timeout * 1000)

    async def transcript(self) -> str:
        return str(await self.page.locator("main").inner_text())

    async def answers(self) -> list[str]:
        """The texts of the answers, the oldest first."""
        texts = await self.page.locator("main .markdown").all_inner_texts()
        return [" ".join(text.split()) for text in texts]

    async def counts(self, answer: int = 0) -> list[int]:
        """The numbers of an answer that counts, as far as it has come."""
        return [int(number) for number in re.findall(r"\d+", (await self.answers())[answer])]

    async def counted_to(self, number: int, timeout: float = 20) -> None:
        await self.page.wait_for_function(
            "n => [...document.querySelectorAll('main .markdown')]"
            ".some(answer => answer.innerText.split(' ').includes(String(n)))",
            arg=number,
            timeout=timeout * 1000,
        )

    async def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        reason = "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-liberation"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    yield context
    await context.close()


OpenTab = Callable[..., Awaitable[Chat]]


@pytest.fixture
async def open_tab(context: BrowserContext) -> AsyncIterator[OpenTab]:
    """Opens a tab; at the end no tab may have complained, nor asked another host for anything."""
    chats: list[Chat] = []

    async def open_tab(url: str) -> Chat:
        chat = Chat(await context.new_page())
        chats.append(chat)
        await chat.page.goto(url)
        await chat.composer.wait_for()
        return chat

    yield open_tab
    for chat in chats:
        assert chat.complaints == []
        assert all(host.startswith("127.0.0.1") for host in chat.hosts), chat.hosts


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """Starts `convo` with the arguments given; `app=` is the text of an app to run."""
    servers: list[Server] = []

    async def serve(*arguments: str, app: str | None = None) -> Server:
        if app is not None:
            (tmp_path / "app.py").write_text(app)
            arguments = ("run", "app.py", *arguments)
        server = Server(*arguments, cwd=tmp_path)
        servers.append(server)
        await server.start()
        return server

    yield serve
    for server in servers:
        await server.end()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[Server], Awaitable[Network]]]:
    """Puts a network that can be cut in front of a server."""
    networks: list[Network] = []

    async def connect(server: Server) -> Network:
        network = Network(server.port)
        networks.append(network)
        await network.start()
        return network

    yield connect
    for network in networks:
        await network.end()
