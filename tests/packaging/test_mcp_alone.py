"""A project outside this repository that uses a server's tools: `convo-mcp` with `convo-core` alone, from wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.packaging

SERVER = """
from mcp.server.mcpserver import MCPServer

server = MCPServer("loud")

@server.tool()
def shout(text: str) -> str:
    return text.upper()

server.run()
"""
APP = """
import asyncio, sys

import convo
assert "mcp" not in sys.modules
from convo.testing import ChatClient, draw_tree

app = convo.App()

@app.on_message
async def answer(message):
    session, _ = convo.context.session.mcp_sessions["loud"]
    result = await session.call_tool("shout", {"text": message.content})
    await convo.Message(result.content[0].text).send()

async def main():
    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.state.fields["mcp"]["loud"].state == "connected")
        reply = await chat.send("hello")
        print(reply.content)
        print(draw_tree(reply.steps, texts=False))

asyncio.run(main())
"""
SETTINGS = """
[mcp.servers.loud]
command = "python"
args = ["server.py"]
approval = "allow"
connect_at_start = true
"""


def test_a_table_connects_a_server(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-mcp")
    for name, text in {"server.py": SERVER, "app.py": APP, "convo.toml": SETTINGS}.items():
        (tmp_path / name).write_text(text)

    result = installed.run("python", "app.py", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "HELLO\ntool shout\n"
    assert {one for one in installed.distributions() if one.startswith("convo")} == {"convo-core", "convo-mcp"}


def test_without_the_package_a_table_says_what_to_install(core_alone: Any, tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text(SETTINGS)
    result = core_alone.run("python", "-c", "import convo; convo.Config.load('.')", cwd=tmp_path)
    assert result.returncode == 1
    assert "pip install convo-mcp" in result.stderr
