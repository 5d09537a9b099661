"""What passes between the page and the app: window messages, toasts, tokens used, work shown."""

from __future__ import annotations

import asyncio
from typing import Any

import convo
import pytest
from convo.protocol import PostWindowMessage, Toast, WindowMessage, new_id
from convo.testing import ChatClient


async def test_the_page_around_the_chat_talks_with_the_app() -> None:
    app = convo.App()

    @app.on_window_message
    async def answer(data: Any) -> None:
        await convo.send_window_message({"got": data})

    async with ChatClient(app) as chat:
        await chat.post_window_message({"page": "/prices", "items": [1, None]})
        await chat.until(lambda: chat.passed(WindowMessage))
        [message] = chat.passed(WindowMessage)
        assert message.data == {"got": {"page": "/prices", "items": [1, None]}}
        assert message.to == chat.hello.connection


async def test_a_message_that_nobody_listens_to_does_nothing() -> None:
    async with ChatClient(convo.App()) as chat:
        answer = await chat.command(PostWindowMessage(id=new_id(), data="hello"))
        assert answer.ok
        assert not chat.state.runs


async def test_what_passes_reaches_the_tab_that_asked() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        emitter = convo.context.emitter
        await emitter.send_toast("Saved.", "success")
        await emitter.send_toast("Read.")
        await emitter.send_window_message("done")

    async with ChatClient(app) as chat:
        other = await chat.tab()
        await chat.send("hi")
        await other.until(lambda: any(run.ended_at for run in other.state.runs.values()))
        assert [(toast.message, toast.type) for toast in chat.passed(Toast)] == [
            ("Saved.", "success"),
            ("Read.", "info"),
        ]
        assert other.passed(Toast) == []
        assert other.passed(WindowMessage) == []


async def test_who_comes_back_by_another_name_is_still_told() -> None:
    app = convo.App()
    goes_on = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await goes_on.wait()
        await convo.context.emitter.send_toast("Welcome back.")

    async with ChatClient(app) as chat:
        run = await chat.post("hi")
        chat.drop()
        await chat.connect()
        goes_on.set()
        await chat.reply(run)
        assert [toast.message for toast in chat.passed(Toast)] == ["Welcome back."]


async def test_what_cannot_be_shown_is_the_authors_error() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        emitter = convo.context.emitter
        with pytest.raises(ValueError, match="`loud`"):
            await emitter.send_toast("hi", "loud")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await convo.send_window_message(object())
        for wrong in (-1, 1.5, True, "3"):
            with pytest.raises(ValueError, match="number of tokens"):
                await emitter.update_token_count(wrong)  # type: ignore[arg-type]

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).status == "done"


async def test_tokens_add_up_and_stay() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.context.emitter.update_token_count(120)

    async with ChatClient(app) as chat:
        await chat.send("one")
        await chat.send("two")
        assert chat.state.fields["usage"] == {"tokens": 240}
        assert (await chat.tab()).state.fields["usage"] == {"tokens": 240}


async def test_a_task_that_outlives_its_callback_shows_that_it_works() -> None:
    app = convo.App()
    goes_on = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        emitter = convo.context.emitter
        await emitter.task_start()  # of its own accord it shows already
        await emitter.task_end()
        tasks.add(asyncio.create_task(work()))

    async def work() -> None:
        emitter = convo.context.emitter
        await asyncio.sleep(0)
        await emitter.task_start()
        await emitter.task_start()
        await goes_on.wait()
        await emitter.task_end()
        await emitter.task_end()

    async with ChatClient(app) as chat:
        await chat.send("hi")
        await chat.until(lambda: "task running" in seen(chat))
        assert seen(chat) == ["on_message done", "task running"]
        goes_on.set()
        await chat.until(lambda: seen(chat) == ["on_message done", "task done"])


def seen(chat: ChatClient) -> list[str]:
    return [f"{run.callback} {run.status}" for run in chat.state.runs.values()]


async def test_outside_a_callback_there_is_no_page() -> None:
    with pytest.raises(convo.NoContextError):
        await convo.send_window_message("hi")
