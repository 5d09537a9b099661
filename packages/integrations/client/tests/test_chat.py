"""What a program says to an app, and what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import convo
import pytest
from convo.input_widget import Slider
from convo_client import Client, ConflictError, InvalidError, NotFollowedError, NotFoundError, Thread

PATIENCE = 60


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_chat_start
    async def begin() -> None:
        await convo.ChatSettings([Slider(id="heat", label="Heat", initial=1, min=0, max=10, step=1)]).send()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        match message.content:
            case "name":
                said = await convo.AskUserMessage("Who are you?", timeout=300).send()
                yield f"Hello {said['output']}"
            case "endless":
                yield "on and on"
                await asyncio.Event().wait()
            case "fail":
                raise ValueError("too bad")
            case "button":
                await convo.Message("Press", actions=[convo.Action(name="double", payload={"of": 4})]).send()
            case _:
                async with convo.Step("think", type="tool"):
                    pass
                for word in message.content.split():
                    yield f"{word} "

    @app.action_callback("double")
    async def double(action: convo.Action) -> int:
        await convo.Message("Doubled").send()
        return int(action.payload["of"]) * 2

    return app


@pytest.fixture
async def thread(client: Client) -> AsyncIterator[Thread]:
    async with await client.new_thread() as thread:
        yield thread


async def test_an_answer_is_read_as_it_comes_and_then_as_a_whole(thread: Thread) -> None:
    run = await thread.send("one \u2028 two three")

    assert "".join([text async for text in run.stream()]) == "one two three "
    reply = await run.wait(timeout=PATIENCE)
    assert (reply.text, reply.status, reply.error) == ("one two three ", "done", None)
    assert [step.name for step in reply.steps] == ["think"]
    assert [message.type for message in thread.messages] == ["user_message", "assistant_message"]


async def test_a_stopped_run_says_so(thread: Thread) -> None:
    run = await thread.send("endless")
    pieces = run.stream()
    assert await anext(pieces) == "on and on"

    await run.stop()

    assert [text async for text in pieces] == []
    assert (await run.wait(timeout=PATIENCE)).status == "stopped"


async def test_a_message_that_waits_is_taken_back(thread: Thread) -> None:
    going = await thread.send("endless")
    waiting = await thread.send("later")

    await waiting.stop()
    await going.stop()

    assert (await waiting.wait(timeout=PATIENCE)).status == "stopped"
    assert (await waiting.wait()).text == ""


async def test_a_failed_run_has_the_text_for_its_user(thread: Thread) -> None:
    reply = await (await thread.send("fail")).wait(timeout=PATIENCE)

    assert reply.status == "failed"
    assert reply.error


async def test_a_question_is_answered_once(thread: Thread) -> None:
    run = await thread.send("name")
    ask = await thread.asked()
    with pytest.raises(TimeoutError, match=r"goes on after 0\.01 seconds\. It waits for an answer: `await"):
        await run.wait(timeout=0.01)
    await thread.answer(ask, "Ann")

    assert (await run.wait(timeout=PATIENCE)).messages[-1].output == "Hello Ann"
    assert thread.asks == []
    with pytest.raises(ConflictError):
        await thread.answer(ask, "Bob")


async def test_a_button_returns_a_value(thread: Thread) -> None:
    await (await thread.send("button")).wait(timeout=PATIENCE)

    reply = await (await thread.act(thread.actions[0])).wait(timeout=PATIENCE)

    assert (reply.text, reply.value) == ("Doubled", 8)


async def test_settings_are_changed_all_or_none(thread: Thread) -> None:
    await thread.until(lambda: thread.settings)
    with pytest.raises(InvalidError) as refusal:
        await thread.save_settings({"heat": 11})
    assert "heat" in refusal.value.details["problems"]

    await thread.save_settings({"heat": 7})

    await thread.until(lambda: thread.settings == {"heat": 7})


async def test_a_message_is_edited_answered_anew_and_rated(thread: Thread) -> None:
    await (await thread.send("first")).wait(timeout=PATIENCE)
    await (await thread.edit(thread.messages[0], "second")).wait(timeout=PATIENCE)
    assert [message.output.strip() for message in thread.messages] == ["second", "second"]
    before = thread.messages[-1]

    await (await thread.regenerate(before)).wait(timeout=PATIENCE)
    assert thread.messages[-1].id != before.id

    await thread.rate(thread.messages[-1], 1, "good")
    rated = await thread.until(lambda: thread.messages[-1].feedback)
    assert rated is not None
    assert (rated.value, rated.comment) == (1, "good")


async def listed(client: Client, thread: Thread) -> None:
    """Wait until the history has the thread as it is."""
    async with asyncio.timeout(PATIENCE):
        async for state in thread.changes():
            infos = {info.id: info async for info in client.threads(pinned=True)}
            if thread.id in infos and infos[thread.id].name == state.thread.name == "Mine":
                return


async def test_a_thread_is_listed_found_renamed_exported_deleted_and_restored(client: Client, thread: Thread) -> None:
    await (await thread.send("a needle in hay")).wait(timeout=PATIENCE)
    assert (await thread.rename("Mine")).name == "Mine"
    assert (await thread.pin()).pinned
    await listed(client, thread)
    assert [finding.thread.id async for finding in client.search("needle")] == [thread.id]
    assert b"needle" in b"".join([piece async for piece in thread.export()])

    removal = await thread.delete()
    assert removal.id == thread.id
    assert [info async for info in client.threads()] == []
    with pytest.raises(NotFoundError):
        await thread.until(lambda: False)
    await thread.restore()
    assert [info.id async for info in client.threads()] == [thread.id]


async def test_threads_are_listed_over_the_end_of_a_page(client: Client) -> None:
    made = []
    for number in range(5):
        async with await client.new_thread() as thread:
            await (await thread.send(f"number {number}")).wait(timeout=PATIENCE)
            await thread.until(lambda thread=thread: thread.state.saved.seq)
            made.append(thread.id)

    assert {info.id async for info in client.threads(page=2)} == set(made)


async def test_what_happens_is_seen_change_by_change(thread: Thread) -> None:
    run = await thread.send("hello")
    async with asyncio.timeout(PATIENCE):
        async for state in thread.changes():
            if run.info is not None and state.runs[run.info.id].status == "done":
                break

    assert run.reply.text == "hello "


async def test_who_does_not_follow_asks_and_waits_all_the_same(client: Client) -> None:
    thread = await client.new_thread()
    run = await thread.send("hello")
    assert (await run.wait(timeout=PATIENCE)).text == "hello "
    with pytest.raises(NotFollowedError, match="async with thread"):
        await anext(run.stream())

    async with thread:
        later = await (await thread.send("again")).wait(timeout=PATIENCE)
        assert [message.output for message in thread.messages] == ["hello", "hello ", "again", "again "]
    assert (await thread.run(later.run).wait()).text == "again "
    assert run.id is not None
    assert (await client.thread(thread.id).run(run.id).wait()).run.id == run.id


async def test_a_run_of_another_program_is_waited_for_and_stopped_by_its_id(client: Client, thread: Thread) -> None:
    there = client.thread(thread.id)
    going = await there.send("endless", id="once")
    assert (await there.send("endless", id="once")).id == going.id
    with pytest.raises(TimeoutError, match=r"The run goes on after 0\.2 seconds\.$"):
        await going.wait(timeout=0.2)
    assert going.id is not None
    run = await thread.until(lambda: thread.state.runs.get(going.id or ""))

    await thread.run(run).stop()

    assert (await going.wait(timeout=PATIENCE)).status == "stopped"
    assert (await thread.run(going.id).wait(timeout=PATIENCE)).text == "on and on"
    for one in (there, thread):
        with pytest.raises(NotFoundError):
            await one.run("none").wait(timeout=PATIENCE)


async def test_another_visitor_sees_nothing_of_it(thread: Thread, client: Client, start, app: convo.App) -> None:
    await thread.send("mine")
    url = str(client._transport._root)
    async with Client(url) as other:
        with pytest.raises(NotFoundError) as refusal:
            async with other.thread(thread.id):
                pass
    assert refusal.value.code == "not-found"
