"""Asks, through an App."""

from __future__ import annotations

import asyncio
from pathlib import Path

import convo
import pytest
from convo.protocol import AnswerAsk, CommandError
from convo.run import Client
from convo.testing import ChatClient

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def asking(ask, app=None):
    """An App that asks when it is spoken to, and says what it got."""
    app = app or convo.App()

    @app.on_message
    async def answer(message):
        got = await ask()
        await convo.Message(f"got {got!r}").send()

    return app


async def test_a_text_is_asked_for_and_answered() -> None:
    async def ask():
        answer = await convo.AskUserMessage("Your name?").send()
        return answer["output"], answer["type"]

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        assert chat.state.steps[question.step_id].step.output == "Your name?"
        await chat.answer("Ada")
        assert (await chat.reply(run)).content == "Your name?\ngot ('Ada', 'user_message')"
        assert [message.output for message in chat.messages] == [
            "hi",
            "Your name?",
            "Ada",
            "got ('Ada', 'user_message')",
        ]


async def test_nobody_answers_in_time() -> None:
    async def ask():
        return await convo.AskUserMessage("Well?", timeout=0.01).send()

    async with ChatClient(asking(ask)) as chat:
        assert (await chat.send("hi")).content.endswith("got None")
        [late] = chat.state.asks.values()
        assert late.outcome == "timed-out"
        with pytest.raises(CommandError) as refused:
            await chat.answer("too late", late)
        assert refused.value.failure.code == "expired"


async def test_nobody_answers_in_time_and_the_app_wants_to_know() -> None:
    async def ask():
        try:
            await convo.AskUserMessage("Well?", timeout=0.01, raise_on_timeout=True).send()
        except TimeoutError as error:
            return str(error)

    async with ChatClient(asking(ask)) as chat:
        assert "within 0.01 s" in (await chat.send("hi")).content


async def test_an_ask_is_answered_once_and_every_tab_sees_it() -> None:
    async def ask():
        return (await convo.AskUserMessage("Well?").send())["output"]

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        tab = await chat.tab()
        assert [seen.id for seen in tab.asks] == [question.id]
        await tab.answer("first")
        with pytest.raises(CommandError) as refused:
            await chat.answer("second", question)
        assert refused.value.failure.code == "conflict"
        assert (await chat.reply(run)).content.endswith("got 'first'")
        assert chat.state.asks[question.id].answer == "first"


async def test_an_ask_outlives_its_connection() -> None:
    async def ask():
        return (await convo.AskUserMessage("Well?").send())["output"]

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        await chat.asked()
        chat.drop()
        await chat.connect()
        await chat.answer("still here")
        assert (await chat.reply(run)).content.endswith("got 'still here'")


async def test_an_ask_is_cancelled_by_the_user_and_by_a_stop() -> None:
    async def ask():
        return await convo.AskUserMessage("Well?").send()

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        await chat.cancel_ask()
        assert (await chat.reply(run)).content.endswith("got None")
        run = await chat.post("again")
        question = await chat.asked()
        await chat.stop()
        assert (await chat.reply(run)).status == "stopped"
        assert chat.state.asks[question.id].outcome == "cancelled"


async def test_an_ask_is_cancelled_with_the_task_that_asks() -> None:
    async def ask():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await convo.AskUserMessage("Well?").send()

    async with ChatClient(asking(ask)) as chat:
        await chat.send("hi")
        assert [ask.outcome for ask in chat.state.asks.values()] == ["cancelled"]


async def test_a_button_is_chosen() -> None:
    async def ask():
        actions = [convo.Action("yes", {"value": 1}, label="Yes"), convo.Action("no", {"value": 0}, label="No")]
        chosen = await convo.AskActionMessage("Sure?", actions).send()
        return chosen["name"], chosen["payload"]

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        with pytest.raises(CommandError) as refused:
            await chat.answer("maybe")
        assert refused.value.failure.code == "invalid"
        await chat.answer("No")
        assert (await chat.reply(run)).content.endswith("got ('no', {'value': 0})")
        assert chat.state.asks[question.id].answer == {"id": question.spec["actions"][1], "label": "No"}
        assert not chat.state.actions


async def test_a_file_is_given() -> None:
    async def ask():
        [file] = await convo.AskFileMessage("A picture?", accept=["image/png"], max_size_mb=0.001).send()
        return file.name, file.type, file.size, Path(file.path).read_bytes() == PNG

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        for content, name, mime, code in (
            (PNG + b"0" * 1000, "a.png", "image/png", "too-large"),
            (b"%PDF-1.7", "a.png", "image/png", "invalid"),
            (b"plain", "a.txt", "text/plain", "invalid"),
            (b"", "a.png", "image/png", "invalid"),
        ):
            with pytest.raises(CommandError) as refused:
                await chat.upload(content, name, mime, question)
            assert refused.value.failure.code == code
        plain = await chat.upload(PNG, "elsewhere.png")
        with pytest.raises(CommandError) as refused:
            await chat.answer(plain)
        assert refused.value.failure.code == "not-found"
        await chat.answer(await chat.upload(PNG, "a.png", None, question))
        assert (await chat.reply(run)).content.endswith("got ('a.png', 'image/png', 108, True)")


async def test_a_component_is_filled_in() -> None:
    async def ask():
        form = convo.CustomElement("Form", props={"name": ""})
        return await convo.AskElementMessage("Who are you?", form).send()

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        assert chat.state.elements[question.spec["elementId"]].props == {"name": ""}
        await chat.answer({"name": "Ada"})
        assert (await chat.reply(run)).content.endswith("got {'name': 'Ada', 'submitted': True}")
        assert not chat.state.elements


async def test_only_the_one_who_was_asked_answers() -> None:
    async def ask():
        question = convo.AskUserMessage("Well?")
        return (await question.send())["output"]

    async with ChatClient(asking(ask)) as chat:
        run = await chat.post("hi")
        question = await chat.asked()
        [session] = chat.directory.sessions
        stranger = Client(principal_id="somebody else")
        with pytest.raises(CommandError) as refused:
            session.questions.answer(AnswerAsk(id="1", ask_id=question.id, value="me!"), stranger)
        assert refused.value.failure.code == "invalid"
        await chat.answer("mine")
        assert (await chat.reply(run)).content.endswith("got 'mine'")


async def test_blocking_code_asks() -> None:
    app = convo.App()

    @app.on_message
    def answer(message):
        got = convo.run_sync(convo.AskUserMessage("Well?").send())
        convo.run_sync(convo.Message(got["output"]).send())

    async with ChatClient(app) as chat:
        run = await chat.post("hi")
        await chat.answer("from a thread")
        assert (await chat.reply(run)).content.endswith("from a thread")


async def test_mistakes_of_an_author() -> None:
    with pytest.raises(ValueError, match="at least one action"):
        convo.AskActionMessage("Sure?", [])
    with pytest.raises(ValueError, match="more than 0"):
        convo.AskUserMessage("Well?", timeout=0)
