"""The tour, `convo hello`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from convo.loader import load_app
from convo.testing import ChatClient

HELLO = Path(__file__).parents[1] / "src" / "convo_cli" / "hello_app.py"
pytestmark = pytest.mark.usefixtures("own_imports")


async def test_it_answers_with_markdown_and_counts() -> None:
    async with ChatClient(load_app(str(HELLO))) as chat:
        first = await chat.send("good morning")
        second = await chat.send("again")

        assert first.content.startswith("## You said: good morning")
        assert "message **1**" in first.content
        assert "message **2**" in second.content
        assert "```python" in second.content
        assert [str(step) for step in first.steps] == ["Think(Look up)"]


async def test_it_shows_nested_steps() -> None:
    async with ChatClient(load_app(str(HELLO))) as chat:
        started = time.monotonic()
        reply = await chat.send("steps")

        assert [str(step) for step in reply.steps] == ["Research(weather(Look up), weather(Look up), Compare)"]
        assert '"sky": "clear"' in reply.steps[0].children[0].step.output
        assert 1.5 < time.monotonic() - started < 5


async def test_it_shows_an_error_and_goes_on() -> None:
    async with ChatClient(load_app(str(HELLO))) as chat:
        assert (await chat.send("error")).status == "failed"
        assert (await chat.send("hi")).status == "done"


async def test_its_long_answer_can_be_stopped() -> None:
    async with ChatClient(load_app(str(HELLO))) as chat:
        run = await chat.post("long")
        await chat.until(lambda: "3 " in chat.messages[-1].output)
        await chat.stop(run)
        reply = await chat.reply(run)

        assert reply.status == "stopped"
        assert reply.content.startswith("1 2 3")


async def test_its_blocking_code_holds_up_nobody() -> None:
    async with ChatClient(load_app(str(HELLO))) as chat:
        other = await chat.new_chat()
        slow = asyncio.create_task(chat.send("slow"))
        assert (await other.send("hi")).status == "done"
        assert not slow.done()
        assert (await slow).status == "done"


def test_a_newcomer_can_read_it() -> None:
    assert len(HELLO.read_text().splitlines()) <= 90
