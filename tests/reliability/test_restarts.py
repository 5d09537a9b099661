"""Servers that end in mid-stream, politely or not: everybody is told, returns, and finds what was saved."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab

pytestmark = pytest.mark.timeout(300)

SQLITE = {"DATA__URL": "sqlite:///history.db"}
APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    if not message.content.startswith("count"):
        if message.content.startswith("slow"):
            await asyncio.sleep(0.2)
        await convo.Message("heard " + message.content).send()
        return
    reply = convo.Message()
    for number in range(100_000):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.05)
"""
COUNT = "".join(f"{number} " for number in range(10_000))


async def test_a_shutdown_under_load_tells_everybody_and_loses_nothing(
    serve: Any, open_tab: Any, campaign: Any
) -> None:
    streams = campaign.of("streams", 200, 50)
    server: Server = await serve(app=APP, settings=SQLITE)
    tabs: list[Tab] = await asyncio.gather(*(open_tab(server) for _ in range(streams)))
    await asyncio.gather(*(tab.say("count", "question") for tab in tabs))
    await asyncio.gather(*(hears(tab, 40) for tab in tabs))

    began = time.monotonic()
    code = await server.end()
    seconds = time.monotonic() - began
    await asyncio.gather(*(tab.ended() for tab in tabs))

    assert code == 0
    assert seconds < 8
    assert server.complaints == []
    for tab in tabs:
        assert [notice.type for notice in tab.notices] == ["shutting-down"]
        assert tab.state.ended == "shutdown"
        assert tab.runs == ["stopped"]
    heard = [tab.answers for tab in tabs]
    assert all(COUNT.startswith(answer) and len(answer) > 40 for [answer] in heard)

    await server.start()
    await asyncio.gather(*(tab.come_back() for tab in tabs))
    await asyncio.gather(*(tab.agree() for tab in tabs))
    assert all(tab.questions == ["count"] and tab.runs == ["stopped"] for tab in tabs)
    assert [tab.answers for tab in tabs] == heard
    assert server.complaints == []


async def test_a_server_that_is_killed_loses_nothing_it_said_was_saved(
    serve: Any, open_tab: Any, campaign: Any
) -> None:
    kills = campaign.of("kills", 20, 1)
    chats = campaign.of("chats", 25, 10)
    dice = campaign.random
    server: Server = await serve(app=APP, settings=SQLITE)
    tabs: list[Tab] = await asyncio.gather(*(open_tab(server) for _ in range(chats)))

    outboxes: dict[Tab, dict[str, int | None]] = {tab: {} for tab in tabs}
    safe: dict[Tab, list[str]] = {tab: ["hello"] for tab in tabs}

    def empty_outbox(tab: Tab) -> None:
        """Forget what was reported saved, as a client does."""
        for text, seq in list(outboxes[tab].items()):
            if seq is not None and tab.state.saved.seq >= seq:
                del outboxes[tab][text]
                safe[tab].append(text)

    async def talk(tab: Tab, kill: int) -> None:
        """Say things until the server is gone."""
        try:
            for number in range(1000):
                text = f"{dice.choice(['quick', 'slow'])} {kill}.{number}"
                outboxes[tab][text] = None
                answer = await tab.told(tab.say(text, text))
                assert answer["ok"], answer
                outboxes[tab][text] = answer["seq"]
                empty_outbox(tab)
                await asyncio.sleep(dice.uniform(0.05, 0.15))
        except (OSError, asyncio.IncompleteReadError):
            empty_outbox(tab)

    async def return_and_look(tab: Tab) -> None:
        await tab.come_back()
        there = tab.questions
        assert all(there.count(text) == 1 for text in safe[tab]), f"{safe[tab]} but {there}"
        for text in outboxes[tab]:
            answer = await tab.told(tab.say(text, text))
            assert answer["ok"], answer
            await tab.until(lambda seq=answer["seq"]: tab.position >= seq)  # type: ignore[misc]
        await tab.until(lambda: tab.is_answered)
        await tab.until(lambda: tab.state.saved.seq >= tab.position - 1)
        there = tab.questions
        assert all(there.count(text) == 1 for text in outboxes[tab]), f"{outboxes[tab]} but {there}"
        safe[tab] += outboxes[tab]
        outboxes[tab].clear()
        await tab.agree()

    async def begin(tab: Tab) -> None:
        await tab.ask("hello", "hello")
        await tab.until(lambda: tab.state.saved.seq >= tab.position - 1)

    await asyncio.gather(*(begin(tab) for tab in tabs))
    for kill in range(kills):
        talking = asyncio.gather(*(talk(tab, kill) for tab in tabs))
        await asyncio.sleep(dice.uniform(0.1, 1))  # the dice, not luck: whenever it is killed, the law holds
        await server.end(signal.SIGKILL)
        await talking
        await server.start()
        await asyncio.gather(*(return_and_look(tab) for tab in tabs))
    assert server.complaints == []


async def hears(tab: Tab, characters: int) -> None:
    await tab.until(lambda: tab.heard > characters)


async def test_an_answer_that_a_kill_cut_off_is_there_as_far_as_it_was_saved(serve: Any, open_tab: Any) -> None:
    server: Server = await serve(app=APP, settings=SQLITE)
    tab: Tab = await open_tab(server)
    await tab.say("count", "question")
    await tab.until(lambda: tab.surely_saved > 40)
    await server.end(signal.SIGKILL)
    await tab.ended()
    saved = tab.surely_saved

    await server.start()
    await tab.come_back()
    assert tab.questions == ["count"]
    assert tab.runs == ["interrupted"]
    assert COUNT.startswith(tab.answers[0])
    assert len(tab.answers[0]) >= saved
    await tab.ask("still there", "next")
    assert tab.answers[1] == "heard still there"


async def test_a_reader_far_behind_gets_what_changed_since(serve: Any, open_tab: Any) -> None:
    turns = 100
    server: Server = await serve(app=APP, settings={"LIMITS__TAIL_EVENTS": "16", "LIMITS__COMMANDS_PER_SECOND": "1000"})
    steady: Tab = await open_tab(server)
    for turn in range(turns):
        await steady.ask(f"question {turn}", f"id {turn}")
    away: Tab = await open_tab(server, beside=steady)
    await away.hang_up()
    for turn in range(turns, turns + 5):
        await steady.ask(f"question {turn}", f"id {turn}")
    await away.connect()
    await away.agree()

    whole, changes = away.snapshots
    assert len(whole.state["steps"]) == 2 * turns
    assert changes.since == whole.to
    assert len(changes.state["steps"]) == 2 * 5
    assert len(changes.state["runs"]) == 5
    assert away.questions == [f"question {turn}" for turn in range(turns + 5)]
