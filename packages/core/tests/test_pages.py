"""Long threads: a reader begins with the last turns and loads older ones, while the thread goes on."""

import asyncio
from typing import Any

import convo
import pytest
from convo import App
from convo.datalayer import DataLayer
from convo.memory import MemoryDataLayer
from convo.protocol import CommandError, Page, Snapshot, Step, new_id
from convo.testing import ChatClient


@pytest.fixture
def app() -> App:
    app = App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        match message.content.split():
            case ["fill", count]:
                for number in range(int(count)):
                    await convo.Message(f"Question {number}", type="user_message").send()
                    await convo.Message(f"Answer {number}", elements=[convo.Text(name="note", content="n")]).send()
            case ["count", count]:
                reply = convo.Message()
                for number in range(int(count)):
                    await reply.stream_token(f"{number} ")
                    await asyncio.sleep(0)
                await reply.update()
            case ["ask"]:
                asked = await convo.AskUserMessage("Which one?", timeout=60).send()
                await convo.Message(f"You said {asked and asked['output']}").send()
            case _:
                await convo.Message(f"echo {message.content}").send()

    @app.on_chat_resume
    async def resume(thread: Any) -> None:
        pass

    return app


def questions(chat: ChatClient) -> list[str]:
    return [step.output for step in chat.messages if step.type == "user_message"]


def everything(chat: ChatClient) -> Any:
    """What a client has, without the order among what hangs on different steps."""
    view = chat.state.view()
    names = ("runs", "elements", "actions", "asks", "calls", "deliveries")
    return view.steps, view.leaf, [sorted(getattr(view, name), key=lambda entry: entry.id) for name in names]


async def test_a_long_thread_begins_with_its_last_turns_and_older_ones_follow(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 30")
        tab = await chat.tab(turns=5)

        assert questions(tab) == [f"Question {number}" for number in range(25, 30)]
        assert tab.state.window is not None
        assert tab.state.window.more
        assert tab.elements(tab.messages[-1])
        assert await tab.page(10)
        assert questions(tab) == [f"Question {number}" for number in range(15, 30)]
        while await tab.page(10):
            pass

        assert questions(tab) == ["fill 30", *(f"Question {number}" for number in range(30))]
        assert everything(tab) == everything(chat)
        assert not await tab.page(), "there is nothing before the first message"


async def test_a_thread_that_is_not_long_comes_whole_and_has_no_window(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 4")
        tab = await chat.tab(turns=40)

        assert tab.state.window is None
        assert everything(tab) == everything(chat)


async def test_nothing_is_lost_or_doubled_of_what_is_said_while_pages_are_loaded(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 60")
        tab = await chat.tab(turns=3)
        run = await chat.post("count 3000")
        await tab.until(lambda: tab.messages[-1].output.startswith("0 "))
        while await tab.page(7):
            if tab.position % 3 == 0:
                tab.drop()
                await tab.connect()
            assert tab.messages[-1].output.split() == [str(n) for n in range(len(tab.messages[-1].output.split()))]
        reply = await tab.reply(run)
        await chat.reply(run)

        assert reply.content.split() == [str(number) for number in range(3000)]
        assert everything(tab) == everything(chat)


async def test_a_client_that_comes_back_keeps_what_it_had_loaded(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 30")
        tab = await chat.tab(turns=3)
        await tab.page(3)
        tab.drop()
        await chat.send("hello")
        await tab.connect()
        await tab.until(lambda: tab.position == chat.position)

        assert not [frame for frame in tab.frames[2:] if isinstance(frame, Snapshot)]
        assert questions(tab)[0] == "Question 24"
        assert questions(tab)[-1] == "hello"


async def test_what_waits_for_an_answer_is_there_however_far_up_it_was_asked(app: App) -> None:
    async with ChatClient(app) as chat:
        run = await chat.post("ask")
        ask = await chat.asked()
        tab = await chat.tab(turns=2)
        session = chat.directory.sessions[0]
        for number in range(20):
            session.conversation.open(Step(id=f"u{number}", type="user_message", output=f"Question {number}"))
        late = await chat.tab(turns=2)

        assert questions(late) == ["Question 18", "Question 19"]
        assert [one.id for one in late.asks] == [ask.id]
        assert late.state.runs[run].status == "running"
        await late.answer("the red one")
        assert (await late.reply(run)).status == "done"
        await tab.until(lambda: not tab.asks)


async def test_a_message_that_is_not_loaded_is_loaded_with_all_after_it(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 30")
        wanted = next(step for step in chat.messages if step.output == "Answer 7")
        tab = await chat.tab(turns=3)
        await tab.page(1, to=wanted.id)

        assert wanted.id in tab.state.steps
        assert questions(tab)[0] == "Question 7"


async def test_a_branch_that_is_not_loaded_can_be_shown(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("one")
        first = chat.messages[-1]
        await chat.send("two")
        await chat.send("fill 30")
        tab = await chat.tab(turns=3)
        await tab.show_branch(first.id)
        assert tab.messages == []

        await tab.page(3, to=first.id)

        assert [step.output for step in tab.messages] == ["one", "echo one"]


async def test_a_stored_thread_is_read_by_pages_as_a_live_one(app: App) -> None:
    layer: DataLayer = MemoryDataLayer()
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("fill 30")
        thread, principal, whole = chat.thread_id, chat.principal, chat.state.view()
    async with ChatClient(app, data_layer=layer, thread=thread, principal=principal, turns=5) as again:
        assert questions(again) == [f"Question {number}" for number in range(25, 30)]
        while await again.page(9):
            pass

        assert [step.id for step in again.state.view().steps] == [step.id for step in whole.steps]


async def test_long_turns_make_short_pages(app: App) -> None:
    async with ChatClient(app) as chat:
        session = chat.directory.sessions[0]
        for number in range(40):
            session.conversation.open(Step(id=f"u{number}", type="user_message", output=f"Question {number}"))
            session.conversation.open(Step(id=f"a{number}", type="assistant_message", output="long " * 20_000))
        tab = await chat.tab(turns=40)

        assert questions(tab) == ["Question 37", "Question 38", "Question 39"]


async def test_a_thread_in_which_nobody_but_the_app_speaks_is_not_sent_whole(app: App) -> None:
    async with ChatClient(app) as chat:
        session = chat.directory.sessions[0]
        for number in range(2_000):
            session.conversation.open(Step(id=f"a{number}", type="assistant_message", output=f"News {number}"))
        tab = await chat.tab(turns=40)

        assert 500 < len(tab.messages) < 1_500
        while await tab.page(40):
            pass
        assert len(tab.messages) == 2_000


async def test_bad_pages_are_refused_and_change_nothing(app: App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("fill 30")
        tab = await chat.tab(turns=3)
        before = everything(tab)

        for client, page, code in (
            (chat, Page(id=new_id(), before=""), "invalid"),
            (tab, Page(id=new_id(), before="", turns=0), "invalid"),
            (tab, Page(id=new_id(), before="", turns=10**9), "invalid"),
            (tab, Page(id=new_id(), before="", to="nowhere"), "not-found"),
        ):
            with pytest.raises(CommandError) as caught:
                await client.command(page)
            assert caught.value.failure.code == code
        with pytest.raises(CommandError) as caught:
            await chat.tab(turns=0)
        assert caught.value.failure.code == "invalid"
        assert everything(tab) == before
