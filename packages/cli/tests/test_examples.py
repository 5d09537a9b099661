"""Every example runs, and so does the tour."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from convo.loader import load_app
from convo.testing import ChatClient

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
HELLO = ROOT / "packages" / "cli" / "src" / "convo_cli" / "hello_app.py"


def example(name: str) -> ChatClient:
    return ChatClient(load_app(str(EXAMPLES / name)))


async def test_echo() -> None:
    async with example("echo.py") as chat:
        assert (await chat.send("hi")).content == "You said: hi"


async def test_streaming() -> None:
    async with example("streaming.py") as chat:
        assert (await chat.send("one two")).content == "eno owt "


async def test_steps() -> None:
    async with example("steps.py") as chat:
        reply = await chat.send("apple coffee gold")

        assert reply.content == "2 of 3 found, 7.40 EUR together."
        assert [str(step) for step in reply.steps] == ["Shop(look_up_price, look_up_price, look_up_price)"]
        assert [node.step.is_error for node in reply.steps[0].children] == [False, False, True]


async def test_blocking() -> None:
    async with example("blocking.py") as chat:
        assert (await chat.send("hi")).content == "3 … 2 … 1 … done with 'hi'"


async def test_counter() -> None:
    async with example("counter.py") as chat:
        await chat.send("a")
        assert (await chat.send("b")).content == "That was message 2."
        other = await chat.new_chat()
        assert (await other.send("c")).content == "That was message 1."


async def test_mounted() -> None:
    async with example("mounted.py") as chat:
        assert (await chat.send("hi")).content == "You said: hi"


def test_every_example_has_a_test_and_says_how_to_run_it() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert f"test_{path.stem}" in globals()
        assert f"examples/{path.name}" in path.read_text().split('"""')[1]


class TestHello:
    async def test_it_answers_with_markdown_and_counts(self) -> None:
        async with ChatClient(load_app(str(HELLO))) as chat:
            first = await chat.send("good morning")
            second = await chat.send("again")

            assert first.content.startswith("## You said: good morning")
            assert "message **1**" in first.content
            assert "message **2**" in second.content
            assert "```python" in second.content
            assert [str(step) for step in first.steps] == ["Think(Look up)"]

    async def test_it_shows_nested_steps(self) -> None:
        async with ChatClient(load_app(str(HELLO))) as chat:
            started = time.monotonic()
            reply = await chat.send("steps")

            assert [str(step) for step in reply.steps] == ["Research(weather(Look up), weather(Look up), Compare)"]
            assert '"sky": "clear"' in reply.steps[0].children[0].step.output
            assert 1.5 < time.monotonic() - started < 5

    async def test_it_shows_an_error_and_goes_on(self) -> None:
        async with ChatClient(load_app(str(HELLO))) as chat:
            assert (await chat.send("error")).status == "failed"
            assert (await chat.send("hi")).status == "done"

    async def test_its_long_answer_can_be_stopped(self) -> None:
        async with ChatClient(load_app(str(HELLO))) as chat:
            run = await chat.post("long")
            await chat.until(lambda: "3 " in chat.messages[-1].output)
            await chat.stop(run)
            reply = await chat.reply(run)

            assert reply.status == "stopped"
            assert reply.content.startswith("1 2 3")

    async def test_its_blocking_code_holds_up_nobody(self) -> None:
        async with ChatClient(load_app(str(HELLO))) as chat:
            other = await chat.new_chat()
            slow = asyncio.create_task(chat.send("slow"))
            assert (await other.send("hi")).status == "done"
            assert not slow.done()
            assert (await slow).status == "done"

    def test_a_newcomer_can_read_it(self) -> None:
        assert len(HELLO.read_text().splitlines()) <= 90


@pytest.fixture(autouse=True)
def _keep_the_import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an app puts its folder on the import path, as running it would."""
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
