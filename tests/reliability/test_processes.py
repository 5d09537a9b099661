"""One thread is opened at two processes of a server: it belongs to one at a time, and nobody is told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from convo.protocol import State
from convo_sqlalchemy import SQLAlchemyDataLayer

from tests.harness import databases
from tests.harness.server import Server
from tests.reliability.wire import RefusedError, Visitor
from tests.reliability.witness import Outbox, Witness

pytestmark = pytest.mark.timeout(600)

APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    if message.content != "count":
        await convo.Message("heard " + message.content).send()
        return
    reply = convo.Message()
    for number in range(100_000):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.02)
"""
GONE = (OSError, asyncio.IncompleteReadError, RefusedError)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with databases.postgresql() as url:
        yield url


@pytest.fixture
async def tabs(url: str, serve: Any) -> AsyncIterator[tuple[Witness, Witness]]:
    """Of one visitor, at two processes, not yet connected."""
    here: Server = await serve(app=APP, settings={"DATA__URL": url})
    there: Server = await serve(app=APP, settings={"DATA__URL": url})
    visitor = await Visitor(here.port).arrive()
    elsewhere = Visitor(there.port)
    elsewhere.headers = visitor.headers  # one address and one cookie, as behind a balancer
    tabs = Witness(visitor), Witness(elsewhere)
    yield tabs
    for tab in tabs:
        await tab.leave()
    for server in (here, there):
        wrong = [line for line in server.complaints if "WARNING" in line or "ERROR" in line or "Traceback" in line]
        assert all("goes on without this process" in line for line in wrong), wrong


async def stored(url: str, thread_id: str) -> State:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    found = await layer.get_thread(thread_id)
    await layer.close()
    assert found is not None
    return found.state


async def test_who_loses_a_thread_is_told_and_can_take_it_back(tabs: tuple[Witness, Witness], url: str) -> None:
    first, second = tabs
    await first.connect()
    await first.ask("hello", "1")
    await first.told(first.say("count", "2"))
    await first.until(lambda: first.surely_saved > 100)
    assert first.thread is not None

    second.thread = first.thread
    await second.connect()
    assert second.questions == ["hello", "count"]
    assert second.runs == ["done", "interrupted"]
    assert len(second.answers[1]) >= first.surely_saved - len("heard hello")

    await first.ended()
    assert first.state.ended == "taken-over"
    assert "taken over" in (first.state.saved.reason or "")
    assert first.runs == ["done", "stopped"]

    await second.ask("from there", "3")
    await second.until(lambda: second.state.saved.seq >= second.position - 1)
    await first.hang_up()
    await first.come_back()
    assert first.questions == ["hello", "count", "from there"]
    await first.ask("from here", "4")
    await first.until(lambda: first.state.saved.seq >= first.position - 1)

    await second.told(second.say("from there again", "5"))  # who only reads hears of it when he writes
    await second.ended()
    assert second.state.ended == "taken-over"
    await second.hang_up()
    await second.come_back()
    assert second.questions == ["hello", "count", "from there", "from here"]
    await second.ask("from there again", "5")
    assert second.questions == ["hello", "count", "from there", "from here", "from there again"]
    await second.until(lambda: second.state.saved.seq >= second.position - 1)
    await second.agree()
    first.hold_to(await stored(url, first.thread), 0.0)
    second.hold_to(await stored(url, first.thread), 0.0)


class Owner:
    """The thread's owner at one process: talks, and takes the thread back whenever it was taken."""

    def __init__(self, name: str, tab: Witness, url: str, dice: random.Random) -> None:
        self.tab = tab
        self.outbox = Outbox(tab)
        self.returns = 0
        self._name = name
        self._url = url
        self._dice = dice

    async def talk(self, messages: int) -> None:
        while len(self.outbox.said) < messages or not self.returns:
            with contextlib.suppress(*GONE):
                await self.outbox.say(f"{self._name} {len(self.outbox.said)}")
                await asyncio.sleep(self._dice.uniform(0, 0.1))
                self.outbox.release()
                continue
            await self.insist()
        await self.insist()

    async def insist(self) -> None:
        """Take the thread back until everything said is stored."""
        while True:
            with contextlib.suppress(*GONE):
                self.outbox.release()
                await self.outbox.flush()
                await self.tab.until(lambda: self.outbox.release() or self.outbox.is_empty)
                return
            await self.tab.hang_up()
            await asyncio.sleep(self._dice.uniform(0, 0.5))  # somebody presses the button
            await self.tab.come_back()
            self.returns += 1
            await self.hold()

    async def hold(self) -> None:
        state = await stored(self._url, self.tab.thread or "")
        self.tab.hold_to(state, 0.0)
        said = [step.output for step in state.steps if step.type == "user_message"]
        mine = [text for text in said if text.startswith(self._name)]
        assert mine[: len(self.outbox.released)] == self.outbox.released
        assert mine == self.outbox.said[: len(mine)]


async def test_two_processes_take_a_thread_from_each_other_and_every_message_is_there_once(
    tabs: tuple[Witness, Witness], url: str, campaign: Any
) -> None:
    messages = campaign.of("messages", 500, 40)
    first, second = tabs
    await first.connect()
    await first.ask("hello", "1")
    await first.until(lambda: first.state.saved.seq >= first.position - 1)
    second.thread = first.thread
    await second.connect()
    owners = [Owner(name, tab, url, campaign.random) for name, tab in zip(("here", "there"), tabs, strict=True)]
    await asyncio.gather(*(owner.talk(messages // 2) for owner in owners))
    for owner in owners:
        await owner.hold()
        assert owner.outbox.released == owner.outbox.said
    campaign.done["times taken back"] = sum(owner.returns for owner in owners)
