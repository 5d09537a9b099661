"""Chats: what users and authors can rely on, through `ChatClient`."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import convo
import pytest
from convo.protocol import Batch, CommandError, RunEnded, SendMessage, StepClosed, StepDelta, Toast, WindowMessage
from convo.testing import ChatClient


@pytest.fixture
def app() -> convo.App:
    return convo.App({"limits": {"session_timeout": 0.2}})


async def test_an_answer_streams(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = convo.Message()
        for word in message.content.split():
            await reply.stream_token(word + " ")
        await reply.update()

    async with ChatClient(app) as chat:
        reply = await chat.send("one two three")

        assert reply.content == "one two three "
        assert reply.status == "done"
        assert [message.type for message in chat.messages] == ["user_message", "assistant_message"]
        assert chat.state.thread.name == "one two three"


async def test_steps_nest_under_gather_in_tasks_and_threads(app: convo.App) -> None:
    @convo.step(type="tool")
    def blocking(name: str) -> str:
        with convo.Step(name=f"in thread {name}"):
            time.sleep(0.01)
        return name

    @convo.step
    async def branch(name: str) -> str:
        await asyncio.sleep(0)
        async with convo.Step(name=f"inner {name}"):
            await asyncio.gather(asyncio.create_task(convo.make_async(blocking)(name)), asyncio.sleep(0))
        return name.upper()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step(name="outer") as outer:
            outer.output = await asyncio.gather(branch("a"), branch("b"))

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        below = "branch(inner {0}(blocking(in thread {0})))"
        assert [str(node) for node in reply.steps] == [f"outer({below.format('a')}, {below.format('b')})"]
        assert reply.steps[0].step.output == '[\n    "A",\n    "B"\n]'
        tool = reply.steps[0].children[0].children[0].children[0].step
        assert (tool.type, tool.input, tool.output) == ("tool", '{\n    "name": "a"\n}', "a")
        assert all(entry.facts.end is not None for entry in chat.state.steps.values())


async def test_generators_are_steps_that_stream(app: convo.App) -> None:
    @convo.step
    async def words() -> AsyncIterator[str]:
        for word in ("a", "b"):
            yield word

    @convo.step
    def numbers() -> Iterator[int]:
        yield 1
        yield 2

    @app.on_message
    async def answer(message: convo.Message) -> None:
        got: list[Any] = [word async for word in words()]
        got += list(numbers())
        await convo.Message(str(got)).send()

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        assert reply.content == "['a', 'b', 1, 2]"
        assert [(node.name, node.step.output) for node in reply.steps] == [
            ("words", "ab"),
            ("numbers", "[\n    1,\n    2\n]"),
        ]


async def test_an_exception_marks_its_steps_and_its_run_and_is_logged(
    app: convo.App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step(name="fragile"):
            raise ValueError("secret detail")

    async with ChatClient(app) as chat:
        with caplog.at_level(logging.ERROR, "convo"):
            reply = await chat.send("go")

        assert reply.status == "failed"
        assert reply.run.error is not None
        assert "secret detail" not in reply.run.error.text
        assert reply.run.error.id in caplog.text
        assert "ValueError: secret detail" in caplog.text
        assert reply.steps[0].step.is_error
        assert reply.steps[0].step.output == "secret detail"


async def test_with_debug_the_error_is_shown() -> None:
    app = convo.App({"debug": True})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        raise ValueError("a detail")

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        assert reply.run.error is not None
        assert reply.run.error.text == "ValueError: a detail"


@pytest.mark.parametrize("kind", ["async generator", "generator", "def", "async def"])
async def test_every_kind_of_function_can_be_a_callback(app: convo.App, kind: str) -> None:
    async def async_generator(message: convo.Message) -> AsyncIterator[str]:
        yield message.content
        yield "!"

    def generator(message: convo.Message) -> Iterator[str]:
        yield message.content
        yield "!"

    def function(message: convo.Message) -> None:
        assert threading.current_thread() is not threading.main_thread()
        convo.run_sync(convo.Message(message.content + "!").send())

    async def coroutine(message: convo.Message) -> None:
        await convo.Message(message.content + "!").send()

    functions = {"async generator": async_generator, "generator": generator, "def": function, "async def": coroutine}
    app.on_message(functions[kind])

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).content == "hi!"


async def test_a_callback_may_leave_out_its_argument(app: convo.App) -> None:
    @app.on_message
    async def answer() -> None:
        await convo.Message("anyway").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).content == "anyway"


async def test_one_blocking_callback_does_not_delay_others(app: convo.App) -> None:
    release = threading.Event()

    @app.on_message
    def answer(message: convo.Message) -> None:
        if message.content == "slow":
            release.wait(10)
        convo.run_sync(convo.Message("done").send())

    async with ChatClient(app) as chat:
        slow = [await chat.new_chat() for _ in range(10)]
        runs = [(other, await other.post("slow")) for other in slow]

        assert (await chat.send("quick")).content == "done"
        release.set()
        for other, run_id in runs:
            assert (await other.reply(run_id)).content == "done"


async def test_stop_ends_the_run_at_once_and_keeps_what_was_streamed(app: convo.App) -> None:
    closed = asyncio.Event()
    stopped: list[str] = []
    children: list[asyncio.Task[None]] = []

    async def source() -> AsyncIterator[str]:
        try:
            for n in range(1000):
                yield f"{n} "
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        children.append(asyncio.create_task(asyncio.sleep(60)))
        await convo.Message().stream(source())

    @app.on_stop
    async def on_stop() -> None:
        stopped.append("yes")

    async with ChatClient(app) as chat:
        run_id = await chat.post("go")
        await chat.until(lambda: len(chat.messages) == 2 and len(chat.messages[1].output) > 10)
        await chat.stop(run_id)
        reply = await chat.reply(run_id)
        await asyncio.wait_for(closed.wait(), 5)
        await chat.until(lambda: bool(stopped))

        assert reply.status == "stopped"
        assert reply.content.startswith("0 1 2 ")
        assert reply.messages[0].end is not None
        events = [event for frame in chat.frames if isinstance(frame, Batch) for event in frame.events]
        ended = next(index for index, event in enumerate(events) if isinstance(event, RunEnded))
        assert not any(isinstance(event, StepDelta) for event in events[ended:])
        with contextlib.suppress(asyncio.CancelledError):
            await children[0]
        assert children[0].cancelled()


async def test_a_stopped_worker_thread_learns_it_at_its_next_word(app: convo.App) -> None:
    outcome: list[str] = []
    go_on = threading.Event()

    @app.on_message
    def answer(message: convo.Message) -> None:
        convo.run_sync(convo.Message("begun").send())
        go_on.wait(10)
        try:
            with convo.Step(name="too late"):
                outcome.append("wrote")
        except convo.RunEnded as error:
            outcome.append(error.status)

    async with ChatClient(app) as chat:
        run_id = await chat.post("go")
        await chat.until(lambda: len(chat.messages) == 2)
        await chat.stop()
        assert (await chat.reply(run_id)).status == "stopped"
        go_on.set()
        await _eventually(lambda: bool(outcome))

        assert outcome == ["stopped"]


async def _eventually(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def _slow_app(policy: str) -> tuple[convo.App, asyncio.Event]:
    app = convo.App({"features": {"when_busy": policy}})
    release = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.Message().send()
        await release.wait()
        await reply.stream_token(f"re: {message.content}")

    return app, release


async def test_messages_queue_behind_a_run_and_open_after_the_then_leaf() -> None:
    app, release = await _slow_app("queue")
    async with ChatClient(app) as chat:
        first = await chat.post("one")
        second = await chat.post("two")
        third = await chat.post("three")

        assert [run.text for run in chat.state.runs.values() if run.status == "queued"] == ["two", "three"]
        await chat.dequeue(second)
        release.set()
        await chat.reply(third)
        assert [message.output for message in chat.messages] == ["one", "re: one", "three", "re: three"]
        assert (await chat.reply(second)).status == "stopped"
        assert (await chat.reply(first)).content == "re: one"
        with pytest.raises(CommandError, match="not waiting"):
            await chat.dequeue(second)


async def test_interrupt_stops_what_is_going() -> None:
    app, release = await _slow_app("interrupt")
    async with ChatClient(app) as chat:
        first = await chat.post("one")
        second = await chat.post("two")
        release.set()

        assert (await chat.reply(first)).status == "stopped"
        assert (await chat.reply(second)).content == "re: two"


async def test_parallel_runs_make_one_conversation() -> None:
    app, release = await _slow_app("parallel")
    async with ChatClient(app) as chat:
        runs = [await chat.post("one"), await chat.post("two")]
        release.set()

        assert [(await chat.reply(run)).content for run in runs] == ["re: one", "re: two"]
        assert len(chat.messages) == 4


async def test_reject_says_so() -> None:
    app, release = await _slow_app("reject")
    async with ChatClient(app) as chat:
        first = await chat.post("one")
        with pytest.raises(CommandError) as caught:
            await chat.post("two")
        release.set()

        assert caught.value.failure.code == "conflict"
        assert (await chat.reply(first)).status == "done"


async def test_stop_without_a_run_stops_everything_and_empties_the_queue() -> None:
    app, _ = await _slow_app("queue")
    async with ChatClient(app) as chat:
        runs = [await chat.post(text) for text in ("one", "two", "three")]
        await chat.stop()

        assert [(await chat.reply(run)).status for run in runs] == ["stopped"] * 3
        assert [message.output for message in chat.messages] == ["one", ""]


async def test_a_repeated_command_id_does_nothing_twice(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("once").send()

    async with ChatClient(app) as chat:
        command = SendMessage(id="same", content="hi")
        first = await chat.command(command)
        second = await chat.command(command)
        await chat.until(lambda: len(chat.messages) == 2)

        assert first == second
        assert len(chat.state.runs) == 1


async def test_an_edit_makes_a_branch_and_the_old_one_stays(app: convo.App) -> None:
    contexts: list[list[str]] = []

    @app.on_message
    async def answer(message: convo.Message) -> None:
        contexts.append([known.content for known in convo.chat_context.get()])
        await convo.Message(f"re: {message.content}").send()

    async with ChatClient(app) as chat:
        await chat.send("one")
        await chat.send("two")
        old_leaf = chat.state.leaf
        await chat.edit(chat.messages[2].id, "2")

        assert [message.output for message in chat.messages] == ["one", "re: one", "2", "re: 2"]
        assert contexts[-1] == ["one", "re: one", "2"]
        assert old_leaf is not None
        await chat.show_branch(old_leaf)
        assert [message.output for message in chat.messages] == ["one", "re: one", "two", "re: two"]
        await chat.regenerate(old_leaf)
        assert [message.output for message in chat.messages] == ["one", "re: one", "two", "re: two"]
        assert chat.state.leaf != old_leaf


async def test_two_edits_make_two_siblings_and_the_later_holds_the_leaf(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"re: {message.content}").send()

    async with ChatClient(app) as chat:
        await chat.send("one")
        await chat.send("two")
        first, second = chat.messages[1], chat.messages[2]
        await chat.edit(second.id, "2")
        tab = await chat.tab()
        await tab.edit(second.id, "II")

        siblings = [entry.step.output for entry in chat.state.steps.values() if entry.facts.prior_id == first.id]
        assert siblings == ["two", "2", "II"]
        await chat.until(lambda: chat.position == tab.position)
        for client in (chat, tab):
            assert [message.output for message in client.messages] == ["one", "re: one", "II", "re: II"]


async def test_an_edit_while_another_is_answered_takes_its_place_and_both_stay() -> None:
    app, release = await _slow_app("queue")
    release.set()
    async with ChatClient(app) as chat:
        await chat.send("one")
        question = chat.messages[0]
        release.clear()
        edits = [asyncio.create_task(chat.edit(question.id, text)) for text in ("1", "I")]
        await chat.until(lambda: sum(run.status == "running" for run in chat.state.runs.values()) == 1)
        release.set()

        assert [(await edit).status for edit in edits] == ["stopped", "done"]
        assert [message.output for message in chat.messages] == ["I", "re: I"]
        first = [entry.step.output for entry in chat.state.steps.values() if entry.facts.prior_id is None]
        assert first == ["one", "1", "I"]


async def test_switching_branches_does_not_divert_a_run() -> None:
    app, release = await _slow_app("queue")
    release.set()
    async with ChatClient(app) as chat:
        await chat.send("one")
        old_leaf = chat.state.leaf
        assert old_leaf is not None
        await chat.edit(chat.messages[0].id, "other")
        release.clear()
        run_id = await chat.post("more")
        await chat.until(lambda: len(chat.messages) == 4)
        await chat.show_branch(old_leaf)
        release.set()
        reply = await chat.reply(run_id)

        assert chat.state.leaf == old_leaf
        walk = [step.output for step in chat.state.walk(reply.messages[-1].id)]
        assert walk == ["re: more", "more", "re: other", "other"]


async def test_a_dropped_connection_loses_and_doubles_nothing_at_any_event(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step(name="work"):
            reply = convo.Message()
            for n in range(20):
                await reply.stream_token(f"{n} ")
                await asyncio.sleep(0)

    expected = "".join(f"{n} " for n in range(20))
    for cut in range(2, 32):
        async with ChatClient(app) as chat:
            chat.drop(at=cut)
            run_id = None
            with contextlib.suppress(ConnectionError):
                run_id = await chat.post("go") if cut > 8 else None
            if run_id is None:
                chat.raw(b'{"kind":"message","id":"1","content":"go"}')
            await chat.dropped()
            await chat.connect()
            await chat.until(lambda: any(run.status == "done" for run in chat.state.runs.values()))
            assert chat.messages[-1].output == expected, f"cut at {cut}"


async def test_a_second_tab_sees_the_same_and_foreigners_see_nothing() -> None:
    app, release = await _slow_app("queue")
    async with ChatClient(app) as chat:
        run_id = await chat.post("one")
        tab = await chat.tab()
        release.set()

        assert (await tab.reply(run_id)).content == (await chat.reply(run_id)).content == "re: one"
        stranger = ChatClient(app, thread=chat.thread_id)
        stranger._directory = chat.directory
        with pytest.raises(CommandError) as caught:
            await stranger.connect()
        assert caught.value.failure.code == "not-found"


async def test_the_life_of_a_session(app: convo.App) -> None:
    calls: list[str] = []

    @app.on_app_startup
    def up() -> None:
        calls.append("startup")

    @app.on_app_shutdown
    async def down() -> None:
        calls.append("shutdown")

    @app.on_chat_start
    async def start() -> None:
        calls.append("start")
        convo.user_session.set("n", 1)
        convo.user_session.set("not json", {1, 2})
        await convo.Message("welcome").send()

    @app.on_chat_resume
    async def resume(thread: convo.ThreadDict) -> None:
        calls.append(f"resume {thread['name']} {convo.user_session.get('n')} {convo.user_session.get('not json')}")

    @app.on_chat_end
    async def end() -> None:
        calls.append("end")

    @app.on_connect
    async def connect() -> None:
        calls.append("connect")

    @app.on_disconnect
    async def disconnect() -> None:
        calls.append("disconnect")

    @app.on_message
    async def answer(message: convo.Message) -> None:
        convo.user_session.set("n", convo.user_session.get("n") + 1)
        await convo.Message(str(convo.user_session.get("n"))).send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).content == "2"
        chat.drop()
        await chat.connect()
        chat.drop()
        await _eventually(lambda: not chat.directory.sessions)
        resumed = await chat.resume(chat.thread_id)
        await resumed.until(
            lambda: any(run.callback == "on_chat_resume" and run.ended_at for run in resumed.state.runs.values())
        )
        assert [message.output for message in resumed.messages] == ["welcome", "hi", "2"]
        assert (await resumed.send("again")).content == "3"

    assert [call for call in calls if "connect" not in call] == [
        "startup",
        "start",
        "end",
        "resume hi 2 None",
        "end",
        "shutdown",
    ]
    assert calls.count("connect") == 3


async def test_an_unused_chat_is_not_stored(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()

    @app.on_chat_start
    async def start() -> None:
        await convo.Message("welcome").send()

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.until(lambda: len(chat.messages) == 1)
        thread_id = chat.thread_id

    assert await layer.get_thread(thread_id) is None


async def test_tasks_that_outlive_their_callback_write_as_the_session(app: convo.App) -> None:
    release = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async def later() -> None:
            await release.wait()
            await convo.Message("later").send()

        convo.user_session.set("task", asyncio.create_task(later()))

    async with ChatClient(app) as chat:
        assert (await chat.send("go")).status == "done"
        release.set()
        await chat.until(lambda: chat.messages[-1].output == "later")


async def test_a_task_that_outlives_its_callback_ends_with_its_session() -> None:
    app = convo.App()
    begun = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async def later() -> None:
            begun.set()
            await asyncio.sleep(3600)

        tasks.append(asyncio.create_task(later()))

    async with ChatClient(app) as chat:
        assert (await chat.send("go")).status == "done"
        await begun.wait()
        assert not tasks[0].done()
    await asyncio.wait(tasks, timeout=5)
    assert tasks[0].cancelled()


async def test_a_task_of_a_stopped_run_ends_and_its_last_words_are_refused() -> None:
    app = convo.App()
    begun, refused = asyncio.Event(), asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async def later() -> None:
            begun.set()
            try:
                await asyncio.sleep(3600)
            finally:
                with pytest.raises(convo.RunEnded):
                    await convo.Message("too late").send()
                refused.set()

        await asyncio.gather(later(), asyncio.sleep(3600))

    async with ChatClient(app) as chat:
        run_id = await chat.post("go")
        await begun.wait()
        await chat.stop(run_id)
        await asyncio.wait_for(refused.wait(), 5)
        assert [message.output for message in chat.messages] == ["go"]


async def test_author_rename_names_what_is_shown(app: convo.App) -> None:
    @app.author_rename
    async def rename(author: str) -> str:
        return {"Assistant": "Ada"}.get(author, author)

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("hi").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).messages[0].author == "Ada"


async def test_removing_a_message_keeps_the_walk(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        waiting = await convo.Message("one moment").send()
        await convo.Message("answer").send()
        await waiting.remove()

    async with ChatClient(app) as chat:
        await chat.send("go")

        assert [message.output for message in chat.messages] == ["go", "answer"]


async def test_send_then_stream_then_update(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.Message("a").send()
        await reply.stream_token("b")
        reply.content = reply.content + "c"
        reply.tags = ["x"]
        await reply.update()
        await reply.stream_token("!", is_sequence=True)
        await reply.update()

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        assert reply.content == "!"
        assert reply.messages[0].tags == ["x"]


async def test_what_was_sent_streams_on_until_it_is_updated(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.Message("a").send()
        await reply.stream_token("b")
        await reply.stream_token("c")
        await reply.update()

    async with ChatClient(app) as chat:
        run_id = await chat.post("go")
        reply = await chat.reply(run_id)

        assert reply.content == "abc"
        assert reply.messages[0].end is not None
        events = [event for frame in chat.frames if isinstance(frame, Batch) for event in frame.events]
        assert "".join(event.text for event in events if isinstance(event, StepDelta)) == "bc"
        assert [event.id for event in events if isinstance(event, StepClosed)] == [reply.messages[0].id]


async def test_what_passes_reaches_the_tab_it_is_meant_for_and_no_snapshot(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        tab = await chat.tab()
        log = chat.directory.sessions[0].log
        log.append(Toast(message="for all"))
        log.append(Toast(message="for one", to=tab.hello.connection))
        log.append(WindowMessage(data="for the other", to=chat.hello.connection))
        await chat.until(lambda: chat.position == log.seq)
        await tab.until(lambda: tab.position == log.seq)
        late = await chat.tab()

        def passed(client: ChatClient) -> list[Any]:
            events = [event for frame in client.frames if isinstance(frame, Batch) for event in frame.events]
            return [event.message if isinstance(event, Toast) else event.data for event in events]

        assert passed(chat) == ["for all", "for the other"]
        assert passed(tab) == ["for all", "for one"]
        assert passed(late) == []
        assert late.position == log.seq


async def test_chat_context_is_what_a_model_wants(app: convo.App) -> None:
    seen: list[Any] = []

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "forget":
            convo.chat_context.clear()
        convo.chat_context.add(convo.Message("for the model", type="system_message"))
        await convo.Message("ok").send()
        seen.append(convo.chat_context.to_openai())

    async with ChatClient(app) as chat:
        await chat.send("hi")
        await chat.send("forget")

        assert seen[0] == [
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "for the model"},
            {"role": "assistant", "content": "ok"},
        ]
        assert seen[1] == [{"role": "system", "content": "for the model"}, {"role": "assistant", "content": "ok"}]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"{", "invalid"),
        (b"[]", "invalid"),
        (b'{"kind":"message"}', "invalid"),
        (b'{"kind":"message","id":"1","content":"x","extra":1}', "invalid"),
        (b'{"kind":"message","id":"1","content":7}', "invalid"),
        (b'{"kind":"message","id":"","content":"x"}', "invalid"),
        (b'{"kind":"message","id":"1","content":"  "}', "invalid"),
        (b'{"kind":"frobnicate","id":"1"}', "unsupported"),
        (b'{"kind":"stop","id":"1","runId":"nobody"}', "not-found"),
        (b'{"kind":"edit","id":"1","messageId":"nobody","content":"x"}', "not-found"),
        (b'{"kind":"message","id":"1","content":"x","priorId":"nobody"}', "not-found"),
        (b'{"kind":"message","id":"1","content":"' + b"x" * 300_000 + b'"}', "too-large"),
        (b"[" * 5000, "invalid"),
        ({"kind": ["message"]}, "invalid"),
        (None, "invalid"),
    ],
)
async def test_bad_frames_get_a_typed_error_and_change_nothing(app: convo.App, frame: object, code: str) -> None:
    async with ChatClient(app) as chat:
        before = chat.directory.sessions[0].log.seq
        answer = chat.raw(frame)

        assert answer.error is not None
        assert answer.error.code == code
        assert chat.directory.sessions[0].log.seq == before


async def test_too_many_commands_are_refused_until_time_has_passed(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        answers = [chat.raw({"kind": "stop", "id": str(n)}) for n in range(60)]

        refused = [answer.error for answer in answers if answer.error is not None]
        assert {error.code for error in refused} == {"rate-limited"}
        assert all(error.retry_after for error in refused)


async def test_constructing_needs_no_context_but_sending_does() -> None:
    message = convo.Message({"a": 1})
    step = convo.Step(name="x")

    assert message.content == '{\n    "a": 1\n}'
    assert message.language == "json"
    with pytest.raises(convo.NoContextError):
        await message.send()
    with pytest.raises(convo.NoContextError):
        await step.send()


async def test_a_token_that_is_no_text_is_refused_where_it_stands() -> None:
    app = convo.App({"debug": True})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message().stream_token(3)  # type: ignore[arg-type]  # what is tested

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        assert reply.run.error is not None
        assert "takes a `str`, not `int`" in reply.run.error.text


async def test_characters_cut_in_two_arrive_whole_and_halves_are_replaced(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = convo.Message()
        for token in ("grin: ", "\ud83d", "\ude00", " lone \udc00!", "\ud83d", "x"):
            await reply.stream_token(token)
        await reply.update()
        await convo.Message("half \ud800").send()
        raise ValueError("\ud800")

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

        assert reply.content == "grin: 😀 lone \ufffd!\ufffdx\nhalf \ufffd"
        assert reply.status == "failed"


async def test_what_json_cannot_hold_is_refused_where_it_stands_and_harms_nobody(app: convo.App) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        with pytest.raises(TypeError):
            await convo.Message("x", metadata={"bad": object()}).send()
        with pytest.raises(ValueError, match="surrogates"):
            await convo.Message("x", tags=["\ud800"]).send()
        await convo.Message("fine").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("go")).content == "fine"


async def test_two_apps_in_one_process_stay_apart() -> None:
    apps = [convo.App(), convo.App()]
    for n, app in enumerate(apps):

        @app.on_message
        async def answer(message: convo.Message, n: int = n) -> None:
            await convo.Message(f"app {n}").send()

    async with ChatClient(apps[0]) as first, ChatClient(apps[1]) as second:
        assert (await first.send("hi")).content == "app 0"
        assert (await second.send("hi")).content == "app 1"
