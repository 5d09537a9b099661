"""An app on the web and on Discord at once, as a process of its own that is ended and killed."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.harness.server import Serve, Server
from tests.platforms.fakes.discord import FakeDiscord, running

pytestmark = pytest.mark.timeout(300)

APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    number = convo.user_session.get("number", 0) + 1
    convo.user_session.set("number", number)
    if message.content == "long":
        reply = convo.Message()
        for word in range(400):
            await reply.stream_token(f"{word} ")
            await asyncio.sleep(0.05)
        await reply.update()
        return
    action = convo.Action(name="again", label="Again", payload={"text": message.content})
    await convo.Message(f"{number}: {message.content}", actions=[action]).send()

@convo.action_callback("again")
async def again(action: convo.Action):
    await convo.Message("again " + action.payload["text"]).send()
"""


async def _ready(server: Server) -> Any:
    def read() -> Any:
        with urllib.request.urlopen(f"{server.url}/ready", timeout=30) as response:
            return json.load(response)

    return await asyncio.to_thread(read)


async def _see(discord: FakeDiscord, place: Any, text: str) -> Any:
    return await discord.until(
        lambda: next((one for one in discord.posted(place) if text in one["content"]), None), f"`{text}`"
    )


def _is_stored(tmp_path: Path, text: str) -> bool:
    with closing(sqlite3.connect(tmp_path / "history.db")) as history:
        return any(text in str(row) for row in history.execute("SELECT body FROM convo_entries"))


def _settings(discord: FakeDiscord, tmp_path: Path) -> dict[str, str]:
    return {
        "PLATFORMS__DISCORD__BOT_TOKEN": discord.token,
        "DATA__URL": f"sqlite:///{tmp_path}/history.db",
        "STORAGE__URL": str(tmp_path / "files"),
    }


async def test_a_process_that_is_ended_and_killed_goes_on_where_it_was(serve: Serve, tmp_path: Path) -> None:
    async with running() as discord:
        server = await serve("--headless", app=f"{discord.prelude}{APP}", settings=_settings(discord, tmp_path))
        await discord.connected()
        await discord.until(lambda: discord.identified)
        assert (await _ready(server))["platforms"] == {"discord": "connected"}
        ann = discord.person("Ann")
        await discord.say(ann, discord.general, "one", is_mention=True)
        thread = await discord.until(lambda: discord.threads and discord.threads[0])
        first = await _see(discord, thread, "1: one")
        await discord.until(lambda: first["components"])

        await server.restart(signal.SIGTERM)
        await discord.until(lambda: len(discord.identified) == 2 and discord.is_connected)
        await discord.press(ann, first, "Again")
        await _see(discord, thread, "again one")
        await discord.say(ann, thread, "two")
        await _see(discord, thread, "2: two")

        await discord.say(ann, thread, "long")
        cut = await _see(discord, thread, "5 6 7")
        await discord.until(lambda: _is_stored(tmp_path, cut["id"]), "that it is stored where the answer stands")
        await server.restart(signal.SIGKILL)
        await discord.until(lambda: len(discord.identified) == 3 and discord.is_connected)
        await discord.say(ann, thread, "three")
        await _see(discord, thread, "3: three")
        await discord.until(lambda: "Interrupted" in cut["content"], "that it was cut off")

        texts = discord.texts(thread)
        assert [text.split(" ")[0] for text in texts] == ["1:", "again", "2:", "0", "3:"]
        assert cut["components"] == []
        assert not [line for line in server.log if "Traceback" in line]


async def test_a_token_that_is_wrong_harms_nothing_else(serve: Serve, tmp_path: Path) -> None:
    async with running() as discord:
        settings = _settings(discord, tmp_path) | {"PLATFORMS__DISCORD__BOT_TOKEN": "another"}
        server = await serve("--headless", app=f"{discord.prelude}{APP}", settings=settings)
        await server.said("Reset Token")
        ready = await _ready(server)

        assert ready["platforms"]["discord"].startswith("denied")
        assert "another" not in "".join(server.log)
