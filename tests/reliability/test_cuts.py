"""Streams that are cut wherever it may hurt, and come back: nothing is lost and nothing is doubled."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from convo.protocol import new_id

from tests.reliability.tab import Tab
from tests.reliability.wire import CUTS, EventStream, Polling, Transport, WebSocket

pytestmark = pytest.mark.timeout(900)

DELTAS = 2000
TEXT = "".join(f"{number} " for number in range(DELTAS))
CUTS_PER_TAB = 5
TABS = 50  # at a time
APP = """
import asyncio, time, convo

@convo.on_message
async def count(message: convo.Message):
    if message.content.startswith("fill "):
        for number in range(int(message.content[5:])):
            await convo.Message(f"Question {number}", type="user_message").send()
            await convo.Message(f"Answer {number}", elements=[convo.Text(name="note", content="n")]).send()
        return
    last, seconds = (float(part) for part in message.content.split())
    reply, start = convo.Message(), time.monotonic()
    for number in range(int(last)):
        await reply.stream_token(f"{number} ")
        if (wait := start + seconds * number / last - time.monotonic()) > 0.005:
            await asyncio.sleep(wait)
"""


@pytest.mark.parametrize("kind", [WebSocket, EventStream, Polling])
async def test_a_stream_cut_anywhere_comes_whole(
    kind: type[Transport], serve: Any, open_tab: Any, campaign: Any
) -> None:
    cuts = campaign.of("cuts", 1000, 20)
    outage = campaign.of("milliseconds of outage at most", 5000, 600) / 1000
    server = await serve(app=APP)

    async def chat(number: int) -> Tab:
        tab: Tab = await open_tab(server, kind)
        await watch(tab, f"{DELTAS} {3 * outage}", outage, campaign.random)
        return tab

    for start in range(0, cuts // CUTS_PER_TAB, TABS):
        numbers = range(start, min(start + TABS, cuts // CUTS_PER_TAB))
        tabs = await asyncio.gather(*(chat(number) for number in numbers))
        await asyncio.gather(*(tab.agree() for tab in tabs))
        await asyncio.gather(*(tab.leave() for tab in tabs))
    assert server.complaints == []


async def test_two_tabs_of_one_chat_are_cut_each_by_itself(serve: Any, open_tab: Any, campaign: Any) -> None:
    cuts = campaign.of("cuts", 1000, 20)
    outage = campaign.of("milliseconds of outage at most", 5000, 600) / 1000
    server = await serve(app=APP)

    async def chat(number: int) -> tuple[Tab, Tab]:
        one: Tab = await open_tab(server)
        other: Tab = await open_tab(server, campaign.random.choice([WebSocket, EventStream, Polling]), beside=one)
        await asyncio.gather(
            watch(one, f"{DELTAS} {3 * outage}", outage, campaign.random),
            watch(other, None, outage, campaign.random),
        )
        return one, other

    for start in range(0, cuts // CUTS_PER_TAB, TABS):
        numbers = range(start, min(start + TABS, cuts // CUTS_PER_TAB), 2)
        pairs = await asyncio.gather(*(chat(number) for number in numbers))
        tabs = [tab for pair in pairs for tab in pair]
        await asyncio.gather(*(tab.agree() for tab in tabs))
        await asyncio.gather(*(tab.leave() for tab in tabs))
    assert server.complaints == []


async def test_pages_that_are_loaded_while_an_answer_comes_are_cut_too(
    serve: Any, open_tab: Any, campaign: Any
) -> None:
    cuts = campaign.of("cuts", 1000, 20)
    outage = campaign.of("milliseconds of outage at most", 5000, 600) / 1000
    dice = campaign.random
    server = await serve(app=APP)

    async def chat(number: int) -> list[Tab]:
        writer: Tab = await open_tab(server)
        await writer.ask("fill 60", "fill")
        tab: Tab = await open_tab(server, dice.choice([WebSocket, Polling]), beside=writer, turns=2)
        assert tab.place
        writer.say(f"{DELTAS} {3 * outage}", "question")
        for _ in range(CUTS_PER_TAB):
            tab.command("page", before=tab.oldest, turns=dice.randrange(1, 9), id=new_id())
            await asyncio.sleep(dice.choice([0, dice.uniform(0, 0.02), dice.uniform(0, outage)]))
            await tab.hang_up(dice.choice(CUTS))
            await asyncio.sleep(dice.uniform(0, outage))
            await tab.connect()
        await tab.until(lambda: tab.answers[-1:] == [TEXT])
        await tab.agree()
        while tab.place:
            await tab.page(9)
        assert tab.questions[:2] == ["fill 60", "Question 0"]
        return [writer, tab]

    for start in range(0, cuts // CUTS_PER_TAB, TABS // 2):
        numbers = range(start, min(start + TABS // 2, cuts // CUTS_PER_TAB))
        tabs = [tab for pair in await asyncio.gather(*(chat(number) for number in numbers)) for tab in pair]
        await asyncio.gather(*(tab.agree() for tab in tabs))
        await asyncio.gather(*(tab.leave() for tab in tabs))
    assert server.complaints == []


async def watch(tab: Tab, question: str | None, outage: float, dice: random.Random) -> None:
    """Ask, or see the other tab ask; be cut some times from before the first delta to after the last; see it whole."""
    points = sorted(dice.randrange(-DELTAS // 10, DELTAS + DELTAS // 10) for _ in range(CUTS_PER_TAB))
    answer = None if question is None else tab.say(question, "question")
    for point in points:
        if point >= DELTAS:
            await tab.until(lambda: tab.is_answered)
        elif point > 0:
            await tab.until(lambda point=point: tab.position >= point)  # type: ignore[misc]
        elif point % 2:
            await asyncio.sleep(0)
        await tab.hang_up(dice.choice(CUTS))
        await asyncio.sleep(dice.uniform(0, outage))
        await tab.connect()
        if question is not None and answer is not None and (not answer.done() or answer.cancelled()):
            answer = tab.say(question, "question")
    await tab.until(lambda: tab.is_answered)
    assert tab.answers == [TEXT]
