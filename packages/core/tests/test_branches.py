"""Branches: what an edit, a new answer and a turn to another branch do to a conversation."""

import asyncio
from typing import Any

import convo
import pytest
from convo.protocol import CommandError, Step
from convo.testing import ChatClient


@pytest.fixture
def contexts() -> list[list[str]]:
    return []


@pytest.fixture
def app(contexts: list[list[str]]) -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        contexts.append([known.content for known in convo.chat_context.get()])
        await convo.Message(f"re: {message.content}").send()

    return app


def said(chat: ChatClient) -> list[str]:
    return [message.output for message in chat.messages]


async def test_the_context_follows_the_shown_branch_when_message_2_of_5_is_edited(
    app: convo.App, contexts: list[list[str]]
) -> None:
    async with ChatClient(app) as chat:
        for text in "abcde":
            await chat.send(text)
        second, old_leaf = chat.messages[2], chat.messages[-1].id
        await chat.edit(second.id, "B")

        assert said(chat) == ["a", "re: a", "B", "re: B"]
        assert contexts[-1] == ["a", "re: a", "B"]
        await chat.send("C")
        assert contexts[-1] == ["a", "re: a", "B", "re: B", "C"]
        await chat.show_branch(old_leaf)
        await chat.send("f")
        assert contexts[-1] == [word for text in "abcde" for word in (text, f"re: {text}")] + ["f"]
        assert [step.output for step in chat.siblings(second.id)] == ["b", "B"]
        tab = await chat.tab()
        assert said(tab) == said(chat)


async def test_an_edited_message_keeps_its_files_and_its_command_but_not_what_the_app_showed_with_it() -> None:
    app = convo.App()
    seen: list[tuple[Any, ...]] = []

    @app.on_chat_start
    async def offer() -> None:
        await convo.context.emitter.set_commands([{"id": "draw", "description": "Draws", "icon": "image"}])

    @app.on_message
    async def answer(message: convo.Message) -> None:
        names = [element.name for element in message.elements]
        seen.append((message.content, message.command, names))
        await convo.Text(name="seen", content="noted").send(for_id=message.id)

    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.state.fields.get("commands"))
        file = await chat.upload(b"a,b\n1,2\n", "table.csv")
        await chat.send("look", files=[file], command="draw")
        first = chat.messages[0]
        await chat.edit(first.id, "look again")

        assert seen == [("look", "draw", ["table.csv"]), ("look again", "draw", ["table.csv"])]
        kept = [element for element in chat.elements(chat.messages[-1]) if element.name == "table.csv"]
        assert [await chat.read(element) for element in kept] == [b"a,b\n1,2\n"]
        assert [element.name for element in chat.elements(first)] == ["table.csv", "seen"]


async def test_turning_back_to_the_old_answer_does_not_divert_the_new_one() -> None:
    app = convo.App()
    release = asyncio.Event()
    release.set()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await release.wait()
        await convo.Message(f"re: {message.content}").send()

    async with ChatClient(app) as chat:
        await chat.send("one")
        question, old = chat.messages
        release.clear()
        again = asyncio.create_task(chat.regenerate(old.id))
        await chat.until(lambda: chat.state.leaf == question.id)
        await chat.show_branch(old.id)
        release.set()
        new = (await again).messages[0]

        assert new.prior_id == question.id
        assert [step.id for step in chat.messages] == [question.id, old.id]
        assert [step.id for step in chat.siblings(old.id)] == [old.id, new.id]


async def test_a_new_answer_to_one_with_a_question_in_it_starts_from_the_first_message() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.AskUserMessage("Which one?").send()
        await convo.Message(f"{message.content} {reply['output'] if reply else ''}").send()

    async with ChatClient(app) as chat:
        run = await chat.post("the")
        await chat.answer("red")
        await chat.reply(run)
        assert said(chat) == ["the", "Which one?", "red", "the red"]
        for refused in (chat.edit(chat.messages[2].id, "blue"), chat.regenerate(chat.messages[2].id)):
            with pytest.raises(CommandError) as caught:
                await refused
            assert caught.value.failure.code == "invalid"
        again = asyncio.create_task(chat.regenerate(chat.messages[3].id))
        await chat.answer("blue")
        await again

        assert said(chat) == ["the", "Which one?", "blue", "the blue"]


async def test_messages_that_wait_are_answered_after_the_edit_that_takes_the_running_ones_place() -> None:
    app = convo.App()
    release = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await release.wait()
        await convo.Message(f"re: {message.content}").send()

    async with ChatClient(app) as chat:
        await chat.post("one")
        await chat.until(lambda: chat.messages)
        waiting = await chat.post("next")
        edit = asyncio.create_task(chat.edit(chat.messages[0].id, "1"))
        await chat.until(lambda: said(chat) == ["1"])
        release.set()
        await edit
        await chat.reply(waiting)

        assert said(chat) == ["1", "re: 1", "next", "re: next"]


async def test_what_is_no_message_of_ones_own_cannot_be_edited_nor_a_greeting_be_answered_again() -> None:
    app = convo.App()

    @app.on_chat_start
    async def greet() -> None:
        await convo.Message("Hello!").send()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    async with ChatClient(app) as chat:
        await chat.send("hi")
        greeting, question, reply = chat.messages
        position = chat.position
        for refused, code in (
            (chat.edit(reply.id, "no"), "invalid"),
            (chat.edit(question.id, "  "), "invalid"),
            (chat.edit("nobody", "x"), "not-found"),
            (chat.regenerate(greeting.id), "invalid"),
            (chat.show_branch("nobody"), "not-found"),
        ):
            with pytest.raises(CommandError) as caught:
                await refused
            assert caught.value.failure.code == code
        assert chat.position == position


async def test_an_app_may_refuse_edits_and_its_page_knows() -> None:
    app = convo.App({"features": {"edit_message": False}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    async with ChatClient(app) as chat:
        await chat.send("hi")
        with pytest.raises(CommandError, match="does not let"):
            await chat.edit(chat.messages[0].id, "x")
        assert (await app.info()).edit is False
        assert (await chat.regenerate(chat.messages[1].id)).content == "yes"


async def test_what_is_for_the_model_alone_stays_on_its_branch_and_in_its_place() -> None:
    app = convo.App()
    contexts: list[list[str]] = []

    @app.on_chat_start
    def begin() -> None:
        convo.chat_context.add(convo.Message("be kind", type="system_message"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        convo.chat_context.add(convo.Message(f"found {message.content}", type="system_message"))
        contexts.append([known.content for known in convo.chat_context.get()])
        await convo.Message(f"re: {message.content}").send()

    async with ChatClient(app) as chat:
        await chat.send("a")
        await chat.send("b")
        await chat.edit(chat.messages[2].id, "B")

        assert contexts[-1] == ["be kind", "a", "found a", "re: a", "B", "found B"]


async def test_branches_outlive_the_process(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("one")
        old: Step = chat.messages[0]
        await chat.edit(old.id, "two")
        await chat.show_branch(chat.siblings(old.id)[0].id)
    async with ChatClient(app, data_layer=layer, principal=chat.principal, thread=chat.thread_id) as later:
        assert [step.output for step in later.siblings(old.id)] == ["one", "two"]
        assert said(later) == ["one"]
