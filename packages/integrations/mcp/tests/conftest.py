"""What the tests begin with: a server on its three transports, and an App that uses its tools."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import convo
import pytest
from convo.protocol import CommandError, McpConnect, McpServer, new_id
from convo.protocol.commands import CommandStruct
from convo.testing import ChatClient

from tests.harness.server import free_port

WEATHER = str(Path(__file__).parent / "weather.py")
STDIO = {"command": sys.executable, "args": [WEATHER]}


class Chat(ChatClient):
    """A `ChatClient` that knows the MCP dialog."""

    def server(self, name: str = "weather") -> McpServer:
        return (self.state.fields.get("mcp") or {}).get(name) or McpServer()

    async def join(self, name: str = "weather") -> McpServer:
        await self.command(McpConnect(id=new_id(), name=name))
        await self.until(lambda: self.server(name).state in ("connected", "failed"))
        return self.server(name)

    async def choose(self, label: str) -> None:
        ask = await self.asked()
        action = next(one for one in self.actions() if one.label == label and one.id in ask.spec["actions"])
        await self.answer(action.id, ask)


def make_app(settings: dict[str, Any] | None = None, **more: Any) -> convo.App:
    """An App whose messages are `tool argument`; it answers with what the tool returned."""
    server = {**({} if "url" in (settings or {}) else STDIO), "approval": "allow", **(settings or {})}
    return answering(convo.App({"debug": True, "mcp": {"servers": {"weather": server}}, **more}))


def answering(app: convo.App) -> convo.App:
    """Let an App use what the one server has that its chat is connected with."""

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tool, _, city = message.content.partition(" ")
        [(session, _)] = convo.context.session.mcp_sessions.values()
        result = await session.call_tool(tool, {"city": city} if city else {})
        await convo.Message(f"{'error: ' if result.is_error else ''}{result.content[0].text}").send()

    return app


@asynccontextmanager
async def opened(app: convo.App, **options: Any) -> AsyncIterator[Chat]:
    chat = Chat(app, **options)
    async with chat:
        yield chat


async def refused(chat: ChatClient, command: CommandStruct) -> str:
    """The code with which a command is refused."""
    with pytest.raises(CommandError) as caught:
        await chat.command(command)
    return caught.value.failure.code


@contextmanager
def serving(transport: str, port: int) -> Iterator[str]:
    """A server that listens on a port, by its URL."""
    with subprocess.Popen([sys.executable, WEATHER, transport, str(port)], stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None and not _listens(port):
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}/{'mcp' if transport == 'http' else 'sse'}"
        finally:
            process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    """Of one server for many tests."""
    with serving("http", free_port()) as url:
        yield url
