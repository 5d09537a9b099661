"""What is pending looks the same to a client that was cut as to one that was not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab
from tests.reliability.wire import CUTS, EventStream, Polling, WebSocket

pytestmark = pytest.mark.timeout(600)

APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message("heard " + message.content).send()
    if message.content == "wait":
        await asyncio.Event().wait()
    if message.content == "fail":
        raise ValueError("as it was told")
"""


async def test_running_queued_stopped_and_failed_are_the_same_after_a_cut(serve: Any, open_tab: Any) -> None:
    server: Server = await serve(app=APP)
    steady: Tab = await open_tab(server)
    cut: Tab = await open_tab(server, beside=steady)

    await cut.told(cut.say("wait", "first"))
    await cut.until(lambda: cut.answers == ["heard wait"])
    await cut.hang_up()
    await cut.connect()
    await cut.agree()
    assert cut.runs == ["running"]

    await cut.told(cut.say("fail", "second"))
    await cut.told(cut.say("hello", "third"))
    await cut.hang_up()
    await cut.connect()
    await cut.agree()
    assert cut.runs == ["running", "queued", "queued"]
    assert [run.text for run in cut.view.runs] == [None, "fail", "hello"]

    await cut.hang_up()
    await steady.told(steady.command("stop", id="stop", runId=steady.view.runs[0].id))
    await steady.until(lambda: steady.is_answered)
    await cut.connect()
    await cut.until(lambda: cut.is_answered)
    assert cut.runs == ["stopped", "failed", "done"]
    assert cut.view.runs[1].error is not None
    assert cut.questions == ["wait", "fail", "hello"]

    late: Tab = await open_tab(server, beside=steady)
    for tab in (steady, cut, late):
        await tab.agree()
    assert steady.view.runs == cut.view.runs == late.view.runs


async def test_whatever_is_done_while_a_client_is_cut_it_finds_it_done(
    serve: Any, open_tab: Any, campaign: Any
) -> None:
    chats = campaign.of("chats", 25, 5)
    turns = campaign.of("turns of each", 40, 8)
    dice = campaign.random
    server: Server = await serve(app=APP, settings={"LIMITS__COMMANDS_PER_SECOND": "1000"})

    async def chat() -> None:
        steady: Tab = await open_tab(server)
        cut: Tab = await open_tab(server, dice.choice([WebSocket, Polling, EventStream]), beside=steady)
        for turn in range(turns):
            await cut.hang_up(dice.choice(CUTS))
            for number in range(dice.randrange(3)):
                await act(steady, f"{turn}-{number}")
            await cut.connect()
            await act(cut, f"{turn}-cut")
            await asyncio.gather(steady.agree(), cut.agree())
        await cut.hang_up()
        await steady.told(steady.command("stop", id="at last"))
        await cut.connect()
        await cut.until(lambda: cut.is_answered)
        await cut.agree()

    async def act(tab: Tab, command_id: str) -> None:
        waiting = [run.id for run in tab.view.runs if run.status == "queued"]
        kind = dice.choice(["wait", "fail", "hello", "hello", "stop", "dequeue" if waiting else "stop"])
        if kind == "stop":
            await tab.told(tab.command("stop", id=command_id))
        elif kind == "dequeue":
            await tab.told(tab.command("dequeue", id=command_id, runId=dice.choice(waiting)))
        else:
            await tab.told(tab.say(kind, command_id))

    await asyncio.gather(*(chat() for _ in range(chats)))
    assert not [line for line in server.complaints if "WARNING" in line]  # the app's failures are errors
