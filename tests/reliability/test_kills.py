"""A server that is killed at any moment of busy chats: what it said was stored is there, and the rest comes once."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from convo.protocol import State
from convo_sqlalchemy import SQLAlchemyDataLayer

from tests.harness import databases
from tests.harness.server import Server
from tests.reliability.tab import PATIENCE
from tests.reliability.wire import RefusedError, Visitor
from tests.reliability.witness import Outbox, Witness

pytestmark = pytest.mark.timeout(3600)

LOST_SECONDS = 2.0  # of streamed text, at most
CHATS = 4
KILLS_PER_CHAT = 20
APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    if not message.content.startswith("long"):
        await convo.Message("heard " + message.content).send()
        return
    async with convo.Step("look", type="tool") as look:
        look.input = message.content
        async with convo.Step("read", type="retrieval") as read:
            await asyncio.sleep(0.1)
            read.output = "found"
        look.output = "done"
    reply = convo.Message()
    for number in range(75):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.04)
    await reply.update()
    await convo.Text(name="notes", content="about " + message.content).send(for_id=reply.id)
"""
COUNT = "".join(f"{number} " for number in range(75))
GONE = (OSError, asyncio.IncompleteReadError, RefusedError)


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/history.db"
    else:
        async with databases.postgresql() as url:
            yield url


class Chat:
    """Somebody who talks and talks, comes back whenever the server is there again, and says what was not stored."""

    def __init__(self, server: Server, visitor: Visitor, dice: random.Random) -> None:
        self.tab = Witness(visitor)
        self.outbox = Outbox(self.tab)
        self.returns = 0
        self._server = server
        self._dice = dice

    async def begin(self) -> None:
        await self.tab.connect()
        await self.outbox.say("hello")
        await self.tab.until(lambda: self.outbox.release() or self.outbox.released == ["hello"])

    async def talk(self) -> None:
        """Until the server is gone."""
        with contextlib.suppress(*GONE):
            while True:
                number, kind = len(self.outbox.said), self._dice.choice(("quick", "quick", "long"))
                await self.outbox.say(f"{kind} {number}")
                await asyncio.sleep(self._dice.uniform(0, 0.4))
                await self.tab.until(lambda: self.tab.runs.count("queued") < 2)
                self.outbox.release()
        if self.tab.log is not None:
            self.outbox.release()

    async def come_back(self) -> None:
        """Raises what ended the connection, when the server goes meanwhile."""
        await self.tab.hang_up()
        before = self.tab.log
        async with asyncio.timeout(PATIENCE):
            await self.tab.dial()
            await self.tab.until(lambda: self.tab.log != before)
        self.returns += 1
        assert self.said_in(self.tab.view)[: len(self.outbox.released)] == self.outbox.released
        await self.outbox.flush()

    async def live(self) -> None:
        """One life of the server."""
        with contextlib.suppress(*GONE):
            if not self.tab.is_connected:
                await self.come_back()
            await self.talk()
        await self.tab.hang_up()

    def said_in(self, state: State) -> list[str]:
        """The user's messages, those in the queue last."""
        opened = [step.output for step in state.steps if step.type == "user_message"]
        return opened + [run.text for run in state.runs if run.status == "queued" and run.text is not None]

    def hold_to(self, stored: State, killed_at: float) -> float:
        """The worst loss of streamed text, in seconds."""
        there = self.said_in(stored)
        assert there[: len(self.outbox.released)] == self.outbox.released
        assert there == self.outbox.said[: len(there)]
        for step in stored.steps:
            if step.type == "assistant_message":
                assert COUNT.startswith(step.output) or step.output.startswith("heard ")
        return self.tab.hold_to(stored, killed_at)

    async def settle(self) -> None:
        """Everything said is there once, in order, answered or said to be interrupted, and stored."""
        await self.come_back()
        await self.tab.until(lambda: self.outbox.release() or self.outbox.is_empty)
        await self.tab.until(lambda: self.tab.is_answered and not self._is_saving)
        await self.tab.agree()
        assert self.tab.questions == self.outbox.said
        assert set(self.tab.runs) <= {"done", "interrupted"}
        assert len(self.tab.runs) == len(self.outbox.said)
        for element in self.tab.view.elements:
            assert element.url is not None
            status, _, body = await self.tab.visitor.http("GET", f"/{element.url}")
            assert (status, body[:6]) == (200, b"about ")

    @property
    def _is_saving(self) -> bool:
        return self.tab.state.saved.seq < self.tab.position - 1


async def test_whenever_a_server_is_killed_what_it_said_was_stored_is_there_and_the_rest_comes_once(
    url: str, serve: Any, campaign: Any, tmp_path: Path
) -> None:
    kills = campaign.of("kills", 200, 3)
    dice = campaign.random
    server: Server = await serve(app=APP, settings={"DATA__URL": url})
    worst = 0.0
    for began in range(0, kills, KILLS_PER_CHAT):
        chats = [Chat(server, await Visitor(server.port).arrive(), dice) for _ in range(CHATS)]
        try:
            await asyncio.gather(*(chat.begin() for chat in chats))
            for _ in range(min(KILLS_PER_CHAT, kills - began)):
                going = asyncio.gather(*(chat.live() for chat in chats))
                await asyncio.sleep(dice.uniform(0, 4))  # the dice, not luck: whenever it is killed, the law holds
                for chat in dice.sample(chats, CHATS // 2):
                    chat.tab.lose_connection()  # they will not know what was stored last
                await asyncio.sleep(dice.uniform(0, 0.2))
                assert not going.done() or going.result()
                killed_at = time.monotonic()
                await server.end(signal.SIGKILL)
                await going
                for chat, stored in zip(chats, await read(url, chats), strict=True):
                    worst = max(worst, chat.hold_to(stored, killed_at))
                await server.start()
            await asyncio.gather(*(chat.settle() for chat in chats))
            assert all(chat.returns for chat in chats)
        finally:
            for chat in chats:
                await chat.tab.leave()
    campaign.done["milliseconds of text lost at worst"] = round(1000 * worst)
    assert worst <= LOST_SECONDS
    assert server.complaints == []
    await server.end()
    if url.startswith("sqlite"):
        check_file(tmp_path / "history.db")


async def read(url: str, chats: list[Chat]) -> list[State]:
    """What is stored of each chat, by a process that was not there."""
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    found = [await layer.get_thread(chat.tab.thread or "") for chat in chats]
    await layer.close()
    assert all(found)
    return [stored.state for stored in found if stored is not None]


def check_file(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
