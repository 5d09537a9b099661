"""Commands whose acknowledgement is lost, and commands that are sent twice, are done once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.reliability.tab import Tab
from tests.reliability.wire import CUTS, EventStream, Polling, Transport, WebSocket

pytestmark = pytest.mark.timeout(600)

CHATS = 10
APP = """
import convo

@convo.on_message
async def echo(message: convo.Message):
    await convo.Message(f"heard {message.content}").send()
"""
GENEROUS = {
    "LIMITS__CONNECTIONS_PER_PRINCIPAL": "10000",  # a silent cut is an open connection until its ping is overdue
    "LIMITS__COMMANDS_PER_SECOND": "1000",
}


@pytest.mark.parametrize("kind", [WebSocket, Polling, EventStream])
async def test_a_message_whose_acknowledgement_is_lost_is_there_once(
    kind: type[Transport], serve: Any, open_tab: Any, campaign: Any
) -> None:
    messages = campaign.of("messages", 500, 40) // CHATS
    dice = campaign.random
    server = await serve(app=APP, settings=GENEROUS)

    async def chat() -> None:
        tab: Tab = await open_tab(server, kind)
        texts = [f"message {number}" for number in range(messages)]
        for text in texts:
            await insist(tab, text)
        await tab.until(lambda: tab.is_answered)
        assert tab.questions == texts
        assert tab.answers == [f"heard {text}" for text in texts]
        await tab.agree()

    async def insist(tab: Tab, text: str) -> None:
        """Send it, be cut before the answer can be known, and send it again until there is one; sometimes twice."""
        for _ in range(dice.randrange(1, 3)):
            tab.say(text, f"id of {text}")
            await asyncio.sleep(dice.choice([0, 0, 0.001, 0.003, 0.01]))
            await tab.hang_up(dice.choice(CUTS))
            await tab.connect()
        answers = [tab.say(text, f"id of {text}") for _ in range(dice.randrange(1, 3))]
        first, *others = [await tab.told(answer) for answer in answers]
        assert first["ok"], first
        assert all(other == first for other in others)
        await tab.until(lambda: tab.position >= first["seq"])

    await asyncio.gather(*(chat() for _ in range(CHATS)))
    assert server.complaints == []
